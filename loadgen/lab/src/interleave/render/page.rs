//! The page of an A/B: what became of each figure, pictures of it and of the blocks behind it, and how they were measured.

use maud::{Markup, html};

use super::pictures::pictures;
use super::{Interleaved, Told};
use crate::compare::{Comparison, render as compared};
use crate::laws::units::Seconds;
use crate::render::frame;
use crate::report::Outcome;

/// The page; ends with a line break.
pub(super) fn page(comparison: &Comparison, turns: &Interleaved) -> String {
    let told = Told::of(comparison, turns);
    let main = html! {
        @if !comparison.changes.is_empty() { (measured(comparison)) }
        @if !comparison.notes.is_empty() { (frame::notes(&comparison.notes)) }
        (circumstances(comparison, turns, &told))
    };
    frame::document(&told.summary(), ending(turns.outcome), &main)
}

/// How it ended, in a few words.
fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "no regression",
        Outcome::ExpectationFailed => "regression",
        other => frame::ending(other),
    }
}

fn measured(comparison: &Comparison) -> Markup {
    html! {
        h2 { "What became of each figure" }
        (frame::table("What became of each figure", &compared::header(comparison), compared::rows(comparison)))
        (frame::pictures(&pictures(comparison)))
    }
}

/// How it was measured, and how to repeat that.
fn circumstances(comparison: &Comparison, turns: &Interleaved, told: &Told<'_>) -> Markup {
    let settings = &turns.settings;
    html! {
        h2 { "How this was measured" }
        p {
            "Both builds were up on the same machine, and the workers of one at a time: base, new, new, base, then new, base, base, "
            "new, so that whatever the machine did met both alike. Each turn is a window of "
            (format!("{:.1}", Seconds(settings.window_seconds))) " after "
            (format!("{:.1}", Seconds(settings.warm_up_seconds))) " of warm-up. The interval of a change is Welch's, on the "
            "logarithms of the blocks; a figure has regressed if all of it is worse by more than "
            (compared::share(comparison.threshold)) ". The interval of the ratio of medians, by bootstrap, and the p-value of Mann and "
            "Whitney ask nothing of the distribution."
        }
        (frame::facts(&facts(turns, told)))
        (frame::repeat(&told.summary()))
    }
}

fn facts(turns: &Interleaved, told: &Told<'_>) -> Vec<(&'static str, String)> {
    let settings = &turns.settings;
    let [think, rng, hasher] =
        [settings.think_time_seconds, settings.rng_time_seconds, settings.hasher_time_seconds].map(Seconds);
    let mut facts = vec![
        ("Application", format!("DockerCoins: think time {think}, rng {rng}, hasher {hasher}")),
        ("Loops a worker", settings.concurrency.to_string()),
        ("Turns", compared::taking_turns(turns)),
    ];
    facts.extend(frame::origin(&told.summary()));
    facts
}
