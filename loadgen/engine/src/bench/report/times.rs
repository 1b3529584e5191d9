//! A distribution of times, and how it stands in JSON.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::distribution::Distribution;
use crate::recorder::Recorder;
use crate::times::Times;

use super::estimate::quantile_interval;
use super::hdr;
use super::seconds::{from_millis, millis};

/// Times with the intervals of their median and their 99th percentile.
#[derive(Clone, Debug, Default)]
pub struct TimesReport {
    /// All of them.
    pub times: Times,
    /// The 95 % interval of the median, where it can be told.
    pub p50_interval: Option<(Duration, Duration)>,
    /// The 95 % interval of the 99th percentile, where it can be told.
    pub p99_interval: Option<(Duration, Duration)>,
}

impl TimesReport {
    /// `times`, which are those of all `slices` together.
    pub(super) fn measured(times: Times, slices: &[Recorder], of: fn(&Recorder) -> &Times) -> Self {
        let interval = |quantile| quantile_interval(&times, slices, of, quantile);
        Self { p50_interval: interval(0.5), p99_interval: interval(0.99), times }
    }

    /// Those of several runs together; their intervals cannot be told any more.
    pub(in crate::bench) fn merged<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        let mut merged = Self::default();
        parts.for_each(|part| merged.times.merge(&part.times));
        merged
    }
}

impl From<Distribution> for TimesReport {
    fn from(distribution: Distribution) -> Self {
        let times = Times::new(distribution, Distribution::new());
        Self { times, p50_interval: None, p99_interval: None }
    }
}

/// The shares that JSON gives quantiles of.
const QUANTILES: [f64; 6] = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];

#[derive(Serialize, Deserialize)]
struct Json {
    count: u64,
    censored: u64,
    min_ms: Option<f64>,
    mean_ms: Option<f64>,
    max_ms: Option<f64>,
    p50_ms: Option<f64>,
    p90_ms: Option<f64>,
    p95_ms: Option<f64>,
    p99_ms: Option<f64>,
    p99_9_ms: Option<f64>,
    p99_99_ms: Option<f64>,
    p50_ci_ms: Option<[f64; 2]>,
    p99_ci_ms: Option<[f64; 2]>,
    lower_bound_from: Option<f64>,
    #[serde(default)]
    censoring_is_informative: bool,
    hdr: Option<String>,
    hdr_censored: Option<String>,
}

impl Serialize for TimesReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let times = &self.times;
        let all = times.at_least();
        let quantiles = times.quantiles(&QUANTILES);
        let quantile = |index: usize| quantiles.get(index).map(|it| millis(it.time));
        let interval = |it: Option<(Duration, Duration)>| it.map(|(low, high)| [millis(low), millis(high)]);
        let hdr = |of: &Distribution| (of.count() > 0).then(|| hdr::encode(of)).transpose();
        let hdr = |of| hdr(of).map_err(serde::ser::Error::custom);
        Json {
            count: times.count(),
            censored: times.censored().count(),
            min_ms: all.min().map(millis),
            mean_ms: all.mean_nanos().map(|nanos| nanos / 1e6),
            max_ms: all.max().map(millis),
            p50_ms: quantile(0),
            p90_ms: quantile(1),
            p95_ms: quantile(2),
            p99_ms: quantile(3),
            p99_9_ms: quantile(4),
            p99_99_ms: quantile(5),
            p50_ci_ms: interval(self.p50_interval),
            p99_ci_ms: interval(self.p99_interval),
            lower_bound_from: times.lower_bound_from(),
            censoring_is_informative: times.is_censoring_informative(),
            hdr: hdr(times.ended())?,
            hdr_censored: hdr(times.censored())?,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TimesReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let interval = |it: Option<[f64; 2]>| it.map(|[low, high]| (from_millis(low), from_millis(high)));
        Ok(Self {
            p50_interval: interval(json.p50_ci_ms),
            p99_interval: interval(json.p99_ci_ms),
            times: json.times().map_err(serde::de::Error::custom)?,
        })
    }
}

impl Json {
    /// The histograms are exact; sums and extremes are as exact as the other figures.
    fn times(&self) -> Result<Times, String> {
        let histogram = |text: &Option<String>| text.as_deref().map(hdr::decode).transpose();
        let censored = histogram(&self.hdr_censored)?.map(hdr::distribution).unwrap_or_default();
        let ended = histogram(&self.hdr)?.map(|it| ended(it, self, &censored)).unwrap_or_default();
        Ok(Times::new(ended, censored).with_informative_censoring(self.censoring_is_informative))
    }
}

/// The distribution of a histogram, as exact as what JSON says of it and of the censored ones together.
fn ended(nanos: Histogram<u64>, json: &Json, censored: &Distribution) -> Distribution {
    let (low, high) = (Duration::from_nanos(nanos.min()), Duration::from_nanos(nanos.max()));
    let (low, high) = match (json.min_ms, json.max_ms) {
        (Some(min), Some(max)) => (low.max(from_millis(min)), high.min(from_millis(max))),
        _ => (low, high),
    };
    let sum = json.mean_ms.unwrap_or_default() * 1e6 * json.count as f64 - censored.sum_nanos() as f64;
    Distribution::from_histogram(nanos, hdr::as_nanos(sum), Some((low.min(high), high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn report(ended: &[u64], censored: &[u64]) -> TimesReport {
        let mut times = Times::default();
        for nanos in ended {
            times.record(Duration::from_nanos(*nanos));
        }
        for nanos in censored {
            times.record_censored(Duration::from_nanos(*nanos));
        }
        TimesReport { times, ..TimesReport::default() }
    }

    fn round_trip(report: &TimesReport) -> TimesReport {
        serde_json::from_str(&serde_json::to_string(report).unwrap()).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn what_was_written_is_read_again_bucket_by_bucket(
            ended in prop::collection::vec(0..1_000_000_000_u64, 0..60),
            censored in prop::collection::vec(0..1_000_000_000_u64, 0..20),
        ) {
            let report = report(&ended, &censored);
            let read = round_trip(&report);
            prop_assert_eq!(read.times.ended().histogram(), report.times.ended().histogram());
            prop_assert_eq!(read.times.censored().histogram(), report.times.censored().histogram());
            let quantiles = [0.0, 0.5, 0.99, 1.0];
            let pairs = read.times.quantiles(&quantiles).into_iter().zip(report.times.quantiles(&quantiles));
            for (read, written) in pairs {
                prop_assert_eq!(read.lower_bound, written.lower_bound);
                prop_assert!(read.time.abs_diff(written.time) <= written.time / 1000, "{read:?} {written:?}");
            }
        }
    }

    #[test]
    fn the_json_has_its_units_in_its_keys() {
        let json = serde_json::to_value(report(&[2_000_000, 4_000_000], &[])).unwrap();
        assert_eq!((json["mean_ms"].as_f64(), json["max_ms"].as_f64()), (Some(3.0), Some(4.0)));
        assert_eq!((json["count"].as_u64(), json["censored"].as_u64()), (Some(2), Some(0)));
        assert!(json["lower_bound_from"].is_null() && json["hdr_censored"].is_null());
        assert!(json["hdr"].as_str().unwrap().starts_with("HISTFAAA"));
    }

    #[test]
    fn a_broken_histogram_is_an_error() {
        for hdr in ["nonsense!", "AAAA"] {
            let mut json = serde_json::to_value(report(&[1], &[])).unwrap();
            json["hdr"] = hdr.into();
            let error = serde_json::from_value::<TimesReport>(json).unwrap_err().to_string();
            assert!(error.contains("a histogram"), "{error}");
        }
    }
}
