//! The keys that some client watches, each with a version that grows whenever the key is changed. Keys that nobody
//! watches cost nothing.

use std::collections::HashMap;

use bytes::Bytes;

/// How often a watched key has changed since it was first watched by anyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version(u64);

#[derive(Debug, Default)]
struct Watched {
    watchers: usize,
    version: Version,
}

/// Versions by key.
#[derive(Debug, Default)]
pub(crate) struct Watches(HashMap<Bytes, Watched>);

impl Watches {
    /// Adds a watcher of `key` and tells the version it starts from.
    pub(crate) fn watch(&mut self, key: &Bytes) -> Version {
        let watched = self.0.entry(key.clone()).or_default();
        watched.watchers += 1;
        watched.version
    }

    /// Takes one watcher of `key` away.
    pub(crate) fn unwatch(&mut self, key: &Bytes) {
        if let Some(watched) = self.0.get_mut(key) {
            watched.watchers -= 1;
            if watched.watchers == 0 {
                self.0.remove(key);
            }
        }
    }

    /// The present version of a key that is watched.
    pub(crate) fn version(&self, key: &Bytes) -> Option<Version> {
        self.0.get(key).map(|watched| watched.version)
    }

    /// Notes that `key` has changed.
    pub(crate) fn touch(&mut self, key: &[u8]) {
        // Nearly always nobody watches anything: that must not cost a hash of the key.
        if self.0.is_empty() {
            return;
        }
        if let Some(watched) = self.0.get_mut(key) {
            watched.version.0 += 1;
        }
    }

    /// Whether nobody watches anything.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_changes_with_its_key_only() {
        let (a, b) = (Bytes::from("a"), Bytes::from("b"));
        let mut watches = Watches::default();
        let (before_a, before_b) = (watches.watch(&a), watches.watch(&b));
        watches.touch(b"a");
        assert_ne!(watches.version(&a), Some(before_a));
        assert_eq!(watches.version(&b), Some(before_b));
    }

    #[test]
    fn a_key_is_forgotten_with_its_last_watcher() {
        let key = Bytes::from("a");
        let mut watches = Watches::default();
        watches.watch(&key);
        watches.watch(&key);
        watches.unwatch(&key);
        assert!(!watches.is_empty());
        watches.unwatch(&key);
        assert!(watches.is_empty());
    }
}
