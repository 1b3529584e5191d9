//! What was typed after `loadgen bench`, in the dialect of hey and oha. [`Plan::from_args`](super::Plan::from_args) makes of
//! it what was meant.

use std::time::Duration;

use clap::Args;

mod dialect;
mod load;
mod number;
mod request;

pub use dialect::translated;
pub use load::{LoadArgs, Spacing};
pub use request::RequestArgs;

use super::goal::GoalArgs;
use super::metrics::MetricsAddress;
use super::output::{LiveArgs, OutputArgs};

mod connection;

pub use connection::ConnectionArgs;

/// Flags of `loadgen bench`.
#[derive(Clone, Debug, Args)]
pub struct BenchArgs {
    /// When.
    #[command(flatten)]
    pub load: LoadArgs,

    /// Warm-up that is left out of the figures [default: found in the data]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub warmup: Option<Duration>,

    /// What.
    #[command(flatten)]
    pub request: RequestArgs,

    /// How long an answer is waited for, in seconds or with a unit
    #[arg(short, long, value_name = "DURATION", default_value = "20s", value_parser = timeout)]
    pub timeout: Duration,

    /// A connection for each request
    #[arg(long)]
    pub disable_keepalive: bool,

    /// Requests after which a connection is replaced
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub connections_max_requests: Option<u64>,

    /// Connections.
    #[command(flatten)]
    pub connection: ConnectionArgs,

    /// Header that names the replica that answered
    #[arg(long, value_name = "HEADER", default_value = "x-served-by", value_parser = header_name)]
    pub replica_header: String,

    /// Threads that send [default: half of the CPUs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Exit with 3 if the load generator itself was the limit, whatever was expected
    #[arg(long)]
    pub strict: bool,

    /// What it is for.
    #[command(flatten)]
    pub goals: GoalArgs,

    /// Serve metrics for Prometheus there while running, under /metrics; port 0 for any
    #[arg(long, value_name = "HOST:PORT", help_heading = "Output")]
    pub prometheus: Option<MetricsAddress>,

    /// What is written where.
    #[command(flatten)]
    pub output: OutputArgs,

    /// What is written while it goes on.
    #[command(flatten)]
    pub live: LiveArgs,
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "expected a number with its unit, such as 500ms or 30s".to_owned())
}

/// A bare number is one of seconds, as with hey.
fn timeout(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.map_or_else(|| duration(text), Ok)
}

/// The name of a header, in lower case.
fn header_name(text: &str) -> Result<String, String> {
    let name = http::HeaderName::try_from(text);
    name.map(|name| name.as_str().to_owned())
        .map_err(|_| "expected a header's name, such as x-served-by".to_owned())
}
