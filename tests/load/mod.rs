//! `loadgen bench`, held to what its help and its report promise, against servers that do what real ones do on bad days.

mod bad_input;
mod faults;
mod help;
mod interrupt;
mod keys;
mod odd_answers;
mod outputs;
mod regressions;
mod replicas;
mod shards;
mod tls;
mod transport;
mod truth;
mod unanswered;
