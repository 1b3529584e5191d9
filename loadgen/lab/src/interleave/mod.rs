//! `loadgen lab --interleave`: whether this build is worse than another one, found out by measuring both in turn.
//!
//! ```text
//! args → build ─→ course ─┬→ turns    whose turn it is
//!                         └→ block    one build at a step for a while, with the other at rest
//!        pairs of blocks ─→ figures   what became of each figure; its interval and ruling are `compare`'s
//!                        └→ blame     which service explains it → comparison → render → text, page, files → exit code
//! ```
//!
//! Two runs one after the other differ by whatever the machine did meanwhile, and no interval within a run knows of it. Here each
//! build is measured seconds before or after the other, over and over, so that whatever the machine does meets both.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::provenance::Provenance;
use crate::report::Outcome;

mod args;
mod blame;
mod block;
mod build;
mod concluded;
mod course;
mod figures;
mod render;
mod run;
#[cfg(test)]
mod tests;
mod turns;

pub use args::InterleaveArgs;
pub use block::Block;
pub use build::{Build, BuildError};
pub use run::{InterleaveError, run};
#[cfg(test)]
pub(crate) use tests::of_equals;
pub use turns::Side;

/// The form of the JSON; it changes when a key goes away or changes its meaning.
pub(crate) const SCHEMA: &str = "loadgen-interleave/1";

/// How two builds took turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interleaved {
    /// How it ended.
    pub outcome: Outcome,
    /// The program that measured both.
    pub program: String,
    /// When it began, in seconds since the Unix epoch.
    pub started_at_unix_seconds: f64,
    /// Processors of the machine.
    pub cpus: usize,
    /// What was typed, and on which machine.
    pub provenance: Provenance,
    /// What was asked for.
    pub settings: Settings,
    /// How long it took.
    pub seconds: f64,
    /// Why it ended before its time, if it did.
    pub cut_short: Option<String>,
    /// Which service explains what became worse, as a sentence; `None` if nothing did, or none of them does.
    pub blame: Option<String>,
    /// The share of the time in which some process of the machine waited for a CPU.
    pub host_cpu_pressure_share: f64,
    /// Everything measured, in pairs: each base block with the new one that was its neighbour.
    pub blocks: Vec<Block>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// For all blocks, and what lies between them.
    pub duration_seconds: f64,
    /// Time measured in each block.
    pub window_seconds: f64,
    /// What is left out of each after workers have started.
    pub warm_up_seconds: f64,
    /// Set for the workers.
    pub think_time_seconds: f64,
    /// Set for rng.
    pub rng_time_seconds: f64,
    /// Set for hasher.
    pub hasher_time_seconds: f64,
    /// Loops in each worker.
    pub concurrency: usize,
}

impl Settings {
    fn new(plan: &Plan, duration: std::time::Duration) -> Self {
        Self {
            duration_seconds: duration.as_secs_f64(),
            window_seconds: plan.window.as_secs_f64(),
            warm_up_seconds: plan.warm_up.as_secs_f64(),
            think_time_seconds: plan.setup.think_time.as_secs_f64(),
            rng_time_seconds: plan.setup.rng_time.as_secs_f64(),
            hasher_time_seconds: plan.setup.hasher_time.as_secs_f64(),
            concurrency: plan.setup.concurrency,
        }
    }
}
