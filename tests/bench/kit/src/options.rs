//! The flags that all benchmarks have.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

/// Flags of a benchmark: `cargo bench --bench NAME -- FLAGS`.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How often everything is measured, all tools in turn each time
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub rounds: u16,

    /// Seconds that each tool runs [default: what the benchmark needs]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: Option<u64>,

    /// Only parts whose name contains one of these
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Only these beside loadgen
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    pub peers: Vec<String>,

    /// Exit code 1 if a target is missed
    #[arg(long)]
    pub check: bool,

    /// Another build of loadgen to measure
    #[arg(long, value_name = "FILE")]
    pub loadgen: Option<PathBuf>,

    /// What cargo tells a benchmark
    #[arg(long, hide = true)]
    pub bench: bool,
}

impl Options {
    /// Whether the part of this name was asked for.
    pub fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| part.contains(name.as_str()))
    }

    /// Whether the tool of this name was asked for.
    pub fn compares(&self, tool: &str) -> bool {
        tool == "loadgen" || self.peers.is_empty() || self.peers.iter().any(|name| name == tool)
    }

    /// How long each tool runs, if nothing else was said.
    pub fn lasting(&self, default: u64) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(default))
    }
}
