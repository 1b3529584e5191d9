//! Experiments beyond scaling: something is done to the application while it works, and a figure and a sentence say what that did.
//!
//! - [`args`]: what was typed; [`run`]: from there to a report;
//! - [`driver`](self): scaling and measuring, as all of them do; `recording`: the workers' counters meanwhile;
//! - `recovery`: when throughput is back; pure, as all that judges here;
//! - [`kill`]: one experiment a file, with what it finds and the sentence.

pub mod args;
mod driver;
mod finding;
pub mod kill;
mod recording;
pub mod recovery;
mod run;
#[cfg(test)]
mod tests;

pub use args::{Experiment, ExperimentArgs, ExperimentError, Target};
pub use finding::Finding;
pub use run::run;
