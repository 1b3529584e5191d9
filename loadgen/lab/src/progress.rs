//! What a person sees while the sweep runs: a bar and the live throughput on a terminal, a line for each step elsewhere.
//! All of it goes to stderr, so that the report on stdout can be piped.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::backend::Event;
use crate::laws::units::Throughput;
use crate::narrator::Narrator;
use crate::report::StepReport;
use crate::sweep::Watcher;

/// Shows a sweep on stderr.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Lines instead of a bar.
    lines: bool,
    what: String,
}

impl Progress {
    /// A bar if stderr is a terminal, lines if not, nothing if `quiet`.
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if quiet || !terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            let style = ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len} {elapsed} {msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self { bar, lines: !quiet && !terminal, what: String::new() }
    }

    /// Says what happens before the first step.
    pub fn say(&mut self, what: &str) {
        what.clone_into(&mut self.what);
        self.bar.set_message(self.what.clone());
        self.line(what);
    }

    /// Whoever does something on a person's behalf tells it here.
    pub fn narrator(&self) -> Narrator {
        let (bar, lines) = (self.bar.clone(), self.lines);
        Narrator::new(move |line| {
            if lines {
                let _ = writeln!(std::io::stderr(), "{line}");
            } else {
                bar.println(line);
            }
        })
    }

    /// Says which step of how many begins.
    pub fn step(&mut self, index: usize, count: usize, what: &str) {
        self.bar.set_length(count as u64);
        self.bar.set_position(index as u64);
        self.say(what);
    }

    /// Says how far it is, of how long, on a bar only.
    pub fn at(&mut self, spent: Duration, all: Duration, what: &str) {
        self.bar.set_length(all.as_secs());
        self.bar.set_position(spent.as_secs());
        self.bar.set_message(what.to_owned());
    }

    /// Shows the throughput meanwhile, in events a second.
    pub fn rate(&mut self, throughput: f64) {
        self.bar.set_message(format!("{}: {}", self.what, Throughput(throughput)));
    }

    /// Keeps a line of what was measured.
    pub fn done(&mut self, line: &str) {
        self.line(line);
        if !self.lines {
            self.bar.println(line);
        }
    }

    /// Leaves the terminal as it was.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, line: &str) {
        if self.lines {
            // Nobody reads it any more: no reason to stop measuring.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

impl Watcher for Progress {
    fn begins(&mut self, index: usize, count: usize, what: &str) {
        self.step(index, count, what);
    }

    fn speed(&mut self, throughput: f64) {
        self.rate(throughput);
    }

    fn measured(&mut self, measured: &StepReport) {
        let speed = Throughput(measured.seen.throughput_per_second);
        let limit = measured.verdict.as_ref().map_or("nothing", |verdict| verdict.limit.name());
        self.done(&format!("{}: {speed:.2}, limited by {limit}", measured.step));
    }

    fn happened(&mut self, event: &Event) {
        self.done(&event.what);
    }
}
