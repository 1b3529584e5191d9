//! Running other programs, such as docker and kubectl, on a person's behalf.
//!
//! - [`Invocation`]: a command line before it is run;
//! - [`Console`]: commands as a person is told of them; [`CommandError`] is why there is no answer;
//! - [`quoted`]: a word as a shell takes it;
//! - [`Runner`] is the seam to the world, [`Shell`] what is behind it; tests have fakes.

mod console;
mod error;
mod invocation;
mod runner;
mod shell;
mod word;

pub(crate) use console::Console;
pub(crate) use error::{CommandError, shortened};
pub(crate) use invocation::Invocation;
pub(crate) use runner::Runner;
#[cfg(test)]
pub(crate) use runner::{Output, RunError};
pub(crate) use shell::{Group, Shell};
pub(crate) use word::quoted;
