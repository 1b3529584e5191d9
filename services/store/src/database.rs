//! The keyspace and the journal that keeps it. Whoever has executed commands commits them here before answering.

use std::path::Path;

use crate::journal::{Error, Journal};
use crate::keyspace::Keyspace;
use crate::moment::Moment;
use crate::session::{Answer, Session};

/// All that the clients share.
#[derive(Debug, Default)]
pub(crate) struct Database {
    keyspace: Keyspace,
    journal: Option<Journal>,
}

impl Database {
    /// Opens the database that is kept at `journal`, or an empty one that is not kept.
    pub(crate) fn open(journal: Option<&Path>) -> Result<Self, Error> {
        let mut keyspace = Keyspace::default();
        let journal = journal.map(|path| Journal::open(path, &mut keyspace)).transpose()?;
        if journal.is_some() {
            keyspace.effects.enable();
        }
        Ok(Self { keyspace, journal })
    }

    /// Executes one command of a client's, now.
    pub(crate) fn execute(&mut self, session: &mut Session, words: &[&[u8]]) -> Answer {
        session.execute(&mut self.keyspace, words, Moment::now())
    }

    /// Forgets a client that has left.
    pub(crate) fn leave(&mut self, session: &mut Session) {
        session.end(&mut self.keyspace);
    }

    /// Writes down all that was executed. Nothing of it may be answered before, nor at all if this fails.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        let units = self.keyspace.effects.sealed();
        if let Some(journal) = self.journal.as_mut().filter(|_| !units.is_empty()) {
            journal.append(units)?;
        }
        self.keyspace.effects.forget();
        Ok(())
    }
}
