//! Why a command gave no answer. What that means is for whoever knows the program.

use std::io;

use super::invocation::Invocation;
use super::runner::RunError;

/// A complaint is quoted no further than this.
const LONGEST: usize = 400;

/// Each kind with the command that it happened to.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// It could not be started.
    NotRun { command: Invocation, source: io::Error },
    /// It took longer than it may.
    TimedOut { command: Invocation },
    /// It ran, and said why it failed.
    Failed { command: Invocation, stderr: String },
}

impl CommandError {
    pub(super) fn new(command: &Invocation, error: RunError) -> Self {
        let command = command.clone();
        match error {
            RunError::NotRun(source) => Self::NotRun { command, source },
            RunError::TimedOut => Self::TimedOut { command },
        }
    }
}

/// What a program complained of, fit for one line: without the full stop at its end, and cut where it gets too long.
pub(crate) fn shortened(text: &str) -> String {
    let text = text.trim_end_matches(['.', ' ']);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_complaint_is_cut_and_a_full_stop_left_out() {
        assert_eq!(shortened("It broke. "), "It broke");
        assert_eq!(shortened(&"ü".repeat(1000)).chars().count(), LONGEST + 1);
    }
}
