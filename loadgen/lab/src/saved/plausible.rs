//! What a report may hold that a lab has measured. Owns refusing everything else, before anything is computed or drawn from it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::args::MOST_REPLICAS;
use crate::blackbox;
use crate::compare::Comparison;
use crate::report::{Report, StepReport};

/// A number beyond this is none of a measurement; counts that need 64 bits are below.
const LARGEST: f64 = 1e20;

/// A throughput below this, in events a second, is none either: a cycle would take thirty years.
const SLOWEST: f64 = 1e-9;

/// JSON with nothing but numbers up to [`LARGEST`] in it; all else is skipped.
pub(super) struct Numbers;

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Numbers, E> {
        if number.abs() <= LARGEST {
            Ok(Numbers)
        } else {
            Err(E::custom(format!("{number:e} is no measurement")))
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<Numbers, E> {
        Ok(Numbers)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Numbers, E> {
        Ok(Numbers)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Numbers, E> {
        Ok(Numbers)
    }

    fn visit_str<E>(self, _: &str) -> Result<Numbers, E> {
        Ok(Numbers)
    }

    fn visit_unit<E>(self) -> Result<Numbers, E> {
        Ok(Numbers)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Numbers, A::Error> {
        while items.next_element::<Numbers>()?.is_some() {}
        Ok(Numbers)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Numbers, A::Error> {
        while fields.next_entry::<IgnoredAny, Numbers>()?.is_some() {}
        Ok(Numbers)
    }
}

const NO_COUNT: &str = "a replica count that no lab takes";
const NO_THROUGHPUT: &str = "a throughput that is not above 0";
const NO_PREDICTION: &str = "a prediction that is not above 0";

/// What of `report` no lab can have measured.
pub(super) fn nonsense(report: &Report) -> Option<String> {
    report.steps.iter().find_map(|measured| {
        let what = nonsense_of_step(measured)?;
        Some(format!("at {} it has {what}", measured.step))
    })
}

fn nonsense_of_step(measured: &StepReport) -> Option<&'static str> {
    let step = measured.step;
    let is_count = |count: usize| (1..=MOST_REPLICAS).contains(&count);
    if ![step.workers, step.rng, step.hasher].into_iter().all(is_count) {
        return Some(NO_COUNT);
    }
    if !is_rate(measured.seen.throughput_per_second) {
        return Some(NO_THROUGHPUT);
    }
    let predicted = [measured.predicted_throughput_per_second, measured.bound_per_second];
    predicted.into_iter().flatten().any(|rate| !is_rate(rate)).then_some(NO_PREDICTION)
}

/// What of the `report` of a plan no lab can have measured, or no plan can have asked for.
pub(super) fn nonsense_of_plan(report: &blackbox::Report) -> Option<String> {
    if report.is_predicted_from_nonsense() {
        return Some("it has a capacity that no plan can give".to_owned());
    }
    report.steps.iter().find_map(|measured| {
        let what = nonsense_of_plan_step(measured)?;
        Some(format!("at {} it has {what}", measured.name))
    })
}

fn nonsense_of_plan_step(measured: &blackbox::StepReport) -> Option<&'static str> {
    if !measured.replicas.values().all(|count| (1..=blackbox::MOST).contains(count)) {
        return Some(NO_COUNT);
    }
    if measured.load.is_some_and(|load| !is_rate(load)) {
        return Some("a load that is not above 0");
    }
    if !is_rate(measured.seen.throughput_per_second) {
        return Some(NO_THROUGHPUT);
    }
    measured.predicted_throughput_per_second.is_some_and(|rate| !is_rate(rate)).then_some(NO_PREDICTION)
}

/// What keeps `report` from being an A/B's.
pub(super) fn nonsense_of_turns(report: &Comparison) -> Option<String> {
    report.interleaved.is_none().then(|| "it does not tell how the builds took turns".to_owned())
}

fn is_rate(rate: f64) -> bool {
    rate >= SLOWEST
}
