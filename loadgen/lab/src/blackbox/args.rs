//! What was typed about a plan file.

use std::path::PathBuf;

use clap::Subcommand;

/// Commands about plan files.
#[derive(Clone, Debug, Subcommand)]
pub enum PlanArgs {
    /// Say what a plan would do, or what is wrong with it; runs nothing
    Check {
        /// The plan
        file: PathBuf,
    },
}
