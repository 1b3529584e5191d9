//! What the benchmarks share. They live in `tests/bench`, one file each, and say there what they show.
//!
//! ```text
//! cores      which core the client has to itself, and which the server
//! server     a server of our own: constant answers, known delays, known stalls; it notes when requests came
//! nginx      somebody else's, as a process for as long as a benchmark takes
//! tools      loadgen and its peers: how each is told the same load, and what each says of it
//! burners    somebody else's processes, which burn CPU
//! child      a run of a tool to its end, with what it spent
//! grid       how far instants lie from where a steady rate would have put them
//! spread     medians and quartiles over rounds
//! columns    tables
//! options    the flags that all benchmarks have
//! verdicts   targets, held or missed
//! ```
//!
//! Everything is over loopback, and what a tool says of itself is held against what the server counted.

pub mod burners;
pub mod child;
pub mod columns;
pub mod cores;
pub mod grid;
pub mod nginx;
pub mod options;
pub mod server;
pub mod spread;
pub mod tools;
pub mod verdicts;

pub use burners::Burners;
pub use child::{Spent, spend};
pub use columns::columns;
pub use cores::Cores;
pub use nginx::Nginx;
pub use options::Options;
pub use server::{Behaviour, Server};
pub use spread::Spread;
pub use tools::{Load, Pace, Reading, Tool};
pub use verdicts::Verdicts;
