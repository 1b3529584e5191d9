//! What was typed after `loadgen bench`, in the dialect of hey and oha. [`Plan::from_args`](super::Plan::from_args) makes of
//! it what was meant.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use http::Method;

use crate::arrivals::Arrivals;
use crate::rate::Rate;
use crate::target::Target;

/// Flags of `loadgen bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// URL, HOST[:PORT][/PATH], or :PORT for this machine
    pub target: Target,

    /// Requests in all [default: 200, unless there is a duration]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
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

    /// Seed of the schedule, to repeat one
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Requests that may wait for a connection; more are counted and not sent
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub backlog: usize,

    /// Time between an answer and the next request of a connection
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "rate")]
    pub think_time: Option<Duration>,

    /// Method
    #[arg(short, long, value_name = "METHOD", default_value = "GET")]
    pub method: Method,

    /// Header, such as 'Accept: text/plain'; may be repeated
    #[arg(short = 'H', long = "header", value_name = "HEADER", value_parser = header)]
    pub headers: Vec<(String, String)>,

    /// Body
    #[arg(short = 'd', long, value_name = "TEXT", conflicts_with = "body_file")]
    pub body: Option<String>,

    /// File with the body
    #[arg(short = 'D', long, value_name = "FILE")]
    pub body_file: Option<PathBuf>,

    /// Content type of the body
    #[arg(short = 'T', long, value_name = "TYPE")]
    pub content_type: Option<String>,

    /// User and password for basic authentication
    #[arg(short = 'a', long, value_name = "USER:PASSWORD")]
    pub basic_auth: Option<String>,

    /// Host header [default: that of the URL]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,

    /// How long an answer is waited for
    #[arg(short, long, value_name = "DURATION", default_value = "20s", value_parser = duration)]
    pub timeout: Duration,

    /// A connection for each request
    #[arg(long)]
    pub disable_keepalive: bool,

    /// Requests after which a connection is replaced
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub connections_max_requests: Option<u64>,

    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,

    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    pub ipv6: bool,

    /// Header that names the replica that answered
    #[arg(long, value_name = "HEADER", default_value = "x-served-by")]
    pub replica_header: String,

    /// Threads that send [default: half of the CPUs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
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

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count @ 1..=MOST_CONNECTIONS) => Ok(count),
        _ => Err(format!("expected a whole number from 1 to {MOST_CONNECTIONS}")),
    }
}

fn rate(text: &str) -> Result<Rate, String> {
    let number = text.trim_end_matches("/s");
    let rate = number.parse().ok().and_then(|rate| Rate::per_second(rate).ok());
    rate.ok_or_else(|| "expected a positive number of requests a second, such as 1000 or 0.5".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "expected a number with its unit, such as 500ms or 30s".to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME: VALUE, such as 'Accept: text/plain'")?;
    let name = http::HeaderName::try_from(name.trim()).map_err(|_| format!("`{name}` is no header name"))?;
    let value = value.trim();
    http::HeaderValue::from_str(value).map_err(|_| format!("`{value}` cannot be sent in a header"))?;
    Ok((name.as_str().to_owned(), value.to_owned()))
}
