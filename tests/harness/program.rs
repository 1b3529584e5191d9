//! A program started by a story. Owns its process group: nothing of it outlives the guard.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::unix::process::CommandExt;

use super::process::{self, Process};
use super::transcript::Transcript;
use super::wait::eventually;

const TO_THE_END_OF_THE_OUTPUT: Duration = Duration::from_secs(10);

/// A running program with both of its output streams.
pub(crate) struct Program {
    child: Child,
    stdout: Transcript,
    stderr: Transcript,
}

/// A program that has ended by itself.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// That code, and one line on standard error that has all of `parts`.
    #[track_caller]
    pub(crate) fn assert_complains(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.status.code(), Some(code), "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "one line, not:\n{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in: {}", self.stderr);
        }
    }
}

impl Program {
    /// Starts the command in a process group of its own.
    pub(crate) fn start(command: &mut Command) -> Self {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stdout = Transcript::of(child.stdout.take().expect("piped"));
        let stderr = Transcript::of(child.stderr.take().expect("piped"));
        Self { child, stdout, stderr }
    }

    /// Its standard output.
    pub(crate) fn stdout(&self) -> &Transcript {
        &self.stdout
    }

    /// Its standard error.
    pub(crate) fn stderr(&self) -> &Transcript {
        &self.stderr
    }

    /// Its identity, while it runs.
    pub(crate) fn process(&self) -> Process {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        Process::of(pid).unwrap_or_else(|| panic!("it has ended:\n{}", self.said()))
    }

    /// Sends it a signal; the group and its children don't get it.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it still runs");
    }

    /// Waits until it ends by itself; the output must end with it, or a child still holds it.
    pub(crate) fn finish(&mut self, within: Duration) -> Finished {
        let said = [self.stdout.clone(), self.stderr.clone()];
        let what = || format!("the program ends; it said so far:\n{}", said.each_ref().map(text).join("\n"));
        let deadline_text = what();
        let status = eventually(&deadline_text, within, || self.child.try_wait().expect("our own child"));
        let stdout = self.stdout.all(TO_THE_END_OF_THE_OUTPUT);
        Finished { status, stdout, stderr: self.stderr.all(TO_THE_END_OF_THE_OUTPUT) }
    }

    /// Ends it without warning, and reaps it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("our own child");
        self.child.wait().expect("our own child");
    }

    fn said(&self) -> String {
        [&self.stdout, &self.stderr].map(text).join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let running = self.child.try_wait().is_ok_and(|status| status.is_none());
        if running {
            let family = process::descendants(i32::try_from(self.child.id()).unwrap_or(i32::MAX));
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            for process in family {
                process.signal(Signal::KILL);
            }
            let _ = self.child.wait();
        }
    }
}

fn text(transcript: &Transcript) -> String {
    transcript.lines().join("\n")
}

/// Runs a program to its end.
pub(crate) fn run(program: &str, arguments: &[&str], within: Duration) -> Finished {
    Program::start(Command::new(program).args(arguments)).finish(within)
}
