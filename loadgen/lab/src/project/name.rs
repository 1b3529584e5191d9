//! Projects' names. They become file names, so what they may hold is checked where they are typed.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Keeps the socket's path, which has some 107 bytes at most, short.
const LONGEST: usize = 40;

/// The name of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectName(String);

impl FromStr for ProjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if starts_well && text.len() <= LONGEST && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "expected at most {LONGEST} lower-case letters, digits, `-` and `_`, a letter or digit first"
            ))
        }
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Which project a command is about.
#[derive(Clone, Debug, clap::Args)]
pub struct ProjectArgs {
    /// Project to work on; projects of different names run side by side
    #[arg(short, long, value_name = "NAME", default_value = "dockercoins")]
    pub project: ProjectName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_a_file_name_and_nothing_else() {
        for right in ["dockercoins", "a", "2nd", "my_lab-2"] {
            assert_eq!(right.parse::<ProjectName>().unwrap().to_string(), right);
        }
        for wrong in ["", "..", "a/b", "-a", "_a", "A", "a b", "ä", &"a".repeat(41)] {
            assert!(wrong.parse::<ProjectName>().is_err(), "{wrong}");
        }
    }
}
