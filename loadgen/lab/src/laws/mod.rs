//! The operational laws and the model built on them: pure functions from counts and times to what they imply. They
//! measure nothing (that is the sweep's) and judge nothing (that is the verdict's).
//!
//! The letters are the field's own: X throughput, N clients in the loop, Z think time, S service time, V visits per
//! cycle, D = V·S service demand, R response time, m servers (replicas), U utilisation.

pub mod bounds;
pub mod demand;
pub mod dispatch;
pub mod little;
mod mva;
#[cfg(test)]
mod oracle;
pub mod probe;
pub mod units;
