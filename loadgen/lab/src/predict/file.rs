//! Service demands out of a lab's report. Owns what is read of it, and saying what is wrong with it.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::laws::dispatch::Dispatch;
use crate::laws::units::Seconds;
use crate::report::SCHEMA_VERSION;

use super::PredictError;
use super::demands::{Demand, Demands};

/// What every version of the report has.
#[derive(Deserialize)]
struct Form {
    schema_version: u32,
}

/// The part of the report that predictions are made from.
#[derive(Deserialize)]
struct Lab {
    settings: Settings,
    calibration: Option<Calibrated>,
}

#[derive(Deserialize)]
struct Settings {
    concurrency: usize,
}

#[derive(Deserialize)]
struct Calibrated {
    think_time_seconds: Seconds,
    overhead_seconds: Seconds,
    rng_service_time_seconds: Seconds,
    hasher_service_time_seconds: Seconds,
    rng_slots: Option<usize>,
    hasher_slots: Option<usize>,
    rng_dispatch: Dispatch,
    hasher_dispatch: Dispatch,
}

/// The demands that the lab's report at `path` holds.
pub(super) fn read(path: &Path) -> Result<Demands, PredictError> {
    let text =
        fs::read_to_string(path).map_err(|source| PredictError::Read { path: path.to_owned(), source })?;
    let no_report = |source| PredictError::NoReport { path: path.to_owned(), source };
    let Form { schema_version } = serde_json::from_str(&text).map_err(no_report)?;
    if schema_version != SCHEMA_VERSION {
        let (path, found) = (path.to_owned(), schema_version);
        return Err(PredictError::Schema { path, found, known: SCHEMA_VERSION });
    }
    let lab: Lab = serde_json::from_str(&text).map_err(no_report)?;
    let Some(times) = lab.calibration else {
        return Err(PredictError::NotCalibrated { path: path.to_owned() });
    };
    let demands = times.demands(lab.settings.concurrency);
    match nonsense(&demands) {
        Some(what) => Err(PredictError::Nonsense { path: path.to_owned(), what }),
        None => Ok(demands),
    }
}

impl Calibrated {
    fn demands(&self, concurrency: usize) -> Demands {
        let [rng, hasher] = [
            (self.rng_service_time_seconds, self.rng_slots, self.rng_dispatch),
            (self.hasher_service_time_seconds, self.hasher_slots, self.hasher_dispatch),
        ]
        .map(|(service_time_seconds, slots, dispatch)| Demand {
            service_time_seconds,
            slots,
            dispatch,
        });
        let (think_time_seconds, overhead_seconds) = (self.think_time_seconds, self.overhead_seconds);
        Demands { think_time_seconds, overhead_seconds, rng, hasher, concurrency }
    }
}

/// What of `demands` no measurement can have found.
fn nonsense(demands: &Demands) -> Option<&'static str> {
    let nothing = Seconds(0.0);
    let slots = |demand: &Demand| demand.slots == Some(0);
    [
        (demands.think_time_seconds < nothing, "think time below zero"),
        (demands.think_time_seconds + demands.overhead_seconds < nothing, "overhead below zero"),
        (demands.rng.service_time_seconds < nothing, "service time of rng below zero"),
        (demands.hasher.service_time_seconds < nothing, "service time of hasher below zero"),
        (slots(&demands.rng) || slots(&demands.hasher), "service without slots"),
        (demands.concurrency == 0, "concurrency of zero"),
    ]
    .into_iter()
    .find_map(|(wrong, what)| wrong.then_some(what))
}
