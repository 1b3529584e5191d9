//! The folder of a report: the page, its pictures, and the report in the forms that programs read. Owns which folder it is, and
//! that nothing else is lost there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;

use crate::render::forms::Forms;
use crate::render::picture;

/// The page that a person opens.
const PAGE: &str = "index.html";

/// Everything measured; a folder that holds it is one of a report.
const MEASURED: &str = "lab.json";

/// Where folders are made that nobody has named.
const BY_DEFAULT: &str = "lab-report";

/// Flags for where the report of a lab goes.
#[derive(Clone, Debug, Args)]
pub struct FolderArgs {
    /// Write the report with its pictures into DIR [default: a folder in lab-report, named after the time]
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,

    /// Write no report with pictures
    #[arg(long, conflicts_with = "report")]
    pub no_report: bool,
}

impl FolderArgs {
    /// The folder that they ask for, if any.
    pub fn open(&self) -> Result<Option<Folder>, FolderError> {
        let folder = match &self.report {
            _ if self.no_report => return Ok(None),
            Some(path) => Folder::named(path.clone(), "choose another folder with --report"),
            None => Folder::at(
                SystemTime::now(),
                "choose another folder with --report, or write none with --no-report",
            ),
        };
        folder.map(Some)
    }
}

/// A place for a report, of which it is known that it can be made.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whether it gets another name if there is one by then.
    is_new: bool,
    remedy: &'static str,
}

/// Why a folder cannot hold a report.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It, or what is to be in it, cannot be made.
    #[error("cannot write the report into {}: {source}; {remedy}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What would mend it.
        remedy: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// It belongs to somebody else.
    #[error("{} holds other files than a report; {remedy}", path.display())]
    Taken {
        /// Which.
        path: PathBuf,
        /// What would mend it.
        remedy: &'static str,
    },
}

impl Folder {
    /// A folder of that name: a new one, an empty one, or one with a report, which gives way. `remedy` says how to choose
    /// another.
    pub fn named(path: PathBuf, remedy: &'static str) -> Result<Self, FolderError> {
        let usable = is_taken(&path).and_then(|taken| writable(&path).map(|()| !taken));
        match usable {
            Ok(true) => Ok(Self { path, is_new: false, remedy }),
            Ok(false) => Err(FolderError::Taken { path, remedy }),
            Err(source) => Err(FolderError::Write { path, remedy, source }),
        }
    }

    /// A folder named after the time `now`, in the one that all reports go to unless a flag says otherwise.
    fn at(now: SystemTime, remedy: &'static str) -> Result<Self, FolderError> {
        // Colons are no part of a file's name everywhere.
        let time = humantime::format_rfc3339_seconds(now).to_string().replace(':', "-");
        Ok(Self { is_new: true, ..Self::named(Path::new(BY_DEFAULT).join(time), remedy)? })
    }

    /// Writes `report`, of which `json` is everything; where its page is.
    pub(crate) fn write(&self, report: &impl Forms, json: &str) -> Result<PathBuf, FolderError> {
        let filled = self.made().and_then(|folder| fill(&folder, report, json).map(|()| folder));
        let failed = |source| FolderError::Write { path: self.path.clone(), remedy: self.remedy, source };
        Ok(filled.map_err(failed)?.join(PAGE))
    }

    /// The folder itself. One that must be new is made by nobody else, such as a lab that began in the same second.
    fn made(&self) -> io::Result<PathBuf> {
        if !self.is_new {
            return fs::create_dir_all(&self.path).map(|()| self.path.clone());
        }
        self.path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut path = self.path.clone();
        let mut count = 1;
        loop {
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    count += 1;
                    path = PathBuf::from(format!("{}-{count}", self.path.display()));
                }
                made => return made.map(|()| path),
            }
        }
    }
}

fn fill(folder: &Path, report: &impl Forms, json: &str) -> io::Result<()> {
    let write = |name: &str, text: &str| fs::write(folder.join(name), text);
    write(MEASURED, json)?;
    write("summary.md", &report.markdown())?;
    write("steps.csv", &report.csv())?;
    remove_pictures(folder)?;
    for (name, picture) in report.pictures() {
        write(&format!("{name}.svg"), &picture)?;
    }
    write(PAGE, &report.page())
}

/// Those of an earlier report: this one may have others.
fn remove_pictures(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).filter(|name| picture::is_ours(name));
        if name.is_some() && path.extension().is_some_and(|ending| ending == "svg") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Whether there is something in `path`, and no report.
fn is_taken(path: &Path) -> io::Result<bool> {
    match fs::read_dir(path) {
        Ok(mut entries) => Ok(entries.next().is_some() && !path.join(MEASURED).exists()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether files can be made in `path`, or in what is there of it; none is left.
fn writable(path: &Path) -> io::Result<()> {
    // The last ancestor of a relative path is the empty one.
    let there = path.ancestors().find(|it| it.exists()).unwrap_or(Path::new("."));
    tempfile::tempfile_in(there).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::fixture;

    #[tokio::test]
    async fn two_reports_of_one_second_do_not_take_each_others_place() {
        let (parent, report) = (tempfile::tempdir().unwrap(), fixture::swept().await);
        let folder = Folder { path: parent.path().join("now"), is_new: true, remedy: "" };
        let pages = [0, 1].map(|_| folder.write(&report, "{}").unwrap());
        assert_eq!(pages, ["now/index.html", "now-2/index.html"].map(|page| parent.path().join(page)));
        assert!(pages.iter().all(|page| page.exists()));
    }

    #[tokio::test]
    async fn a_report_leaves_nothing_of_an_earlier_one() {
        let (parent, mut report) = (tempfile::tempdir().unwrap(), fixture::swept().await);
        let folder = Folder::named(parent.path().join("here"), "").unwrap();
        let has = |file: &str| parent.path().join("here").join(file).exists();
        folder.write(&report, "{}").unwrap();
        assert!(has("shares.svg") && has("stages.svg"));
        report.steps.truncate(1);
        fs::write(parent.path().join("here/photo.svg"), "somebody's").unwrap();
        folder.write(&report, "{}").unwrap();
        assert!(!has("shares.svg") && has("stages.svg") && has("photo.svg"));
    }

    #[test]
    fn a_folder_that_holds_other_things_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let [new, empty, earlier, taken] =
            ["a/b", "empty", "earlier", "taken"].map(|it| parent.path().join(it));
        for folder in [&empty, &earlier, &taken] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(earlier.join(MEASURED), "{}").unwrap();
        fs::write(taken.join("thesis.txt"), "years of work").unwrap();
        for free in [&new, &empty, &earlier] {
            assert!(Folder::named(free.clone(), "").is_ok(), "{}", free.display());
        }
        let complaint = Folder::named(taken.clone(), "do this").unwrap_err().to_string();
        assert!(complaint.contains("taken holds other files than a report; do this"), "{complaint}");
        let complaint = Folder::named(taken.join("thesis.txt"), "do this").unwrap_err().to_string();
        assert!(complaint.contains("cannot write") && complaint.ends_with("; do this"), "{complaint}");
        assert!(!new.exists() && fs::read_dir(&empty).unwrap().next().is_none(), "nothing is made yet");
    }
}
