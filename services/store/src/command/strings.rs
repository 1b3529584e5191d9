//! Commands on strings.

use super::Arity::{AtLeast, Exactly};
use super::{Command, Context, expiry, integer};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::value::{Lifetime, Value};

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("get", Exactly(1), get),
    Command::plain("set", AtLeast(2), set),
    Command::plain("setnx", Exactly(2), setnx),
    Command::plain("setex", Exactly(3), setex),
    Command::plain("psetex", Exactly(3), psetex),
    Command::plain("mget", AtLeast(1), mget),
    Command::plain("mset", AtLeast(2), mset),
];

fn get(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    context.keyspace.text(arguments[0]).map(Reply::from)
}

/// What has to be the case for SET to do anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Missing,
    Present,
}

/// The options of SET.
#[derive(Default)]
struct Options {
    condition: Option<Condition>,
    answer_old: bool,
    keep: bool,
    /// The unit and the number that follows it.
    expiry: Option<(expiry::Unit, i64)>,
}

impl Options {
    fn parse(words: &[&[u8]]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut expiry = None;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.to_ascii_uppercase().as_slice() {
                b"NX" if options.condition != Some(Condition::Present) => {
                    options.condition = Some(Condition::Missing);
                }
                b"XX" if options.condition != Some(Condition::Missing) => {
                    options.condition = Some(Condition::Present);
                }
                b"GET" => options.answer_old = true,
                b"KEEPTTL" if expiry.is_none() => options.keep = true,
                option if expiry.is_none() && !options.keep => {
                    let unit = expiry::Unit::of_set_option(option).ok_or(Failure::Syntax)?;
                    expiry = Some((unit, *words.next().ok_or(Failure::Syntax)?));
                }
                _ => return Err(Failure::Syntax),
            }
        }
        // A syntax error further on comes before a bad number.
        options.expiry = expiry.map(|(unit, number)| Ok((unit, integer(number)?))).transpose()?;
        Ok(options)
    }

    fn lifetime(&self, context: &Context) -> Result<Lifetime, Failure> {
        match self.expiry {
            Some((unit, number)) => lifetime(context, "set", unit, number),
            None if self.keep => Ok(Lifetime::Kept),
            None => Ok(Lifetime::Unlimited),
        }
    }
}

fn set(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let (key, text) = (arguments[0], arguments[1]);
    let options = Options::parse(&arguments[2..])?;
    let lifetime = options.lifetime(context)?;
    let old = if options.answer_old { Some(context.keyspace.text(key)?.into()) } else { None };
    let present = context.keyspace.contains(key);
    if options.condition.is_some_and(|condition| present != (condition == Condition::Present)) {
        return Ok(old.unwrap_or(Reply::Nil));
    }
    context.keyspace.set(key, text, lifetime);
    Ok(old.unwrap_or(Reply::OK))
}

fn setnx(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let missing = !context.keyspace.contains(arguments[0]);
    if missing {
        context.keyspace.set(arguments[0], arguments[1], Lifetime::Unlimited);
    }
    Ok(missing.into())
}

fn setex(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let lifetime = lifetime(context, "setex", expiry::Unit::SECONDS, integer(arguments[1])?)?;
    context.keyspace.set(arguments[0], arguments[2], lifetime);
    Ok(Reply::OK)
}

fn psetex(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let lifetime = lifetime(context, "psetex", expiry::Unit::MILLISECONDS, integer(arguments[1])?)?;
    context.keyspace.set(arguments[0], arguments[2], lifetime);
    Ok(Reply::OK)
}

/// The lifetime of a value that is being written: unlike EXPIRE, which may delete, it has to be positive.
fn lifetime(
    context: &Context,
    command: &'static str,
    unit: expiry::Unit,
    number: i64,
) -> Result<Lifetime, Failure> {
    let deadline = if number > 0 { unit.moment(number, context.now) } else { None };
    deadline.map(Lifetime::Until).ok_or(Failure::ExpireTime(command))
}

fn mget(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let value = |key: &&[u8]| match context.keyspace.get(key).map(|entry| &entry.value) {
        Some(Value::Text(text)) => Reply::Bulk(text.clone()),
        _ => Reply::Nil,
    };
    Ok(Reply::Array(arguments.iter().map(value).collect()))
}

fn mset(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    if !arguments.len().is_multiple_of(2) {
        return Err(Failure::Arity("mset"));
    }
    for pair in arguments.chunks_exact(2) {
        context.keyspace.set(pair[0], pair[1], Lifetime::Unlimited);
    }
    Ok(Reply::OK)
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn a_string_is_set_read_and_replaced() {
        check(
            r#"
            GET k => $-1
            SET k "a b" => +OK
            GET k => $3 a b
            set k "" => +OK
            get k => $0
            SET k => -ERR wrong number of arguments for 'set' command
            HSET h f v => :1
            GET h => -WRONGTYPE Operation against a key holding the wrong kind of value
            SET h now-a-string => +OK
            "#,
        );
    }

    #[test]
    fn set_obeys_its_conditions() {
        check(
            r"
            SET k 1 XX => $-1
            SET k 1 NX => +OK
            SET k 2 NX => $-1
            SET k 2 xx GET => $1 1
            SET k 3 NX GET => $1 2
            SET new 1 GET => $-1
            GET new => $1 1
            SET k v NX XX => -ERR syntax error
            SET k v NONSENSE => -ERR syntax error
            HSET h f v => :1
            SET h v GET => -WRONGTYPE Operation against a key holding the wrong kind of value
            SETNX k 9 => :0
            SETNX other 9 => :1
            GET other => $1 9
            ",
        );
    }

    #[test]
    fn set_takes_deadlines_in_four_units() {
        check(
            r"
            @1000
            SET k v EX 10 => +OK
            PTTL k => :10000
            SET k v PX 10 => +OK
            PTTL k => :10
            SET k v EXAT 3 => +OK
            PTTL k => :2000
            SET k v PXAT 1001 => +OK
            SET k w KEEPTTL => +OK
            PTTL k => :1
            @1001
            GET k => $-1
            SETEX k 5 v => +OK
            PTTL k => :5000
            PSETEX k 5 v => +OK
            PTTL k => :5
            SET k v => +OK
            PTTL k => :-1
            ",
        );
    }

    #[test]
    fn a_deadline_that_makes_no_sense_is_refused() {
        check(
            r"
            SET k v EX 0 => -ERR invalid expire time in 'set' command
            SET k v EX -1 => -ERR invalid expire time in 'set' command
            SET k v EX 9223372036854775807 => -ERR invalid expire time in 'set' command
            SET k v PX ten => -ERR value is not an integer or out of range
            SET k v EX => -ERR syntax error
            SET k v EX 1 PX 1 => -ERR syntax error
            SET k v EX 1 KEEPTTL => -ERR syntax error
            SET k v KEEPTTL EX 1 => -ERR syntax error
            SETEX k 0 v => -ERR invalid expire time in 'setex' command
            PSETEX k -5 v => -ERR invalid expire time in 'psetex' command
            EXISTS k => :0
            ",
        );
    }

    #[test]
    fn several_keys_are_set_and_read_at_once() {
        check(
            r"
            MSET a 1 b 2 => +OK
            HSET h f v => :1
            MGET a nothing b h => *4 $1 1 $-1 $1 2 $-1
            MSET a 1 b => -ERR wrong number of arguments for 'mset' command
            ",
        );
    }
}
