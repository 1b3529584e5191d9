//! `loadgen lab --plan`: applications that a plan file describes, seen from outside only. Owns what its stories share.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::LOADGEN;
use crate::harness::files::files_under;
use crate::harness::process::marked;
use crate::harness::program::{Finished, Program};
use crate::harness::wait::eventually;

mod external;
mod refusals;
mod reports;
mod verdicts;

const A_PLAN: Duration = Duration::from_secs(180);
const SOON: Duration = Duration::from_secs(30);

pub(crate) const SHORT: &str = r#"warm_up = "500ms"
window = "2s"
steps = [
  { connections = 1 },
  { connections = 4 },
  { connections = 16 },
  { replicas = { web = 3 } },
  { replicas = { web = 1, database = 2 } },
]
"#;

/// A folder for a plan, and for everything that carrying it out leaves.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// Writes a plan there.
    fn plan(&self, text: &str) -> PathBuf {
        let file = self.0.path().join("plan.toml");
        std::fs::write(&file, text).expect("a file");
        file
    }

    fn start(&self, plan: &Path) -> Program {
        let mut command = Command::new(LOADGEN);
        command.args(["lab", "--no-report", "--json"]).arg(self.json()).arg("--plan").arg(plan);
        // Children inherit it: that is how they are found again.
        Program::start(command.env("TMPDIR", self.0.path()))
    }

    fn run(&self, plan: &Path) -> (Finished, Value) {
        let said = self.start(plan).finish(A_PLAN);
        (said, self.report())
    }

    fn json(&self) -> PathBuf {
        self.0.path().join("report.json")
    }

    fn report(&self) -> Value {
        let text = std::fs::read_to_string(self.json()).expect("a report");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// That nothing runs any more, and no file is left but those of the story.
    fn assert_clean(&self) {
        let gone = || marked(self.0.path()).is_empty().then_some(());
        eventually("the end of all children", SOON, gone);
        let left: Vec<_> = files_under(self.0.path())
            .into_iter()
            .filter(|file| !file.ends_with("plan.toml") && !file.ends_with("report.json"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// A plan of the repository, with its sweep replaced.
pub(crate) fn shipped(name: &str, sweep: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadgen/plans").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (before, _) = text.split_once("[sweep]").expect("a sweep");
    format!("{before}[sweep]\n{sweep}")
}

/// The one line on standard error, which mentions each of `parts`.
#[track_caller]
pub(crate) fn assert_refused(said: &Finished, code: i32, parts: &[&str]) {
    assert_eq!(said.status.code(), Some(code), "{said:?}");
    let line = said.stderr.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_default();
    assert!(parts.iter().all(|part| line.contains(part)), "{parts:?}: {said:?}");
}
