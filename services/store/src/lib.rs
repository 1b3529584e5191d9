//! The embedded stand-in for Redis: the part of RESP and of the commands that the application, `redis-cli` and the
//! usual clients need, in memory, with an optional journal. Anything else is refused by name and the connection stays.
//!
//! The way of a request, and which module owns which step:
//!
//! - [`server`](run): accepts connections, and ends them all when asked to;
//! - `connection`: moves bytes between a socket, the parser and a session, so that pipelines of any length flow;
//! - `request` (with `inline`) finds commands in bytes, and `reply` turns answers into bytes, in the `protocol` that the
//!   client reads; both are pure;
//! - `session`: what one client is in the middle of. It looks a command up, checks its arity, and queues or runs it;
//!   `transaction` is its MULTI and WATCH;
//! - `access`: who may do so;
//! - `command`: what each command means, grouped as Redis groups them; `failure` holds every error text;
//! - `keyspace` (with `value`, `watches`, `moment`): the data. Its few mutations are the only way to change anything,
//!   and each one notes itself in `effects`;
//! - `database`: the keyspace together with its `journal`, which makes those effects outlive the process, and `replay`,
//!   which reads them back; `compaction` keeps the journal from growing for ever, by way of a `snapshot`;
//! - `pattern`: the globs of KEYS; `number`: integers as Redis reads them.

mod access;
mod command;
mod compaction;
mod connection;
mod database;
mod effects;
mod failure;
mod inline;
mod journal;
mod keyspace;
mod moment;
mod number;
mod pattern;
mod protocol;
mod replay;
mod reply;
mod request;
#[cfg(test)]
mod script;
mod server;
mod session;
mod settings;
mod snapshot;
mod transaction;
mod value;
mod watches;

pub use access::Password;
pub use journal::Error;
pub use server::run;
pub use settings::Settings;
