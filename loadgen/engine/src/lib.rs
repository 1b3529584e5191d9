//! The load engine: when requests are due, how one is made, and what is kept of it.
//!
//! ```text
//! plan       ping::PingArgs, prober::ProbeTarget, target::Target   what was asked for, checked
//! arrivals   rate, arrivals, timeline                              when each request is due; pure
//! connection endpoint, request, connection, answer, call           one request, with a timeout
//! recorder   outcome, sample, distribution, recorder               what is kept; nothing is dropped
//! report     interval, prober::ProbeReport, ping's lines           what is said
//! ```
//!
//! [`prober`] and [`mod@ping`] are its two drivers so far. Both are open loops over one [`arrivals::Schedule`]: a
//! request is sent when it is due, whether or not the one before it has been answered, and its response time runs from
//! that instant.

pub mod answer;
pub mod arrivals;
pub mod bench;
pub mod call;
pub mod connection;
pub mod distribution;
pub mod endpoint;
pub mod error;
pub mod http1;
pub mod interval;
mod meter;
pub mod outcome;
pub mod ping;
pub mod prober;
pub mod rate;
pub mod recorder;
pub mod request;
pub mod sample;
pub mod server_timing;
pub mod target;
#[cfg(test)]
mod testing;
pub mod timeline;

pub use arrivals::Arrivals;
pub use interval::Interval;
pub use outcome::Outcome;
pub use ping::{PingArgs, PingError, PingStatus, ping};
pub use prober::{ProbeReport, ProbeSummary, ProbeTarget, Prober};
pub use rate::Rate;
pub use recorder::Recorder;
pub use sample::Sample;
pub use target::Target;
