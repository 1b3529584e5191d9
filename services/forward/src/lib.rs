//! A round-robin TCP forwarder in front of a service's replicas.
//!
//! - [`backends`]: the replicas' addresses, changeable at run time, and whose turn it is;
//! - [`forwarder`]: accepting, dialling, copying both ways;
//! - [`resolved`]: the stand-alone program, whose replicas are the addresses of DNS names;
//! - [`route`], [`settings`]: what that program is told.
//!
//! It knows nothing of HTTP and nothing of processes: whoever starts and stops replicas tells it their addresses.

pub mod backends;
pub mod forwarder;
mod name;
pub mod resolved;
pub mod route;
pub mod settings;

pub use backends::Backends;
pub use forwarder::Forwarder;
pub use resolved::{RouteError, run};
pub use settings::Settings;
