//! The commands: their names, how many arguments they take, and what they do, grouped as Redis' own manual groups them.

#![expect(clippy::unnecessary_wraps, reason = "all handlers have the one type that the table holds")]

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::failure::Failure;
use crate::keyspace::Keyspace;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::session::Client;

mod connection;
mod counters;
mod expiry;
mod hashes;
mod keys;
mod server;
mod strings;
mod transactions;

pub(crate) use server::check_shutdown;

/// What a command works on.
pub(crate) struct Context<'a> {
    pub(crate) keyspace: &'a mut Keyspace,
    pub(crate) client: &'a mut Client,
    /// The present; the same for all commands of a transaction.
    pub(crate) now: Moment,
}

/// What a command does with its arguments (without the name).
pub(crate) type Handler = fn(&mut Context, &[&[u8]]) -> Result<Reply, Failure>;

/// Commands that steer the session instead of reading or changing data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    Multi,
    Exec,
    Discard,
    Watch,
    Unwatch,
    Reset,
    Quit,
    Shutdown,
}

/// Who carries a command out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Run {
    Plain(Handler),
    Control(Control),
}

/// How many arguments a command takes, its name not counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arity {
    Exactly(usize),
    AtLeast(usize),
    Between(usize, usize),
}

impl Arity {
    fn admits(self, arguments: usize) -> bool {
        match self {
            Self::Exactly(wanted) => arguments == wanted,
            Self::AtLeast(least) => arguments >= least,
            Self::Between(least, most) => (least..=most).contains(&arguments),
        }
    }
}

/// A command that the store knows.
#[derive(Debug)]
pub(crate) struct Command {
    /// In lower case, as error messages have it.
    pub(crate) name: &'static str,
    pub(crate) arity: Arity,
    pub(crate) run: Run,
    /// Whether a client may send it that has not told the password.
    pub(crate) is_for_all: bool,
}

impl Command {
    const fn plain(name: &'static str, arity: Arity, handler: Handler) -> Self {
        Self { name, arity, run: Run::Plain(handler), is_for_all: false }
    }

    const fn control(name: &'static str, arity: Arity, control: Control) -> Self {
        Self { name, arity, run: Run::Control(control), is_for_all: false }
    }

    const fn for_all(self) -> Self {
        Self { is_for_all: true, ..self }
    }
}

/// Every command, group by group.
const GROUPS: [&[Command]; 8] = [
    strings::COMMANDS,
    counters::COMMANDS,
    hashes::COMMANDS,
    keys::COMMANDS,
    expiry::COMMANDS,
    transactions::COMMANDS,
    connection::COMMANDS,
    server::COMMANDS,
];

static BY_NAME: LazyLock<HashMap<&'static [u8], &'static Command>> =
    LazyLock::new(|| all().map(|command| (command.name.as_bytes(), command)).collect());

/// Longer than any command's name, in bytes.
const MAX_NAME: usize = 16;

fn all() -> impl Iterator<Item = &'static Command> {
    GROUPS.into_iter().flatten()
}

/// The command that `words` start with, in any case, and its arguments; their number is right.
pub(crate) fn find<'a, 'b>(words: &'b [&'a [u8]]) -> Result<(&'static Command, &'b [&'a [u8]]), Failure> {
    let (name, arguments) = words.split_first().map_or((&b""[..], &[][..]), |(name, rest)| (*name, rest));
    let command = by_name(name).ok_or_else(|| unknown(name))?;
    if command.arity.admits(arguments.len()) {
        Ok((command, arguments))
    } else {
        Err(Failure::Arity(command.name))
    }
}

fn by_name(name: &[u8]) -> Option<&'static Command> {
    let mut lower = [0; MAX_NAME];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    BY_NAME.get(&*lower).copied()
}

fn unknown(name: &[u8]) -> Failure {
    let known: Vec<_> = all().map(|command| command.name.to_ascii_uppercase()).collect();
    Failure::UnknownCommand { name: excerpt(name), known: known.join(" ") }
}

/// What a client sent, short enough for an error message.
fn excerpt(word: &[u8]) -> String {
    String::from_utf8_lossy(&word[..word.len().min(128)]).into_owned()
}

/// Reads an integer argument.
fn integer(word: &[u8]) -> Result<i64, Failure> {
    crate::number::parse(word).ok_or(Failure::NotAnInteger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_none_stands_twice() {
        assert_eq!(BY_NAME.len(), all().count());
        for command in all() {
            assert!(command.name.len() <= MAX_NAME);
            assert_eq!(by_name(command.name.to_ascii_uppercase().as_bytes()).unwrap().name, command.name);
        }
    }

    #[test]
    fn an_unknown_command_is_told_what_the_store_knows() {
        let message = find(&[b"LPUSH", b"k"]).unwrap_err().to_string();
        assert!(message.starts_with("ERR unknown command 'LPUSH', this store knows: GET SET "), "{message}");
        assert!(find(&[&b"x".repeat(100_000)]).unwrap_err().to_string().len() < 2_000);
    }
}
