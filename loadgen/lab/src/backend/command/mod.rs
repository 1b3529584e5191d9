//! Running other programs, such as docker and kubectl, on a person's behalf.
//!
//! - [`Invocation`]: a command line before it is run;
//! - [`Console`]: commands as a person is told of them; [`CommandError`] is why there is no answer;
//! - [`Runner`] is the seam to the world, [`Shell`] what is behind it; tests have fakes.

mod console;
mod error;
mod invocation;
mod runner;
mod shell;

pub(in crate::backend) use console::Console;
pub(in crate::backend) use error::{CommandError, shortened};
pub(in crate::backend) use invocation::Invocation;
pub(in crate::backend) use runner::Runner;
#[cfg(test)]
pub(in crate::backend) use runner::{Output, RunError};
pub(in crate::backend) use shell::Shell;
