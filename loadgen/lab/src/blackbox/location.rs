//! Where in a plan file something is wrong, and how that is told: one line with file, line, column and key.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::nearest::did_you_mean;

/// Something wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    path: PathBuf,
    line: usize,
    column: usize,
    message: String,
}

impl fmt::Display for Located {
    /// `FILE:LINE:COLUMN: MESSAGE`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path.display(), self.line, self.column, self.message)
    }
}

impl std::error::Error for Located {}

/// The text that places are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// `message` about what begins at the byte `start`.
    pub(super) fn at(&self, start: usize, message: impl Into<String>) -> Located {
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Located {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            message: message.into(),
        }
    }

    /// What the reader of TOML complains of, with the key that it is about.
    pub(super) fn toml(&self, error: &toml::de::Error) -> Located {
        let start = error.span().map_or(0, |Range { start, .. }| start);
        let said: Vec<&str> = error.message().lines().map(str::trim).collect();
        let mut said = in_words(&said.join(", "));
        said.push_str(&remedy(&said));
        if said == "duplicate key" {
            let twice = self.text.get(start..).and_then(|rest| rest.split(['=', ' ', ']', '.']).next());
            return self
                .at(start, format!("duplicate key `{}`: keep one of them", twice.unwrap_or_default()));
        }
        match self.key_before(start) {
            // A key that is too many or too few is named already.
            Some(key) if !said.contains(" field `") => self.at(start, format!("`{key}`: {said}")),
            _ => self.at(start, said),
        }
    }

    /// The key whose value begins at `start`.
    fn key_before(&self, start: usize) -> Option<&str> {
        let before = self.text.get(..start)?.rsplit('\n').next()?;
        let (keys, _) = before.rsplit_once('=')?;
        keys.rsplit([' ', '{', ',', '\t']).find(|word| !word.is_empty())
    }
}

const A_TABLE: &str = "a table, such as { key = \"value\" }";

/// A complaint without the names that types have in Rust.
fn in_words(said: &str) -> String {
    let Some((before, expected)) = said.split_once(", expected ") else { return said.to_owned() };
    let expected = match expected {
        "i64" => "a whole number",
        "f64" => "a number",
        "a sequence" => "a list",
        "a map" => A_TABLE,
        other if other.starts_with("struct ") => A_TABLE,
        other => other,
    };
    format!("{before}, expected {expected}")
}

/// What to add to a complaint of a key that is missing or is none; nothing in complaints of something else.
fn remedy(said: &str) -> String {
    if said.starts_with("missing field ") {
        return ": add it; loadgen/PLANS.md has an example of every key".to_owned();
    }
    let Some((unknown, expected)) =
        said.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected "))
    else {
        return String::new();
    };
    // Every other piece is in quotes.
    let keys = || expected.split('`').skip(1).step_by(2);
    let meant = did_you_mean(unknown, keys(), str::to_owned);
    if meant.is_empty() && keys().any(|key| key == "replicas") {
        return format!("; if it is a service, write replicas = {{ {unknown} = 1 }}");
    }
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_as_editors_count_them() {
        let source = Source { path: Path::new("a.toml"), text: "x = 1\nüy = 2\n" };
        assert_eq!(source.at(0, "m").to_string(), "a.toml:1:1: m");
        assert_eq!(source.at(8, "m").to_string(), "a.toml:2:2: m");
        assert_eq!(source.at(999, "m").line, 3);
    }
}
