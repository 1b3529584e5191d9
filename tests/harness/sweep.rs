//! A folder of a lab's own, and a lab that is over as soon as it may be, for stories about what it leaves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::LOADGEN;
use super::files::files_under;
use super::process::{Process, marked};
use super::program::{Finished, Program};

/// One step, of two seconds.
pub(crate) const SHORT: [&str; 4] = ["--workers=1", "--rng=1", "--window=2s", "--no-confirm"];

const TRIES: usize = 5;

const A_SHORT_LAB: Duration = Duration::from_secs(60);

/// A folder in which labs run, and reports of them are made.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `loadgen WORDS` in that folder, which is where its state is as well.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(LOADGEN);
        command.args(words).current_dir(self.folder.path()).env("XDG_RUNTIME_DIR", self.folder.path());
        command
    }

    pub(crate) fn start(&self, words: &[&str]) -> Program {
        Program::start(&mut self.command(words))
    }

    pub(crate) fn loadgen(&self, words: &[&str]) -> Finished {
        self.start(words).finish(A_SHORT_LAB)
    }

    /// What still runs of all that was started there.
    pub(crate) fn processes(&self) -> Vec<Process> {
        marked(self.folder.path())
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        files_under(self.folder.path())
    }

    /// A short lab with more flags.
    #[track_caller]
    pub(crate) fn lab(&self, flags: &[&str]) -> Finished {
        self.sweep(&[&SHORT[..], flags].concat())
    }

    /// A lab with these flags, which ends well, or with too little for a narrow interval. It is about what a lab leaves: on a
    /// machine so busy that no worker gets round it is begun again.
    #[track_caller]
    pub(crate) fn sweep(&self, flags: &[&str]) -> Finished {
        let mut said = Vec::new();
        for _ in 0..TRIES {
            let once = self.loadgen(&[&["lab"], flags].concat());
            if matches!(once.status.code(), Some(0 | 3)) {
                return once;
            }
            said.push(once);
        }
        panic!("{said:?}");
    }

    /// The JSON of a short lab, in a file of that name.
    pub(crate) fn measured(&self, name: &str) -> Value {
        static MEASURED: OnceLock<String> = OnceLock::new();
        let measured = MEASURED.get_or_init(|| {
            let desk = Self::new();
            desk.lab(&["--no-report", "--json=lab.json"]);
            desk.text("lab.json")
        });
        self.write(name, measured);
        self.json(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).expect("JSON")
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }
}

/// The names of what is in a folder, in order.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map_while(Result::ok);
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}
