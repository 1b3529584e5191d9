//! An arrival rate that changes over time: stages that hold a rate or ramp from one to another. Owns how many arrivals there
//! are in them, and when each is due.

use std::str::FromStr;
use std::time::Duration;

use crate::rate::HIGHEST;

/// So much of an arrival is a rounding error, not one more.
const ROUNDING: f64 = 1e-6;

/// Part of a schedule: a rate that is held, or that rises or falls evenly. Zero is a pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    lasts: Duration,
    from: f64,
    to: f64,
}

/// What makes no stage.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StageError {
    /// Not in the form in which stages are written.
    #[error("expected DURATION:RATE or DURATION:RATE..RATE, such as 30s:100..1000")]
    Form,
    /// The part before the colon.
    #[error("`{0}` is no duration; write it with its unit, such as 500ms or 30s")]
    Duration(String),
    /// No time at all.
    #[error("a stage must last longer than nothing")]
    NoTime,
    /// A part after the colon.
    #[error(
        "`{0}` is no rate; write requests a second, such as 1000 or 0.5, up to {HIGHEST}, or 0 for a pause"
    )]
    Rate(String),
}

/// Stages, one after the other; at least one, with at least one arrival.
#[derive(Clone, Debug, PartialEq)]
pub struct Stages(Vec<Stage>);

/// Stages without an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is ever due in these stages: give at least one of them a rate, such as 30s:100")]
pub struct NothingDue;

impl Stage {
    /// Lasts so long, and goes from one rate to another; both are requests a second.
    pub fn new(lasts: Duration, from_per_s: f64, to_per_s: f64) -> Result<Self, StageError> {
        if lasts.is_zero() {
            return Err(StageError::NoTime);
        }
        for rate in [from_per_s, to_per_s] {
            if !(rate.is_finite() && rate >= 0.0) {
                return Err(StageError::Rate(rate.to_string()));
            }
        }
        Ok(Self { lasts, from: from_per_s, to: to_per_s })
    }

    /// How long it lasts.
    pub fn lasts(&self) -> Duration {
        self.lasts
    }

    /// Requests a second at its start.
    pub fn from_per_s(&self) -> f64 {
        self.from
    }

    /// Requests a second at its end.
    pub fn to_per_s(&self) -> f64 {
        self.to
    }

    /// Arrivals in all of it: (a + b)·T/2. Whole nanoseconds, and one division, keep whole numbers whole.
    fn arrivals(&self) -> f64 {
        (self.from + self.to) * self.lasts.as_nanos() as f64 / 2e9
    }

    /// When `arrivals` of them have come, from its start. See [`Stages::instant`].
    fn instant(&self, arrivals: f64) -> Duration {
        let slope = (self.to - self.from) / self.lasts.as_secs_f64();
        let root = slope.mul_add(2.0 * arrivals, self.from * self.from).max(0.0).sqrt();
        let seconds = 2.0 * arrivals / (self.from + root);
        // 0/0 where a ramp begins at nothing: its first arrival is at its start.
        if seconds.is_nan() {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(seconds).map_or(self.lasts, |offset| offset.min(self.lasts))
    }
}

impl FromStr for Stage {
    type Err = StageError;

    fn from_str(text: &str) -> Result<Self, StageError> {
        let (lasts, rates) = text.split_once(':').ok_or(StageError::Form)?;
        let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
        let duration =
            humantime::parse_duration(lasts).map_err(|_| StageError::Duration(lasts.to_owned()))?;
        Self::new(duration, rate(from)?, rate(to)?)
    }
}

fn rate(text: &str) -> Result<f64, StageError> {
    let number = text.trim().trim_end_matches("/s").parse().ok();
    number.filter(|rate: &f64| *rate <= HIGHEST).ok_or_else(|| StageError::Rate(text.to_owned()))
}

impl Stages {
    /// These stages; an error when no request is due in any of them.
    pub fn new(stages: Vec<Stage>) -> Result<Self, NothingDue> {
        let stages = Self(stages);
        if stages.arrivals() > ROUNDING { Ok(stages) } else { Err(NothingDue) }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Stage> {
        self.0.iter()
    }

    /// How long all of them last.
    pub fn lasts(&self) -> Duration {
        self.0.iter().fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.lasts))
    }

    /// Arrivals in all of them: ∫r over their whole length.
    pub fn arrivals(&self) -> f64 {
        self.0.iter().map(Stage::arrivals).sum()
    }

    /// When `arrivals` n of them have come: the latest instant t with R(t) ≤ n, where R is the integral of the rate r. `None`
    /// if R never gets past n.
    ///
    /// In a stage of length T that goes from a to b, R(s) = a·s + g·s²/2 with the slope g = (b − a)/T, and so
    /// s = (√(a² + 2·g·n) − a)/g = 2·n/(a + √(a² + 2·g·n)). The second form has no cancellation and needs no exception where
    /// the rate is held (g = 0, s = n/a) or rises from nothing (a = 0, s = √(2·n/g)).
    pub fn instant(&self, arrivals: f64) -> Option<Duration> {
        let (mut start, mut before) = (Duration::ZERO, 0.0);
        for stage in &self.0 {
            let end = before + stage.arrivals();
            if arrivals + ROUNDING < end {
                return Some(start + stage.instant((arrivals - before).max(0.0)));
            }
            start = start.checked_add(stage.lasts)?;
            before = end;
        }
        None
    }
}

#[cfg(test)]
#[path = "stages_tests.rs"]
mod tests;
