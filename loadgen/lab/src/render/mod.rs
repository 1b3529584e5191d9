//! The report in the forms that people and programs read. What it says is fixed before anything here runs.

mod benchmark;
mod csv;
mod experiment;
#[cfg(test)]
pub(crate) mod fixture;
mod json;
mod junit;
mod markdown;
mod notes;
mod page;
mod picture;
mod rows;
mod text;
pub(crate) mod words;

pub use benchmark::{latency as benchmark_latency, throughput as benchmark_throughput};
pub use csv::csv;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use page::page;
pub use picture::{NAMES as PICTURES, files as pictures};
pub use text::text;
