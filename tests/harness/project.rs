//! A project of `loadgen up`, in a state folder of its own. Owns its end: whatever a story did, no process survives it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::LOADGEN;
use super::files::files_under;
use super::process::{self, Process};
use super::program::{Finished, Program};

const TO_ANSWER: Duration = Duration::from_secs(30);
const TO_START: Duration = Duration::from_secs(60);
const ANY_PORTS: [&str; 6] = ["--webui-port", "0", "--rng-port", "0", "--hasher-port", "0"];

/// A name and a state folder; nothing runs until a story says so.
pub(crate) struct Project {
    folder: TempDir,
    name: String,
}

/// One line of `ps --json`.
#[derive(Clone, Debug)]
pub(crate) struct Replica(Value);

impl Project {
    /// A project that nobody else uses.
    pub(crate) fn new(story: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, name: format!("{story}-{}", std::process::id()) }
    }

    /// `loadgen ARGUMENTS --project NAME`, as a command.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(LOADGEN);
        command.args(arguments).args(["--project", &self.name]);
        command.env("XDG_RUNTIME_DIR", self.folder.path());
        command
    }

    /// Starts it and leaves it running.
    pub(crate) fn start(&self, arguments: &[&str]) -> Program {
        Program::start(&mut self.command(arguments))
    }

    /// `loadgen up` in the foreground, on any free ports.
    pub(crate) fn start_up(&self, arguments: &[&str]) -> Program {
        self.start(&[&["up"], &ANY_PORTS[..], arguments].concat())
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        self.start(arguments).finish(TO_ANSWER)
    }

    /// Runs it to its end, which must be a good one.
    pub(crate) fn done(&self, arguments: &[&str]) -> Finished {
        let said = self.run(arguments);
        assert!(said.status.success(), "{arguments:?}: {said:?}");
        said
    }

    /// `loadgen up -d` on any free ports, with further arguments.
    pub(crate) fn up(&self, arguments: &[&str]) -> Finished {
        let said = self.start_up(&[&["-d"], arguments].concat()).finish(TO_START);
        assert!(said.status.success(), "{said:?}");
        said
    }

    /// What `ps --json` lists.
    pub(crate) fn ps(&self) -> Vec<Replica> {
        replicas(&self.done(&["ps", "--json"]).stdout)
    }

    /// What `ps --json` lists of one service.
    pub(crate) fn ps_of(&self, service: &str) -> Vec<Replica> {
        self.ps().into_iter().filter(|replica| replica.service() == service).collect()
    }

    /// Every process that was started for this project and lives.
    pub(crate) fn processes(&self) -> Vec<Process> {
        process::marked(self.folder.path())
    }

    /// Every file in the state folder.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files_under(self.folder.path())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        for process in self.processes() {
            process.signal(Signal::KILL);
        }
    }
}

impl Replica {
    /// rng, hasher, worker, …
    pub(crate) fn service(&self) -> &str {
        self.0["service"].as_str().unwrap_or_else(|| panic!("no service in {}", self.0))
    }

    /// Its state in a word.
    pub(crate) fn state(&self) -> &str {
        self.0["state"].as_str().unwrap_or_else(|| panic!("no state in {}", self.0))
    }

    /// Its process.
    pub(crate) fn process(&self) -> Option<Process> {
        Process::of(i32::try_from(self.0["pid"].as_i64()?).ok()?)
    }

    /// Everything that is said of it.
    pub(crate) fn fields(&self) -> &Value {
        &self.0
    }
}

fn replicas(json: &str) -> Vec<Replica> {
    let listed: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    let listed = listed.get("replicas").unwrap_or(&listed);
    listed.as_array().unwrap_or_else(|| panic!("no list: {json}")).iter().cloned().map(Replica).collect()
}

/// The address that `up` announced for a service: the first URL of a line that names it.
pub(crate) fn announced(said: &str, service: &str) -> SocketAddr {
    let url = |line: &str| {
        let (_, rest) = line.split_once("http://")?;
        let authority = rest.split(|end: char| end == '/' || end.is_whitespace()).next()?;
        authority.trim_end_matches([',', '.', ';', ')']).replace("localhost", "127.0.0.1").parse().ok()
    };
    let found = said.lines().filter(|line| line.contains(service)).find_map(url);
    found.unwrap_or_else(|| panic!("no URL of {service} in:\n{said}"))
}
