//! Reports out of files. Owns saying what is wrong with one that cannot be read, in a line.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::blackbox;
use crate::compare::Comparison;
use crate::interleave;
use crate::report::{Report, SCHEMA_VERSION};
use crate::xml::in_a_line;

mod plausible;

use plausible::Numbers;

/// More than this is no report; those of a thousand steps take a hundredth.
const LONGEST: u64 = 256 << 20;

/// A report as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    /// What it says.
    pub(crate) report: Measured,
    /// As it stands in the file, with what a newer program of the same schema may have put there.
    pub(crate) text: String,
}

/// A report of either kind.
#[derive(Clone, Debug)]
pub(crate) enum Measured {
    /// Of the built-in sweep.
    Sweep(Box<Report>),
    /// Of a plan.
    Plan(Box<blackbox::Report>),
    /// Of two builds that took turns.
    Interleaved(Box<Comparison>),
}

/// Why a file holds no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("cannot read {name}: {source}")]
    Read {
        /// Which.
        name: String,
        /// The cause.
        source: io::Error,
    },
    /// It ends in the middle, or is empty.
    #[error("{0} is cut short: let the lab that writes it end, and read it then")]
    CutShort(String),
    /// It is of another form.
    #[error("{name} is no report of loadgen lab --json: {what}")]
    Json {
        /// Which.
        name: String,
        /// The cause, in one line.
        what: String,
    },
    /// It is JSON of something else.
    #[error("{name} is no report of loadgen lab --json: {what}")]
    Foreign {
        /// Which.
        name: String,
        /// What it is.
        what: String,
    },
    /// Its names mean something else.
    #[error(
        "{name} is of schema version {found}, and only version {SCHEMA_VERSION} is understood: use the loadgen that wrote it"
    )]
    Schema {
        /// Which.
        name: String,
        /// Its version.
        found: u64,
    },
    /// The same, of another kind of report.
    #[error("{name} is a {found:?}, and only {understood:?} is understood: use the loadgen that wrote it")]
    OtherSchema {
        /// Which.
        name: String,
        /// What it calls itself.
        found: String,
        /// What would be read.
        understood: &'static str,
    },
}

/// The report in the file at `path`.
pub(crate) fn read(path: &Path) -> Result<Saved, ReadError> {
    let name = path.display().to_string();
    let mut text = String::new();
    let opened = File::open(path);
    let found = opened.and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    match found {
        Err(source) => Err(ReadError::Read { name, source }),
        Ok(length) if length as u64 > LONGEST => {
            Err(ReadError::Foreign { name, what: "it is too long for one".to_owned() })
        }
        Ok(_) => parsed(&name, &text).map(|report| Saved { report, text }),
    }
}

/// The report that `text` is; `name` is what a complaint calls it.
fn parsed(name: &str, text: &str) -> Result<Measured, ReadError> {
    #[derive(Deserialize)]
    struct Form {
        schema_version: Option<u64>,
        schema: Option<String>,
    }
    let name = || name.to_owned();
    // Within a number it is the number that is complained of.
    let ends_well = !text.trim_start().starts_with('{') || text.trim_end().ends_with('}');
    let complaint = |source: serde_json::Error| {
        if source.is_eof() || !ends_well {
            return ReadError::CutShort(name());
        }
        // It quotes what it found, line breaks included.
        ReadError::Json { name: name(), what: in_a_line(&source.to_string()) }
    };
    let foreign = |what: String| ReadError::Foreign { name: name(), what };
    let form: Form = serde_json::from_str(text).map_err(complaint)?;
    match (form.schema_version, form.schema.as_deref()) {
        (Some(found), _) if found != u64::from(SCHEMA_VERSION) => {
            Err(ReadError::Schema { name: name(), found })
        }
        (Some(_), _) => whole(text, plausible::nonsense)
            .map_err(complaint)?
            .map(|report| Measured::Sweep(Box::new(report)))
            .map_err(foreign),
        (None, Some(blackbox::SCHEMA)) => whole(text, plausible::nonsense_of_plan)
            .map_err(complaint)?
            .map(|report| Measured::Plan(Box::new(report)))
            .map_err(foreign),
        (None, Some(interleave::SCHEMA)) => whole(text, plausible::nonsense_of_turns)
            .map_err(complaint)?
            .map(|report| Measured::Interleaved(Box::new(report)))
            .map_err(foreign),
        (None, Some(schema)) => Err(match known(schema) {
            Some(understood) => ReadError::OtherSchema { name: name(), found: schema.to_owned(), understood },
            None => foreign(format!("it is a {schema:?}")),
        }),
        (None, None) => Err(foreign("it has no schema_version".to_owned())),
    }
}

/// The report, or what it holds that cannot be, in one line.
fn whole<R: DeserializeOwned>(
    text: &str,
    nonsense: fn(&R) -> Option<String>,
) -> Result<Result<R, String>, serde_json::Error> {
    let report: R = serde_json::from_str(text)?;
    let Numbers = serde_json::from_str(text)?;
    Ok(nonsense(&report).map_or(Ok(report), |what| Err(in_a_line(&what))))
}

/// The version of a kind of report that is read, whichever one it is that is `found`.
fn known(found: &str) -> Option<&'static str> {
    let kind = |schema: &str| schema.split_once('/').map(|(kind, _)| kind.to_owned());
    [blackbox::SCHEMA, interleave::SCHEMA].into_iter().find(|schema| kind(schema) == kind(found))
}

#[cfg(test)]
#[path = "saved_tests.rs"]
mod tests;
