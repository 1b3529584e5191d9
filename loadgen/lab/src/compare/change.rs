//! What became of one figure. Owns how a change is told from chance, and when it is large enough to matter.

use loadgen_engine::statistics::batch::Interval;
use loadgen_engine::statistics::student;
use serde::{Deserialize, Serialize};

use super::blocks::Evidence;
use super::place::Place;
use crate::backend::Service;
use crate::observation::Observation;

/// A smaller figure, in hashes per second or in seconds, is none: nothing is a multiple of it.
pub(super) const LEAST: f64 = 1e-9;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Hashes per second (X); more is better.
    Throughput,
    /// The time that a unit of work takes beside thinking (R); less is better.
    ResponseTime,
    /// What a probe of a plan's service takes; less is better.
    ProbeWait,
    /// The time for which a visit keeps a slot of rng (S); less is better.
    RngServiceTime,
    /// The same at hasher.
    HasherServiceTime,
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// Not worse, or by too little to matter.
    Pass,
    /// It may be worse by more than that, or not: what was measured cannot tell.
    Inconclusive,
    /// Worse by more than that.
    Regression,
}

impl Ruling {
    /// The exit code of `loadgen compare`.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Regression => 1,
            Self::Inconclusive => 3,
        }
    }
}

/// A figure before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Where.
    pub step: Place,
    /// Of what.
    pub metric: Metric,
    /// The service that was probed, if that is what it is about.
    pub of: Option<String>,
    /// In hashes per second, or seconds.
    pub base: f64,
    /// Likewise.
    pub new: f64,
    /// (new − base) / base.
    pub change: f64,
    /// The lower end of its 95 % interval; `None` if one of the sweeps has none.
    pub change_from: Option<f64>,
    /// Its upper end.
    pub change_to: Option<f64>,
    /// Whether the interval leaves 0 out.
    pub significant: bool,
    /// What it comes to.
    pub ruling: Ruling,
    /// What else the blocks say, where the two took turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// A mean of several batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mean {
    pub(super) value: f64,
    /// Its standard error, and the degrees of freedom of that; `None` if there were too few batches.
    pub(super) error: Option<(f64, f64)>,
}

impl Metric {
    /// Those of which two sweeps know the error.
    pub const ALL: [Self; 2] = [Self::Throughput, Self::ResponseTime];

    /// Those of two builds that took turns.
    pub const INTERLEAVED: [Self; 4] =
        [Self::Throughput, Self::ResponseTime, Self::RngServiceTime, Self::HasherServiceTime];

    /// As a person calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::ResponseTime => "response time",
            Self::ProbeWait => "wait",
            Self::RngServiceTime => "rng's service time",
            Self::HasherServiceTime => "hasher's service time",
        }
    }

    /// By how much of the figure it got worse, if it changed by `change`.
    pub(crate) fn loss(self, change: f64) -> f64 {
        match self {
            Self::Throughput => -change,
            Self::ResponseTime | Self::ProbeWait | Self::RngServiceTime | Self::HasherServiceTime => change,
        }
    }

    /// Whether what was seen of it is a figure that another can be a multiple of.
    pub(super) fn is_comparable(self, seen: &Observation) -> bool {
        self.mean(seen).value >= LEAST
    }

    /// What was seen of it. R has no batches of its own: by the interactive response time law R = N/X − Z, so that its
    /// standard error is that of X times N/X².
    fn mean(self, seen: &Observation) -> Mean {
        let interval = Interval::of(&seen.throughput_parts_per_second);
        let error = interval.map(|it| {
            let degrees = it.batches - 1;
            (it.half_width / student::quantile_975(degrees), degrees as f64)
        });
        let throughput = seen.throughput_per_second;
        match self {
            Self::Throughput => Mean { value: throughput, error },
            Self::ResponseTime => {
                let slope = seen.clients as f64 / throughput.powi(2);
                let value = (seen.cycle() - seen.stage("think")).0;
                Mean { value, error: error.map(|(error, degrees)| (slope * error, degrees)) }
            }
            Self::ProbeWait => {
                let value = seen.probe.map_or(f64::NAN, |probe| probe.mean_seconds);
                Mean { value, error: None }
            }
            Self::RngServiceTime => service_time(seen, Service::Rng),
            Self::HasherServiceTime => service_time(seen, Service::Hasher),
        }
    }
}

