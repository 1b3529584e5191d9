//! One client's MULTI and WATCH: the commands it has queued, and the keys whose change makes its EXEC answer nothing.

use bytes::Bytes;

use crate::failure::Failure;
use crate::keyspace::Keyspace;
use crate::watches::Version;

/// A queued command: its words.
pub(crate) type Queued = Vec<Vec<u8>>;

/// How an EXEC goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The commands may run.
    Run(Vec<Queued>),
    /// A watched key has changed.
    Conflict,
}

/// The state of a client's transaction.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    /// None outside MULTI.
    queue: Option<Vec<Queued>>,
    /// A command could not be queued, so nothing of the transaction may run.
    aborted: bool,
    watched: Vec<(Bytes, Version)>,
}

impl Transaction {
    /// Whether commands are being queued.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.is_some()
    }

    /// MULTI.
    pub(crate) fn open(&mut self) -> Result<(), Failure> {
        if self.is_open() {
            return Err(Failure::NestedMulti);
        }
        self.queue = Some(Vec::new());
        Ok(())
    }

    /// Queues a command, if the transaction is open.
    pub(crate) fn queue(&mut self, words: &[&[u8]]) {
        if let Some(queue) = &mut self.queue {
            queue.push(words.iter().map(|word| word.to_vec()).collect());
        }
    }

    /// Notes that a command was refused; outside MULTI that is of no consequence.
    pub(crate) fn abort(&mut self) {
        self.aborted = self.is_open();
    }

    /// WATCH; a key that is watched already keeps the version it was first seen at.
    pub(crate) fn watch(&mut self, keyspace: &mut Keyspace, key: &[u8]) -> Result<(), Failure> {
        if self.is_open() {
            return Err(Failure::WatchInsideMulti);
        }
        if self.watched.iter().all(|(watched, _)| watched != key) {
            let key = Bytes::copy_from_slice(key);
            let version = keyspace.watches.watch(&key);
            self.watched.push((key, version));
        }
        Ok(())
    }

    /// UNWATCH.
    pub(crate) fn unwatch(&mut self, keyspace: &mut Keyspace) {
        for (key, _) in self.watched.drain(..) {
            keyspace.watches.unwatch(&key);
        }
    }

    /// EXEC: ends the transaction and tells whether its commands may run.
    pub(crate) fn close(&mut self, keyspace: &mut Keyspace) -> Result<Verdict, Failure> {
        let queue = self.queue.take().ok_or(Failure::WithoutMulti("EXEC"))?;
        let aborted = std::mem::take(&mut self.aborted);
        let changed = self.watched.iter().any(|(key, seen)| keyspace.watches.version(key) != Some(*seen));
        self.unwatch(keyspace);
        match (aborted, changed) {
            (true, _) => Err(Failure::ExecAbort),
            (false, true) => Ok(Verdict::Conflict),
            (false, false) => Ok(Verdict::Run(queue)),
        }
    }

    /// DISCARD.
    pub(crate) fn discard(&mut self, keyspace: &mut Keyspace) -> Result<(), Failure> {
        self.queue.take().ok_or(Failure::WithoutMulti("DISCARD"))?;
        self.reset(keyspace);
        Ok(())
    }

    /// Forgets everything, as when the client leaves.
    pub(crate) fn reset(&mut self, keyspace: &mut Keyspace) {
        self.queue = None;
        self.aborted = false;
        self.unwatch(keyspace);
    }
}

#[cfg(test)]
mod tests {
    use crate::script::check;

    #[test]
    fn queued_commands_run_together_at_exec() {
        check(
            r"
            MULTI => +OK
            INCR n => +QUEUED
            HSET h f v => +QUEUED
            b: GET n => $-1
            EXEC => *2 :1 :1
            b: GET n => $1 1
            MULTI => +OK
            EXEC => *0
            ",
        );
    }

    #[test]
    fn a_command_that_fails_at_exec_stops_none_of_the_others() {
        check(
            r"
            SET k text => +OK
            MULTI => +OK
            INCR k => +QUEUED
            INCR n => +QUEUED
            EXEC => *2 -ERR value is not an integer or out of range :1
            ",
        );
    }

