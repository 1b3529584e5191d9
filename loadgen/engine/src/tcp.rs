//! A TCP connection with as few calls to the kernel as a request can do with. Owns when the kernel is asked without waiting to
//! be told that it is ready.
//!
//! Tokio waits for the kernel's word before it first writes, and lets libc wrap each call for the cancellation of threads. A
//! load generator sends on sockets that are nearly always writable, so here a write is tried at once, and only one that finds
//! no room waits.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that fit into one segment on any path, so that the kernel sends them at once when nothing is unacknowledged.
const ONE_SEGMENT: usize = 512;

/// A connection.
#[derive(Debug)]
pub(crate) struct Tcp {
    stream: TcpStream,
    /// Whether anything was written.
    has_written: bool,
    /// Whether Nagle's algorithm is off.
    is_prompt: bool,
}

impl Tcp {
    /// Connects to `address`.
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = rustix::net::socket_with(family, SocketType::STREAM, flags, None)?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let stream = TcpStream::from_std(socket.into())?;
        // Over loopback both sides have shaken hands by now.
        if stream.peer_addr().is_err() {
            stream.writable().await?;
            if let Some(error) = stream.take_error()? {
                return Err(error);
            }
        }
        Ok(Self { stream, has_written: false, is_prompt: false })
    }

    /// Turns Nagle's algorithm off before it could hold anything back: a connection of one short request never needs it.
    fn be_prompt_for(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_prompt && (self.has_written || bytes.len() > ONE_SEGMENT) {
            self.stream.set_nodelay(true)?;
            self.is_prompt = true;
        }
        self.has_written = true;
        Ok(())
    }

    /// Whether the kernel has said, as far as the runtime has heard, that there is something to read. Costs no system call.
    pub(crate) fn may_have_news(&self) -> bool {
        self.stream.try_io(Interest::READABLE, || Ok(())).is_ok()
    }

    /// Reads into what is initialised of `buffer`.
    fn try_read(&self, buffer: &mut ReadBuf<'_>) -> io::Result<()> {
        let room = buffer.remaining();
        let mut taken = None;
        let tried = self.stream.try_io(Interest::READABLE, || {
            let unfilled = buffer.initialize_unfilled();
            let (_, length) = rustix::net::recv(&self.stream, unfilled, RecvFlags::empty())?;
            taken = Some(length);
            // The socket is empty now: the kernel will tell of more, and asking it would be a call for nothing.
            if 0 < length && length < room { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match taken {
            Some(length) => {
                buffer.advance(length);
                Ok(())
            }
            None => tried,
        }
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buffer.initialized().len() < buffer.capacity() {
            // Clearing it first would cost more than the call saves.
            return Pin::new(&mut this.stream).poll_read(cx, buffer);
        }
        loop {
            ready!(this.stream.poll_read_ready(cx))?;
            match this.try_read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return Poll::Ready(read),
            }
        }
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.be_prompt_for(bytes)?;
        match rustix::net::send(&this.stream, bytes, SendFlags::NOSIGNAL) {
            Ok(written) => Poll::Ready(Ok(written)),
            Err(Errno::AGAIN | Errno::INTR) => Pin::new(&mut this.stream).poll_write(cx, bytes),
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Refusing;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    const DEADLINE: Duration = Duration::from_secs(20);

    async fn pair() -> (Tcp, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tcp = Tcp::connect(listener.local_addr().unwrap()).await.unwrap();
        (tcp, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn more_than_the_kernel_takes_at_once_arrives_whole_in_both_directions() {
        let (mut ours, mut theirs) = pair().await;
        let sent: Vec<u8> =
            (0..20_000_000_u32).map(|it| it.to_le_bytes()[usize::from(it % 7 == 0)]).collect();
        let (back, expected) = (sent.clone(), sent.clone());
        let echo = tokio::spawn(async move {
            let mut got = vec![0; back.len()];
            theirs.read_exact(&mut got).await.unwrap();
            theirs.write_all(&got).await.unwrap();
        });
        ours.write_all(&sent).await.unwrap();
        let mut got = vec![0; expected.len()];
        timeout(DEADLINE, ours.read_exact(&mut got)).await.unwrap().unwrap();
        assert!(got == expected);
        echo.await.unwrap();
    }

    #[tokio::test]
    async fn what_comes_in_pieces_and_the_end_are_both_seen() {
        let (mut ours, mut theirs) = pair().await;
        let mut buffer = [0; 100];
        for piece in [&b"one"[..], b"three", b"two"] {
            theirs.write_all(piece).await.unwrap();
            let length = timeout(DEADLINE, ours.read(&mut buffer)).await.unwrap().unwrap();
            assert_eq!(&buffer[..length], piece);
        }
        theirs.write_all(b"last").await.unwrap();
        drop(theirs);
        let mut rest = [0; 100];
        let mut length = 0;
        loop {
            match timeout(DEADLINE, ours.read(&mut rest[length..])).await.unwrap().unwrap() {
                0 => break,
                more => length += more,
            }
        }
        assert_eq!(&rest[..length], b"last");
    }

    #[tokio::test]
    async fn a_refusal_is_an_error_of_connecting() {
        let refusing = Refusing::new();
        let error = Tcp::connect(refusing.address()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn a_second_message_is_not_held_back() {
        let (mut ours, _theirs) = pair().await;
        ours.write_all(b"short").await.unwrap();
        assert!(!ours.stream.nodelay().unwrap());
        ours.write_all(b"next").await.unwrap();
        assert!(ours.stream.nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_long_message_is_not_held_back() {
        let (mut ours, _theirs) = pair().await;
        ours.write_all(&[0; 2 * ONE_SEGMENT]).await.unwrap();
        assert!(ours.stream.nodelay().unwrap());
    }
}
