//! Files whose lines are sent in turn. Owns cutting them up, and reading each only once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::place::Place;

/// Why a file's lines cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(in crate::bench) enum LinesError {
    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is empty: put at least one line into it", path.display())]
    Empty { path: PathBuf },
    #[error("{}, line {line}, cannot be sent in a header: leave out control characters", path.display())]
    Refused { path: PathBuf, line: usize },
}

/// Files that have been read, by where their lines are sent.
#[derive(Debug, Default)]
pub(in crate::bench) struct Lines(HashMap<(PathBuf, Place), Arc<[Vec<u8>]>>);

impl Lines {
    /// The lines of the file at `path`, as they are sent in `place`; at least one.
    pub(in crate::bench) fn of(&mut self, path: &Path, place: Place) -> Result<Arc<[Vec<u8>]>, LinesError> {
        if let Some(known) = self.0.get(&(path.to_owned(), place)) {
            return Ok(known.clone());
        }
        let admitted = read(path)?.into_iter().enumerate().map(|(index, line)| {
            place.admit(&line).ok_or_else(|| LinesError::Refused { path: path.to_owned(), line: index + 1 })
        });
        let lines: Arc<[Vec<u8>]> = admitted.collect::<Result<Vec<_>, _>>()?.into();
        self.0.insert((path.to_owned(), place), lines.clone());
        Ok(lines)
    }
}

/// The lines of the file at `path`, without their ends; at least one.
pub(in crate::bench) fn read(path: &Path) -> Result<Vec<Vec<u8>>, LinesError> {
    let unreadable = |source| LinesError::Unreadable { path: path.to_owned(), source };
    let lines = split(&std::fs::read(path).map_err(unreadable)?);
    if lines.is_empty() { Err(LinesError::Empty { path: path.to_owned() }) } else { Ok(lines) }
}

/// A line ends with a line feed, perhaps after a carriage return; the last one may do without.
fn split(text: &[u8]) -> Vec<Vec<u8>> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    if text.is_empty() {
        return Vec::new();
    }
    text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_without_their_ends() {
        let split = |text: &str| -> Vec<String> {
            split(text.as_bytes()).into_iter().map(|line| String::from_utf8(line).unwrap()).collect()
        };
        assert_eq!(split("a\nb\r\n\nc"), ["a", "b", "", "c"]);
        assert_eq!(split("a\n"), ["a"]);
        assert!(split("").is_empty() && split("\n").is_empty());
    }

    #[test]
    fn files_without_lines_are_named_with_what_is_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lines");
        let error = |place| Lines::default().of(&path, place).unwrap_err().to_string();
        assert!(error(Place::Body).starts_with(&format!("cannot read {}", path.display())));
        std::fs::write(&path, "").unwrap();
        assert!(error(Place::Body).contains("lines is empty"));
        std::fs::write(&path, "fine\nnot\0fine\n").unwrap();
        assert!(error(Place::Header).contains("lines, line 2, cannot be sent"));
        assert_eq!(Lines::default().of(&path, Place::Path).unwrap()[1], b"not%00fine");
    }

    #[test]
    fn a_file_is_read_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "a\nb").unwrap();
        let mut lines = Lines::default();
        let first = lines.of(file.path(), Place::Body).unwrap();
        assert!(Arc::ptr_eq(&first, &lines.of(file.path(), Place::Body).unwrap()));
    }
}
