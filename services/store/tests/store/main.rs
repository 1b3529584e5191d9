//! The store from outside: as clients and bare sockets see it, and over restarts.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail the test")]

mod clients;
mod harness;
mod persistence;
mod sockets;
