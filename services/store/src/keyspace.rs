//! The data. Everything that changes it is one of the few mutations below, and each of them does all that a change
//! entails: it bumps the key's version for those who watch it, and notes the effect for the journal.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;

use crate::effects::Effects;
use crate::failure::Failure;
use crate::moment::Moment;
use crate::value::{Entry, Hash, Lifetime, Value};
use crate::watches::Watches;

/// Keys with their values and deadlines.
#[derive(Debug, Default)]
pub(crate) struct Keyspace {
    entries: HashMap<Bytes, Entry>,
    /// The entries that have a deadline, the earliest first.
    deadlines: BTreeSet<(Moment, Bytes)>,
    pub(crate) watches: Watches,
    pub(crate) effects: Effects,
}

/// Reading.
impl Keyspace {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The string at `key`.
    pub(crate) fn text(&self, key: &[u8]) -> Result<Option<&Bytes>, Failure> {
        match self.get(key).map(|entry| &entry.value) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Hash(_)) => Err(Failure::WrongType),
        }
    }

    /// The hash at `key`.
    pub(crate) fn hash(&self, key: &[u8]) -> Result<Option<&Hash>, Failure> {
        match self.get(key).map(|entry| &entry.value) {
            None => Ok(None),
            Some(Value::Hash(hash)) => Ok(Some(hash)),
            Some(Value::Text(_)) => Err(Failure::WrongType),
        }
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.entries.contains_key(key)
    }

    /// Every key with what it holds; also those that are overdue, until the next command.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Bytes, &Entry)> {
        self.entries.iter()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Bytes> {
        self.entries.keys()
    }

    /// The number of keys.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of keys that have a deadline.
    pub(crate) fn mortal(&self) -> usize {
        self.deadlines.len()
    }
}

/// Changing.
impl Keyspace {
    /// Makes `key` hold a string, whatever it held before.
    pub(crate) fn set(&mut self, key: &[u8], text: &[u8], lifetime: Lifetime) {
        let before = self.entries.get(key).and_then(|entry| entry.deadline);
        let deadline = match lifetime {
            Lifetime::Unlimited => None,
            Lifetime::Until(deadline) => Some(deadline),
            Lifetime::Kept => before,
        };
        self.reschedule(key, before, deadline);
        let value = Value::Text(Bytes::copy_from_slice(text));
        self.put(key, Entry { value, deadline });
        match lifetime {
            Lifetime::Unlimited => self.effects.note(&[b"SET", key, text]),
            Lifetime::Until(Moment(at)) => {
                self.effects.note(&[b"SET", key, text, b"PXAT", at.to_string().as_bytes()]);
            }
            Lifetime::Kept => self.effects.note(&[b"SET", key, text, b"KEEPTTL"]),
        }
        self.watches.touch(key);
    }

    /// Sets fields of the hash at `key`, given as field, value, field, value…; returns how many of them are new.
    pub(crate) fn set_fields(&mut self, key: &[u8], pairs: &[&[u8]]) -> Result<usize, Failure> {
        if self.hash(key)?.is_none() {
            self.put(key, Entry { value: Value::Hash(Hash::new()), deadline: None });
        }
        let Some(Entry { value: Value::Hash(hash), .. }) = self.entries.get_mut(key) else { return Ok(0) };
        let before = hash.len();
        for pair in pairs.chunks_exact(2) {
            hash.insert(Bytes::copy_from_slice(pair[0]), Bytes::copy_from_slice(pair[1]));
        }
        let added = hash.len() - before;
        self.effects.note(&[&[b"HSET", key], pairs].concat());
        self.watches.touch(key);
        Ok(added)
    }

    /// Removes fields of the hash at `key`, and the key with its last field; returns how many were there.
    pub(crate) fn remove_fields(&mut self, key: &[u8], fields: &[&[u8]]) -> Result<usize, Failure> {
        self.hash(key)?;
        let Some(Entry { value: Value::Hash(hash), deadline }) = self.entries.get_mut(key) else {
            return Ok(0);
        };
        let (before, deadline) = (hash.len(), *deadline);
        for field in fields {
            hash.remove(*field);
        }
        let (removed, emptied) = (before - hash.len(), hash.is_empty());
        if emptied {
            self.reschedule(key, deadline, None);
            self.entries.remove(key);
        }
        if removed > 0 {
            self.effects.note(&[&[b"HDEL", key], fields].concat());
            self.watches.touch(key);
        }
        Ok(removed)
    }

    /// Removes `key`; whether it was there.
    pub(crate) fn remove(&mut self, key: &[u8]) -> bool {
        let Some(entry) = self.entries.remove(key) else { return false };
        self.reschedule(key, entry.deadline, None);
        self.effects.note(&[b"DEL", key]);
        self.watches.touch(key);
        true
    }

