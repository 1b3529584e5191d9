//! Statistics of a measurement: where the warm-up ends, how far a mean can be trusted, whether shares are even. Pure functions
//! over plain numbers; what is measured, when and for how long is the business of those who ask.

pub mod batch;
pub mod evenness;
pub mod mser;
pub mod student;
pub mod summary;
