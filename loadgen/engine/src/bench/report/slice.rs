//! The run, slice by slice, warm-up included.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bench::collect::Collected;
use crate::distribution::Distribution;

use super::counts::Counts;
use super::hdr;
use super::seconds::{self, millis};

/// What was done in a slice of the run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SliceRow {
    /// Its start, from that of the run.
    #[serde(rename = "from_s", with = "seconds")]
    pub from: Duration,
    /// Its end.
    #[serde(rename = "to_s", with = "seconds")]
    pub to: Duration,
    /// Requests that ended in it, or were due in it and never sent.
    pub requests: u64,
    /// Of them, successes.
    pub successes: u64,
    /// Of them, those that came to a bad end.
    pub errors: u64,
    /// Of them, those that were never sent, since too many waited for a connection.
    #[serde(default)]
    pub overflowed: u64,
    /// The median of its successes, from the scheduled instant.
    pub p50_ms: Option<f64>,
    /// The 99th percentile of its successes.
    pub p99_ms: Option<f64>,
    /// The response times of its successes.
    #[serde(rename = "hdr", with = "hdr", default)]
    pub times: Distribution,
}

impl SliceRow {
    /// Adds what another run did in the same slice.
    pub(in crate::bench) fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.successes += other.successes;
        self.errors += other.errors;
        self.overflowed += other.overflowed;
        self.times.merge(&other.times);
        self.p50_ms = self.times.quantile(0.5).map(millis);
        self.p99_ms = self.times.quantile(0.99).map(millis);
    }
}

pub(super) fn rows(collected: &Collected, took: Duration) -> Vec<SliceRow> {
    let width = collected.slices.width();
    let row = |(index, recorder): (u32, &crate::recorder::Recorder)| {
        let from = collected.origin + width * index;
        let time = |quantile| recorder.successes().quantile(quantile).map(millis);
        let counts = Counts::of(recorder);
        SliceRow {
            from,
            to: (from + width).min(took.max(from)),
            requests: counts.scheduled,
            successes: counts.successes,
            errors: counts.errors(),
            overflowed: counts.overflowed,
            p50_ms: time(0.5),
            p99_ms: time(0.99),
            times: recorder.successes().clone(),
        }
    };
    (0..).zip(collected.slices.recorders()).map(row).collect()
}
