//! What other programs call otherwise. Owns the flags that cannot be read as they are, whatever table they stand in.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

/// A flag of another program that has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flag}: {remedy}")]
pub struct DialectError {
    flag: String,
    remedy: &'static str,
}

/// What a flag of another program is here.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Here {
    /// These words.
    Is(&'static [&'static str]),
    /// This flag, with the same value.
    Takes(&'static str),
    /// Always so.
    Always,
    /// Always so, whatever its value.
    AlwaysOf,
    /// This header.
    Header(&'static str),
    /// A form of the report, or the name of a file.
    Output,
    /// A form of the report.
    Form,
    /// A version of HTTP.
    Http,
    /// Not to be had.
    Not(&'static str),
}

/// The flags of other programs.
#[derive(Debug)]
pub(crate) struct Dialect {
    pub(crate) flags: &'static [&'static [(&'static str, Here)]],
    /// Long flags of ours, which may have one dash; empty where that would be several short ones.
    pub(crate) one_dash: BTreeSet<String>,
}

const FILE: &str = "give a file by its form: --json FILE, --csv FILE or --markdown FILE";

impl Dialect {
    /// What was `typed`, in our words.
    pub(crate) fn translate(
        &self,
        typed: impl IntoIterator<Item = OsString>,
    ) -> Result<Vec<OsString>, DialectError> {
        let mut typed = typed.into_iter();
        let mut words = Vec::new();
        while let Some(word) = typed.next() {
            if word == "--" {
                words.push(word);
                words.extend(typed);
                break;
            }
            match word.to_str().and_then(|text| self.meaning(text)) {
                Some(meaning) => words.extend(meaning.words(&mut typed)?),
                None => words.push(word),
            }
        }
        Ok(words)
    }

    fn meaning(&self, word: &str) -> Option<Meaning> {
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
        let mut flags = self.flags.iter().copied().flatten();
        let known = flags.find(|(known, _)| *known == flag).map(|(_, here)| *here);
        let one_dash = flag.strip_prefix('-').filter(|name| !name.starts_with('-') && name.len() > 1);
        let is_long = one_dash.is_some_and(|name| self.one_dash.contains(name));
        let is_strange = one_dash.is_some_and(|name| name.starts_with("disable-"));
        let here = match known {
            Some(here) => Some(here),
            None if is_long => None,
            None if is_strange => Some(Here::Not("there is no such flag; see --help")),
            None => return None,
        };
        Some(Meaning { flag: flag.to_owned(), value: value.map(str::to_owned), here })
    }
}

/// A word that is not one of ours.
#[derive(Debug)]
struct Meaning {
    flag: String,
    /// What came after an equals sign.
    value: Option<String>,
    here: Option<Here>,
}

impl Meaning {
    fn words(self, rest: &mut impl Iterator<Item = OsString>) -> Result<Vec<OsString>, DialectError> {
        let Self { flag, value, here } = self;
        let not = |remedy| Err(DialectError { flag: flag.clone(), remedy });
        let mut next = || value.clone().map(OsString::from).or_else(|| rest.next()).unwrap_or_default();
        let Some(here) = here else {
            // One dash more makes it ours.
            let equals = value.map_or_else(String::new, |value| format!("={value}"));
            return Ok(vec![format!("-{flag}{equals}").into()]);
        };
        match here {
            Here::Is(words) => Ok(words.iter().map(Into::into).collect()),
            Here::Takes(ours) => Ok(vec![with(ours, &next())]),
            Here::Always => Ok(Vec::new()),
            Here::AlwaysOf => {
                next();
                Ok(Vec::new())
            }
            Here::Header(name) => Ok(vec![with("--header", &with_colon(name, &next()))]),
            Here::Not(remedy) => not(remedy),
            Here::Output if is(&next(), "csv") => Ok(vec!["--format=csv".into()]),
            Here::Output => not(FILE),
            Here::Form => match next() {
                form if is(&form, "quiet") => Ok(vec!["--quiet".into()]),
                form => Ok(vec![with("--format", &form)]),
            },
            Here::Http => match next() {
                version if is(&version, "1.1") => Ok(Vec::new()),
                version if is(&version, "2") || is(&version, "2.0") => Ok(vec!["--http2".into()]),
                _ => not("only 1.1 and 2 are spoken"),
            },
        }
    }
}

fn is(word: &OsStr, text: &str) -> bool {
    word == text
}

fn with(flag: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(flag);
    word.push("=");
    word.push(value);
    word
}

fn with_colon(name: &str, value: &OsStr) -> OsString {
    let mut header = OsString::from(name);
    header.push(": ");
    header.push(value);
    header
}

/// A `line` of another program, or why there is none like it: what the tests of every table read.
#[cfg(test)]
pub(crate) fn said(
    line: &str,
    translated: impl Fn(Vec<OsString>) -> Result<Vec<OsString>, DialectError>,
) -> Result<String, String> {
    let words =
        translated(line.split_whitespace().map(OsString::from).collect()).map_err(|it| it.to_string())?;
    Ok(words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "))
}
