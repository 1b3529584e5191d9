//! A proxy that cuts its connections after a random number of bytes, of either direction.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::RngExt;
use rand::rngs::SmallRng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// About three exchanges of a ledger.
const LONGEST_LIFE: usize = 1200;

/// Starts the proxy in front of `store`; returns its address and the number of its cuts.
pub(super) async fn cutter(store: SocketAddr, mut random: SmallRng) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cuts = Arc::new(AtomicUsize::new(0));
    let count = cuts.clone();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let life = random.random_range(0..LONGEST_LIFE);
            let count = count.clone();
            tokio::spawn(async move {
                if relay(client, store, life).await.is_some() {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (address, cuts)
}

/// Passes `life` bytes on, then drops both sides; `None` if one of them ended before.
async fn relay(mut client: TcpStream, store: SocketAddr, mut life: usize) -> Option<()> {
    let mut store = TcpStream::connect(store).await.ok()?;
    let (mut question, mut answer) = ([0; 512], [0; 512]);
    while life > 0 {
        let (to, bytes) = tokio::select! {
            read = client.read(&mut question) => (&mut store, &question[..read.ok()?]),
            read = store.read(&mut answer) => (&mut client, &answer[..read.ok()?]),
        };
        if bytes.is_empty() {
            return None;
        }
        let passed = bytes.len().min(life);
        to.write_all(&bytes[..passed]).await.ok()?;
        life -= passed;
    }
    Some(())
}
