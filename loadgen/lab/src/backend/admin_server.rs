//! One admin port for all fake replicas.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What every fake replica calls itself.
pub(in crate::backend) const HOSTNAME: &str = "fake";

/// Answers until the test ends.
#[derive(Debug)]
pub(in crate::backend) struct AdminServer {
    pub(in crate::backend) port: u16,
    /// What `GET /readyz` answers; 0 for hanging up.
    pub(in crate::backend) readiness: Arc<AtomicU16>,
}

impl AdminServer {
    pub(in crate::backend) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let readiness = Arc::new(AtomicU16::new(200));
        tokio::spawn(serve(listener, readiness.clone()));
        Self { port, readiness }
    }
}

async fn serve(listener: TcpListener, readiness: Arc<AtomicU16>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, readiness.clone()));
    }
}

async fn answer(mut stream: TcpStream, readiness: Arc<AtomicU16>) {
    let mut request = [0; 1024];
    let body = format!("{{\"hostname\":\"{HOSTNAME}\"}}");
    while let Ok(length @ 1..) = stream.read(&mut request).await {
        let version = request[..length].starts_with(b"GET /version");
        let status = if version { 200 } else { readiness.load(Ordering::Relaxed) };
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if status == 0 || stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