    /// Gives `key` a deadline, or takes the one it has; whether the key was there.
    pub(crate) fn limit(&mut self, key: &[u8], deadline: Option<Moment>) -> bool {
        let Some(entry) = self.entries.get_mut(key) else { return false };
        let before = std::mem::replace(&mut entry.deadline, deadline);
        self.reschedule(key, before, deadline);
        match deadline {
            Some(Moment(at)) => self.effects.note(&[b"PEXPIREAT", key, at.to_string().as_bytes()]),
            None => self.effects.note(&[b"PERSIST", key]),
        }
        self.watches.touch(key);
        true
    }

    /// Removes every key.
    pub(crate) fn clear(&mut self) {
        for key in self.entries.keys() {
            self.watches.touch(key);
        }
        self.entries.clear();
        self.deadlines.clear();
        self.effects.note(&[b"FLUSHALL"]);
    }

    /// Removes the keys whose deadline has come.
    pub(crate) fn expire(&mut self, now: Moment) {
        while let Some((deadline, key)) = self.deadlines.first() {
            if *deadline > now {
                return;
            }
            let key = key.clone();
            self.remove(&key);
        }
    }

    fn put(&mut self, key: &[u8], entry: Entry) {
        match self.entries.get_mut(key) {
            Some(present) => *present = entry,
            None => {
                self.entries.insert(Bytes::copy_from_slice(key), entry);
            }
        }
    }

    fn reschedule(&mut self, key: &[u8], before: Option<Moment>, after: Option<Moment>) {
        if before == after {
            return;
        }
        let key = Bytes::copy_from_slice(key);
        if let Some(before) = before {
            self.deadlines.remove(&(before, key.clone()));
        }
        if let Some(after) = after {
            self.deadlines.insert((after, key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Moment = Moment(1_000);

    fn watched(keyspace: &mut Keyspace, change: impl FnOnce(&mut Keyspace)) -> bool {
        let key = Bytes::from("k");
        let before = keyspace.watches.watch(&key);
        change(keyspace);
        let after = keyspace.watches.version(&key);
        keyspace.watches.unwatch(&key);
        after != Some(before)
    }

    #[test]
    fn a_key_goes_when_its_deadline_has_come_and_not_before() {
        let mut keyspace = Keyspace::default();
        keyspace.set(b"k", b"v", Lifetime::Until(AT));
        keyspace.expire(Moment(999));
        assert!(keyspace.contains(b"k"));
        keyspace.expire(AT);
        assert!(!keyspace.contains(b"k"));
        assert_eq!(keyspace.mortal(), 0);
    }

    #[test]
    fn overwriting_a_key_ends_its_deadline_unless_it_is_kept() {
        let mut keyspace = Keyspace::default();
        keyspace.set(b"k", b"v", Lifetime::Until(AT));
        keyspace.set(b"k", b"w", Lifetime::Kept);
        assert_eq!(keyspace.get(b"k").unwrap().deadline, Some(AT));
        keyspace.set(b"k", b"w", Lifetime::Unlimited);
        keyspace.expire(AT);
        assert!(keyspace.contains(b"k"));
    }

    #[test]
    fn a_hash_goes_with_its_last_field_and_so_does_its_deadline() {
        let mut keyspace = Keyspace::default();
        keyspace.set_fields(b"k", &[b"f", b"1", b"g", b"2"]).unwrap();
        keyspace.limit(b"k", Some(AT));
        assert_eq!(keyspace.remove_fields(b"k", &[b"f", b"g", b"h"]), Ok(2));
        assert_eq!((keyspace.len(), keyspace.mortal()), (0, 0));
    }

    #[test]
    fn every_change_bumps_the_version_of_a_watched_key() {
        let mut keyspace = Keyspace::default();
        assert!(watched(&mut keyspace, |k| k.set(b"k", b"v", Lifetime::Unlimited)));
        assert!(watched(&mut keyspace, |k| assert!(k.limit(b"k", Some(AT)))));
        assert!(watched(&mut keyspace, |k| k.expire(AT)));
        assert!(watched(&mut keyspace, |k| assert_eq!(k.set_fields(b"k", &[b"f", b"v"]), Ok(1))));
        assert!(watched(&mut keyspace, |k| assert_eq!(k.remove_fields(b"k", &[b"f"]), Ok(1))));
        assert!(watched(&mut keyspace, |k| {
            k.set(b"k", b"v", Lifetime::Unlimited);
            k.clear();
        }));
        assert!(!watched(&mut keyspace, |k| {
            k.set(b"other", b"v", Lifetime::Unlimited);
            k.remove(b"k");
            k.clear();
        }));
    }
}
