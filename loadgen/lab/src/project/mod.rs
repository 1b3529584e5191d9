//! The application as a project of its own, as docker-compose would have it: `loadgen up`, `scale`, `ps`, `logs`, `down`.
//!
//! - [`up`]: what to start, in the foreground or detached ([`detach`](self)), and the session that lasts until it is
//!   stopped;
//! - [`scale`], [`ps`], [`logs`], [`down`]: the other commands, clients of that session;
//! - `protocol`, `client`, `control`: their conversation over a socket in the project's state directory;
//! - `state_dir`: where that is, and who may hold it;
//! - [`name`], [`assignment`]: what may be typed; `output`: what is printed.
//!
//! Each command is a struct of arguments with a `run`, which returns the program's exit code.

pub mod assignment;
mod client;
mod control;
mod detach;
pub mod down;
pub mod error;
pub mod logs;
pub mod name;
mod output;
mod plan;
mod protocol;
pub mod ps;
pub mod scale;
mod session;
mod state_dir;
pub mod up;
mod usage;

#[cfg(test)]
mod tests;

pub use down::DownArgs;
pub use error::Error;
pub use logs::LogsArgs;
pub use name::{ProjectArgs, ProjectName};
pub use ps::PsArgs;
pub use scale::ScaleArgs;
pub use up::UpArgs;
