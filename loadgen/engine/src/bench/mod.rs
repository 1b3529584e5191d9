//! Load, of a given size, for a given time: what `loadgen bench` does.
//!
//! ```text
//! args ─→ intent ─→ plan ─→ run ─→ shard (one a thread) ─→ client ─→ connection  one request: bytes out, an answer in
//!                  │ source: when the next request is due      closed and open loop differ only here
//!                  │ script: what it is, with template and redirect
//!                  │ flights: timeouts; what is in flight at the end
//!                  │ origins, connector: every host, and how to get there: address, socket, TLS; kept: connections
//!                  │ addresses: every replica behind a name
//!                  ├→ chunks: times and outcomes, handed over every tenth of a second
//!                  │    ├→ collect: slices and a finer series; what observers see while it goes on
//!                  │    ├→ metrics: for Prometheus, while it goes on
//!                  │    └→ live: for whoever sits at the terminal
//!                  └→ tally: steps, replicas, traffic          merged over all threads in the end
//! report: what that has shown ─→ goal: what must hold of it ─→ output: text, JSON, CSV, Markdown; merge: several reports as one
//! ```

mod addresses;
mod args;
pub mod chunk;
mod chunks;
mod client;
pub mod collect;
pub mod command;
mod connection;
mod connector;
mod descriptors;
mod ending;
mod flights;
pub mod goal;
mod http2;
mod intent;
mod kept;
mod live;
pub mod merge;
pub mod metrics;
mod observers;
mod origins;
pub mod output;
pub mod plan;
mod preflight;
mod redirect;
mod replicas;
pub mod report;
mod request;
pub mod run;
mod script;
pub mod series;
mod served;
mod shard;
mod share;
pub mod slices;
mod source;
mod start;
pub mod tally;
mod template;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod transport;
#[cfg(test)]
mod transport_tests;
pub mod usage;
mod wire;

pub use args::{BenchArgs, ConnectionArgs, LoadArgs, RequestArgs, Spacing, translated};
pub use command::{BenchError, BenchStatus, bench};
pub use intent::PlanError;
pub use live::Console;
pub use merge::{MergeArgs, MergeError, merge};
pub use plan::{Load, Plan};
pub use report::{Report, SliceRow};
pub use run::{Observer, Run, RunError, Watch, run};
pub use script::{Script, ScriptError};
pub use share::{Share, ShareError};
pub use slices::Slices;
pub use start::{Start, StartAt, StartError};
pub use tally::Tally;
pub use transport::{Transport, Version};
