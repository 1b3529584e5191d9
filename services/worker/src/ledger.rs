//! Loops done, added to `hashes` exactly once each, through restarts of redis and connections that break off.
//!
//! Loops go out in batches, each with a sequence number. The number of the last batch stands beside the counter, in
//! `ledger:ID`, and both change in one transaction:
//!
//! ```text
//! WATCH ledger:ID ; GET ledger:ID       is it this batch's number? then the batch is counted: done
//! MULTI ; INCRBY hashes N ; SET ledger:ID SEQUENCE EX 86400 ; EXEC
//! ```
//!
//! When the answer to EXEC is lost, nobody knows whether the batch is counted. The same procedure is then run again over
//! a new connection, with the same number and the same N; loops done meanwhile wait for the next batch. One danger is
//! left: the first EXEC may still be under way, in some buffer, and be executed after the new connection's GET. WATCH
//! makes it harmless, whichever of the two EXECs is executed first. An EXEC is sent only when the answer to GET is here,
//! so its connection watches the key by then, and either EXEC changes the key:
//!
//! - the old one first: the new one fails (its answer is nil), and the procedure starts over and finds the number;
//! - the new one first: the old one fails, and its answer interests nobody. So it does after any number of batches.
//!
//! A restart of redis ends the connections and with them every EXEC under way. Counter and number are of one
//! transaction, so a redis that comes back with older data has forgotten both or none of them.
//!
//! Redis does not roll back: should INCRBY fail, as it does when somebody has made `hashes` a list, SET is done
//! nevertheless. That answer says for sure that nothing was counted, so the loops get a new number. Two limits: a batch
//! whose INCRBY failed and whose answer was lost is taken for counted, and the key's life of one day has to outlast the
//! time in which the outcome of a batch is unknown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult, Value};
use tokio::sync::Mutex;

use crate::link::Link;
use crate::outage::Outage;
use crate::tally::Tally;

/// The counter.
const HASHES: &str = "hashes";

/// The least time from the end of one flush to the next.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long redis remembers a worker, in seconds.
const MEMORY: u32 = 24 * 60 * 60;

/// What redis is told of the loops done. Any wait may be abandoned: a batch is settled or stays open.
#[derive(Debug)]
pub(crate) struct Ledger {
    key: String,
    link: Link,
    outage: Arc<Outage>,
    tally: Arc<Tally>,
    /// Loops of no batch yet.
    pending: AtomicU64,
    book: Mutex<Book>,
}

/// What only one loop at a time deals with.
#[derive(Debug, Default)]
struct Book {
    due_at: Option<Instant>,
    last_sequence: u64,
    open: Option<Batch>,
    connection: Option<MultiplexedConnection>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Batch {
    sequence: u64,
    loops: u64,
}

/// What became of a batch.
enum Outcome {
    Counted,
    /// The key changed under our eyes.
    Overtaken,
    /// Nothing was counted, but the number is used up.
    Refused(RedisError),
}

impl Ledger {
    /// An empty ledger, under a name that no other worker ever has.
    pub(crate) fn new(hostname: &str, link: Link, outage: Arc<Outage>, tally: Arc<Tally>) -> Self {
        let key = format!("ledger:{hostname}:{:032x}", rand::rng().random::<u128>());
        Self { key, link, outage, tally, pending: AtomicU64::new(0), book: Mutex::default() }
    }

    /// One more loop is done.
    pub(crate) fn add(&self) {
        self.pending.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells redis of the loops done, if it has not been told for a second and nobody is at it; says whether it did.
    pub(crate) async fn flush_if_due(&self, now: Instant) -> bool {
        let Ok(mut book) = self.book.try_lock() else { return false };
        if book.due_at.is_some_and(|due_at| now < due_at) {
            return false;
        }
        self.settle(&mut book).await;
        book.due_at = Some(Instant::now() + INTERVAL);
        true
    }

    /// Tells redis of everything that it does not know yet.
    pub(crate) async fn close(&self) {
        let mut book = self.book.lock().await;
        while book.open.is_some() || self.pending.load(Ordering::Relaxed) > 0 {
            self.settle(&mut book).await;
        }
    }

    /// Tries until the open batch, or else a new one, is counted.
    async fn settle(&self, book: &mut Book) {
        if book.open.is_none() {
            let loops = self.pending.swap(0, Ordering::Relaxed);
            tracing::info!("{loops} units of work done, updating hash counter");
            book.open(loops);
        }
        let mut tries = self.outage.tries();
        while tries.settle(self.attempt(book).await).await.is_none() {}
    }

    /// Tries to have the open batch counted.
    async fn attempt(&self, book: &mut Book) -> RedisResult<()> {
        while let Some(batch) = book.open {
            // Whatever goes wrong from here on, an abandoned wait included, costs the connection.
            let mut connection = match book.connection.take() {
                Some(connection) => connection,
                None => self.link.connect().await?,
            };
            match self.transact(&mut connection, batch).await? {
                Outcome::Counted => {
                    book.connection = Some(connection);
                    book.open = None;
                    self.tally.sent(batch.loops);
                }
                Outcome::Overtaken => {}
                Outcome::Refused(error) => {
                    book.open(batch.loops);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    async fn transact(&self, connection: &mut MultiplexedConnection, batch: Batch) -> RedisResult<Outcome> {
        let mut look = redis::pipe();
        look.cmd("WATCH").arg(&self.key).ignore().get(&self.key);
        let (known,): (Option<u64>,) = look.query_async(connection).await?;
        if known == Some(batch.sequence) {
            return Ok(Outcome::Counted);
        }
        let mut count = redis::pipe();
        count.atomic().ignore_errors().cmd("INCRBY").arg(HASHES).arg(batch.loops);
        count.cmd("SET").arg(&self.key).arg(batch.sequence).arg("EX").arg(MEMORY);
        let answers: Option<Vec<RedisResult<Value>>> = count.query_async(connection).await?;
        Ok(match answers.map(|answers| answers.into_iter().find_map(Result::err)) {
            None => Outcome::Overtaken,
            Some(None) => Outcome::Counted,
            Some(Some(error)) => Outcome::Refused(error),
        })
    }
}

impl Book {
    /// Opens a batch under a number of its own.
    fn open(&mut self, loops: u64) {
        self.last_sequence += 1;
        self.open = Some(Batch { sequence: self.last_sequence, loops });
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        let open = self.book.get_mut().open.map_or(0, |batch| batch.loops);
        let unsent = open + *self.pending.get_mut();
        if unsent > 0 {
            tracing::warn!("{unsent} units of work may not be counted: redis did not answer in time");
        }
    }
}

#[cfg(test)]
mod tests;
