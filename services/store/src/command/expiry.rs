//! Commands on deadlines, and the four ways of telling one.

use super::Arity::{AtLeast, Exactly};
use super::{Command, Context, excerpt, integer};
use crate::failure::Failure;
use crate::moment::Moment;
use crate::reply::Reply;

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("expire", AtLeast(2), |context, arguments| {
        limit(context, "expire", Unit::SECONDS, arguments)
    }),
    Command::plain("pexpire", AtLeast(2), |context, arguments| {
        limit(context, "pexpire", Unit::MILLISECONDS, arguments)
    }),
    Command::plain("expireat", AtLeast(2), |context, arguments| {
        limit(context, "expireat", Unit::UNIX_SECONDS, arguments)
    }),
    Command::plain("pexpireat", AtLeast(2), |context, arguments| {
        limit(context, "pexpireat", Unit::UNIX_MILLISECONDS, arguments)
    }),
    Command::plain("ttl", Exactly(1), ttl),
    Command::plain("pttl", Exactly(1), pttl),
    Command::plain("persist", Exactly(1), persist),
];

/// What a number that tells a deadline means.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    /// Milliseconds in one.
    millis: i64,
    /// Whether it counts from now, or else from the Unix epoch.
    from_now: bool,
}

impl Unit {
    pub(super) const SECONDS: Self = Self { millis: 1_000, from_now: true };
    pub(super) const MILLISECONDS: Self = Self { millis: 1, from_now: true };
    const UNIX_SECONDS: Self = Self { millis: 1_000, from_now: false };
    const UNIX_MILLISECONDS: Self = Self { millis: 1, from_now: false };

    /// The unit of an option of SET, in upper case.
    pub(super) fn of_set_option(option: &[u8]) -> Option<Self> {
        match option {
            b"EX" => Some(Self::SECONDS),
            b"PX" => Some(Self::MILLISECONDS),
            b"EXAT" => Some(Self::UNIX_SECONDS),
            b"PXAT" => Some(Self::UNIX_MILLISECONDS),
            _ => None,
        }
    }

    /// The instant meant, if it can be told.
    pub(super) fn moment(self, number: i64, now: Moment) -> Option<Moment> {
        let start = if self.from_now { now } else { Moment(0) };
        start.after(number.checked_mul(self.millis)?)
    }
}

/// The options of EXPIRE.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are four independent words on the wire")]
struct Conditions {
    only_if_unlimited: bool,
    only_if_limited: bool,
    only_later: bool,
    only_sooner: bool,
}

impl Conditions {
    fn parse(words: &[&[u8]]) -> Result<Self, Failure> {
        let mut conditions = Self::default();
        for word in words {
            match word.to_ascii_uppercase().as_slice() {
                b"NX" => conditions.only_if_unlimited = true,
                b"XX" => conditions.only_if_limited = true,
                b"GT" => conditions.only_later = true,
                b"LT" => conditions.only_sooner = true,
                _ => return Err(Failure::ExpireOption(excerpt(word))),
            }
        }
        let Self { only_if_unlimited, only_if_limited, only_later, only_sooner } = conditions;
        if only_if_unlimited && (only_if_limited || only_later || only_sooner) {
            return Err(Failure::ExpireNxWithOthers);
        }
        if only_later && only_sooner { Err(Failure::ExpireGtWithLt) } else { Ok(conditions) }
    }

    /// Whether `deadline` may replace `present`; no deadline counts as later than any.
    fn allow(&self, present: Option<Moment>, deadline: Moment) -> bool {
        !(self.only_if_unlimited && present.is_some()
            || self.only_if_limited && present.is_none()
            || self.only_later && present.is_none_or(|present| deadline <= present)
            || self.only_sooner && present.is_some_and(|present| deadline >= present))
    }
}

fn limit(
    context: &mut Context,
    command: &'static str,
    unit: Unit,
    arguments: &[&[u8]],
) -> Result<Reply, Failure> {
    let conditions = Conditions::parse(&arguments[2..])?;
    let (key, number) = (arguments[0], integer(arguments[1])?);
    let deadline = unit.moment(number, context.now).ok_or(Failure::ExpireTime(command))?;
    let Some(entry) = context.keyspace.get(key) else { return Ok(false.into()) };
    if !conditions.allow(entry.deadline, deadline) {
        return Ok(false.into());
    }
    let past = deadline <= context.now;
    Ok(if past { context.keyspace.remove(key) } else { context.keyspace.limit(key, Some(deadline)) }.into())
}

fn ttl(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::Integer(match remaining(context, arguments[0]) {
        millis @ ..0 => millis,
        // To the nearest second, as Redis rounds.
        millis => millis.saturating_add(500) / 1_000,
    }))
}

fn pttl(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::Integer(remaining(context, arguments[0])))
}

/// Milliseconds that a key has left; -1 for an unlimited one, -2 for none.
fn remaining(context: &Context, key: &[u8]) -> i64 {
    match context.keyspace.get(key).map(|entry| entry.deadline) {
        None => -2,
        Some(None) => -1,
        Some(Some(Moment(deadline))) => deadline.saturating_sub(context.now.0).max(0),
    }
}

fn persist(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let limited = context.keyspace.get(arguments[0]).is_some_and(|entry| entry.deadline.is_some());
    Ok((limited && context.keyspace.limit(arguments[0], None)).into())
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn a_deadline_is_given_told_and_taken() {
        check(
            r"
            @1000
            EXPIRE k 10 => :0
            TTL k => :-2
            SET k v => +OK
            TTL k => :-1
            PTTL k => :-1
            EXPIRE k 10 => :1
            PTTL k => :10000
            PEXPIRE k 1499 => :1
            TTL k => :1
            PEXPIRE k 1500 => :1
            TTL k => :2
            EXPIREAT k 5 => :1
            PTTL k => :4000
            PEXPIREAT k 1500 => :1
            PTTL k => :500
            PERSIST k => :1
            PERSIST k => :0
            PERSIST nothing => :0
            PTTL k => :-1
            ",
        );
    }

    #[test]
    fn a_key_is_gone_once_its_deadline_has_come() {
        check(
            r"
            @1000
            SET k v PX 500 => +OK
            HSET h f v => :1
            PEXPIRE h 500 => :1
            @1499
            DBSIZE => :2
            @1500
            DBSIZE => :0
            SET k v => +OK
            EXPIRE k -1 => :1
            EXISTS k => :0
            ",
        );
    }

    #[test]
    fn a_deadline_obeys_conditions() {
        check(
            r"
            @1000
            SET k v => +OK
            PEXPIRE k 100 XX => :0
            PEXPIRE k 100 GT => :0
            PEXPIRE k 100 LT => :1
            PEXPIRE k 200 NX => :0
            PEXPIRE k 200 LT => :0
            PEXPIRE k 200 GT => :1
            PEXPIRE k 50 GT => :0
            PEXPIRE k 300 XX => :1
            PEXPIRE k 1 NX XX => -ERR NX and XX, GT or LT options at the same time are not compatible
            PEXPIRE k 1 GT LT => -ERR GT and LT options at the same time are not compatible
            PEXPIRE k 1 SOON => -ERR Unsupported option SOON
            PTTL k => :300
            ",
        );
    }

    #[test]
    fn a_deadline_that_makes_no_sense_is_refused() {
        check(
            r"
            @1000
            SET k v => +OK
            EXPIRE k ten => -ERR value is not an integer or out of range
            EXPIRE k 9223372036854775807 => -ERR invalid expire time in 'expire' command
            PEXPIRE k 9223372036854775807 => -ERR invalid expire time in 'pexpire' command
            ",
        );
    }
}
