//! Commands about the store as a whole.

use super::Arity::{AtLeast, Exactly};
use super::{Command, Context, Control, all, excerpt};
use crate::failure::Failure;
use crate::reply::Reply;

/// The Redis whose replies these are; clients choose what they send by it.
pub(super) const REDIS_VERSION: &str = "7.0.0";

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("info", AtLeast(0), info),
    Command::plain("command", AtLeast(0), command),
    Command::plain("config", AtLeast(1), config),
    Command::plain("time", Exactly(0), time),
    Command::control("shutdown", AtLeast(0), Control::Shutdown),
];

/// The sections asked for, or all; among them what clients wait for before they send anything (`loading`).
fn info(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let (keys, mortal) = (context.keyspace.len(), context.keyspace.mortal());
    let process = std::process::id();
    let sections = [
        (
            "Server",
            format!("redis_version:{REDIS_VERSION}\r\nredis_mode:standalone\r\nprocess_id:{process}\r\n"),
        ),
        ("Persistence", "loading:0\r\n".to_owned()),
        ("Replication", "role:master\r\nconnected_slaves:0\r\n".to_owned()),
        (
            "Keyspace",
            if keys == 0 { String::new() } else { format!("db0:keys={keys},expires={mortal},avg_ttl=0\r\n") },
        ),
    ];
    let asked = |section: &str| {
        let is = |wanted: &str| arguments.iter().any(|word| word.eq_ignore_ascii_case(wanted.as_bytes()));
        arguments.is_empty() || is(section) || is("all") || is("default") || is("everything")
    };
    let text: Vec<_> = sections
        .iter()
        .filter(|(section, _)| asked(section))
        .map(|(section, lines)| format!("# {section}\r\n{lines}"))
        .collect();
    Ok(Reply::bulk(text.join("\r\n")))
}

/// The table of commands is not told; clients do without, and `redis-cli` has its own.
fn command(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let Some(name) = arguments.first() else { return Ok(Reply::Array(Vec::new())) };
    match name.to_ascii_uppercase().as_slice() {
        b"COUNT" if arguments.len() > 1 => Err(Failure::Arity("command|count")),
        b"COUNT" => Ok(Reply::count(all().count())),
        b"LIST" => Ok(Reply::Array(all().map(|command| Reply::bulk(command.name)).collect())),
        b"DOCS" => Ok(Reply::Map(Vec::new())),
        b"INFO" => Ok(Reply::Array(Vec::new())),
        _ => Err(Failure::UnknownSubcommand { command: "COMMAND", name: excerpt(name) }),
    }
}

/// There is nothing to configure, so no pattern matches.
fn config(_: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    match (arguments[0].to_ascii_uppercase().as_slice(), &arguments[1..]) {
        (b"GET", [_, ..]) => Ok(Reply::Map(Vec::new())),
        (b"GET", []) => Err(Failure::Arity("config|get")),
        _ => Err(Failure::UnknownSubcommand { command: "CONFIG", name: excerpt(arguments[0]) }),
    }
}

/// Seconds, and the microseconds beyond them.
fn time(context: &mut Context, _: &[&[u8]]) -> Result<Reply, Failure> {
    let millis = context.now.0;
    let parts = [millis.div_euclid(1_000), millis.rem_euclid(1_000) * 1_000];
    Ok(Reply::Array(parts.map(|part| Reply::bulk(part.to_string())).to_vec()))
}

/// Checks the arguments of SHUTDOWN. Saving or not is all the same: what was answered is in the journal already.
pub(crate) fn check_shutdown(arguments: &[&[u8]]) -> Result<(), Failure> {
    let words: Vec<_> = arguments.iter().map(|word| word.to_ascii_uppercase()).collect();
    let said = |word: &str| words.iter().any(|said| said == word.as_bytes());
    let known = ["SAVE", "NOSAVE", "NOW", "FORCE", "ABORT"];
    if !words.iter().all(|word| known.iter().any(|known| word == known.as_bytes()))
        || said("SAVE") && said("NOSAVE")
    {
        return Err(Failure::Syntax);
    }
    match (said("ABORT"), words.len()) {
        (true, 1) => Err(Failure::NoShutdown),
        (true, _) => Err(Failure::Syntax),
        (false, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn the_time_is_told_in_seconds_and_microseconds() {
        check(
            r"
            @1234567
            TIME => *2 $4 1234 $6 567000
            ",
        );
    }

    #[test]
    fn questions_about_the_store_have_an_answer() {
        check(
            r#"
            COMMAND => *0
            COMMAND DOCS => *0
            CONFIG GET save => *0
            CONFIG GET => -ERR wrong number of arguments for 'config|get' command
            CONFIG SET save "" => -ERR unknown subcommand 'SET'. Try CONFIG HELP.
            INFO persistence => $26 # Persistence loading:0
            "#,
        );
    }

    #[test]
    fn a_shutdown_has_to_be_spelled_right() {
        check(
            r"
            SHUTDOWN ABORT => -ERR No shutdown in progress.
            SHUTDOWN SAVE NOSAVE => -ERR syntax error
            SHUTDOWN PLEASE => -ERR syntax error
            SHUTDOWN nosave => (shutdown)
            ",
        );
    }
}
