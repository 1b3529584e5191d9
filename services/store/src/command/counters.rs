//! Commands on the integers that strings can spell.

use bytes::Bytes;

use super::Arity::Exactly;
use super::{Command, Context, integer};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::value::Lifetime;

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("incr", Exactly(1), incr),
    Command::plain("decr", Exactly(1), decr),
    Command::plain("incrby", Exactly(2), incrby),
    Command::plain("decrby", Exactly(2), decrby),
];

fn incr(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    add(context, arguments[0], 1)
}

fn decr(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    add(context, arguments[0], -1)
}

fn incrby(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    add(context, arguments[0], integer(arguments[1])?)
}

fn decrby(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let decrement = integer(arguments[1])?;
    add(context, arguments[0], decrement.checked_neg().ok_or(Failure::DecrementOverflow)?)
}

fn add(context: &mut Context, key: &[u8], increment: i64) -> Result<Reply, Failure> {
    let before = context.keyspace.text(key)?.map(Bytes::as_ref).map_or(Ok(0), integer)?;
    let after = before.checked_add(increment).ok_or(Failure::Overflow)?;
    context.keyspace.set(key, after.to_string().as_bytes(), Lifetime::Kept);
    Ok(Reply::Integer(after))
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn counting_is_exact_and_ends_at_the_limits() {
        check(
            r"
            INCR n => :1
            INCRBY n 41 => :42
            DECR n => :41
            DECRBY n 50 => :-9
            GET n => $2 -9
            SET n 9223372036854775807 => +OK
            INCR n => -ERR increment or decrement would overflow
            DECRBY n -9223372036854775808 => -ERR decrement would overflow
            INCRBY n 1.5 => -ERR value is not an integer or out of range
            SET n ten => +OK
            INCR n => -ERR value is not an integer or out of range
            HSET h f v => :1
            INCR h => -WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn counting_keeps_the_deadline() {
        check(
            r"
            @1000
            SET n 1 PX 500 => +OK
            INCR n => :2
            PTTL n => :500
            ",
        );
    }
}
