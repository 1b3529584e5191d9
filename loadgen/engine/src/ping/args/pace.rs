//! When pings are sent. Owns the flags of the clock and the reading of durations.

use std::time::Duration;

use clap::Args;

/// When pings are sent, how many, and how long each is waited for.
#[derive(Args, Clone, Debug)]
pub struct PaceArgs {
    /// How many pings to send to each URL [default: until ^C]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,

    /// Time between pings, as seconds or such as 200ms; 0 sends each as soon as the one before is answered
    #[arg(short, long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub interval: Duration,

    /// Send each ping as soon as the one before is answered
    #[arg(short, long, conflicts_with_all = ["interval", "poisson"])]
    pub flood: bool,

    /// Space the pings at random (a Poisson process) around the interval, so that they cannot fall into step with what
    /// they measure
    #[arg(long)]
    pub poisson: bool,

    /// Taken for httping's sake: pings here are always sent at multiples of the interval
    #[arg(long = "adaptive-interval", alias = "ai")]
    pub adaptive_interval: bool,

    /// How long to wait for an answer, as seconds or such as 500ms: from the name to the last byte, TLS included
    #[arg(short, long, value_name = "TIME", default_value = "30s", value_parser = positive_duration)]
    pub timeout: Duration,
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed.ok_or_else(|| {
        "write a number of seconds, such as 0.5, or a number with a unit, such as 500ms".to_owned()
    })
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    let duration = duration(text)?;
    if duration.is_zero() {
        Err("no answer can be there in no time; write more than 0".to_owned())
    } else {
        Ok(duration)
    }
}
