//! End-to-end tests: the real programs, started as a person starts them, and held to the contract that the README gives.
//!
//! One file for each story; `harness` holds what they share. Every port is picked by the system, every file lives in
//! a folder of its own, and every program ends with its story, so that all of them can run side by side.

mod admin;
mod bad_input;
mod bench_goals;
mod bench_live;
mod cli;
mod cluster;
mod compose;
mod echo;
mod exactly_once;
mod experiments;
mod forward_routes;
mod gate_example;
mod harness;
mod health;
mod interleave;
mod k8s;
mod lab;
mod load;
mod outputs;
mod page;
mod ping;
mod plan;
mod predict;
mod project;
mod report;
mod shutdown;
mod station;
mod store;
mod tunnel;
mod wire;
