//! Service demands out of a lab's report. Owns what predictions need of it, and saying what of that cannot be.

use std::path::Path;

use crate::application::MOST_LOOPS;
use crate::demands::{Demand, Demands};
use crate::laws::units::Seconds;
use crate::saved::{self, Measured};

use super::PredictError;
use super::args::MOST_SLOTS;
use super::plan::SHORTEST;

/// Times that are longer, or shorter than [`SHORTEST`] but not zero, are no measurements: what is computed from them might not be a
/// number.
const LONGEST: Seconds = Seconds(1e6);

/// The demands that the lab's report at `path` holds.
pub(super) fn read(path: &Path) -> Result<Demands, PredictError> {
    let report = match saved::read(path)?.report {
        Measured::Sweep(report) => report,
        Measured::Plan(_) => return Err(PredictError::NotOfSweep { path: path.to_owned(), what: "a plan" }),
        Measured::Interleaved(_) => {
            return Err(PredictError::NotOfSweep { path: path.to_owned(), what: "an A/B" });
        }
    };
    let Some(times) = report.calibration else {
        return Err(PredictError::NotCalibrated { path: path.to_owned() });
    };
    let demands = Demands { concurrency: report.settings.concurrency, ..times.demands() };
    match nonsense(&demands) {
        Some(what) => Err(PredictError::Nonsense { path: path.to_owned(), what }),
        None => Ok(demands),
    }
}

/// What of `demands` no measurement can have found.
fn nonsense(demands: &Demands) -> Option<&'static str> {
    let is_time = |time: Seconds| time == Seconds(0.0) || (SHORTEST..=LONGEST).contains(&time);
    let is_slots = |demand: &Demand| demand.slots.is_none_or(|slots| (1..=MOST_SLOTS).contains(&slots));
    let outside = demands.think_time_seconds + demands.overhead_seconds;
    [
        (is_time(demands.think_time_seconds), "think time"),
        ((Seconds(0.0)..=LONGEST).contains(&outside), "overhead"),
        (is_time(demands.rng.service_time_seconds), "service time of rng"),
        (is_time(demands.hasher.service_time_seconds), "service time of hasher"),
        (is_slots(&demands.rng), "number of rng's slots"),
        (is_slots(&demands.hasher), "number of hasher's slots"),
        ((1..=MOST_LOOPS).contains(&demands.concurrency), "concurrency"),
    ]
    .into_iter()
    .find_map(|(possible, what)| (!possible).then_some(what))
}
