//! What bytes go over: TCP or a Unix socket, with or without TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::UnixStream;
use tokio_rustls::client::TlsStream;

use crate::tcp::Tcp;

/// A stream of bytes.
#[derive(Debug)]
pub(crate) enum Stream {
    Tcp(Tcp),
    Unix(UnixStream),
    TlsOverTcp(Box<TlsStream<Tcp>>),
    TlsOverUnix(Box<TlsStream<UnixStream>>),
}

/// Does the same to whichever it is.
macro_rules! on_any {
    ($stream:expr, $inner:ident => $what:expr) => {
        match $stream {
            Stream::Tcp($inner) => $what,
            Stream::Unix($inner) => $what,
            Stream::TlsOverTcp($inner) => $what,
            Stream::TlsOverUnix($inner) => $what,
        }
    };
}

impl Stream {
    /// Whether the kernel has said, as far as the runtime has heard, that there is something to read. Costs no system call.
    pub(crate) fn may_have_news(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.may_have_news(),
            Self::TlsOverTcp(tls) => tls.get_ref().0.may_have_news(),
            Self::Unix(unix) => is_flagged(unix),
            Self::TlsOverUnix(tls) => is_flagged(tls.get_ref().0),
        }
    }
}

fn is_flagged(unix: &UnixStream) -> bool {
    unix.try_io(Interest::READABLE, || Ok(())).is_ok()
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        on_any!(self.get_mut(), inner => Pin::new(inner).poll_read(cx, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        on_any!(self.get_mut(), inner => Pin::new(inner).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_any!(self.get_mut(), inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_any!(self.get_mut(), inner => Pin::new(inner).poll_shutdown(cx))
    }
}
