//! A proxy that holds an EXEC back until something else has happened, as a buffer on the way may do.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What can happen to the first EXEC of a connection, which is known by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// The client has sent it.
    Sent(usize),
    /// The store has answered it.
    Answered(usize),
}

#[derive(Clone)]
pub(super) struct Valve {
    pub(super) address: SocketAddr,
    events: Arc<watch::Sender<HashSet<Event>>>,
}

impl Valve {
    /// Starts the proxy in front of `store`. Each of the `holds` is a connection and what its EXEC waits for.
    pub(super) async fn new(store: SocketAddr, holds: &[(usize, Event)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let events = Arc::new(watch::Sender::default());
        let valve = Self { address: listener.local_addr().unwrap(), events };
        let (holds, proxy) = (holds.to_vec(), valve.clone());
        tokio::spawn(async move {
            for number in 0.. {
                let (client, _) = listener.accept().await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_store, to_store) = TcpStream::connect(store).await.unwrap().into_split();
                let hold = holds.iter().find(|(held, _)| *held == number).map(|(_, event)| *event);
                tokio::spawn(proxy.clone().ask(number, from_client, to_store, hold));
                tokio::spawn(proxy.clone().answer(number, from_store, to_client));
            }
        });
        valve
    }

    /// Waits until `event` has happened.
    pub(super) async fn happened(&self, event: Event) {
        let mut events = self.events.subscribe();
        let happened = events.wait_for(|events| events.contains(&event));
        tokio::time::timeout(Duration::from_secs(10), happened).await.expect("it never happened").unwrap();
    }

    fn happens(&self, event: Event) {
        self.events.send_modify(|events| {
            events.insert(event);
        });
    }

    /// Passes on what the client asks, even after it is gone.
    async fn ask(
        self,
        number: usize,
        mut client: OwnedReadHalf,
        mut store: OwnedWriteHalf,
        hold: Option<Event>,
    ) {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = client.read(&mut bytes).await {
            let bytes = &bytes[..length];
            if bytes.windows(4).any(|word| word == b"EXEC") {
                self.happens(Event::Sent(number));
                if let Some(event) = hold {
                    self.happened(event).await;
                }
            }
            let _ = store.write_all(bytes).await;
        }
    }

    /// Passes on what the store answers, as long as there is somebody to hear it.
    async fn answer(self, number: usize, mut store: OwnedReadHalf, mut client: OwnedWriteHalf) {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = store.read(&mut bytes).await {
            let _ = client.write_all(&bytes[..length]).await;
            // The first array, or nil in its place, is EXEC's answer.
            if bytes[..length].contains(&b'*') {
                self.happens(Event::Answered(number));
            }
        }
    }
}
