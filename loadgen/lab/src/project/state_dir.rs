//! Where a project keeps its socket, its log and its store's journal. Owns the directory's place, its safety in a shared
//! temporary directory, and the lock that says whose it is.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::process::geteuid;

use super::error::Error;
use super::name::ProjectName;

/// The longest path that a socket's address can hold, on the least generous system.
const LONGEST_SOCKET: usize = 103;

/// A project's directory, which may or may not exist.
#[derive(Clone, Debug)]
pub(super) struct StateDir {
    base: PathBuf,
    path: PathBuf,
}

/// A directory that is this process's until dropped or released.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) dir: StateDir,
    _lock: File,
}

impl StateDir {
    /// The directory of `project`, below `$XDG_RUNTIME_DIR` or else the temporary directory.
    pub(super) fn of(project: &ProjectName) -> Self {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = runtime.filter(|path| path.is_absolute() && path.is_dir());
        Self::below(runtime.as_deref(), &std::env::temp_dir(), project)
    }

    pub(super) fn below(runtime: Option<&Path>, temporary: &Path, project: &ProjectName) -> Self {
        let base = match runtime {
            Some(runtime) => runtime.join("bottleneck-lab"),
            // Others share this directory, and their lab must not be in our way.
            None => temporary.join(format!("bottleneck-lab-{}", geteuid().as_raw())),
        };
        Self { path: base.join(project.to_string()), base }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Makes it, open to its owner alone.
    pub(super) fn create(&self) -> Result<(), Error> {
        self.make().map_err(|error| self.unusable(&error))
    }

    /// Refuses a directory that somebody else has made or can write to, and symbolic links.
    pub(super) fn verify(&self) -> Result<(), Error> {
        self.trust().map_err(|error| self.unusable(&error))
    }

    fn make(&self) -> io::Result<()> {
        if self.socket().as_os_str().len() > LONGEST_SOCKET {
            return Err(io::Error::other(
                "its path is too long for a socket: set XDG_RUNTIME_DIR to a shorter one",
            ));
        }
        for path in [&self.base, &self.path] {
            match DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        self.trust()
    }

    fn trust(&self) -> io::Result<()> {
        for path in [&self.base, &self.path] {
            if let Some(why) = distrust(&path.symlink_metadata()?) {
                let path = path.display();
                return Err(io::Error::other(format!("{path} {why}; remove it, or set XDG_RUNTIME_DIR")));
            }
        }
        Ok(())
    }

    pub(super) fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// Takes the directory for this process; `None` if another process has it. What a process that was killed has left
    /// in it is stale then.
    pub(super) fn hold(&self) -> Result<Option<Held>, Error> {
        // Its owner may be removing it at this moment; the next round makes a new one.
        for _ in 0..10 {
            match self.try_hold() {
                Ok(held) => return Ok(held),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(self.unusable(&error)),
            }
        }
        Err(self.unusable(&"another process keeps removing it"))
    }

    fn try_hold(&self) -> io::Result<Option<Held>> {
        self.make()?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let lock = OpenOptions::new().read(true).custom_flags(flags).open(&self.path)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            locked => locked?,
        }
        // The lock may be on a directory that its owner has just removed.
        if same_file(&lock.metadata()?, &self.path.symlink_metadata()?) {
            Ok(Some(Held { dir: self.clone(), _lock: lock }))
        } else {
            Err(ErrorKind::NotFound.into())
        }
    }

    fn unusable(&self, why: &impl ToString) -> Error {
        Error::StateDir { path: self.path.display().to_string(), why: why.to_string() }
    }
}

impl Held {
    /// Removes the directory and all that is in it.
    pub(super) fn release(self) {
        // What cannot be removed is found stale by the next one to hold it.
        let _ = std::fs::remove_dir_all(&self.dir.path);
        let _ = std::fs::remove_dir(&self.dir.base);
    }
}

fn same_file(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

fn distrust(metadata: &Metadata) -> Option<&'static str> {
    if !metadata.is_dir() {
        Some("is no directory")
    } else if metadata.uid() != geteuid().as_raw() {
        Some("belongs to another user")
    } else if metadata.mode() & 0o022 != 0 {
        Some("can be written to by other users")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir, set_permissions, write};
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn project(name: &str) -> ProjectName {
        name.parse().unwrap()
    }

    fn dir(below: &tempfile::TempDir) -> StateDir {
        StateDir::below(Some(below.path()), Path::new("/nowhere"), &project("lab"))
    }

    #[test]
    fn it_lies_below_the_runtime_directory_or_else_a_temporary_one_of_this_user() {
        let runtime = StateDir::below(Some(Path::new("/run/user/1")), Path::new("/tmp"), &project("a"));
        assert_eq!(runtime.socket(), Path::new("/run/user/1/bottleneck-lab/a/control.sock"));
        let temporary = StateDir::below(None, Path::new("/tmp"), &project("a"));
        let uid = geteuid().as_raw();
        assert_eq!(temporary.path(), Path::new(&format!("/tmp/bottleneck-lab-{uid}/a")));
    }

    #[test]
    fn it_is_private_and_held_once_and_release_leaves_nothing() {
        let below = tempfile::tempdir().unwrap();
        let dir = dir(&below);
        let held = dir.hold().unwrap().unwrap();
        assert_eq!(dir.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert!(dir.hold().unwrap().is_none());
        write(dir.log(), "line").unwrap();
        held.release();
        assert_eq!(below.path().read_dir().unwrap().count(), 0);
        assert!(dir.hold().unwrap().is_some());
    }

    #[test]
    fn what_a_killed_process_has_left_is_taken_over() {
        let below = tempfile::tempdir().unwrap();
        let dir = dir(&below);
        let held = dir.hold().unwrap().unwrap();
        write(dir.socket(), "").unwrap();
        drop(held);
        assert!(dir.hold().unwrap().is_some());
    }

    #[test]
    fn a_symbolic_link_is_refused() {
        let below = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), below.path().join("bottleneck-lab")).unwrap();
        let error = dir(&below).hold().unwrap_err().to_string();
        assert!(error.contains("is no directory"), "{error}");
    }

    #[test]
    fn a_directory_open_to_others_is_refused() {
        let below = tempfile::tempdir().unwrap();
        let base = below.path().join("bottleneck-lab");
        create_dir(&base).unwrap();
        set_permissions(&base, PermissionsExt::from_mode(0o777)).unwrap();
        let error = dir(&below).hold().unwrap_err().to_string();
        assert!(error.contains("can be written to by other users"), "{error}");
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_refused_with_the_remedy() {
        let below = tempfile::tempdir().unwrap();
        let deep = below.path().join("x".repeat(100));
        create_dir(&deep).unwrap();
        let error = StateDir::below(Some(&deep), Path::new("/"), &project("lab")).create().unwrap_err();
        assert!(error.to_string().contains("XDG_RUNTIME_DIR"), "{error}");
    }
}
