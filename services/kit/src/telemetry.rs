//! Log lines on stdout, for people or for machines.

use std::io::IsTerminal;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Instant, level, message.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends this process' log lines to stdout; the first call wins.
pub fn init(format: LogFormat) {
    let lines = tracing_subscriber::fmt()
        .with_target(false)
        .with_ansi(std::io::stdout().is_terminal())
        // A reader that is gone is no reason to panic.
        .log_internal_errors(false);
    // An error means that logs go somewhere already, which is as good.
    let _ = match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).try_init(),
    };
}
