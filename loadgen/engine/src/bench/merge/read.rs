//! Reports out of files. Owns finding each, and saying which of them is broken and how.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::Deserializer;

use crate::bench::report::{Report, SCHEMA};

use super::MergeError;

/// A report, and what to call it in an error.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) report: Report,
}

/// All reports in a file, at least one, one after the other as `cat` makes them; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<Found>, MergeError> {
    if path == Path::new("-") {
        return reports("standard input", text(io::stdin().lock(), "standard input")?.as_str());
    }
    let name = path.display().to_string();
    let file = fs::File::open(path).map_err(|source| MergeError::Read { name: name.clone(), source })?;
    reports(&name, text(file, &name)?.as_str())
}

fn text(mut file: impl Read, name: &str) -> Result<String, MergeError> {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(source) => Err(MergeError::Read { name: name.to_owned(), source }),
    }
}

pub(super) fn reports(name: &str, text: &str) -> Result<Vec<Found>, MergeError> {
    let mut found: Vec<Found> = Vec::new();
    let mut rest = text.trim_ascii();
    while found.is_empty() || !rest.is_empty() {
        let nth =
            if found.is_empty() { name.to_owned() } else { format!("{name}, report {},", found.len() + 1) };
        let (report, length) = first(&nth, rest)?;
        found.push(Found { name: nth, report });
        rest = rest[length..].trim_ascii();
    }
    Ok(found)
}

/// The report that a text begins with, and how long it is.
fn first(name: &str, text: &str) -> Result<(Report, usize), MergeError> {
    #[derive(Deserialize)]
    struct Form {
        schema: String,
    }
    let complaint = |source: serde_json::Error| {
        if source.is_eof() {
            MergeError::CutShort(name.to_owned())
        } else {
            MergeError::Json { name: name.to_owned(), source }
        }
    };
    let mut forms = Deserializer::from_str(text).into_iter::<Form>();
    let form = forms.next().ok_or_else(|| MergeError::CutShort(name.to_owned()))?.map_err(complaint)?;
    if form.schema != SCHEMA {
        return Err(MergeError::Schema { name: name.to_owned(), found: form.schema });
    }
    let length = forms.byte_offset();
    let report: Report = serde_json::from_str(&text[..length]).map_err(complaint)?;
    match report.started_at.checked_add(report.took) {
        Some(_) => Ok((report, length)),
        None => Err(MergeError::Endless { name: name.to_owned(), took: report.took }),
    }
}
