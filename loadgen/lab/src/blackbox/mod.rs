//! The lab for any application, seen from outside: what a plan file describes is scaled, loaded, counted and probed, and
//! what limits it is told from that alone. No service needs metrics, or to know of the lab.
//!
//! ```text
//! file ─→ check ─→ plan      TOML as written → what it means; every error names line, column and key
//!                   │ template   {port}, {index}, {replicas}, {loadgen}, {SERVICE} in commands and URLs
//!                   └→ drive ─┬→ application  services: each one's way to be scaled; processes: children of the lab
//!                             ├→ counter      a JSON document, a metric, a Redis key; load: the load generator itself
//!                             ├→ observe      one step: the counter's rate after the warm-up, probes of every service
//!                             └→ judge        pure: elasticity, growth of waits, capacity hints → verdict → report → render
//! ```

mod application;
mod args;
mod capacity;
mod check;
mod conclude;
mod counter;
#[cfg(test)]
mod document_tests;
mod drive;
mod elasticity;
mod error;
mod fetch;
mod file;
mod growth;
mod judge;
mod load;
mod location;
mod log;
mod machine;
mod nearest;
mod observe;
mod plan;
mod processes;
mod readings;
mod render;
mod report;
mod run;
mod series;
mod services;
mod template;
#[cfg(test)]
mod testing;
mod trust;

pub use args::PlanArgs;
pub(crate) use check::MOST;
#[cfg(test)]
pub(crate) use conclude::tests::concluded_report;
pub use error::BlackboxError;
pub(crate) use growth::MATTERS;
pub use plan::Plan;
pub(crate) use report::{Report, SCHEMA, StepReport};
pub(crate) use run::run;
pub use run::{check_plan, read};
