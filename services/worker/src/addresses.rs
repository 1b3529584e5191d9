//! Which of an upstream's replicas a new connection goes to: all the addresses of its name, in turn or at random.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::RngExt;

use crate::failure::Failure;
use crate::origin::Origin;

/// Which replica a new connection goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum AddressChoice {
    /// Each in turn, from a random one on
    #[default]
    RoundRobin,
    /// Any
    Random,
}

/// A look-up under way.
pub(crate) type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Where addresses come from.
enum Source {
    /// The URL said it.
    Literal(SocketAddr),
    /// Asked anew each time: replicas come and go.
    Name(Box<dyn Fn() -> Lookup + Send + Sync>),
}

/// The addresses of one upstream, and whose turn it is.
pub(crate) struct Addresses {
    host: String,
    source: Source,
    choice: AddressChoice,
    turn: AtomicUsize,
}

impl Addresses {
    /// The addresses of the host of `origin`, from the system's resolver.
    pub(crate) fn of(origin: &Origin, choice: AddressChoice) -> Self {
        let (host, port) = (origin.host().to_owned(), origin.port());
        let source = match host.parse::<IpAddr>() {
            Ok(address) => Source::Literal(SocketAddr::new(address, port)),
            Err(_) => Source::Name(system_resolver(host.clone(), port)),
        };
        Self { host, source, choice, turn: AtomicUsize::new(rand::rng().random_range(0..1 << 16)) }
    }

    /// All of them, the one whose turn it is first, the others in the order in which to try them if it refuses.
    pub(crate) async fn next(&self) -> Result<Vec<SocketAddr>, Failure> {
        let mut addresses = match &self.source {
            Source::Literal(address) => return Ok(vec![*address]),
            Source::Name(lookup) => {
                lookup().await.map_err(|source| Failure::Resolve { host: self.host.clone(), source })?
            }
        };
        // Resolvers shuffle; a turn means something only over a fixed order.
        addresses.sort_unstable();
        addresses.dedup();
        if addresses.len() > 1 {
            let first = self.first_of(addresses.len());
            addresses.rotate_left(first);
        }
        Ok(addresses)
    }

    /// The failure to have any.
    pub(crate) fn none(&self) -> Failure {
        Failure::NoAddress(self.host.clone())
    }

    fn first_of(&self, count: usize) -> usize {
        match self.choice {
            AddressChoice::RoundRobin => self.turn.fetch_add(1, Ordering::Relaxed) % count,
            AddressChoice::Random => rand::rng().random_range(0..count),
        }
    }
}

fn system_resolver(host: String, port: u16) -> Box<dyn Fn() -> Lookup + Send + Sync> {
    Box::new(move || {
        let host = host.clone();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    })
}

impl std::fmt::Debug for Addresses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Addresses")
            .field("host", &self.host)
            .field("choice", &self.choice)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod fake {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A name whose addresses a test sets.
    #[derive(Clone, Default)]
    pub(crate) struct Zone(Arc<Mutex<Vec<SocketAddr>>>);

    impl Zone {
        pub(crate) fn set(&self, addresses: &[SocketAddr]) {
            *self.0.lock().unwrap() = addresses.to_vec();
        }

        pub(crate) fn addresses(&self, choice: AddressChoice) -> Addresses {
            let zone = self.clone();
            let lookup = move || -> Lookup {
                let addresses = zone.0.lock().unwrap().clone();
                Box::pin(async move { Ok(addresses) })
            };
            let source = Source::Name(Box::new(lookup));
            Addresses { host: "zone".into(), source, choice, turn: AtomicUsize::new(7) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fake::Zone;
    use super::*;
    use std::collections::HashMap;

    fn numbered(last: impl IntoIterator<Item = u8>) -> Vec<SocketAddr> {
        last.into_iter().map(|last| SocketAddr::from(([10, 0, 0, last], 80))).collect()
    }

    async fn firsts(addresses: &Addresses, count: usize) -> HashMap<SocketAddr, usize> {
        let mut seen = HashMap::new();
        for _ in 0..count {
            *seen.entry(addresses.next().await.unwrap()[0]).or_default() += 1;
        }
        seen
    }

    #[tokio::test]
    async fn round_robin_takes_each_in_turn_whatever_the_order_of_the_answers() {
        let zone = Zone::default();
        let addresses = zone.addresses(AddressChoice::RoundRobin);
        let mut order = Vec::new();
        for answer in [[1, 2, 3], [3, 1, 2], [2, 3, 1], [1, 3, 2], [2, 1, 3], [3, 2, 1]] {
            zone.set(&numbered(answer));
            order.push(addresses.next().await.unwrap()[0]);
        }
        assert_eq!(order[..3], order[3..]);
        order.sort_unstable();
        order.dedup();
        assert_eq!(order, numbered([1, 2, 3]));
    }

    #[tokio::test]
    async fn random_takes_all_of_them_but_not_evenly() {
        let zone = Zone::default();
        zone.set(&numbered([1, 2, 3]));
        let seen = firsts(&zone.addresses(AddressChoice::Random), 3000).await;
        assert_eq!(seen.len(), 3);
        assert!(seen.values().all(|count| (800..1200).contains(count)), "{seen:?}");
    }

    #[tokio::test]
    async fn new_replicas_are_noticed_and_doubles_count_once() {
        let zone = Zone::default();
        let addresses = zone.addresses(AddressChoice::RoundRobin);
        zone.set(&numbered([1, 1, 1]));
        assert_eq!(addresses.next().await.unwrap(), numbered([1]));
        zone.set(&numbered([1, 1, 2]));
        assert_eq!(firsts(&addresses, 10).await.into_values().collect::<Vec<_>>(), [5, 5]);
    }

    #[tokio::test]
    async fn an_address_in_the_url_needs_no_resolver() {
        let origin = Origin::parse("http://[::1]:8001").unwrap();
        let next = Addresses::of(&origin, AddressChoice::RoundRobin).next().await.unwrap();
        assert_eq!(next, ["[::1]:8001".parse().unwrap()]);
    }
}
