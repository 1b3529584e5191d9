//! Statistics of a measurement: from readings of counters to a throughput with an interval around it. Pure functions;
//! what is read, when and for how long is the sweep's business.

pub mod batch;
pub mod evenness;
pub mod mser;
pub mod series;
pub mod student;
pub mod summary;
