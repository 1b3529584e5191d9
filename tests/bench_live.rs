//! What `loadgen bench` shows while it runs, on a terminal that script(1), from util-linux, makes.

use std::time::Duration;

use crate::harness::LOADGEN;
use crate::harness::program::{Finished, run};
use crate::harness::service::Service;

const SOON: Duration = Duration::from_secs(60);

/// What takes the view away: back to its first line, and everything from there on is cleared.
const VANISHED: &str = "\u{1b}[11F\r\u{1b}[J";

fn on_a_terminal(environment: &str, flags: &str) -> Finished {
    let echo = Service::start("echo", &["--service-time", "1ms"]);
    let bench = format!("{environment} '{LOADGEN}' bench {flags} http://{}/", echo.address());
    let command = format!("stty rows 24 cols 100; {bench}");
    let said = run("script", &["--quiet", "--return", "--command", &command, "/dev/null"], SOON);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    said
}

#[test]
fn the_view_vanishes_before_the_report() {
    let said = on_a_terminal("TERM=xterm NO_COLOR=", "-z 1500ms -q 100");
    let (view, report) = said.stdout.rsplit_once(VANISHED).expect("the view is taken away");
    for part in ["at 100/s", " of 1.5 s, ", "throughput, up to", "lag p99 in ms", "\u{1b}[36m"] {
        assert!(view.contains(part), "no {part:?} in {view:?}");
    }
    assert!(report.contains("Throughput ") && !report.contains('\u{1b}'), "{report:?}");
    // A terminal from which nothing was taken is left as it was, even after SIGKILL.
    assert!(!view.contains("\u{1b}[?25l") && !view.contains("\u{1b}[?1049h"), "{view:?}");
}

#[test]
fn each_trial_of_a_search_has_a_view_and_stays_as_a_line() {
    let search = "--find-knee 'p99<10s' --trial 1s --max-rate 20 -q 10 --warmup 0s";
    let said = on_a_terminal("TERM=xterm", search);
    let (views, rest) = said.stdout.rsplit_once(VANISHED).expect("the last view is taken away");
    let trials = views.split(VANISHED).skip(1).filter(|after| after.lines().next().is_some_and(is_trial));
    assert!(trials.count() >= 1 && rest.lines().next().is_some_and(is_trial), "{:?}", said.stdout);
}

fn is_trial(line: &str) -> bool {
    line.contains("/s") && !line.contains('\u{1b}')
}

#[test]
fn who_wants_no_view_or_cannot_have_one_gets_none() {
    for (environment, flags) in [
        ("TERM=xterm", "-z 700ms --no-live"),
        ("TERM=xterm", "-z 700ms --quiet"),
        ("TERM=dumb", "-z 700ms"),
        ("env -u TERM", "-z 700ms"),
    ] {
        let said = on_a_terminal(environment, flags);
        assert!(!said.stdout.contains('\u{1b}'), "{environment} {flags}: {:?}", said.stdout);
    }
    let without_colours = on_a_terminal("TERM=xterm NO_COLOR=1", "-z 1s").stdout;
    assert!(without_colours.contains("throughput, up to"), "{without_colours:?}");
    assert!(!without_colours.contains("\u{1b}[3"), "{without_colours:?}");
}
