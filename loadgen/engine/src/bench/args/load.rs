//! What was typed about the load: how many requests, and when.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::arrivals::Arrivals;
use crate::bench::share::Share;
use crate::bench::start::Start;
use crate::rate::{HIGHEST, Rate};
use crate::stages::Stage;

use super::{duration, number};

/// Flags that say how many requests are sent, and when.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// Requests in all, such as 500 or 10k [default: 200, unless there is a duration]
    #[arg(short = 'n', long, value_name = "N", value_parser = requests)]
    pub requests: Option<u64>,

    /// Connections: exactly so many, or at most so many if there is a rate [default: 50, or any number with a rate]
    #[arg(short, long, value_name = "N", value_parser = connections)]
    pub connections: Option<usize>,

    /// How long to send, such as 30s
    #[arg(short = 'z', long, value_name = "DURATION", value_parser = duration, conflicts_with = "requests")]
    pub duration: Option<Duration>,

    /// Requests a second over all connections, sent whether or not others have been answered
    #[arg(short = 'q', long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<Rate>,

    /// How requests are spaced with a rate
    #[arg(long, value_name = "SPACING", value_enum, default_value_t)]
    pub arrivals: Spacing,

    /// Rate that is held, or that rises or falls evenly, such as 30s:100..1000; may be repeated, one after the other
    #[arg(long = "stage", value_name = "DURATION:RATE[..RATE]", conflicts_with_all = ["rate", "requests", "duration"])]
    pub stages: Vec<Stage>,

    /// Seed of the schedule and of random placeholders, to repeat a run
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Requests that may wait for a connection; more are counted and not sent
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub backlog: usize,

    /// Time between an answer and the next request of a connection
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with_all = ["rate", "stages"])]
    pub think_time: Option<Duration>,

    /// When to start, in RFC 3339 or Unix seconds, so that several machines start together; next:15s is when the time of day
    /// is the next multiple of that [default: now]
    #[arg(long, value_name = "TIME")]
    pub start_at: Option<Start>,

    /// Send only part K, from 0, of N parts of this load, while other processes send the others; give all the same flags
    #[arg(
        long,
        value_name = "K/N",
        conflicts_with = "find_knee",
        default_value_t,
        hide_default_value = true
    )]
    pub shard: Share,
}

impl LoadArgs {
    /// Whether requests come by a schedule, and not one after the other.
    pub(in crate::bench) fn is_open(&self) -> bool {
        self.rate.is_some() || !self.stages.is_empty()
    }
}

/// How requests are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Spacing {
    /// Equal gaps
    #[default]
    Uniform,
    /// As independent users come: exponential gaps
    Poisson,
}

impl From<Spacing> for Arrivals {
    fn from(spacing: Spacing) -> Self {
        match spacing {
            Spacing::Uniform => Self::Uniform,
            Spacing::Poisson => Self::Poisson,
        }
    }
}

/// More need more ports than an address has.
const MOST_CONNECTIONS: usize = 100_000;

fn requests(text: &str) -> Result<u64, String> {
    let count = number::whole(text).filter(|count| *count > 0);
    count.ok_or_else(|| "expected a whole number from 1 on, such as 500 or 10k".to_owned())
}

fn connections(text: &str) -> Result<usize, String> {
    let count = number::whole(text).and_then(|count| usize::try_from(count).ok());
    let count = count.filter(|count| (1..=MOST_CONNECTIONS).contains(count));
    count.ok_or_else(|| format!("expected a whole number from 1 to {MOST_CONNECTIONS}"))
}

fn rate(text: &str) -> Result<Rate, String> {
    let number = number::real(text.trim_end_matches("/s")).filter(|rate| *rate <= HIGHEST);
    let rate = number.and_then(|rate| Rate::per_second(rate).ok());
    rate.ok_or_else(|| {
        format!("expected a number of requests a second, such as 1000 or 0.5, above 0 and up to {HIGHEST}")
    })
}
