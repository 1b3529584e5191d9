//! Files that hold the report in one form each. Owns which flags ask for them, and when they are written; a form is `render`'s.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use loadgen_engine::late_file::{LateFile, identity, is_standard_output};

use crate::render::forms::Forms;

/// Flags for files that other programs read.
#[derive(Clone, Debug, Default, Args)]
pub struct FormArgs {
    /// Write a summary to FILE, as Markdown, such as for the page of a job
    #[arg(long, value_name = "FILE", help_heading = "Options for CI")]
    pub markdown: Option<PathBuf>,

    /// Write the steps to FILE, as CSV
    #[arg(long, value_name = "FILE", help_heading = "Options for CI")]
    pub csv: Option<PathBuf>,

    /// Write a test case for the throughput, latency and verdict of each step to FILE, as `JUnit` XML
    #[arg(long, value_name = "FILE", help_heading = "Options for CI")]
    pub junit: Option<PathBuf>,

    /// Write each step's throughput to FILE, for github-action-benchmark's customBiggerIsBetter
    #[arg(long, value_name = "FILE", help_heading = "Options for CI")]
    pub benchmark_json: Option<PathBuf>,

    /// Write how long a probe of rng, or of each service of a plan, waits at each step to FILE, for its customSmallerIsBetter
    #[arg(long, value_name = "FILE", help_heading = "Options for CI")]
    pub benchmark_latency_json: Option<PathBuf>,
}

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It, or a place for it.
    #[error("cannot write {}: {source}; choose another file with {flag}", path.display())]
    File {
        /// The flag that named it.
        flag: &'static str,
        /// Which.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Two forms in one file could not be told apart.
    #[error("{first} and {second} both want {}: give one of them another file", called(path))]
    SameFile {
        /// A flag.
        first: &'static str,
        /// And another.
        second: &'static str,
        /// What the other one named.
        path: PathBuf,
    },
}

fn called(path: &Path) -> String {
    if is_standard_output(path) { "standard output".to_owned() } else { path.display().to_string() }
}

/// How a form is made.
pub type Form<R> = fn(&R) -> String;

/// Files that were opened before anything was measured, so that a mistake is found then and not after it.
#[derive(Debug)]
pub struct Outputs<R> {
    files: Vec<Output<R>>,
    printed: Option<(&'static str, Form<R>)>,
}

#[derive(Debug)]
struct Output<R> {
    flag: &'static str,
    path: PathBuf,
    form: Form<R>,
    file: LateFile,
}

impl FormArgs {
    /// Each flag, what it writes, and where.
    pub(crate) fn asked<R: Forms>(&self) -> [(&'static str, Form<R>, Option<&Path>); 5] {
        [
            ("--markdown", R::markdown, self.markdown.as_deref()),
            ("--csv", R::csv, self.csv.as_deref()),
            ("--junit", R::junit, self.junit.as_deref()),
            ("--benchmark-json", R::benchmark_throughput, self.benchmark_json.as_deref()),
            ("--benchmark-latency-json", R::benchmark_latency, self.benchmark_latency_json.as_deref()),
        ]
    }
}

/// What is `read` must not be written over by what was `asked` for.
pub fn spare<'a>(
    read: impl IntoIterator<Item = &'a Path>,
    asked: impl IntoIterator<Item = (&'static str, Option<&'a Path>)>,
) -> Result<(), WriteError> {
    let sources: Vec<(u64, u64)> = read.into_iter().filter_map(identity).collect();
    let is_source = |path: &Path| identity(path).is_some_and(|id| sources.contains(&id));
    let over = asked.into_iter().find_map(|(flag, path)| Some((flag, path.filter(|it| is_source(it))?)));
    over.map_or(Ok(()), |(second, path)| {
        Err(WriteError::SameFile { first: "the report that is read", second, path: path.to_owned() })
    })
}

impl<R> Outputs<R> {
    /// Opens what was `asked` for; what the files hold stays until there is something to put in its place. `-` is no file, but
    /// standard output.
    pub fn open<'a>(
        asked: impl IntoIterator<Item = (&'static str, Form<R>, Option<&'a Path>)>,
    ) -> Result<Self, WriteError> {
        let mut files: Vec<Output<R>> = Vec::new();
        let mut printed = None;
        for (flag, form, path) in asked {
            let Some(path) = path.map(Path::to_owned) else { continue };
            if is_standard_output(&path) {
                if let Some((first, _)) = printed.replace((flag, form)) {
                    return Err(WriteError::SameFile { first, second: flag, path });
                }
                continue;
            }
            let file = LateFile::open(&path);
            let file = file.map_err(|source| WriteError::File { flag, path: path.clone(), source })?;
            let is_same = |it: &&Output<R>| identity(&path).is_some_and(|id| identity(&it.path) == Some(id));
            if let Some(other) = files.iter().find(is_same) {
                return Err(WriteError::SameFile { first: other.flag, second: flag, path });
            }
            files.push(Output { flag, path, form, file });
        }
        Ok(Self { files, printed })
    }

