//! A build of the application: a program that runs its services. Owns telling what is none.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::backend::command::Group;
use crate::provenance::PROGRAM;
use crate::xml::in_a_line;

/// A program that takes longer to tell its version is none of ours.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nor is one that has more to say.
const LONGEST: u64 = 4096;

/// A program that can run each service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// As it was typed, in a line.
    pub name: String,
    /// Where it is, from the root.
    pub executable: PathBuf,
    /// What it calls itself, with its version.
    pub program: String,
    /// The arguments that come before a service's name.
    pub leading_args: Vec<String>,
}

/// Why a file is no build.
#[derive(Debug, thiserror::Error)]
#[error("{flag} {path}: {what}; give the loadgen or the dockercoins of a build")]
pub struct BuildError {
    flag: &'static str,
    path: String,
    what: String,
}

impl Build {
    /// The build that this program is, at `executable`.
    pub fn this(executable: PathBuf) -> Self {
        let name = in_a_line(&executable.to_string_lossy());
        let program = PROGRAM.to_owned();
        Self { name, executable, program, leading_args: vec!["service".to_owned()] }
    }

    /// The build in the file at `path`, which `flag` names and which has to answer `--version` with the name of one of the two
    /// programs.
    pub async fn find(flag: &'static str, path: &Path) -> Result<Self, BuildError> {
        let failed = |what: String| BuildError { flag, path: in_a_line(&path.to_string_lossy()), what };
        // A name without a slash would be looked for elsewhere.
        let executable = std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
        let found = executable.metadata().map_err(|error| failed(error.to_string()))?;
        if !found.is_file() {
            return Err(failed("it is no file".to_owned()));
        }
        if found.permissions().mode() & 0o111 == 0 {
            return Err(failed("it is not executable".to_owned()));
        }
        let program = version(&executable).await.map_err(failed)?;
        let leading_args = match program.split_whitespace().next() {
            Some("loadgen") => vec!["service".to_owned()],
            Some("dockercoins") => Vec::new(),
            _ => return Err(failed(format!("it answers --version with {program:?}"))),
        };
        Ok(Self { name: in_a_line(&path.to_string_lossy()), executable, program, leading_args })
    }
}

/// The first line that it answers `--version` with.
async fn version(executable: &Path) -> Result<String, String> {
    let mut command = Command::new(executable);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.process_group(0).kill_on_drop(true).spawn();
    let mut asked = Asked(child.map_err(|error| format!("it cannot be started: {error}"))?);
    match timeout(PATIENCE, asked.answer()).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("it does not answer --version within {} s", PATIENCE.as_secs())),
    }
}

/// A program of which nobody knows what it does. Dropped while it runs, it is killed, with what it has started.
struct Asked(Child);

impl Asked {
    async fn answer(&mut self) -> Result<String, String> {
        let lost = |error: io::Error| format!("it is lost: {error}");
        let mut said = Vec::new();
        if let Some(stdout) = self.0.stdout.take() {
            stdout.take(LONGEST).read_to_end(&mut said).await.map_err(lost)?;
        }
        if said.len() as u64 == LONGEST {
            return Err(format!("it answers --version with {LONGEST} bytes and more"));
        }
        let status = self.0.wait().await.map_err(lost)?;
        if !status.success() {
            return Err(format!("it does not know --version ({status})"));
        }
        Ok(in_a_line(String::from_utf8_lossy(&said).lines().next().unwrap_or_default().trim()))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        Group::of(&self.0).signal(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(folder: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[tokio::test]
    async fn both_programs_are_known_by_what_they_call_themselves() {
        let folder = tempfile::tempdir().unwrap();
        for (name, leading) in [("loadgen", vec!["service".to_owned()]), ("dockercoins", vec![])] {
            let path = script(folder.path(), name, &format!("#!/bin/sh\necho {name} 7.1\n"), 0o755);
            let build = Build::find("--interleave", &path).await.unwrap();
            assert_eq!((build.program, build.leading_args), (format!("{name} 7.1"), leading));
            assert!(build.executable.is_absolute());
        }
    }

    #[tokio::test]
    async fn what_is_no_build_is_named_in_a_line_with_what_to_give() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name, text, mode| script(folder.path(), name, text, mode);
        for (path, wrong) in [
            (folder.path().join("missing"), "No such file"),
            (folder.path().to_owned(), "no file"),
            (at("notes", "hello", 0o644), "not executable"),
            (at("other", "#!/bin/sh\necho bash 5.2\n", 0o755), r#"answers --version with "bash 5.2""#),
            (at("silent", "#!/bin/sh\n", 0o755), r#"answers --version with """#),
            (at("old", "#!/bin/sh\nexit 64\n", 0o755), "does not know --version (exit status: 64)"),
            (at("broken", "#!/no/such/shell\n", 0o755), "cannot be started"),
            (at("endless", "#!/bin/sh\nexec yes loadgen\n", 0o755), "with 4096 bytes and more"),
        ] {
            let complaint = Build::find("--interleave", &path).await.unwrap_err().to_string();
            assert!(complaint.starts_with(&format!("--interleave {}: ", path.display())), "{complaint}");
            assert!(complaint.contains(wrong) && complaint.contains("of a build"), "{complaint}");
            assert!(!complaint.contains('\n'), "{complaint}");
        }
    }

    #[tokio::test]
    async fn whoever_does_not_wait_for_the_answer_leaves_nothing_running() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let text =
            format!("#!/bin/sh\nsleep 600 & echo $$ > '{0}.new'; mv '{0}.new' '{0}'; wait\n", pid.display());
        let path = script(folder.path(), "hangs", &text, 0o755);
        let started = async {
            while !pid.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            found = Build::find("--interleave", &path) => panic!("{found:?}"),
            () = started => {}
        }
        let group: i32 = std::fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
        let group = rustix::process::Pid::from_raw(group).unwrap();
        let gone = async {
            while rustix::process::test_kill_process_group(group).is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, gone).await.unwrap();
    }

    #[tokio::test]
    async fn names_that_would_fill_a_terminal_with_colours_stay_in_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let answer = "#!/bin/sh\nprintf 'loadgen \\033[31m1.0\\nmore'\n";
        let path = script(folder.path(), "two\nlines", answer, 0o755);
        let build = Build::find("--interleave", &path).await.unwrap();
        assert!(build.name.ends_with("two lines") && build.executable == path, "{build:?}");
        assert_eq!(build.program, "loadgen  [31m1.0");
        let gone = Build::find("--interleave", &folder.path().join("no\nfile")).await.unwrap_err();
        assert!(gone.to_string().contains("no file: No such file"), "{gone}");
    }
}
