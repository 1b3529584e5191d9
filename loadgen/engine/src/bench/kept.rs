//! Connections that a client keeps between its requests: one to each host and port that it has talked to. Owns which of them
//! go when there are too many.

/// Most that a client keeps. It limits file descriptors where a list of URLs names many hosts.
const MOST: usize = 32;

/// Kept connections by the index of their origin, the one used last at the end.
#[derive(Debug)]
pub(super) struct Kept<C>(Vec<(usize, C)>);

impl<C> Default for Kept<C> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C> Kept<C> {
    /// The connection to `origin`; it is the caller's now.
    pub(super) fn take(&mut self, origin: usize) -> Option<C> {
        let at = self.0.iter().rposition(|(known, _)| *known == origin)?;
        Some(self.0.remove(at).1)
    }

    /// Keeps a connection to `origin`, in place of the one that was not used for longest if there are too many.
    pub(super) fn keep(&mut self, origin: usize, connection: C) {
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push((origin, connection));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_has_its_connection_and_gives_it_once() {
        let mut kept = Kept::default();
        kept.keep(0, 'a');
        kept.keep(1, 'b');
        assert_eq!((kept.take(0), kept.take(0), kept.take(1)), (Some('a'), None, Some('b')));
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_goes() {
        let mut kept = Kept::default();
        for origin in 0..MOST {
            kept.keep(origin, origin);
        }
        let first = kept.take(0).unwrap();
        kept.keep(0, first);
        kept.keep(MOST, MOST);
        assert_eq!((kept.take(0), kept.take(1), kept.take(MOST)), (Some(0), None, Some(MOST)));
    }
}
