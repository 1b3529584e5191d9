//! The stand-alone forwarder over real sockets.

use super::*;
use crate::settings::Destination;
use dockercoins_kit::shutdown::{Trigger, shutdown};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(10);

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// A forwarder of one port to `to`.
struct Running {
    address: SocketAddr,
    replica: Replica,
    trigger: Trigger,
    task: JoinHandle<Result<(), RouteError>>,
}

impl Running {
    async fn start(to: String) -> Self {
        let listener = listener().await;
        let address = listener.local_addr().unwrap();
        let (trigger, shutdown) = shutdown();
        let replica = Replica::new("forward", "test", shutdown);
        let destination = Destination { to: Some(to), routes: Vec::new() };
        let settings = Settings { destination, resolve_every: Duration::from_millis(10) };
        let task = tokio::spawn(run(Some(listener), replica.clone(), settings));
        Self { address, replica, trigger, task }
    }

    async fn end(self) {
        self.trigger.close();
        timeout(DEADLINE, self.task).await.unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn forwards_to_a_name_until_closed_and_finishes_what_is_open() {
    let replica = listener().await;
    let forward = Running::start(format!("localhost:{}", replica.local_addr().unwrap().port())).await;
    // Nobody is turned away before the name is resolved.
    let connect = async { tokio::join!(TcpStream::connect(forward.address), replica.accept()) };
    let (client, accepted) = timeout(DEADLINE, connect).await.unwrap();
    let (mut client, mut accepted) = (client.unwrap(), accepted.unwrap().0);
    let ready = async {
        while !forward.replica.is_ready() {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, ready).await.unwrap();
    forward.trigger.close();
    accepted.write_all(b"late").await.unwrap();
    drop(accepted);
    let mut answer = String::new();
    timeout(DEADLINE, client.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, "late");
    drop(client);
    forward.end().await;
}

#[tokio::test]
async fn a_client_of_a_name_that_leads_nowhere_is_turned_away_after_a_while() {
    // A label of more than 63 characters fails without any name server being asked.
    let forward = Running::start(format!("{}:80", "x".repeat(64))).await;
    let mut client = TcpStream::connect(forward.address).await.unwrap();
    let mut answer = Vec::new();
    assert!(timeout(PATIENCE / 2, client.read_to_end(&mut answer)).await.is_err(), "it waits at first");
    timeout(DEADLINE, client.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.is_empty() && !forward.replica.is_ready());
    forward.end().await;
}

#[tokio::test]
async fn a_taken_port_of_a_route_is_told_with_the_route() {
    let taken = TcpListener::bind("[::]:0").await.unwrap();
    let route = Route { port: taken.local_addr().unwrap().port(), to: "rng:80".into() };
    let told = Lane::open(&route).await.err().expect("the port is taken").to_string();
    assert!(told.contains(&route.to_string()) && told.contains("FORWARD_ROUTES"), "{told}");
}
