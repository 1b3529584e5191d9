//! What the stories share: starting the programs, talking to them as a stranger would, and leaving nothing behind.

pub(crate) mod bench;
pub(crate) mod cluster;
pub(crate) mod compose;
pub(crate) mod container;
pub(crate) mod deaf;
pub(crate) mod fake;
pub(crate) mod figures;
pub(crate) mod files;
pub(crate) mod flapping;
pub(crate) mod http;
pub(crate) mod kustomize;
pub(crate) mod machine;
pub(crate) mod metrics;
pub(crate) mod pod;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod project;
pub(crate) mod refusing;
pub(crate) mod report;
pub(crate) mod scripted;
pub(crate) mod service;
pub(crate) mod store;
pub(crate) mod sweep;
pub(crate) mod tls;
pub(crate) mod transcript;
pub(crate) mod unix_socket;
pub(crate) mod wait;

/// The instrument under test.
pub(crate) const LOADGEN: &str = env!("CARGO_BIN_EXE_loadgen");

/// The application under test.
pub(crate) const DOCKERCOINS: &str = env!("CARGO_BIN_EXE_dockercoins");
