//! Statistics of a measurement: where the warm-up ends, how far a mean can be trusted, whether shares are even, whether two samples
//! differ, where a curve bends. Pure functions over plain numbers; what is measured, when and for how long is the business of those
//! who ask.

pub mod batch;
pub mod bootstrap;
pub mod evenness;
pub mod kneedle;
pub mod mann_whitney;
pub mod mser;
pub mod student;
pub mod summary;
pub mod usl;
