//! Reports out of files. Owns saying what is wrong with one that cannot be read, in a line.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

use crate::report::{Report, SCHEMA_VERSION};

/// More than this is no report; those of a thousand steps take a hundredth.
const LONGEST: u64 = 256 << 20;

/// A report as it was found.
#[derive(Clone, Debug)]
pub struct Saved {
    /// What it says.
    pub report: Report,
    /// As it stands in the file, with what a newer program of the same schema may have put there.
    pub text: String,
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
    #[error("{name} is no report of loadgen lab --json: {source}")]
    Json {
        /// Which.
        name: String,
        /// The cause.
        source: serde_json::Error,
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
}

/// The report in the file at `path`.
pub fn read(path: &Path) -> Result<Saved, ReadError> {
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
fn parsed(name: &str, text: &str) -> Result<Report, ReadError> {
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
        ReadError::Json { name: name(), source }
    };
    let form: Form = serde_json::from_str(text).map_err(complaint)?;
    match (form.schema_version, form.schema) {
        (Some(found), _) if found != u64::from(SCHEMA_VERSION) => {
            Err(ReadError::Schema { name: name(), found })
        }
        (Some(_), _) => serde_json::from_str(text).map_err(complaint),
        (None, Some(schema)) => Err(ReadError::Foreign { name: name(), what: format!("it is a {schema:?}") }),
        (None, None) => Err(ReadError::Foreign { name: name(), what: "it has no schema_version".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render;
    use crate::render::fixture;

    fn complaint(text: &str) -> String {
        let complaint = parsed("lab.json", text).unwrap_err().to_string();
        assert!(complaint.starts_with("lab.json is ") && !complaint.contains('\n'), "{complaint}");
        complaint
    }

    #[tokio::test]
    async fn what_was_written_is_read_again() {
        let report = fixture::swept().await;
        let text = render::json(&report);
        assert_eq!(render::json(&parsed("", &text).unwrap()), text);
        // As older programs wrote it, and as newer ones may.
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let fields = value.as_object_mut().unwrap();
        assert!(fields.remove("provenance").is_some() && fields.remove("expectations").is_some());
        fields.insert("weather".to_owned(), "fair".into());
        assert_eq!(parsed("", &value.to_string()).unwrap().steps.len(), report.steps.len());
    }

    #[tokio::test]
    async fn wherever_it_is_cut_short_it_says_so() {
        let text = render::json(&fixture::swept().await);
        // The last character is a line break.
        for end in (0..text.len() - 2).step_by(97) {
            let complaint = complaint(&text[..end]);
            assert!(complaint.contains("cut short"), "{end}: {complaint}");
        }
    }

    #[test]
    fn what_is_no_report_is_named_with_what_is_wrong() {
        for (text, wrong) in [
            ("hello", "line 1"),
            ("[1, 2]", "no report"),
            ("{}", "it has no schema_version"),
            (r#"{"schema": "loadgen-bench/1"}"#, r#"it is a "loadgen-bench/1""#),
            (
                r#"{"schema_version": 2}"#,
                "schema version 2, and only version 1 is understood: use the loadgen",
            ),
            (r#"{"schema_version": 1}"#, "missing field"),
            (r#"{"schema_version": -1}"#, "no report"),
        ] {
            let complaint = complaint(text);
            assert!(complaint.contains(wrong), "{complaint}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let complaint = read(Path::new("/no/such/lab.json")).unwrap_err().to_string();
        assert!(complaint.starts_with("cannot read /no/such/lab.json: No such file"), "{complaint}");
    }
}
