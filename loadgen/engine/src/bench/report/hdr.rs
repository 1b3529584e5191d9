//! Histograms as text: the V2 format of `HdrHistogram`, compressed, in base64, which its tools read in every language.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer as Decoder, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::distribution::Distribution;

/// Its histogram, in nanoseconds.
pub(in crate::bench) fn encode(distribution: &Distribution) -> Result<String, String> {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(distribution.histogram(), &mut bytes)
        .map_err(|error| format!("a histogram cannot be written: {error:?}"))?;
    Ok(BASE64_STANDARD.encode(bytes))
}

/// What [`encode`] has made.
pub(in crate::bench) fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| format!("a histogram is no base64: {error}"))?;
    let decoded: Histogram<u64> = Decoder::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("a histogram cannot be read: {error:?}"))?;
    // Those that are added to must be able to grow.
    let mut histogram = Distribution::new().histogram().clone();
    histogram.add(decoded).map_err(|error| format!("a histogram does not fit: {error:?}"))?;
    Ok(histogram)
}

/// A distribution that is as exact as its histogram.
pub(super) fn distribution(nanos: Histogram<u64>) -> Distribution {
    let extremes = (Duration::from_nanos(nanos.min()), Duration::from_nanos(nanos.max()));
    let sum = as_nanos(nanos.mean() * nanos.len() as f64);
    Distribution::from_histogram(nanos, sum, Some(extremes))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates, which is right")]
pub(super) fn as_nanos(nanos: f64) -> u128 {
    nanos.round() as u128
}

/// Text, or null of nothing.
pub(super) fn serialize<S: Serializer>(of: &Distribution, serializer: S) -> Result<S::Ok, S::Error> {
    let text = (of.count() > 0).then(|| encode(of)).transpose().map_err(serde::ser::Error::custom)?;
    text.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Distribution, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let histogram = text.as_deref().map(decode).transpose().map_err(serde::de::Error::custom)?;
    Ok(histogram.map(distribution).unwrap_or_default())
}
