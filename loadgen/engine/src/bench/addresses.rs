//! The addresses behind a target's name. Owns looking them up again and again, and giving each its turn: a name with three
//! replicas behind it is three servers, and one that comes later is a fourth.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::endpoint::{Endpoint, Family};
use crate::error::ExchangeError;

/// How long a name's addresses are believed.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// The addresses of one endpoint, as one thread knows them; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Addresses(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    family: Family,
    known: RefCell<Rc<[SocketAddr]>>,
    looked_up_at: Cell<Option<Instant>>,
    turn: Cell<usize>,
}

impl Addresses {
    /// Of `endpoint`; `first` is whose turn it is first, so that threads begin with different ones.
    pub(super) fn new(endpoint: Endpoint, family: Family, first: usize) -> Self {
        let (known, looked_up_at) = (RefCell::new(Rc::from([])), Cell::new(None));
        Self(Rc::new(Inner { endpoint, family, known, looked_up_at, turn: Cell::new(first) }))
    }

    /// All addresses, the one whose turn it is first; and how long that took to find out, if a name had to be looked up.
    pub(super) async fn next(&self) -> Result<(Vec<SocketAddr>, Option<Duration>), ExchangeError> {
        let took = if self.is_fresh() { None } else { self.look_up().await? };
        let known = self.0.known.borrow().clone();
        let turn = self.0.turn.get();
        self.0.turn.set(turn.wrapping_add(1));
        let mut addresses = known.to_vec();
        addresses.rotate_left(turn % known.len().max(1));
        Ok((addresses, took))
    }

    fn is_fresh(&self) -> bool {
        let fixed = matches!(self.0.endpoint, Endpoint::Address(_));
        self.0.looked_up_at.get().is_some_and(|at| fixed || at.elapsed() < FRESH_FOR)
    }

    async fn look_up(&self) -> Result<Option<Duration>, ExchangeError> {
        let began_at = Instant::now();
        let mut addresses = self.0.endpoint.resolve_in(self.0.family).await?;
        // Resolvers shuffle; a turn means something only over a fixed order.
        addresses.sort_unstable();
        addresses.dedup();
        *self.0.known.borrow_mut() = addresses.into();
        self.0.looked_up_at.set(Some(Instant::now()));
        Ok(self.0.endpoint.is_named().then(|| began_at.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_address_of_a_name_gets_its_turn() {
        let endpoint = Endpoint::Name { host: "localhost".to_owned(), port: 80 };
        let addresses = Addresses::new(endpoint, Family::Any, 0);
        let (all, took) = addresses.next().await.unwrap();
        assert!(took.is_some());
        let mut firsts = vec![all[0]];
        for _ in 1..all.len() {
            let (next, took) = addresses.next().await.unwrap();
            assert!(took.is_none(), "it was looked up only just now");
            firsts.push(next[0]);
        }
        firsts.sort_unstable();
        assert_eq!(firsts, all);
    }

    #[tokio::test]
    async fn a_family_that_a_target_does_not_have_is_an_error() {
        let endpoint = Endpoint::Address(([127, 0, 0, 1], 80).into());
        assert_eq!(Addresses::new(endpoint.clone(), Family::V4, 0).next().await.unwrap().0.len(), 1);
        let error = Addresses::new(endpoint, Family::V6, 0).next().await.unwrap_err();
        assert_eq!(error.to_string(), "127.0.0.1 has no IPv6 address");
    }
}
