//! Commands on hashes.

use bytes::Bytes;

use super::Arity::{AtLeast, Exactly};
use super::{Command, Context, integer};
use crate::failure::Failure;
use crate::number;
use crate::reply::Reply;
use crate::value::Hash;

pub(super) const COMMANDS: &[Command] = &[
    Command::plain("hset", AtLeast(3), hset),
    Command::plain("hsetnx", Exactly(3), hsetnx),
    Command::plain("hmset", AtLeast(3), hmset),
    Command::plain("hget", Exactly(2), hget),
    Command::plain("hmget", AtLeast(2), hmget),
    Command::plain("hgetall", Exactly(1), hgetall),
    Command::plain("hdel", AtLeast(2), hdel),
    Command::plain("hexists", Exactly(2), hexists),
    Command::plain("hlen", Exactly(1), hlen),
    Command::plain("hkeys", Exactly(1), hkeys),
    Command::plain("hvals", Exactly(1), hvals),
    Command::plain("hincrby", Exactly(3), hincrby),
];

fn hset(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    set_pairs(context, "hset", arguments).map(Reply::count)
}

fn hmset(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    set_pairs(context, "hmset", arguments).map(|_| Reply::OK)
}

fn set_pairs(context: &mut Context, command: &'static str, arguments: &[&[u8]]) -> Result<usize, Failure> {
    let (key, pairs) = (arguments[0], &arguments[1..]);
    if !pairs.len().is_multiple_of(2) {
        return Err(Failure::Arity(command));
    }
    context.keyspace.set_fields(key, pairs)
}

fn hsetnx(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let missing = field(context, arguments)?.is_none();
    if missing {
        context.keyspace.set_fields(arguments[0], &arguments[1..])?;
    }
    Ok(missing.into())
}

fn hget(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    field(context, arguments).map(Reply::from)
}

/// The value of the field that the first two arguments name.
fn field<'a>(context: &'a Context, arguments: &[&[u8]]) -> Result<Option<&'a Bytes>, Failure> {
    Ok(context.keyspace.hash(arguments[0])?.and_then(|hash| hash.get(arguments[1])))
}

fn hmget(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let hash = context.keyspace.hash(arguments[0])?;
    let value = |field: &&[u8]| hash.and_then(|hash| hash.get(*field)).into();
    Ok(Reply::Array(arguments[1..].iter().map(value).collect()))
}

fn hgetall(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let hash = context.keyspace.hash(arguments[0])?;
    let pair = |(field, value): (&Bytes, &Bytes)| (Reply::Bulk(field.clone()), Reply::Bulk(value.clone()));
    Ok(Reply::Map(hash.into_iter().flatten().map(pair).collect()))
}

fn hdel(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    context.keyspace.remove_fields(arguments[0], &arguments[1..]).map(Reply::count)
}

fn hexists(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(field(context, arguments)?.is_some().into())
}

fn hlen(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    Ok(Reply::count(context.keyspace.hash(arguments[0])?.map_or(0, Hash::len)))
}

fn hkeys(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let hash = context.keyspace.hash(arguments[0])?;
    Ok(Reply::bulks(hash.into_iter().flat_map(Hash::keys)))
}

fn hvals(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let hash = context.keyspace.hash(arguments[0])?;
    Ok(Reply::bulks(hash.into_iter().flat_map(Hash::values)))
}

fn hincrby(context: &mut Context, arguments: &[&[u8]]) -> Result<Reply, Failure> {
    let increment = integer(arguments[2])?;
    let before = match field(context, arguments)? {
        Some(value) => number::parse(value).ok_or(Failure::HashValueNotAnInteger)?,
        None => 0,
    };
    let after = before.checked_add(increment).ok_or(Failure::Overflow)?;
    context.keyspace.set_fields(arguments[0], &[arguments[1], after.to_string().as_bytes()])?;
    Ok(Reply::Integer(after))
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn fields_are_set_and_only_new_ones_counted() {
        check(
            r"
            HSET h a 1 b 2 => :2
            HSET h b 3 c 4 => :1
            HSET h c 5 c 6 => :0
            HGET h c => $1 6
            HLEN h => :3
            HSET h a => -ERR wrong number of arguments for 'hset' command
            HSET h a 1 b => -ERR wrong number of arguments for 'hset' command
            HMSET h d 1 => +OK
            HMSET h d 1 e => -ERR wrong number of arguments for 'hmset' command
            HSETNX h a 9 => :0
            HSETNX h z 9 => :1
            ",
        );
    }

    #[test]
    fn fields_are_read_one_by_one_and_all_together() {
        check(
            r"
            HSET h a 1 => :1
            HGET h a => $1 1
            HGET h b => $-1
            HGET nothing a => $-1
            HMGET h b a => *2 $-1 $1 1
            HMGET nothing a b => *2 $-1 $-1
            HEXISTS h a => :1
            HEXISTS h b => :0
            HGETALL h => *2 $1 a $1 1
            HGETALL nothing => *0
            HKEYS h => *1 $1 a
            HVALS h => *1 $1 1
            HKEYS nothing => *0
            HLEN nothing => :0
            ",
        );
    }

    #[test]
    fn to_a_client_that_reads_resp3_a_hash_is_a_map() {
        check(
            r"
            HSET h a 1 => :1
            b: HELLO 3 => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :2 $4 mode $10 standalone $4 role $6 master $7 modules *0
            b: HGETALL h => %1 $1 a $1 1
            b: HGETALL nothing => %0
            b: HGET h b => _
            b: HMGET h b a => *2 _ $1 1
            b: HKEYS h => *1 $1 a
            HGETALL h => *2 $1 a $1 1
            ",
        );
    }

    #[test]
    fn a_hash_ends_with_its_last_field() {
        check(
            r"
            HSET h a 1 b 2 => :2
            HDEL h a nothing a => :1
            HDEL h b => :1
            EXISTS h => :0
            HDEL h b => :0
            ",
        );
    }

    #[test]
    fn fields_can_count() {
        check(
            r"
            HINCRBY h n 5 => :5
            HINCRBY h n -7 => :-2
            HINCRBY h n ten => -ERR value is not an integer or out of range
            HSET h n 9223372036854775807 t ten => :1
            HINCRBY h n 1 => -ERR increment or decrement would overflow
            HINCRBY h t 1 => -ERR hash value is not an integer
            ",
        );
    }

    #[test]
    fn a_string_is_no_hash() {
        check(
            r"
            SET k v => +OK
            HSET k f v => -WRONGTYPE Operation against a key holding the wrong kind of value
            HGET k f => -WRONGTYPE Operation against a key holding the wrong kind of value
            HMGET k f => -WRONGTYPE Operation against a key holding the wrong kind of value
            HGETALL k => -WRONGTYPE Operation against a key holding the wrong kind of value
            HDEL k f => -WRONGTYPE Operation against a key holding the wrong kind of value
            HLEN k => -WRONGTYPE Operation against a key holding the wrong kind of value
            HSETNX k f v => -WRONGTYPE Operation against a key holding the wrong kind of value
            HINCRBY k f 1 => -WRONGTYPE Operation against a key holding the wrong kind of value
            GET k => $1 v
            ",
        );
    }
}
