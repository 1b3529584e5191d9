//! The whole keyspace, told as commands that make it from nothing: as few and as short as will do.

use std::io::{self, Write};

use bytes::Bytes;

use crate::keyspace::Keyspace;
use crate::moment::Moment;
use crate::reply::encode_command;
use crate::value::{Entry, Value};

/// The most fields that one command sets: far fewer than whoever reads it back takes, and enough to make the words
/// around them of no account.
const FIELDS: usize = 256;

/// Writes the commands, each complete by itself; key by key, in no order.
pub(crate) fn write(keyspace: &Keyspace, out: &mut impl Write) -> io::Result<()> {
    let mut commands = Vec::new();
    for (key, entry) in keyspace.entries() {
        match &entry.value {
            Value::Text(text) => write_text(key, text, entry, &mut commands),
            Value::Hash(hash) => {
                let mut fields = hash.iter().peekable();
                while fields.peek().is_some() {
                    let pairs = fields.by_ref().take(FIELDS).flat_map(|(field, value)| [&field[..], value]);
                    let words: Vec<&[u8]> = [b"HSET", &key[..]].into_iter().chain(pairs).collect();
                    encode_command(&mut commands, words.into_iter());
                    flush(&mut commands, out)?;
                }
                write_deadline(key, entry, &mut commands);
            }
        }
        flush(&mut commands, out)?;
    }
    Ok(())
}

/// How many bytes [`write`] would write.
pub(crate) fn length(keyspace: &Keyspace) -> u64 {
    let mut length = Length(0);
    // Counting cannot fail.
    let _ = write(keyspace, &mut length);
    length.0
}

fn write_text(key: &Bytes, text: &Bytes, entry: &Entry, commands: &mut Vec<u8>) {
    match entry.deadline {
        None => encode_command(commands, [b"SET", &key[..], text].into_iter()),
        Some(Moment(at)) => {
            let at = at.to_string();
            encode_command(commands, [b"SET", &key[..], text, b"PXAT", at.as_bytes()].into_iter());
        }
    }
}

fn write_deadline(key: &Bytes, entry: &Entry, commands: &mut Vec<u8>) {
    if let Some(Moment(at)) = entry.deadline {
        let at = at.to_string();
        encode_command(commands, [b"PEXPIREAT", &key[..], at.as_bytes()].into_iter());
    }
}

fn flush(commands: &mut Vec<u8>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(commands)?;
    commands.clear();
    Ok(())
}

/// Counts what is written to it, in bytes.
struct Length(u64);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::replay;
    use crate::value::Lifetime;

    fn taken(keyspace: &Keyspace) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(keyspace, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_keyspace_is_the_same_after_its_snapshot_is_read_back() {
        let mut keyspace = Keyspace::default();
        keyspace.set(b"text", b"\r\n\x00\xff", Lifetime::Unlimited);
        keyspace.set(b"", b"", Lifetime::Unlimited);
        keyspace.set(b"mortal", b"v", Lifetime::Until(Moment(1)));
        keyspace.set_fields(b"mortal hash", &[b"f", b"", b"", b"v"]).unwrap();
        keyspace.limit(b"mortal hash", Some(Moment(i64::MAX)));
        for n in 0..=2 * FIELDS {
            keyspace.set_fields(b"hash", &[n.to_string().as_bytes(), b"v"]).unwrap();
        }
        let bytes = taken(&keyspace);
        assert_eq!(length(&keyspace), bytes.len() as u64);
        let mut again = Keyspace::default();
        assert_eq!(replay(&*bytes, &mut again).unwrap(), bytes.len() as u64);
        assert_eq!((again.len(), again.mortal()), (5, 2));
        assert!(keyspace.entries().all(|(key, entry)| again.get(key) == Some(entry)));
    }

    #[test]
    fn each_string_and_each_small_hash_is_one_command() {
        let mut keyspace = Keyspace::default();
        assert!(taken(&keyspace).is_empty());
        keyspace.set(b"k", b"v", Lifetime::Unlimited);
        assert_eq!(taken(&keyspace), b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
        keyspace.clear();
        keyspace.set_fields(b"h", &[b"f", b"v"]).unwrap();
        assert_eq!(taken(&keyspace), b"*4\r\n$4\r\nHSET\r\n$1\r\nh\r\n$1\r\nf\r\n$1\r\nv\r\n");
    }
}
