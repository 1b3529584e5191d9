//! Experiments beyond scaling: something is done to the application while it works, and a figure and a sentence say what that did.
//!
//! - [`args`]: what was typed; [`run`]: from there to a report;
//! - [`driver`](self): scaling and measuring, as all of them do; `recording`: the workers' counters meanwhile;
//! - `recovery`, `liveness`: when throughput is back, when a probe is fatal; pure, as all that judges here;
//! - [`kill`], [`sticky`], [`rolling_update`], [`probes`], [`autoscale`]: one experiment a file, with what it finds and the sentence.

pub mod args;
pub mod autoscale;
mod driver;
mod finding;
pub mod kill;
pub mod liveness;
pub mod probes;
mod recording;
pub mod recovery;
pub mod rolling_update;
mod run;
pub mod sticky;
#[cfg(test)]
mod tests;

pub use args::{Experiment, ExperimentArgs, ExperimentError, Target};
pub use finding::Finding;
pub use run::run;
