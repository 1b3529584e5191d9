//! The application and the lab in a real cluster. One file for each story; every test here needs the cluster that kubectl's
//! configuration names, whose nodes must have the images (`DOCKERCOINS_IMAGE`, `LOADGEN_IMAGE`; `localhost/…:latest` without).

mod apply;
mod bad_input;
mod lab;
mod load;
mod losses;
mod plan;
mod probes;
mod scale;
