//! The load engine: when requests are due, how one is made, and what is kept of it.
//!
//! ```text
//! plan       ping::PingArgs, prober::ProbeTarget, target::Target   what was asked for, checked
//! arrivals   rate, stages, arrivals, timeline                      when each request is due; pure
//! connection endpoint, route, tls, connection, answer, call        one request, with a timeout
//! recorder   outcome, sample, distribution, recorder               what is kept; nothing is dropped
//! report     interval, prober::ProbeReport, ping's reporters       what is said
//! ```
//!
//! [`prober`], [`mod@ping`] and [`mod@bench`] are its drivers. What the first two send, and the open loop of the last, follows
//! one [`arrivals::Schedule`]: a request is sent when it is due, whether or not the one before it has been answered, and its
//! response time runs from that instant.

pub mod answer;
pub mod arrivals;
pub mod bench;
pub mod call;
pub mod connection;
mod dialect;
pub mod distribution;
pub mod endpoint;
pub mod error;
mod header;
pub mod http1;
pub mod interval;
pub mod late_file;
pub mod markdown;
mod meter;
pub mod outcome;
pub mod outcomes;
pub mod ping;
pub mod prober;
pub mod rate;
pub mod recorder;
pub mod request;
pub mod route;
pub mod sample;
pub mod server_timing;
pub mod split;
pub mod stages;
pub mod statistics;
mod stream;
pub mod target;
mod tcp;
mod terminal;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod times;
pub mod tls;

pub use arrivals::Arrivals;
pub use dialect::DialectError;
pub use interval::Interval;
pub use outcome::Outcome;
pub use ping::{PingArgs, PingError, PingStatus, ping};
pub use prober::{ProbeReport, ProbeSummary, ProbeTarget, Prober};
pub use rate::Rate;
pub use recorder::Recorder;
pub use sample::Sample;
pub use stages::{Stage, Stages};
pub use target::Target;
pub use times::Times;
