//! A round-robin TCP forwarder in front of a service's replicas.
//!
//! - [`backends`]: the replicas' addresses, changeable at run time, and whose turn it is;
//! - [`forwarder`]: accepting, dialling, copying both ways;
//! - [`resolved`]: the stand-alone program, whose replicas are the addresses of a DNS name.
//!
//! It knows nothing of HTTP and nothing of processes: whoever starts and stops replicas tells it their addresses.

pub mod backends;
pub mod forwarder;
pub mod resolved;

pub use backends::Backends;
pub use forwarder::Forwarder;
pub use resolved::{Settings, run};
