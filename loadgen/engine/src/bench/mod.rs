//! Load, of a given size, for a given time: what `loadgen bench` does.
//!
//! ```text
//! args ─→ intent ─→ plan ─→ run ─→ shard (one a thread) ─→ client ─→ wire        one request: bytes out, an answer in
//!                  │ source: when the next request is due      closed and open loop differ only here
//!                  │ flights: timeouts; what is in flight at the end
//!                  │ addresses: every replica behind a name
//!                  └→ tally: slices of time, steps, replicas   merged over all threads in the end
//! ```

mod addresses;
mod args;
mod client;
mod flights;
mod intent;
pub mod plan;
mod replicas;
mod request;
pub mod run;
mod shard;
pub mod slices;
mod source;
pub mod tally;
mod wire;

pub use addresses::Family;
pub use args::{BenchArgs, Spacing};
pub use intent::PlanError;
pub use plan::{Load, Plan};
pub use run::{Run, RunError, run};
pub use slices::Slices;
pub use tally::Tally;
