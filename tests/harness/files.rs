//! What a program leaves in a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file, socket and link below a folder.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map_while(Result::ok);
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
        entries.map(|entry| entry.path()).partition(|path| path.is_dir() && !path.is_symlink());
    files.into_iter().chain(folders.iter().flat_map(|folder| files_under(folder))).collect()
}
