//! Commands on keys of any kind.

use super::Arity::{AtLeast, Exactly};
use super::{Command, Context};
use crate::failure::Failure;
use crate::pattern;
use crate::reply::Reply;

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("del", AtLeast(1), del),
    Command::plain("unlink", AtLeast(1), del),
    Command::plain("exists", AtLeast(1), exists),
    Command::plain("type", Exactly(1), kind),
    Command::plain("keys", Exactly(1), keys),
    Command::plain("dbsize", Exactly(0), dbsize),
    Command::plain("flushdb", AtLeast(0), flush),
    Command::plain("flushall", AtLeast(0), flush),
];

fn del(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::count(arguments.iter().filter(|key| context.keyspace.remove(key)).count()))
}

/// Counts a key as often as it is named.
fn exists(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::count(arguments.iter().filter(|key| context.keyspace.contains(key)).count()))
}

fn kind(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::Simple(context.keyspace.get(arguments[0]).map_or("none", |entry| entry.value.kind())))
}

fn keys(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::bulks(context.keyspace.keys().filter(|key| pattern::matches(arguments[0], key))))
}

fn dbsize(context: &mut Context, _: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::count(context.keyspace.len()))
}

fn flush(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let mode = arguments.first().map(|word| word.to_ascii_uppercase());
    match (mode.as_deref(), arguments.len()) {
        (None, _) | (Some(b"SYNC" | b"ASYNC"), 1) => {
            context.keyspace.clear();
            Ok(Reply::OK)
        }
        _ => Err(Failure::Syntax),
    }
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn keys_are_counted_typed_and_removed() {
        check(
            r"
            SET s v => +OK
            HSET h f v => :1
            TYPE s => +string
            TYPE h => +hash
            TYPE nothing => +none
            EXISTS s h s nothing => :3
            DBSIZE => :2
            DEL s nothing s => :1
            UNLINK h => :1
            DBSIZE => :0
            ",
        );
    }

    #[test]
    fn keys_are_listed_by_pattern() {
        check(
            r"
            KEYS * => *0
            MSET hash:1 a wallet b => +OK
            KEYS w*t => *1 $6 wallet
            KEYS hash:[0-9] => *1 $6 hash:1
            KEYS nothing => *0
            ",
        );
    }

    #[test]
    fn flushing_removes_everything() {
        check(
            r"
            MSET a 1 b 2 => +OK
            FLUSHDB => +OK
            SET a 1 => +OK
            FLUSHALL async => +OK
            DBSIZE => :0
            FLUSHALL now => -ERR syntax error
            FLUSHALL SYNC ASYNC => -ERR syntax error
            ",
        );
    }
}
