//! What Nagios reads. Owns the judgement of the average time, its one line and its exit code.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use crate::target::Target;

use super::args::Thresholds;
use super::lane::Pong;
use super::plan::Plan;
use super::reporter::Reporter;
use super::tally::Tally;
use super::words::millis;

/// A check's states, in order of severity; each has its own exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The average is below both limits.
    Ok,
    /// It was stopped before there was anything to judge.
    Unknown,
    /// The average reaches the first limit.
    Warning,
    /// The average reaches the second limit, or there is none since nothing succeeded.
    Critical,
}

impl State {
    /// The exit codes of Nagios' plug-ins: 0, 1, 2, 3.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// What the pings of one target amount to. What timed out counts for the time that it was waited for at least.
    fn of(tally: &Tally, limits: Thresholds) -> Self {
        let average = average(tally);
        match average {
            None if tally.connects() == 0 => Self::Unknown,
            None => Self::Critical,
            Some(average) if average >= limits.critical => Self::Critical,
            Some(_) if tally.successes() == 0 && tally.connects() > 0 => Self::Critical,
            Some(average) if average >= limits.warning => Self::Warning,
            Some(_) if tally.successes() == 0 => Self::Unknown,
            Some(_) => Self::Ok,
        }
    }

    /// The worst of all targets.
    pub(super) fn of_all(tallies: &[Tally], limits: Thresholds) -> Self {
        tallies.iter().map(|tally| Self::of(tally, limits)).max().unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "OK",
            Self::Unknown => "UNKNOWN",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        })
    }
}

fn average(tally: &Tally) -> Option<Duration> {
    tally.mean_at_least().or_else(|| tally.round_trip().map(|[_, mean, _]| mean))
}

pub(super) struct Check<'a, W> {
    out: &'a mut W,
    targets: &'a [Target],
    limits: Thresholds,
    /// Why the latest ping without an answer had none.
    last_error: Option<String>,
}

impl<'a, W: Write> Check<'a, W> {
    pub(super) fn new(out: &'a mut W, plan: &'a Plan, limits: Thresholds) -> Self {
        Self { out, targets: &plan.targets, limits, last_error: None }
    }

    /// What is said of one target, and its performance data.
    fn describe(&self, target: &Target, tally: &Tally) -> (String, Option<String>) {
        let of = if self.targets.len() > 1 { format!(" of {target}") } else { String::new() };
        let Some(average) = average(tally).map(millis) else {
            let why = self.last_error.as_deref().unwrap_or("no answer");
            return (format!("no ping{of} succeeded: {why}"), None);
        };
        let (failed, sent) = (tally.failed(), tally.connects());
        let failed = if failed > 0 { format!(", {failed} of {sent} failed") } else { String::new() };
        let at_least = if tally.mean_at_least().is_some() { " at least" } else { "" };
        let label = if self.targets.len() > 1 { format!("'{target}'") } else { "ping".to_owned() };
        let (warning, critical) = (millis(self.limits.warning), millis(self.limits.critical));
        let data = format!("{label}={average:.6}ms;{warning};{critical};0");
        (format!("average httping-time{of} is{at_least} {average:.1} ms{failed}"), Some(data))
    }
}

impl<W: Write> Reporter for Check<'_, W> {
    fn pong(&mut self, pong: &Pong) -> io::Result<()> {
        if let Err(error) = &pong.observation.answer {
            // Neither may break the line or begin the performance data.
            self.last_error = Some(error.to_string().replace(['|', '\n'], " "));
        } else if !pong.observation.sample.outcome.is_success() {
            self.last_error = Some(format!("status {}", pong.observation.sample.outcome));
        }
        Ok(())
    }

    fn closing(&mut self, tallies: &[Tally], _: Duration) -> io::Result<()> {
        let told = self.targets.iter().zip(tallies).map(|(target, tally)| self.describe(target, tally));
        let (words, data): (Vec<_>, Vec<_>) = told.unzip();
        let data: Vec<_> = data.into_iter().flatten().collect();
        let bar = if data.is_empty() { "" } else { "|" };
        let state = State::of_all(tallies, self.limits);
        writeln!(self.out, "{state} - {}{bar}{}", words.join("; "), data.join(" "))?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests::{answered, failed, timed_out};
    use super::*;
    use crate::call::Observation;

    const LIMITS: Thresholds =
        Thresholds { warning: Duration::from_millis(100), critical: Duration::from_millis(200) };

    fn tally(observations: impl IntoIterator<Item = Observation>) -> Tally {
        let mut tally = Tally::default();
        observations.into_iter().for_each(|observation| tally.add(&observation));
        tally
    }

    #[test]
    fn the_average_is_judged_from_the_limits_on() {
        for (millis, state) in
            [(99, State::Ok), (100, State::Warning), (199, State::Warning), (200, State::Critical)]
        {
            assert_eq!(State::of(&tally([answered(millis)]), LIMITS), state, "{millis} ms");
        }
    }

    #[test]
    fn timeouts_count_for_what_was_waited_and_errors_alone_are_critical() {
        assert_eq!(State::of(&tally([answered(10), timed_out(300)]), LIMITS), State::Warning);
        assert_eq!(State::of(&tally([timed_out(50)]), LIMITS), State::Critical);
        assert_eq!(State::of(&tally([failed()]), LIMITS), State::Critical);
        assert_eq!(State::of(&tally([failed(), answered(10)]), LIMITS), State::Ok);
        assert_eq!(State::of(&tally([]), LIMITS), State::Unknown);
    }

    #[test]
    fn the_worst_target_decides() {
        let states = [tally([answered(10)]), tally([answered(150)]), tally([])];
        assert_eq!(State::of_all(&states, LIMITS), State::Warning);
        assert_eq!(
            [State::Ok, State::Warning, State::Critical, State::Unknown].map(State::exit_code),
            [0, 1, 2, 3]
        );
    }
}
