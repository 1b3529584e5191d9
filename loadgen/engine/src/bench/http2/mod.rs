//! HTTP/2 connections, which several clients of a thread share. hyper speaks the protocol; owned here are who sits where,
//! and what an answer or a failure means to a measurement.

mod counted;
mod failure;
mod request;
mod seat;

pub(super) use seat::{Pool, Seat};
