//! A command line before it is run: the program, its arguments, how long it may take.

use std::fmt;
use std::time::Duration;

/// Long enough for images to be pulled.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invocation {
    pub(super) program: String,
    pub(super) args: Vec<String>,
    pub(super) within: Duration,
}

impl Invocation {
    pub(super) fn new<W: Into<String>>(
        program: impl Into<String>,
        args: impl IntoIterator<Item = W>,
    ) -> Self {
        Self { program: program.into(), args: args.into_iter().map(Into::into).collect(), within: PATIENCE }
    }

    /// With further arguments.
    pub(super) fn and<W: Into<String>>(mut self, args: impl IntoIterator<Item = W>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// To be given up after `within`.
    pub(super) fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }
}

/// As one would type it.
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(&self.program))?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", quote(arg)))
    }
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_as_one_would_type_it() {
        let command =
            Invocation::new("docker-compose", ["-f", "my file.yaml"]).and(["--scale", "rng=3", "it's"]);
        assert_eq!(command.to_string(), r"docker-compose -f 'my file.yaml' --scale rng=3 'it'\''s'");
    }
}
