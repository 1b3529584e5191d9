//! What every service shares, and nothing that only one of them needs.
//!
//! ```text
//! settings   flags and environment of every service         host       bind, announce, signals, drain, close
//! telemetry  logs on stdout                                  shutdown   the two phases of an end
//! serve      HTTP over a listener, limits, drain             lifeline   the tie between a replica and its supervisor
//! routes     what is counted of each route                   replica    what a running copy consists of
//! station    slots, service time, the FIFO queue             admin      health, metrics, station, faults
//! delay      service time distributions, with `share`        metrics    snapshots in Prometheus' terms
//! faults     what can be made to go wrong                    process    CPU time and resident memory, with `contention`
//! listen     a port of every address, with or without IPv6   upload     a request's body, up to a limit
//! octets     an answer's body, of any length
//! ```

pub mod admin;
pub mod contention;
pub mod delay;
pub mod faults;
pub mod front;
pub mod host;
mod lifeline;
pub mod listen;
pub mod metrics;
pub mod octets;
mod process;
pub mod replica;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod share;
pub mod shutdown;
pub mod station;
pub mod telemetry;
pub mod upload;

pub use replica::Replica;
pub use shutdown::Shutdown;
