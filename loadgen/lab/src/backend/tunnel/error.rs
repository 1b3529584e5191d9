//! Why there is no tunnel.

use std::io;
use std::time::Duration;

use crate::backend::BackendError;

/// Each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum TunnelError {
    /// The program could not be started.
    #[error("cannot run `{command}`: {source}")]
    Spawn {
        /// The program, as it would be typed.
        command: String,
        /// The cause.
        source: io::Error,
    },
    /// The program ended, or broke off.
    #[error("the tunnel `{command}` has ended{}", quote(last_words))]
    Ended {
        /// The program, as it would be typed.
        command: String,
        /// Its last line on standard error.
        last_words: String,
    },
    /// The program runs, but does not answer.
    #[error("the tunnel `{command}` did not answer within {}{}", humantime::format_duration(*within), quote(last_words))]
    Silent {
        /// The program, as it would be typed.
        command: String,
        /// What it was given.
        within: Duration,
        /// Its last line on standard error.
        last_words: String,
    },
    /// There is no local address to be had.
    #[error("cannot listen on 127.0.0.1 for the tunnel: {0}")]
    Listen(#[source] io::Error),
}

fn quote(last_words: &str) -> String {
    if last_words.is_empty() { "; it said nothing".to_owned() } else { format!("; it said: {last_words}") }
}

impl From<TunnelError> for BackendError {
    fn from(error: TunnelError) -> Self {
        Self::new(error.to_string())
    }
}
