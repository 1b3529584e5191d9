//! The lab: scale step by step, measure, name the bottleneck, prove it.
//!
//! ```text
//! args → plan → sweep ─┬→ backend     where the application runs: scale, replicas, admin ports
//!                      ├→ measure     one step: tape (readings) → window (steady part) → observation
//!                      ├→ calibrate   from the first observation to the model
//!                      ├→ verdict     what limits a step, with the evidence
//!                      ├→ confirm     the proof by perturbation
//!                      ├→ scaling     what the points say without the model
//!                      └→ conclude    one sentence, advice, outcome → gate → report → render
//!
//! laws, statistics     pure functions that all of these rest on
//! predict              the laws without an application: what replica counts would give
//! project              the same backend without the lab: up, scale, ps, logs, down
//! experiment           something is done to the application in place of a sweep: one replica killed, …
//! interleave           two builds in turn, in place of a sweep; what they come to is a comparison as `compare` makes it
//! blackbox             the same for any application, which a plan file describes and which is seen from outside only
//! progress, run        what a person sees meanwhile; from flags to exit code; lab: on which backend
//! ```

pub mod application;
pub mod args;
pub mod backend;
pub mod blackbox;
pub mod calibrate;
mod clock;
pub mod compare;
pub mod conclude;
pub mod confirm;
pub mod demands;
pub mod expect;
pub mod experiment;
mod exposition;
pub mod folder;
pub mod gate;
pub mod interleave;
mod junit;
pub mod lab;
pub mod laws;
pub mod measure;
pub mod narrator;
pub mod observation;
pub mod outputs;
mod own;
pub mod plan;
pub mod predict;
pub mod progress;
pub mod project;
pub mod provenance;
mod remedy;
pub mod render;
pub mod report;
pub mod rerender;
pub mod run;
pub mod saved;
pub mod scaling;
#[cfg(test)]
mod schema_tests;
pub mod scrape;
pub mod setup;
mod signals;
pub mod statistics;
mod stdout;
pub mod step;
pub mod stop;
pub mod sweep;
#[cfg(test)]
mod sweep_tests;
pub mod tape;
pub mod unequal;
pub mod verdict;
pub mod window;
mod xml;
