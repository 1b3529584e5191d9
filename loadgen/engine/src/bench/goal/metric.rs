//! Figures of a run by their names. Owns which there are, and where a report has them.

use crate::bench::report::{Counts, ErrorShare, Report, TimesReport};
use crate::times::{Quantile, Times};

use super::value::{Unit, Value};

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// Of a distribution of times.
    Time(Clock, Statistic),
    /// Successes a second.
    Rate,
    /// The share of requests that came to a bad end.
    Errors,
    /// Requests that were due and not sent.
    Overflow,
    /// How likely chance alone would share requests out to replicas so unevenly.
    Evenness,
}

/// Which times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// From the scheduled instant.
    Response,
    /// From the sent instant.
    Uncorrected,
    /// How late the load generator was.
    Lag,
    /// From a name to addresses.
    Resolve,
    /// Until an address accepted.
    Connect,
    /// The TLS handshake.
    Tls,
    /// From sending to the head of the answer.
    Head,
    /// From there to its end.
    Body,
    /// What the server says that requests waited.
    Queue,
    /// What it says that they took.
    Service,
}

/// What of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The time that this share (0 to 1) stays within.
    Quantile(f64),
    /// The mean.
    Mean,
    /// The longest.
    Max,
    /// The shortest.
    Min,
}

/// What a run says of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measured {
    /// It is known.
    Exactly(Value),
    /// Too few of the longest requests were waited for to say more.
    AtLeast(Value),
    /// It depends on what would have come of requests that were left unanswered.
    Between {
        /// If all of them were as those that ended.
        low: Value,
        /// If all of them were errors.
        high: Value,
        /// How many they are.
        unanswered: u64,
    },
    /// It cannot be told, for this reason.
    Unknown(&'static str),
}

/// The names of times, and of what they are part of.
const CLOCKS: [(&str, Clock); 9] = [
    ("uncorrected", Clock::Uncorrected),
    ("lag", Clock::Lag),
    ("resolve", Clock::Resolve),
    ("connect", Clock::Connect),
    ("tls", Clock::Tls),
    ("head", Clock::Head),
    ("body", Clock::Body),
    ("queue", Clock::Queue),
    ("service", Clock::Service),
];

impl Metric {
    /// The figure of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "rate" => Some(Self::Rate),
            "errors" => Some(Self::Errors),
            "overflow" => Some(Self::Overflow),
            "evenness" => Some(Self::Evenness),
            _ => {
                let known = name.split_once('.').and_then(|(head, rest)| Some((clock(head)?, rest)));
                let (clock, rest) = known.unwrap_or((Clock::Response, name));
                Some(Self::Time(clock, Statistic::named(rest)?))
            }
        }
    }

    /// What it is measured in.
    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::Time(..) => Unit::Time,
            Self::Rate => Unit::PerSecond,
            Self::Errors => Unit::Share,
            Self::Overflow => Unit::Count,
            Self::Evenness => Unit::Probability,
        }
    }

    /// What `report` says of it.
    pub(super) fn of(self, report: &Report) -> Measured {
        match self {
            Self::Time(clock, statistic) => statistic.of(&clock.of(report).times),
            Self::Rate if report.measured.is_zero() => Measured::Unknown("the run had no length"),
            Self::Rate => Measured::Exactly(Value::PerSecond(report.throughput_per_s.mean)),
            Self::Errors => errors(report.requests),
            Self::Overflow => Measured::Exactly(Value::Count(report.requests.overflowed)),
            Self::Evenness => evenness(report),
        }
    }
}

fn clock(name: &str) -> Option<Clock> {
    CLOCKS.into_iter().find(|(known, _)| *known == name).map(|(_, clock)| clock)
}

fn errors(requests: Counts) -> Measured {
    let Some(ErrorShare { seen, at_most }) = requests.error_share() else {
        return Measured::Unknown("no request came to an end");
    };
    match requests.unanswered {
        0 => Measured::Exactly(Value::Share(seen)),
        unanswered => Measured::Between { low: Value::Share(seen), high: Value::Share(at_most), unanswered },
    }
}

fn evenness(report: &Report) -> Measured {
    match &report.replicas {
        None => Measured::Unknown("no answer named its replica"),
        Some(replicas) if replicas.others > 0 => {
            Measured::Unknown("there are too many replicas to tell apart")
        }
        Some(replicas) if replicas.by_name.len() < 2 => Measured::Unknown("only one replica answered"),
        Some(replicas) => replicas
            .evenness_p
            .map_or(Measured::Unknown("too few requests"), |p| Measured::Exactly(Value::Probability(p))),
    }
}

impl Clock {
    fn of(self, report: &Report) -> &TimesReport {
        match self {
            Self::Response => &report.response_time,
            Self::Uncorrected => &report.uncorrected_time,
            Self::Lag => &report.lag,
            Self::Resolve => &report.steps.resolve,
            Self::Connect => &report.steps.connect,
            Self::Tls => &report.steps.tls,
            Self::Head => &report.steps.head,
            Self::Body => &report.steps.body,
            Self::Queue => &report.server_timing.queue,
            Self::Service => &report.server_timing.service,
        }
    }
}

impl Statistic {
    fn named(name: &str) -> Option<Self> {
        match name {
            "mean" => Some(Self::Mean),
            "max" => Some(Self::Max),
            "min" => Some(Self::Min),
            _ => {
                let digits =
                    name.strip_prefix('p').filter(|it| it.starts_with(|c: char| c.is_ascii_digit()))?;
                let percent: f64 = digits.parse().ok()?;
                (percent > 0.0 && percent < 100.0).then_some(Self::Quantile(percent / 100.0))
            }
        }
    }

    fn of(self, times: &Times) -> Measured {
        let found = match self {
            Self::Quantile(quantile) => times.quantile(quantile),
            // The product-limit estimate knows the longest unless the longest of all was given up.
            Self::Max => times.quantile(1.0),
            Self::Min => times.ended().min().map(|time| Quantile { time, lower_bound: false }),
            Self::Mean => times
                .at_least()
                .mean()
                .map(|time| Quantile { time, lower_bound: times.lower_bound_from().is_some() }),
        };
        match found {
            None => Measured::Unknown("there was none"),
            Some(it) if it.lower_bound => Measured::AtLeast(Value::Time(it.time)),
            Some(it) => Measured::Exactly(Value::Time(it.time)),
        }
    }
}