    /// The form that is to be printed in place of the text.
    pub fn printed(&self) -> Option<Form<R>> {
        self.printed.map(|(_, form)| form)
    }

    /// Writes every form of `report` that was asked for; one that cannot be written keeps no other from it.
    pub fn write(self, report: &R) -> Result<(), WriteError> {
        let write = |Output { flag, path, form, mut file }: Output<R>| {
            let written = file.write_all(form(report).as_bytes());
            written.map_err(|source| WriteError::File { flag, path, source })
        };
        self.files.into_iter().map(write).fold(Ok(()), Result::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn text(report: &String) -> String {
        format!("{report}\n")
    }

    #[test]
    fn files_keep_what_they_hold_until_there_is_a_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        fs::write(&path, "of yesterday").unwrap();
        let outputs = Outputs::open([("--csv", text as Form<String>, Some(path.as_path()))]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "of yesterday");
        outputs.write(&"7".to_owned()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "7\n");
    }

    #[test]
    fn a_file_that_cannot_be_written_keeps_no_other_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other");
        let full = Path::new("/dev/full");
        let both = [("--csv", text as Form<String>, Some(full)), ("--junit", text, Some(path.as_path()))];
        let complaint = Outputs::open(both).unwrap().write(&"7".to_owned()).unwrap_err().to_string();
        assert!(complaint.contains("/dev/full") && complaint.contains("--csv"), "{complaint}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "7\n");
    }

    #[test]
    fn one_form_may_be_printed_in_place_of_the_text() {
        let dash = Some(Path::new("-"));
        let outputs =
            Outputs::open([("--csv", text as Form<String>, dash), ("--junit", text, None)]).unwrap();
        assert_eq!(outputs.printed().map(|form| form(&"7".to_owned())).as_deref(), Some("7\n"));
        assert!(Outputs::open([("--csv", text as Form<String>, None)]).unwrap().printed().is_none());
        let complaint =
            Outputs::open([("--csv", text as Form<String>, dash), ("--junit", text, dash)]).unwrap_err();
        assert!(
            complaint.to_string().starts_with("--csv and --junit both want standard output"),
            "{complaint}"
        );
    }

    #[test]
    fn what_cannot_be_written_names_its_flag() {
        let folder = tempfile::tempdir().unwrap();
        let (path, nowhere) = (folder.path().join("one"), folder.path().join("no/such/folder"));
        let both = [("--csv", text as Form<String>, Some(path.as_path())), ("--junit", text, Some(&path))];
        let complaint = Outputs::open(both).unwrap_err().to_string();
        assert!(complaint.starts_with("--csv and --junit both want"), "{complaint}");
        let complaint =
            Outputs::open([("--csv", text as Form<String>, Some(nowhere.as_path()))]).unwrap_err();
        assert!(complaint.to_string().contains("choose another file with --csv"), "{complaint}");
    }
}