    #[test]
    fn a_command_that_cannot_be_queued_aborts_the_transaction() {
        check(
            r"
            MULTI => +OK
            INCR n => +QUEUED
            GET => -ERR wrong number of arguments for 'get' command
            EXEC => -EXECABORT Transaction discarded because of previous errors.
            GET n => $-1
            EXEC => -ERR EXEC without MULTI
            ",
        );
    }

    #[test]
    fn a_transaction_can_be_discarded() {
        check(
            r"
            MULTI => +OK
            INCR n => +QUEUED
            DISCARD => +OK
            EXISTS n => :0
            DISCARD => -ERR DISCARD without MULTI
            ",
        );
    }

    #[test]
    fn transactions_do_not_nest() {
        check(
            r"
            MULTI => +OK
            MULTI => -ERR MULTI calls can not be nested
            EXEC => *0
            ",
        );
    }

    #[test]
    fn a_change_of_a_watched_key_by_another_client_makes_exec_answer_nothing() {
        check(
            r"
            WATCH n => +OK
            b: INCR n => :1
            MULTI => +OK
            INCR n => +QUEUED
            EXEC => *-1
            GET n => $1 1
            MULTI => +OK
            INCR n => +QUEUED
            EXEC => *1 :2
            ",
        );
    }

    #[test]
    fn to_a_client_that_reads_resp3_a_conflict_is_null_and_maps_stay_maps() {
        check(
            r"
            b: HSET h f v => :1
            HELLO 3 => %7 $6 server $5 redis $7 version $5 7.0.0 $5 proto :3 $2 id :1 $4 mode $10 standalone $4 role $6 master $7 modules *0
            MULTI => +OK
            HGETALL h => +QUEUED
            GET n => +QUEUED
            EXEC => *2 %1 $1 f $1 v _
            WATCH n => +OK
            b: INCR n => :1
            MULTI => +OK
            EXEC => _
            ",
        );
    }

    #[test]
    fn other_keys_and_mere_reads_are_no_conflict() {
        check(
            r"
            SET n 1 => +OK
            WATCH n m => +OK
            b: GET n => $1 1
            b: SET other 1 => +OK
            b: DEL m => :0
            MULTI => +OK
            EXEC => *0
            ",
        );
    }

    #[test]
    fn a_key_that_came_and_went_or_expired_is_a_conflict() {
        check(
            r"
            WATCH n => +OK
            b: SET n 1 => +OK
            b: DEL n => :1
            MULTI => +OK
            EXEC => *-1
            @1000
            SET n 1 PX 500 => +OK
            WATCH n => +OK
            @1500
            MULTI => +OK
            EXEC => *-1
            ",
        );
    }

    #[test]
    fn unwatch_discard_and_reset_end_the_watching() {
        check(
            r"
            WATCH n => +OK
            b: INCR n => :1
            UNWATCH => +OK
            MULTI => +OK
            EXEC => *0
            WATCH n => +OK
            MULTI => +OK
            DISCARD => +OK
            b: INCR n => :2
            MULTI => +OK
            EXEC => *0
            WATCH n => +OK
            MULTI => +OK
            RESET => +RESET
            b: INCR n => :3
            EXEC => -ERR EXEC without MULTI
            MULTI => +OK
            EXEC => *0
            ",
        );
    }

    #[test]
    fn inside_a_transaction_unwatch_is_queued_and_watch_and_shutdown_are_refused() {
        check(
            r"
            WATCH n => +OK
            b: INCR n => :1
            MULTI => +OK
            UNWATCH => +QUEUED
            EXEC => *-1
            MULTI => +OK
            WATCH n => -ERR WATCH inside MULTI is not allowed
            UNWATCH => +QUEUED
            EXEC => *1 +OK
            MULTI => +OK
            SHUTDOWN => -ERR Command not allowed inside a transaction
            EXEC => -EXECABORT Transaction discarded because of previous errors.
            ",
        );
    }
}
