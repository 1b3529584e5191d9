//! Load generators. Owns how each is told the same load, and how what it says of it is read: one file a tool.

mod ab;
pub mod bare;
mod h2load;
mod hey;
mod loadgen;
mod oha;
mod text;
mod wrk;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use ab::Ab;
pub use bare::Bare;
pub use h2load::H2load;
pub use hey::Hey;
pub use loadgen::Loadgen;
pub use oha::Oha;
pub use wrk::Wrk;

/// What all tools are told.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where to.
    pub url: String,
    /// Connections at once.
    pub connections: usize,
    /// How much, or how fast.
    pub pace: Pace,
    /// Whether each request has a connection of its own.
    pub fresh: bool,
}

/// How much, or how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// As fast as answers come, for so long.
    For(Duration),
    /// As fast as answers come, so many.
    Requests(u64),
    /// So many a second, for so long.
    Rate {
        /// Requests a second over all connections.
        per_second: u32,
        /// How long.
        lasting: Duration,
    },
}

/// What a tool says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Requests with a good answer.
    pub successes: u64,
    /// All others, but for those that were in flight at the end.
    pub errors: u64,
    /// Good answers a second.
    pub per_second: f64,
    /// Response times by the share of requests that took no longer, such as 0.99.
    pub quantiles: Vec<(f64, Duration)>,
}

impl Reading {
    /// The response time that this share of requests did not exceed, if the tool tells it.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let close = |known: f64| (known - share).abs() < 1e-9;
        self.quantiles.iter().find(|(known, _)| close(*known)).map(|(_, time)| *time)
    }
}

/// A load generator.
pub trait Tool {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// The program.
    fn program(&self) -> PathBuf {
        PathBuf::from(self.name())
    }

    /// How it is told `load`; `None` if it cannot do that.
    fn command(&self, load: &Load) -> Option<Command>;

    /// What it says in its `output`.
    fn read(&self, output: &str) -> anyhow::Result<Reading>;

    /// Whether it can be run here.
    fn is_there(&self) -> bool {
        is_program(&self.program())
    }
}

/// All of them, ours first.
pub fn all(loadgen: &Path) -> Vec<Box<dyn Tool>> {
    vec![
        Box::new(Loadgen::new(loadgen)),
        Box::new(Wrk::default()),
        Box::new(H2load),
        Box::new(Oha::default()),
        Box::new(Hey),
        Box::new(Ab),
    ]
}

fn is_program(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Seconds, as every tool takes them.
fn seconds(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for_where_a_shell_would() {
        assert!(is_program(Path::new("sh")) && is_program(Path::new("/bin/sh")));
        assert!(!is_program(Path::new("no-such-load-generator")) && !is_program(Path::new("/bin/no-such")));
    }
}
