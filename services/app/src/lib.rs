//! The application's command line: which service or command to run, with which settings. It composes; what each does is its
//! own.
//!
//! - [`service`]: the services, each of which runs until it is told to stop;
//! - [`command`]: those, and what is run beside them: `health`, `tunnel`;
//! - [`usage`]: wrong usage, told in one line.

use std::fmt::Display;
use std::future::Future;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;

mod command;
mod health;
mod service;
mod usage;

pub use command::Command;
pub use service::Service;
pub use usage::{parsed, parsed_from};

/// Runs `work` to its end. One thread a process: what a replica can do is then what one core can do, and it stays small.
fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let ended = runtime.block_on(work);
    // Dropping it would wait for a look-up that a silent name server leaves unanswered.
    runtime.shutdown_background();
    ended
}

/// The exit code of a program that ended with `result`; an error is told in one line.
pub fn reported(result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| failed(format!("{error:#}"), 1))
}

/// Tells the user why the program failed, in one line, and gives the exit code back.
pub fn failed(why: impl Display, exit_code: u8) -> ExitCode {
    // Whoever has closed stderr does not want to know.
    let _ = writeln!(std::io::stderr(), "error: {why}");
    exit_code.into()
}