impl Change {
    /// What became of `metric` at `step`, if changes below `threshold`, a share, do not matter.
    ///
    /// The interval is Welch's, of the difference of the logarithms of the two means: ln(new/base) ± t·√(v₁ + v₂), with
    /// v = (standard error / mean)² of each and t the 97.5 % quantile for (v₁ + v₂)² / (v₁²/ν₁ + v₂²/ν₂) degrees of freedom.
    /// The figure has regressed if the whole interval is worse than the threshold, and passes if none of it is. Source: B. L.
    /// Welch, "The generalization of Student's problem when several different population variances are involved", 1947; the
    /// ruling is a test of non-inferiority with the threshold as its margin.
    pub fn new(
        step: impl Into<Place>,
        metric: Metric,
        [base, new]: [&Observation; 2],
        threshold: f64,
    ) -> Self {
        let [base, new] = [base, new].map(|seen| metric.mean(seen));
        Self::ruled(step, metric, [base.value, new.value], half_width(base, new), threshold)
    }

    /// What a change comes to whose logarithm has an interval of twice `half`, if that is known.
    pub(super) fn ruled(
        step: impl Into<Place>,
        metric: Metric,
        [base, new]: [f64; 2],
        half: Option<f64>,
        threshold: f64,
    ) -> Self {
        let ratio = new / base;
        let interval = half.map(|half| [ratio.ln() - half, ratio.ln() + half].map(f64::exp_m1));
        let losses = interval.map(|ends| ends.map(|end| metric.loss(end)));
        Self {
            step: step.into(),
            metric,
            of: None,
            base,
            new,
            change: ratio - 1.0,
            change_from: interval.map(|[from, _]| from),
            change_to: interval.map(|[_, to]| to),
            significant: interval.is_some_and(|[from, to]| from > 0.0 || to < 0.0),
            ruling: losses.map_or(Ruling::Inconclusive, |losses| ruling(losses, threshold)),
            evidence: None,
        }
    }

    /// What it is about, as a person calls it.
    pub fn name(&self) -> String {
        match &self.of {
            Some(service) => format!("{} for {service}", self.metric.name()),
            None => self.metric.name().to_owned(),
        }
    }

    /// Whether the whole comparison goes by it. Probes are few, so their intervals are wide: one that cannot be told leaves open what
    /// it is about, and nothing else.
    pub(super) fn counts(&self) -> bool {
        self.metric != Metric::ProbeWait || self.ruling == Ruling::Regression
    }

    /// Whether all of the interval is better by more than `threshold`.
    pub fn is_improvement(&self, threshold: f64) -> bool {
        let ends = self.change_from.zip(self.change_to);
        ends.is_some_and(|(from, to)| [from, to].iter().all(|end| self.metric.loss(*end) < -threshold))
    }
}

/// A mean over a whole window, whose error nobody knows.
fn service_time(seen: &Observation, service: Service) -> Mean {
    let value = seen.service(service).and_then(|seen| seen.service_time_seconds);
    Mean { value: value.unwrap_or(f64::NAN), error: None }
}

/// Half of the interval of ln(new/base).
pub(super) fn half_width(base: Mean, new: Mean) -> Option<f64> {
    let relative = |mean: Mean| {
        let (error, degrees) = mean.error?;
        Some(((error / mean.value).powi(2), degrees))
    };
    let ((of_base, base_degrees), (of_new, new_degrees)) = (relative(base)?, relative(new)?);
    let sum = of_base + of_new;
    if sum == 0.0 {
        return Some(0.0);
    }
    let degrees = sum.powi(2) / (of_base.powi(2) / base_degrees + of_new.powi(2) / new_degrees);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 1, and rounded down on purpose"
    )]
    let degrees = degrees as usize;
    Some(student::quantile_975(degrees) * sum.sqrt()).filter(|half| half.is_finite())
}

/// What an interval says whose ends are so much worse.
fn ruling(losses: [f64; 2], threshold: f64) -> Ruling {
    let worse = losses.map(|loss| loss > threshold);
    match worse {
        [true, true] => Ruling::Regression,
        [false, false] => Ruling::Pass,
        _ => Ruling::Inconclusive,
    }
}
