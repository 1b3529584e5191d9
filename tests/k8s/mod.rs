//! The manifests below `k8s`. Most of it needs a kubectl, to render them, but no cluster.
//!
//! - `combinations`: what is rendered; `object`: what stands where in it;
//! - `schema`, `monitor`: whether an object is what Kubernetes understands;
//! - the stories: `valid` (all combinations), `schema_strictness`, `policy` (what every pod has), `references` (what names what),
//!   `settings` (what the programs understand), `changes` (what a component or an overlay changes), `workshop` (what people
//!   type), `readme` (what they are told to), `metrics` (what is scraped).

mod changes;
mod combinations;
mod metrics;
mod monitor;
mod object;
mod policy;
mod readme;
mod references;
mod schema;
mod schema_strictness;
mod settings;
mod valid;
mod workshop;
