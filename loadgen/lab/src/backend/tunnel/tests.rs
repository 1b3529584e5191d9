//! The tunnel against the real server over an in-memory pipe, and against programs that are none.

use super::*;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const DEADLINE: Duration = Duration::from_secs(20);

/// A tunnel whose other end is a task of this process; aborting that is like killing the program.
async fn tunnel() -> (Tunnel, JoinHandle<()>) {
    let (here, there) = duplex(64 * 1024);
    let server = tokio::spawn(async move {
        let (reader, writer) = split(there);
        // How it ended is the tests' own doing.
        let _ = dockercoins_tunnel::run(reader, writer).await;
    });
    let (reader, writer) = split(here);
    let tunnel = Tunnel::over("test".into(), reader, writer, &b"a last word\n"[..], None).await.unwrap();
    (tunnel, server)
}

/// A tunnel whose other end is gone.
pub(in crate::backend) async fn lost() -> Tunnel {
    let (mut tunnel, server) = tunnel().await;
    server.abort();
    timeout(DEADLINE, &mut tunnel.driver).await.unwrap().unwrap();
    tunnel
}

/// A server that reads to the end of what it is sent, then sends it back after its name.
async fn echo(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::from(name);
                stream.read_to_end(&mut request).await.unwrap();
                stream.write_all(&request).await.unwrap();
            });
        }
    });
    address
}

async fn ask(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let exchange = async {
        let stream = TcpStream::connect(address).await?;
        let (mut reader, mut writer) = stream.into_split();
        let mut answer = Vec::new();
        let sent = async {
            writer.write_all(request).await?;
            writer.shutdown().await
        };
        let (sent, received) = tokio::join!(sent, reader.read_to_end(&mut answer));
        sent.and(received).map(|_| answer)
    };
    timeout(DEADLINE, exchange).await.unwrap()
}

#[tokio::test]
async fn each_target_has_an_address_of_its_own_and_keeps_it() {
    let (tunnel, _server) = tunnel().await;
    let (a, b) = (echo("a").await, echo("b").await);
    let (to_a, to_b) = (tunnel.local(a).unwrap(), tunnel.local(b).unwrap());
    assert_eq!(tunnel.local(a).unwrap(), to_a);
    assert!(to_a != to_b && to_a.ip().is_loopback());
    assert_eq!(ask(to_a, b"1").await.unwrap(), b"a1");
    assert_eq!(ask(to_b, b"2").await.unwrap(), b"b2");
    assert_eq!(ask(to_a, b"3").await.unwrap(), b"a3");
}

#[tokio::test]
async fn megabytes_pass_both_ways_and_the_end_of_one_way_leaves_the_other_open() {
    let (tunnel, _server) = tunnel().await;
    let local = tunnel.local(echo("").await).unwrap();
    let large: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).take(5_000_000).collect();
    assert!(ask(local, &large).await.unwrap() == large, "it comes back as it was sent");
}

#[tokio::test]
async fn a_connection_that_nobody_reads_holds_up_no_other() {
    let (tunnel, _server) = tunnel().await;
    let source = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let local = tunnel.local(source.local_addr().unwrap()).unwrap();
    let mut unread = Vec::new();
    for _ in 0..20 {
        let (client, accepted) = tokio::join!(TcpStream::connect(local), source.accept());
        let (_, mut writer) = accepted.unwrap().0.into_split();
        tokio::spawn(async move { while writer.write_all(&[0; 8192]).await.is_ok() {} });
        unread.push(client.unwrap());
    }
    let local = tunnel.local(echo("a").await).unwrap();
    assert_eq!(ask(local, b"1").await.unwrap(), b"a1");
}

#[tokio::test]
async fn without_a_connection_over_there_the_one_here_is_reset() {
    let (tunnel, _server) = tunnel().await;
    // Bound, so that nobody else can get it, and not listening.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let local = tunnel.local(nobody.local_addr().unwrap()).unwrap();
    let refused = ask(local, b"").await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionReset);
    let local = tunnel.local(echo("a").await).unwrap();
    assert_eq!(ask(local, b"1").await.unwrap(), b"a1");
}

#[tokio::test]
async fn clients_that_break_off_by_the_hundred_do_no_harm() {
    let (tunnel, _server) = tunnel().await;
    let local = tunnel.local(echo("a").await).unwrap();
    for _ in 0..300 {
        let client = TcpStream::connect(local).await.unwrap();
        client.set_zero_linger().unwrap();
    }
    assert_eq!(ask(local, b"1").await.unwrap(), b"a1");
}

#[tokio::test]
async fn when_the_other_end_dies_connections_fail_at_once_and_no_address_is_given() {
    let (tunnel, server) = tunnel().await;
    let target = echo("a").await;
    let local = tunnel.local(target).unwrap();
    let open = async {
        let mut open = TcpStream::connect(local).await.unwrap();
        open.write_all(b"1").await.unwrap();
        open
    };
    let mut open = open.await;
    server.abort();
    let mut answer = Vec::new();
    assert!(timeout(DEADLINE, open.read_to_end(&mut answer)).await.unwrap().is_err());
    assert!(ask(local, b"2").await.is_err());
    let ended = async {
        loop {
            match tunnel.local(target) {
                Err(error) => break error.to_string(),
                Ok(_) => tokio::task::yield_now().await,
            }
        }
    };
    let told = timeout(DEADLINE, ended).await.unwrap();
    assert!(told.contains("ended") && told.contains("a last word"), "{told}");
}

#[tokio::test]
async fn a_dropped_tunnel_leaves_no_address_and_ends_the_other_end() {
    let (tunnel, server) = tunnel().await;
    let local = tunnel.local(echo("a").await).unwrap();
    let mut open = TcpStream::connect(local).await.unwrap();
    drop(tunnel);
    timeout(DEADLINE, server).await.unwrap().unwrap();
    let mut answer = Vec::new();
    // Whether it ends in order or not: it ends.
    let _ = timeout(DEADLINE, open.read_to_end(&mut answer)).await.unwrap();
    assert!(TcpStream::connect(local).await.is_err());
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[tokio::test]
async fn a_program_that_fails_is_told_with_its_last_words() {
    for (script, part) in [
        ("echo warning >&2; echo no such container >&2; exit 1", "it said: no such container"),
        ("exit 1", "it said nothing"),
        ("echo warning >&2; echo no such program; exit 126", "it said: no such program"),
        ("echo warning >&2; echo no such program; cat", "it said: no such program"),
    ] {
        let began = Instant::now();
        let told = Tunnel::open(shell(script)).await.unwrap_err().to_string();
        assert!(told.contains(part) && told.contains("sh -c") && !told.contains('\n'), "{told}");
        assert!(began.elapsed() < TO_ANSWER, "{told}");
    }
    let told = Tunnel::open(Command::new("/nonexistent/docker")).await.unwrap_err().to_string();
    assert!(told.contains("cannot run `/nonexistent/docker`"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_program_that_says_nothing_is_given_up() {
    let (here, _there): (DuplexStream, DuplexStream) = duplex(64 * 1024);
    let (reader, writer) = split(here);
    let silent = Tunnel::over("test".into(), reader, writer, tokio::io::empty(), None).await;
    let told = silent.unwrap_err().to_string();
    assert!(told.contains("did not answer within 10s"), "{told}");
}
