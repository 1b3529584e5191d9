//! TCP connections from where it runs, for whoever holds the other end of its standard input and output.
//!
//! - [`server`]: HTTP/2 over a reader and a writer, each `CONNECT HOST:PORT` a TCP connection;
//! - [`stdio`]: standard input and output as that reader and writer.
//!
//! It writes nothing but HTTP/2, since its output is the wire: no log lines.

mod dial;
pub mod server;
pub mod stdio;

pub use server::{TunnelError, run};
pub use stdio::stdio;
