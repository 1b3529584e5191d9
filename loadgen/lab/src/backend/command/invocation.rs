//! A command line before it is run: the program, its arguments, how long it may take.

use std::fmt;
use std::time::Duration;

use tokio::process::Command;

use super::word::quoted;

/// Long enough for images to be pulled.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) program: String,
    pub(crate) args: Vec<String>,
    pub(crate) within: Duration,
}

impl Invocation {
    pub(crate) fn new<W: Into<String>>(
        program: impl Into<String>,
        args: impl IntoIterator<Item = W>,
    ) -> Self {
        Self { program: program.into(), args: args.into_iter().map(Into::into).collect(), within: PATIENCE }
    }

    /// With further arguments.
    pub(crate) fn and<W: Into<String>>(mut self, args: impl IntoIterator<Item = W>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// The program with its arguments, to be started.
    pub(crate) fn program(&self) -> Command {
        let mut program = Command::new(&self.program);
        program.args(&self.args);
        program
    }

    /// To be given up after `within`.
    pub(crate) fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }
}

/// As one would type it.
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(&self.program))?;
        self.args.iter().try_for_each(|arg| write!(f, " {}", quoted(arg)))
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
