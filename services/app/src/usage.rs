//! Wrong usage, told in one line: what was wrong, where it came from, and what would mend it. clap alone spreads that over
//! several lines and names the flag even where the value came from the environment.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Command, Error, Parser};

use crate::failed;

const USAGE: u8 = 2;

/// What was typed, parsed. Help and version are printed, help also when nothing was typed; wrong usage is told in one line.
/// All of these end with an exit code.
pub fn parsed<C: Parser>() -> Result<C, ExitCode> {
    parsed_from(std::env::args_os())
}

/// The same of other words, the first of which is the program's name.
pub fn parsed_from<C: Parser>(words: impl IntoIterator<Item = OsString>) -> Result<C, ExitCode> {
    let words: Vec<OsString> = words.into_iter().collect();
    C::try_parse_from(&words).map_err(|error| {
        let shows_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        if error.use_stderr() && !shows_help {
            let is_set = |variable: &str| std::env::var_os(variable).is_some();
            let line = not_utf8(&error, &words).unwrap_or_else(|| one_line(&error, &C::command(), is_set));
            return failed(line, USAGE);
        }
        // A reader who is gone has read enough.
        let _ = error.print();
        if shows_help { USAGE.into() } else { ExitCode::SUCCESS }
    })
}

/// clap does not say which argument it was.
fn not_utf8(error: &Error, words: &[OsString]) -> Option<String> {
    let word = words.iter().find(|word| word.to_str().is_none())?;
    let is_it = error.kind() == ErrorKind::InvalidUtf8;
    let word = word.as_encoded_bytes().escape_ascii();
    is_it.then(|| format!("the argument \"{word}\" is not UTF-8; write it in UTF-8, bytes of a URL as %XX"))
}

fn one_line(error: &Error, command: &Command, is_set: impl Fn(&str) -> bool) -> String {
    let message = error.to_string();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let said = message.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    // No flag's value and no operand begins with a dash, beside `-` alone, so that the tip would only lead to the next complaint.
    let misleads =
        |line: &str| line.starts_with("For more information") || line.starts_with("tip: to pass '-");
    let said = said.filter(|line| !line.is_empty() && !misleads(line));
    let mut line = said.collect::<Vec<_>>().join("; ").replace(":; ", ": ");
    if let Some(variable) = variable(error, command).filter(|variable| is_set(variable)) {
        line = format!("{line} (or is it the environment's {variable}?)");
    }
    let vague = matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument | ErrorKind::MissingRequiredArgument
    );
    if vague { line + "; see --help" } else { line }
}

/// The environment variable that can set the argument that `error` is about.
fn variable(error: &Error, command: &Command) -> Option<String> {
    let about = error.get(ContextKind::InvalidArg)?.to_string();
    let flag = about.split(' ').next()?.strip_prefix("--")?;
    let of_flag = |argument: &&Arg| argument.get_long() == Some(flag);
    let mut variables = arguments(command).into_iter().filter(of_flag).filter_map(Arg::get_env);
    variables.next().map(|variable| variable.to_string_lossy().into_owned())
}

/// Those of `command` and of all below it.
fn arguments(command: &Command) -> Vec<&Arg> {
    command.get_arguments().chain(command.get_subcommands().flat_map(arguments)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::os::unix::ffi::OsStringExt;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(subcommand)]
        _command: crate::Command,
    }

    fn complaint(typed: &[&str], is_set: bool) -> String {
        let error = Cli::try_parse_from([&["dockercoins"], typed].concat()).unwrap_err();
        one_line(&error, &Cli::command(), |_| is_set)
    }

    #[test]
    fn wrong_usage_is_told_in_one_line_with_the_remedy() {
        for (typed, parts) in [
            (&["rng", "--slots", "many"][..], &["--slots", "whole number"][..]),
            (&["rng", "--distribution", "normal"], &["--distribution", "possible values", "uniform"]),
            (&["hashr"], &["hashr", "hasher"]),
            (&["rng", "--nope"], &["--nope", "--help"]),
            (&["forward"], &["--to <HOST:PORT>", "--route <PORT=HOST:PORT>"]),
            (&["forward", "--route", "rng:80"], &["--route", "rng:80", "8000=webui:80"]),
            (&["forward", "--route", "1=rng:80", "--to", "rng:80"], &["--route", "--to"]),
            (&["health", "--url", "rng:80"], &["--url", "rng:80", "http://"]),
        ] {
            let line = complaint(typed, false);
            assert!(!line.contains('\n') && !line.contains("Usage"), "{line}");
            assert!(parts.iter().all(|part| line.contains(part)), "{line}");
        }
    }

    #[test]
    fn a_mistyped_flag_is_not_taken_for_an_operand() {
        assert!(!complaint(&["rng", "-5"], false).contains("tip"), "{}", complaint(&["rng", "-5"], false));
        assert!(complaint(&["rng", "--slot", "2"], false).contains("--slots"));
    }

    #[test]
    fn an_argument_that_is_not_utf8_is_named() {
        let words = ["dockercoins", "rng", "--hostname"].map(OsString::from).into_iter();
        let words: Vec<_> = words.chain([OsString::from_vec(b"r\xff".to_vec())]).collect();
        let error = Cli::try_parse_from(&words).unwrap_err();
        let line = not_utf8(&error, &words).unwrap();
        assert!(line.contains(r"\xff") && !line.contains("rng"), "{line}");
    }

    #[test]
    fn a_variable_that_may_be_to_blame_is_named() {
        assert!(complaint(&["rng", "--slots", "many"], true).contains("SLOTS"));
        assert!(!complaint(&["rng", "--slots", "many"], false).contains("SLOTS"));
    }
}
