//! Which replicas answered, by the header that names them. Owns the numbers that stand for their names, so that a request
//! costs a comparison and no allocation, and how many of them are told apart.

/// Names told apart; the answers of any more are counted together. It bounds the memory that a server can make us take.
pub(super) const MOST: usize = 256;

/// Bytes of a name; a longer one is none.
const LONGEST: usize = 256;

/// A number for a name, or for all that are not told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReplicaId(Option<usize>);

/// The names seen so far, in order of appearance.
#[derive(Debug)]
pub(super) struct Replicas {
    header: String,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    bytes: Box<[u8]>,
    text: String,
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
        let known = self.names.iter().position(|known| *known.bytes == *name);
        if known.is_some() || self.names.len() >= MOST || name.len() > LONGEST {
            return ReplicaId(known);
        }
        self.names.push(Name { bytes: name.into(), text: String::from_utf8_lossy(name).into_owned() });
        ReplicaId(Some(self.names.len() - 1))
    }

    /// `None` if it stands for all that are not told apart.
    pub(super) fn name(&self, id: ReplicaId) -> Option<&str> {
        Some(&self.names.get(id.0?)?.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_and_those_beyond_the_most_are_nobodys() {
        let mut replicas = Replicas::new("x-served-by");
        let ids: Vec<_> = (0..MOST + 5).map(|at| replicas.id(at.to_string().as_bytes())).collect();
        assert_eq!(replicas.id(b"7"), ids[7]);
        assert_eq!((replicas.name(ids[7]), replicas.name(ids[MOST - 1])), (Some("7"), Some("255")));
        assert!(ids[MOST..].iter().all(|id| replicas.name(*id).is_none()));
    }

    #[test]
    fn a_name_that_is_no_text_is_known_again_and_one_without_end_is_none() {
        let mut replicas = Replicas::new("x-served-by");
        let id = replicas.id(b"a\xff");
        assert_eq!((replicas.id(b"a\xff"), replicas.name(id)), (id, Some("a\u{fffd}")));
        let long = replicas.id(&[b'x'; LONGEST + 1]);
        assert_eq!(replicas.name(long), None);
    }
}
