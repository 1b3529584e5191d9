//! Which replicas answered, by the header that names them. Owns the numbers that stand for their names, so that a request
//! costs a comparison and no allocation.

/// Replicas told apart; the names of more than these are taken together.
const MOST: usize = 1024;

/// A number for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReplicaId(usize);

/// The names seen so far, in order of appearance.
#[derive(Debug)]
pub(super) struct Replicas {
    header: String,
    names: Vec<String>,
}

impl Replicas {
    /// None seen; `header` names them.
    pub(super) fn new(header: &str) -> Self {
        Self { header: header.to_owned(), names: Vec::new() }
    }

    pub(super) fn header(&self) -> &str {
        &self.header
    }

    pub(super) fn id(&mut self, name: &[u8]) -> ReplicaId {
        if let Some(known) = self.names.iter().position(|known| known.as_bytes() == name) {
            return ReplicaId(known);
        }
        if self.names.len() < MOST {
            self.names.push(String::from_utf8_lossy(name).into_owned());
        }
        ReplicaId(self.names.len() - 1)
    }

    pub(super) fn name(&self, id: ReplicaId) -> &str {
        self.names.get(id.0).map_or("", String::as_str)
    }
}
