//! What one client is in the middle of: who it says it is, and its transaction. A session decides what becomes of each
//! command it is given: refused, queued or run. What a command does to the data is the business of `command`.

use bytes::Bytes;

use crate::access::Access;
use crate::command::{self, Command, Context, Control, Run};
use crate::failure::Failure;
use crate::keyspace::Keyspace;
use crate::moment::Moment;
use crate::protocol::Protocol;
use crate::reply::Reply;
use crate::transaction::{Transaction, Verdict};

/// Who the client is, and what it reads.
#[derive(Debug)]
pub(crate) struct Client {
    /// Unique among all clients of this store's life.
    pub(crate) id: u64,
    /// What CLIENT SETNAME gave it; empty for none.
    pub(crate) name: Bytes,
    pub(crate) protocol: Protocol,
    pub(crate) access: Access,
}

/// What the connection has to do about a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Reply(Reply),
    /// Answer, then close the connection.
    Farewell(Reply),
    /// Stop the store, without an answer.
    Shutdown,
}

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    transaction: Transaction,
}

impl Session {
    pub(crate) fn new(id: u64, access: Access) -> Self {
        let client = Client { id, name: Bytes::new(), protocol: Protocol::default(), access };
        Self { client, transaction: Transaction::default() }
    }

    /// The client's number.
    pub(crate) fn id(&self) -> u64 {
        self.client.id
    }

    /// How to write the answers, beginning with the one to the command executed last.
    pub(crate) fn protocol(&self) -> Protocol {
        self.client.protocol
    }

    /// Takes one command, its name first; keys that are due at `now` are gone before it.
    pub(crate) fn execute(&mut self, keyspace: &mut Keyspace, words: &[&[u8]], now: Moment) -> Answer {
        keyspace.expire(now);
        keyspace.effects.seal();
        let answer = self.admit(keyspace, words, now).unwrap_or_else(|refused| {
            self.transaction.abort();
            Answer::Reply(refused.into())
        });
        keyspace.effects.seal();
        answer
    }

    /// Whether the client has begun a transaction and not ended it.
    pub(crate) fn in_transaction(&self) -> bool {
        self.transaction.is_open()
    }

    /// Lets go of what the session holds in the keyspace.
    pub(crate) fn end(&mut self, keyspace: &mut Keyspace) {
        self.transaction.reset(keyspace);
    }

    /// Queues or runs a command; fails if it could be neither.
    fn admit(&mut self, keyspace: &mut Keyspace, words: &[&[u8]], now: Moment) -> Result<Answer, Failure> {
        let (command, arguments) = command::find(words)?;
        if !command.is_for_all && !self.client.access.is_granted() {
            return Err(Failure::NoAccess);
        }
        if !self.transaction.is_open() {
            return Ok(self.run(keyspace, command, arguments, now));
        }
        match command.run {
            Run::Control(Control::Shutdown) => Err(Failure::NotInTransaction),
            Run::Control(control) if control != Control::Unwatch => {
                Ok(self.run(keyspace, command, arguments, now))
            }
            _ => {
                self.transaction.queue(words);
                Ok(Answer::Reply(Reply::Simple("QUEUED")))
            }
        }
    }

    fn run(
        &mut self,
        keyspace: &mut Keyspace,
        command: &Command,
        arguments: &[&[u8]],
        now: Moment,
    ) -> Answer {
        let result = match command.run {
            Run::Plain(run) => {
                run(&mut Context { keyspace, client: &mut self.client, now }, arguments).map(Answer::Reply)
            }
            Run::Control(control) => self.control(keyspace, control, arguments, now),
        };
        result.unwrap_or_else(|failure| Answer::Reply(failure.into()))
    }

    fn control(
        &mut self,
        keyspace: &mut Keyspace,
        control: Control,
        arguments: &[&[u8]],
        now: Moment,
    ) -> Result<Answer, Failure> {
        Ok(Answer::Reply(match control {
            Control::Multi => {
                self.transaction.open()?;
                Reply::OK
            }
            Control::Exec => self.exec(keyspace, now)?,
            Control::Discard => {
                self.transaction.discard(keyspace)?;
                Reply::OK
            }
            Control::Watch => {
                arguments.iter().try_for_each(|key| self.transaction.watch(keyspace, key))?;
                Reply::OK
            }
            Control::Unwatch => {
                self.transaction.unwatch(keyspace);
                Reply::OK
            }
            Control::Reset => {
                self.transaction.reset(keyspace);
                self.client.name.clear();
                self.client.protocol = Protocol::default();
                self.client.access.forget();
                Reply::Simple("RESET")
            }
            Control::Quit => return Ok(Answer::Farewell(Reply::OK)),
            Control::Shutdown => {
                command::check_shutdown(arguments)?;
                return Ok(Answer::Shutdown);
            }
        }))
    }

    fn exec(&mut self, keyspace: &mut Keyspace, now: Moment) -> Result<Reply, Failure> {
        let queue = match self.transaction.close(keyspace)? {
            Verdict::Conflict => return Ok(Reply::NilArray),
            Verdict::Run(queue) => queue,
        };
        let replies = queue.iter().map(|words| {
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            // Looked up again rather than kept: the queue then holds nothing but what the client sent.
            match command::find(&words) {
                Ok((command, arguments)) => self.run(keyspace, command, arguments, now),
                Err(failure) => Answer::Reply(failure.into()),
            }
        });
        // Only what is answered by a reply can have been queued.
        Ok(Reply::Array(
            replies
                .filter_map(|answer| if let Answer::Reply(reply) = answer { Some(reply) } else { None })
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_ends_leaves_no_watch_behind() {
        let mut keyspace = Keyspace::default();
        let mut session = Session::new(1, Access::default());
        session.execute(&mut keyspace, &[b"WATCH", b"a", b"b", b"a"], Moment(0));
        assert!(!keyspace.watches.is_empty());
        session.end(&mut keyspace);
        assert!(keyspace.watches.is_empty());
    }

    #[test]
    fn quit_is_answered_and_then_the_connection_ends() {
        let answer =
            Session::new(1, Access::default()).execute(&mut Keyspace::default(), &[b"QUIT"], Moment(0));
        assert_eq!(answer, Answer::Farewell(Reply::OK));
    }

    #[test]
    fn a_transaction_is_one_unit_of_effects() {
        let mut keyspace = Keyspace::default();
        keyspace.effects.enable();
        let mut session = Session::new(1, Access::default());
        for command in [&[&b"MULTI"[..]][..], &[b"INCR", b"n"], &[b"SETNX", b"k", b"v"], &[b"EXEC"]] {
            session.execute(&mut keyspace, command, Moment(0));
        }
        let effects = String::from_utf8_lossy(keyspace.effects.sealed()).into_owned();
        let words: Vec<_> = effects.lines().filter(|line| !line.starts_with(['*', '$'])).collect();
        assert_eq!(words.join(" "), "MULTI SET n 1 KEEPTTL SET k v EXEC");
    }
}
