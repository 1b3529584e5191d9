//! The replicas behind a forwarder. Owns the list, the turn, and the count of dials under way; it opens no connection.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A handle to the list of replicas; clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Backends(Arc<Shared>);

/// What a backend has been given so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The backend.
    pub address: SocketAddr,
    /// Connections made to it since it was added.
    pub connections: u64,
}

#[derive(Debug, Default)]
struct Shared {
    ring: Mutex<Ring>,
    dial_ended: Notify,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Ring {
    entries: Vec<Count>,
    /// Index of the entry whose turn it is; may equal the length, which means the first.
    next: usize,
    /// Outlives an entry's removal, since a drain waits for it.
    dialling: HashMap<SocketAddr, usize>,
    unserved: u64,
}

impl Backends {
    /// An empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the list hold exactly `addresses`. Those already there keep their place and their turn, whatever the order
    /// given, so that a name server's rotation does not disturb the round robin.
    pub fn set(&self, addresses: &[SocketAddr]) {
        let mut ring = self.lock();
        let gone = |entry: &Count| !addresses.contains(&entry.address);
        while let Some(index) = ring.entries.iter().position(gone) {
            ring.remove(index);
        }
        for address in addresses {
            ring.add(*address);
        }
        drop(ring);
        self.0.changed.notify_waiters();
    }

    /// Appends a backend; one that is there already is left alone.
    pub fn add(&self, address: SocketAddr) {
        self.lock().add(address);
        self.0.changed.notify_waiters();
    }

    /// Takes a backend out: it gets no new connection, while those it has live on. A dial begun before is given up
    /// soon: see [`Backends::idle`].
    pub fn remove(&self, address: SocketAddr) {
        let mut ring = self.lock();
        if let Some(index) = ring.position(address) {
            ring.remove(index);
        }
        drop(ring);
        self.0.changed.notify_waiters();
    }

    /// Resolves once no connection to `address` is being dialled.
    pub async fn idle(&self, address: SocketAddr) {
        loop {
            let ended = self.0.dial_ended.notified();
            if !self.lock().dialling.contains_key(&address) {
                return;
            }
            ended.await;
        }
    }

    /// Resolves once there is a backend.
    pub(crate) async fn filled(&self) {
        self.until(|ring| !ring.entries.is_empty()).await;
    }

    /// Resolves once `address` is none of them.
    pub(crate) async fn removed(&self, address: SocketAddr) {
        self.until(|ring| ring.position(address).is_none()).await;
    }

    async fn until(&self, holds: impl Fn(&Ring) -> bool) {
        loop {
            let changed = self.0.changed.notified();
            if holds(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    /// The present backends, in turn, with what each was given.
    pub fn counts(&self) -> Vec<Count> {
        self.lock().entries.clone()
    }

    /// Clients' connections closed because no backend could be reached.
    pub fn unserved(&self) -> u64 {
        self.lock().unserved
    }

    pub(crate) fn record_unserved(&self) {
        self.lock().unserved += 1;
    }

    /// The backend whose turn it is, passing over those in `tried`.
    pub(crate) fn pick(&self, tried: &[SocketAddr]) -> Option<Dial> {
        let mut ring = self.lock();
        let address = ring.turn(tried)?;
        *ring.dialling.entry(address).or_default() += 1;
        Some(Dial { backends: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    fn position(&self, address: SocketAddr) -> Option<usize> {
        self.entries.iter().position(|entry| entry.address == address)
    }

    fn add(&mut self, address: SocketAddr) {
        if self.position(address).is_none() {
            self.entries.push(Count { address, connections: 0 });
        }
    }

    fn remove(&mut self, index: usize) {
        self.entries.remove(index);
        if index < self.next {
            self.next -= 1;
        }
    }

    fn turn(&mut self, tried: &[SocketAddr]) -> Option<SocketAddr> {
        let length = self.entries.len();
        let mut in_turn = (0..length).map(|step| (self.next + step) % length);
        let index = in_turn.find(|&index| !tried.contains(&self.entries[index].address))?;
        self.next = index + 1;
        Some(self.entries[index].address)
    }
}

/// A dial under way; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Dial {
    backends: Backends,
    pub(crate) address: SocketAddr,
}

impl Dial {
    /// The connection stands.
    pub(crate) fn established(self) {
        let mut ring = self.backends.lock();
        if let Some(index) = ring.position(self.address) {
            ring.entries[index].connections += 1;
        }
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        let mut ring = self.backends.lock();
        let left = ring.dialling.get_mut(&self.address).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            ring.dialling.remove(&self.address);
            self.backends.0.dial_ended.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn ports(backends: &Backends, turns: usize) -> Vec<u16> {
        (0..turns).map(|_| backends.pick(&[]).unwrap().address.port()).collect()
    }

    #[test]
    fn turns_are_strict() {
        let backends = Backends::new();
        backends.set(&[address(1), address(2), address(3)]);
        assert_eq!(ports(&backends, 7), [1, 2, 3, 1, 2, 3, 1]);
    }

    #[test]
    fn the_turn_survives_additions_and_removals() {
        let backends = Backends::new();
        backends.set(&[address(1), address(2), address(3)]);
        assert_eq!(ports(&backends, 2), [1, 2]);
        backends.remove(address(1));
        backends.add(address(4));
        assert_eq!(ports(&backends, 4), [3, 4, 2, 3]);
    }

    #[test]
    fn a_rotated_answer_of_the_name_server_does_not_disturb_the_turn() {
        let backends = Backends::new();
        backends.set(&[address(1), address(2)]);
        assert_eq!(ports(&backends, 1), [1]);
        backends.set(&[address(2), address(1), address(3)]);
        assert_eq!(ports(&backends, 3), [2, 3, 1]);
    }

    #[test]
    fn what_was_tried_is_passed_over() {
        let backends = Backends::new();
        assert!(backends.pick(&[]).is_none());
        backends.set(&[address(1), address(2)]);
        assert_eq!(backends.pick(&[address(1)]).unwrap().address, address(2));
        assert!(backends.pick(&[address(1), address(2)]).is_none());
    }

    #[tokio::test]
    async fn idle_waits_for_dials_even_after_the_removal() {
        let backends = Backends::new();
        backends.add(address(1));
        let dial = backends.pick(&[]).unwrap();
        backends.remove(address(1));
        let wait = tokio::time::timeout(Duration::from_millis(20), backends.idle(address(1)));
        assert!(wait.await.is_err(), "idle while a dial is under way");
        drop(dial);
        backends.idle(address(1)).await;
    }
}
