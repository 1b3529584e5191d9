//! Serves one page, in a thread of its own. Owns that thread.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::address::MetricsAddress;

/// Why metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// Nobody can listen there.
    #[error("cannot serve metrics on {address}: {source}; give another --prometheus, such as localhost:0")]
    Listen {
        /// What was asked for.
        address: MetricsAddress,
        /// The cause.
        source: io::Error,
    },
}

/// A server; ends when dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    /// Dropped, it ends the thread.
    closing: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// Makes the page.
type Page = Arc<dyn Fn() -> String + Send + Sync>;

impl Server {
    /// Listens at `address`, and answers with what `page` makes.
    pub(super) fn start(
        address: &MetricsAddress,
        page: impl Fn() -> String + Send + Sync + 'static,
    ) -> Result<Self, MetricsError> {
        Self::listen(address, Arc::new(page))
            .map_err(|source| MetricsError::Listen { address: address.clone(), source })
    }

    fn listen(address: &MetricsAddress, page: Page) -> io::Result<Self> {
        let listener = address.listen()?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (closing, closed) = oneshot::channel();
        let body = move || runtime.block_on(serve(listener, page, closed));
        let thread = std::thread::Builder::new().name("metrics".to_owned()).spawn(body)?;
        Ok(Self { address, closing: Some(closing), thread: Some(thread) })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing = None;
        if let Some(thread) = self.thread.take() {
            // It panics for no reason that anybody here could mend.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, page: Page, closed: oneshot::Receiver<Infallible>) {
    let accepting = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(converse(stream, page.clone()))),
                // Most likely there are no descriptors left; some will be, as the load's connections end.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = closed => {}
    }
}

async fn converse(stream: TcpStream, page: Page) {
    let service = service_fn(|request| {
        let answer = answer(&request, &page);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    // Whoever scrapes may hang up at any time.
    let _ = connection.await;
}

fn answer(request: &Request<Incoming>, page: &Page) -> Response<Full<Bytes>> {
    let known = request.uri().path() == "/metrics";
    let text = if known { page() } else { "no such path; there is /metrics\n".to_owned() };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}
