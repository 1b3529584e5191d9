//! The append-only file: every change, as commands, in the order in which they happened. A unit is handed to the kernel
//! before its answer is sent, so that what was answered outlives the process, even one that is killed; it does not
//! outlive the machine, since nothing is forced to the disk. The format is that of Redis' own append-only file. A journal
//! that has grown out of proportion is replaced when it is opened, and never later.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use thiserror::Error;

use crate::compaction::{compact, worthwhile};
use crate::keyspace::Keyspace;
use crate::replay::{Defect, replay};
use crate::snapshot;

/// How often to open a journal that is replaced at the very moment; it is replaced once in a store's life.
const ATTEMPTS: usize = 10;

/// Why the store cannot keep its data.
#[derive(Debug, Error)]
pub enum Error {
    /// The file can be neither opened nor made.
    #[error("cannot open the journal {}: {source}", path.display())]
    Open {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another store writes to the file.
    #[error("the journal {} is in use by another store", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// The file cannot be read to its end.
    #[error("cannot read the journal {}: {source}", path.display())]
    Read {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds something else than a journal, at least from some byte on.
    #[error("the journal {} is damaged at byte {offset}: {reason}; mend it or move it away", path.display())]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// Where the first bad command starts, in bytes.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A change could not be written down; the store stops rather than answer for what it would forget.
    #[error("cannot write to the journal {}: {source}", path.display())]
    Write {
        /// The journal.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// An open journal; no other store can open it at the same time.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Everything up to here is complete units, in bytes.
    length: u64,
}

impl Journal {
    /// Opens the journal at `path`, made if missing, and brings `keyspace` to where the journal ends. An unfinished unit
    /// at its end was never answered: it is cut off, with a warning.
    pub(crate) fn open(path: &Path, keyspace: &mut Keyspace) -> Result<Self, Error> {
        let file = lock(path)?;
        let length = replay(&file, keyspace).map_err(|defect| match defect {
            Defect::Read(source) => Error::Read { path: path.to_owned(), source },
            Defect::Corrupt { offset, reason } => Error::Corrupt { path: path.to_owned(), offset, reason },
        })?;
        let mut journal = Self { path: path.to_owned(), file, length };
        journal.cut().map_err(|source| journal.write_error(source))?;
        journal.shrink(keyspace);
        Ok(journal)
    }

    /// Replaces the journal by a shorter one that leads to the same `keyspace`, if that is worthwhile. If it fails, the
    /// journal goes on as it is.
    fn shrink(&mut self, keyspace: &Keyspace) {
        let (path, before) = (self.path.display(), self.length);
        if !worthwhile(before, || snapshot::length(keyspace)) {
            return;
        }
        match compact(&self.path, &self.file, keyspace) {
            Ok((file, length)) => {
                tracing::info!("compacted the journal {path} from {before} to {length} bytes");
                (self.file, self.length) = (file, length);
            }
            Err(error) => tracing::warn!("cannot compact the journal {path}: {error}; it goes on as it is"),
        }
    }

    /// Writes complete units down; on an error the journal is as it was before.
    pub(crate) fn append(&mut self, units: &[u8]) -> Result<(), Error> {
        if let Err(source) = self.file.write_all(units) {
            // If even this fails, the next start finds an unfinished unit and cuts it off.
            let _ = self.file.set_len(self.length);
            return Err(self.write_error(source));
        }
        self.length += units.len() as u64;
        Ok(())
    }

    /// Cuts off whatever follows the last complete unit.
    fn cut(&self) -> io::Result<()> {
        let torn = self.file.metadata()?.len().saturating_sub(self.length);
        if torn > 0 {
            tracing::warn!(
                "the journal {} ends in the middle of a change: cut its last {torn} bytes off",
                self.path.display()
            );
            self.file.set_len(self.length)?;
        }
        Ok(())
    }

    fn write_error(&self, source: io::Error) -> Error {
        Error::Write { path: self.path.clone(), source }
    }
}

/// Opens the file at `path`, made if missing, for this store alone.
fn lock(path: &Path) -> Result<File, Error> {
    let failed = |source| Error::Open { path: path.to_owned(), source };
    for _ in 0..ATTEMPTS {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            // Between the two steps another store may have compacted the journal: then this is the old file.
            Ok(()) if stands_at(&file, path).map_err(failed)? => return Ok(file),
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => break,
            Err(error) => return Err(failed(error.into())),
        }
    }
    Err(Error::InUse { path: path.to_owned() })
}

/// Whether `path` still leads to `file`.
fn stands_at(file: &File, path: &Path) -> io::Result<bool> {
    let here = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(there) => Ok((here.dev(), here.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_an_error_that_names_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "").unwrap();
        // A file that may only be read stands for a full disk.
        let file = File::open(&path).unwrap();
        let mut journal = Journal { path: path.clone(), file, length: 0 };
        let message = journal.append(b"*1").unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("cannot write to the journal {}: ", path.display())),
            "{message}"
        );
        assert_eq!(journal.length, 0);
    }

    #[test]
    fn a_journal_is_open_in_one_store_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let first = Journal::open(&path, &mut Keyspace::default()).unwrap();
        assert!(matches!(Journal::open(&path, &mut Keyspace::default()), Err(Error::InUse { .. })));
        drop(first);
        Journal::open(&path, &mut Keyspace::default()).unwrap();
    }

    #[test]
    fn a_journal_in_a_missing_folder_cannot_be_opened() {
        let error = Journal::open(Path::new("/nowhere/at/all"), &mut Keyspace::default()).unwrap_err();
        assert!(error.to_string().starts_with("cannot open the journal /nowhere/at/all: "), "{error}");
    }

    #[test]
    fn a_file_that_was_replaced_no_longer_stands_at_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("journal"), folder.path().join("other"));
        let file = lock(&path).unwrap();
        assert!(stands_at(&file, &path).unwrap());
        std::fs::write(&other, "").unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert!(!stands_at(&file, &path).unwrap());
        std::fs::remove_file(&path).unwrap();
        assert!(!stands_at(&file, &path).unwrap());
    }
}
