//! The wire contract, service by service: what the original programs, and learners, rely on.

mod forward;
mod hasher;
mod rng;
mod webui;
mod worker;
