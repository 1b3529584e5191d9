//! Reading a journal back: its commands are run as a client's would be, so that a transaction counts when its EXEC is
//! there and not before.

use std::io::{self, Read};

use thiserror::Error;

use crate::access::Access;
use crate::keyspace::Keyspace;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::request::Parser;
use crate::session::{Answer, Session};

/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Why a journal cannot be read back.
#[derive(Debug, Error)]
pub(crate) enum Defect {
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("{reason}")]
    Corrupt {
        /// Where the first bad command starts, in bytes.
        offset: u64,
        reason: String,
    },
}

/// Applies all complete units of `journal`; returns the length of the journal up to the end of the last one, in bytes.
/// What comes after it is the start of a unit that was never finished.
pub(crate) fn replay(mut journal: impl Read, keyspace: &mut Keyspace) -> Result<u64, Defect> {
    let mut parser = Parser::for_journal();
    let mut session = Session::new(0, Access::default());
    let mut intact = 0;
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = match journal.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        parser.buffer().extend_from_slice(&chunk[..length]);
        while step(&mut parser, &mut session, keyspace)? {
            if !session.in_transaction() {
                intact = parser.position();
            }
        }
    }
    session.end(keyspace);
    Ok(intact)
}

/// Runs the next command; whether there was a complete one.
fn step(parser: &mut Parser, session: &mut Session, keyspace: &mut Keyspace) -> Result<bool, Defect> {
    let offset = parser.position();
    let corrupt = |reason: String| Defect::Corrupt { offset, reason };
    let Some(words) = parser.next().map_err(|error| corrupt(error.to_string()))? else { return Ok(false) };
    let Answer::Reply(reply) = session.execute(keyspace, &words, Moment::DAWN) else {
        return Err(corrupt("a command that has no place in a journal".to_owned()));
    };
    match refusal(&reply) {
        Some(reason) => Err(corrupt(reason.to_owned())),
        None => Ok(true),
    }
}

/// The error in a reply, if there is one.
fn refusal(reply: &Reply) -> Option<&str> {
    match reply {
        Reply::Error(reason) => Some(reason),
        Reply::Array(replies) => replies.iter().find_map(refusal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::encode_command;

    fn journal(commands: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for command in commands {
            let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
            encode_command(&mut bytes, words.into_iter());
        }
        bytes
    }

    #[test]
    fn a_journal_cut_anywhere_gives_a_prefix_of_its_units() {
        let units = [journal(&["SET a 1"]), journal(&["MULTI", "SET b 2", "HSET h f v", "EXEC"])];
        let whole = units.concat();
        for cut in 0..=whole.len() {
            let mut keyspace = Keyspace::default();
            let intact = replay(&whole[..cut], &mut keyspace).unwrap();
            let complete = if cut == whole.len() { 2 } else { usize::from(cut >= units[0].len()) };
            assert_eq!(intact, units[..complete].concat().len() as u64, "cut at {cut}");
            assert_eq!(keyspace.len(), [0, 1, 3][complete], "cut at {cut}");
        }
    }

    #[test]
    fn a_bad_command_is_told_by_its_offset() {
        let good = journal(&["SET a 1"]);
        let after = good.len() as u64;
        for (bad, expected) in [
            (b"garbage\r\n".to_vec(), "Protocol error: expected '*', got 'g'"),
            (journal(&["HSET a f v"]), "WRONGTYPE Operation against a key holding the wrong kind of value"),
            (journal(&["SHUTDOWN"]), "a command that has no place in a journal"),
        ] {
            let bytes = [good.clone(), bad, good.clone()].concat();
            match replay(&*bytes, &mut Keyspace::default()) {
                Err(Defect::Corrupt { offset, reason }) => {
                    assert_eq!((offset, reason.as_str()), (after, expected));
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn deadlines_do_not_come_during_a_replay() {
        let mut keyspace = Keyspace::default();
        replay(&*journal(&["SET a 1 PXAT 1", "SET a 2 KEEPTTL"]), &mut keyspace).unwrap();
        assert_eq!(keyspace.text(b"a").unwrap().unwrap(), "2");
        keyspace.expire(Moment(1));
        assert!(!keyspace.contains(b"a"));
    }
}
