//! A file that is opened before a run and written after it: a mistake is found early, and what was in it stays until there is
//! something to take its place.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A file that is emptied by the first byte that is written to it.
#[derive(Debug)]
pub struct LateFile {
    file: File,
    begun: bool,
}

impl LateFile {
    /// Makes sure that it can be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        Ok(Self { file, begun: false })
    }

    /// One that is written to as it is, such as standard output.
    pub fn as_it_is(file: File) -> Self {
        Self { file, begun: true }
    }
}

impl Write for LateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Pipes and devices have no length.
        if !std::mem::replace(&mut self.begun, true) && self.file.metadata()?.is_file() {
            self.file.set_len(0)?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether a file's name stands for standard output.
pub fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

/// What a file is known by, whatever its names: device and inode. `None` of what is not there, and of what takes several
/// writers, such as a pipe.
pub fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_there_stays_until_the_first_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        fs::write(&path, "a long report of yesterday").unwrap();
        let mut file = LateFile::open(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"a long report of yesterday");
        file.write_all(b"new").unwrap();
        file.write_all(b"er").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert!(LateFile::open(&folder.path().join("no/such/folder")).is_err());
        LateFile::open(Path::new("/dev/null")).unwrap().write_all(b"a device").unwrap();
    }

    #[test]
    fn a_file_is_the_same_by_each_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let [one, link, other] = ["one", "link", "other"].map(|name| folder.path().join(name));
        fs::write(&one, "").unwrap();
        fs::write(&other, "").unwrap();
        std::os::unix::fs::symlink(&one, &link).unwrap();
        assert_eq!(identity(&one), identity(&link));
        assert_ne!(identity(&one), identity(&other));
        assert_eq!((identity(Path::new("/dev/null")), identity(&folder.path().join("none"))), (None, None));
    }
}
