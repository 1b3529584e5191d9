//! Replacing a journal by a snapshot of what it led to. The new file is complete, on the disk and locked before it takes
//! the old one's name: whoever comes at any moment, also after a crash, finds one of the two whole, and never two stores
//! believe that they hold the journal.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::keyspace::Keyspace;
use crate::snapshot;

/// A journal up to this long is never worth the trouble, in bytes.
const SMALL: u64 = 64 << 10;

/// Whether a journal of `journal` bytes should give way to a snapshot of `snapshot` bytes, which it takes some time to
/// find out.
pub(crate) fn worthwhile(journal: u64, snapshot: impl FnOnce() -> u64) -> bool {
    journal > SMALL && snapshot() < journal / 2
}

/// Replaces the journal at `path`, which is `old` and locked by this store; returns the new one, locked too and open for
/// appending, and its length in bytes. On an error the old one is as it was, and in its place.
pub(crate) fn compact(path: &Path, old: &File, keyspace: &Keyspace) -> io::Result<(File, u64)> {
    // A link stays a link: what it leads to is replaced.
    let path = fs::canonicalize(path)?;
    let sibling = sibling(&path);
    // Left by a store that crashed here; it was this store's alone, as the journal is.
    match fs::remove_file(&sibling) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = write(&sibling, old, keyspace);
    let replaced = written.and_then(|new| fs::rename(&sibling, &path).map(|()| new));
    if replaced.is_err() {
        // Nothing more can be done about it than what the next compaction does.
        let _ = fs::remove_file(&sibling);
    }
    replaced
}

fn sibling(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".compacting");
    name.into()
}

/// Writes the new journal to the disk, under its provisional name.
fn write(path: &Path, old: &File, keyspace: &Keyspace) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().read(true).append(true).create_new(true).open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    file.set_permissions(old.metadata()?.permissions())?;
    let mut out = BufWriter::new(file);
    snapshot::write(keyspace, &mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Error, Journal};
    use crate::reply::encode_command;
    use std::os::unix::fs::PermissionsExt as _;

    /// A journal of more than `SMALL` bytes, which led to one short string.
    fn long_journal(path: &Path) -> Vec<u8> {
        let mut bytes = Vec::new();
        for n in 0..3_000 {
            encode_command(&mut bytes, [&b"SET"[..], b"n", n.to_string().as_bytes()].into_iter());
        }
        fs::write(path, &bytes).unwrap();
        bytes
    }

    fn open(path: &Path) -> (Journal, Keyspace) {
        let mut keyspace = Keyspace::default();
        let journal = Journal::open(path, &mut keyspace).unwrap();
        (journal, keyspace)
    }

    fn content(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    const SHORT: &str = "*3\r\n$3\r\nSET\r\n$1\r\nn\r\n$4\r\n2999\r\n";

    #[test]
    fn only_a_large_journal_that_would_lose_more_than_half_is_worth_it() {
        assert!(worthwhile(SMALL + 2, || SMALL / 2));
        assert!(!worthwhile(SMALL, || 0));
        assert!(!worthwhile(4 * SMALL, || 2 * SMALL));
        assert!(worthwhile(4 * SMALL, || 2 * SMALL - 1));
    }

    #[test]
    fn a_long_journal_is_short_once_opened_and_goes_on_from_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        long_journal(&path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let (mut journal, keyspace) = open(&path);
        assert_eq!(keyspace.text(b"n").unwrap().unwrap(), "2999");
        assert_eq!(content(&path), SHORT);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        journal.append(b"*2\r\n$3\r\nDEL\r\n$1\r\nn\r\n").unwrap();
        drop(journal);
        assert_eq!(content(&path), SHORT.to_owned() + "*2\r\n$3\r\nDEL\r\n$1\r\nn\r\n");
        assert_eq!(open(&path).1.len(), 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_compacted_journal_is_as_locked_as_any() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        long_journal(&path);
        let (journal, _) = open(&path);
        let second = Journal::open(&path, &mut Keyspace::default());
        assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");
        drop(journal);
        open(&path);
    }

    #[test]
    fn what_a_crash_during_a_compaction_left_is_of_no_consequence() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        long_journal(&path);
        fs::write(sibling(&path), "*3\r\n$3\r\nSET\r\n$1\r\nn\r\n$4\r\n0").unwrap();
        let (_, keyspace) = open(&path);
        assert_eq!(keyspace.text(b"n").unwrap().unwrap(), "2999");
        assert_eq!(content(&path), SHORT);
        assert!(!sibling(&path).exists());
    }

    #[test]
    fn a_journal_that_cannot_be_compacted_goes_on_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let before = long_journal(&path);
        // Nothing can be written under the provisional name.
        fs::create_dir(sibling(&path)).unwrap();
        let (mut journal, keyspace) = open(&path);
        assert_eq!(keyspace.text(b"n").unwrap().unwrap(), "2999");
        assert_eq!(fs::read(&path).unwrap(), before);
        journal.append(SHORT.as_bytes()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), [&before, SHORT.as_bytes()].concat());
        assert!(matches!(Journal::open(&path, &mut Keyspace::default()), Err(Error::InUse { .. })));
    }

    #[test]
    fn a_journal_behind_a_link_is_compacted_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("journal"), folder.path().join("link"));
        long_journal(&path);
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let (journal, _) = open(&link);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(content(&path), SHORT);
        assert!(matches!(Journal::open(&path, &mut Keyspace::default()), Err(Error::InUse { .. })));
        drop(journal);
    }
}
