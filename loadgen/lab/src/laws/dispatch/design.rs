//! What the design states: the loop, and the table that every law of random dispatch is held to.

use super::Dispatch;
use crate::laws::bounds::{Model, Station};
use crate::laws::units::Seconds;

/// Workers and, for one to three replicas of rng, hashes a second where each request goes to a replica at random, and everything takes
/// 100 ms.
pub(crate) const DESIGN: &str = "\
 1  3.33  3.33  3.33
 2  6.67  6.67  6.67
 3 10.00 10.00 10.00
 4 10.00 12.50 12.86
 5 10.00 14.62 15.53
 6 10.00 16.20 17.95
 7 10.00 17.21 20.04
 8 10.00 17.82 21.78
 9 10.00 18.21 23.17
10 10.00 18.48 24.25";

/// The design's loop around rng: 0.2 s elsewhere, and 0.1 s at one of `replicas` with a slot each, in turn.
pub(crate) fn model(replicas: usize) -> Model {
    let rng = Station {
        name: "rng".to_owned(),
        service_time: Seconds(0.1),
        servers: Some(replicas),
        replicas,
        dispatch: Dispatch::RoundRobin,
        visits: 1.0,
    };
    Model { think_time: Seconds(0.2), stations: vec![rng] }
}
