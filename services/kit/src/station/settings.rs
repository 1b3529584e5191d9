//! What can be set of a station: by flag and environment at the start, through the admin port while it runs.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::delay::Distribution;
use crate::settings::duration;

/// Slots, mean service time and its distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StationSettings {
    /// How many visits are served at once; `None` for no limit.
    pub slots: Option<NonZeroUsize>,
    /// Mean service time of a [`Work::Timed`](super::Work::Timed) visit.
    #[serde(rename = "service_time_ms", serialize_with = "as_milliseconds")]
    pub service_time: Duration,
    /// The law that service times are drawn from.
    pub distribution: Distribution,
}

fn as_milliseconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1e3)
}

/// The part of the settings that `PUT /station` names; what it leaves out stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationChange {
    /// `null` lifts the limit.
    #[serde(default, deserialize_with = "present")]
    #[expect(clippy::option_option, reason = "absent, null and a number mean three things")]
    slots: Option<Option<NonZeroUsize>>,
    service_time_ms: Option<f64>,
    distribution: Option<Distribution>,
}

/// Tells a `null` from an absent key, which serde by itself does not.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The longest service time that can be set: an hour.
const LONGEST_MS: f64 = 3_600_000.0;

impl StationChange {
    /// Reads a change from JSON; the error is one line that names the key.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        let change: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match change.service_time_ms {
            Some(ms) if !(0.0..=LONGEST_MS).contains(&ms) => {
                Err(format!("service_time_ms is {ms}, but must lie between 0 and {LONGEST_MS}"))
            }
            _ => Ok(change),
        }
    }

    pub(super) fn applied_to(self, settings: StationSettings) -> StationSettings {
        StationSettings {
            slots: self.slots.unwrap_or(settings.slots),
            service_time: self
                .service_time_ms
                .map_or(settings.service_time, |ms| Duration::from_secs_f64(ms / 1e3)),
            distribution: self.distribution.unwrap_or(settings.distribution),
        }
    }
}

/// The flags of a service with a station; the service says what holds without them.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct StationArgs {
    /// Mean service time of one request, such as 50ms or 0 [default: 100ms]
    #[arg(long, env = "SERVICE_TIME", value_name = "DURATION", value_parser = duration)]
    service_time: Option<Duration>,

    /// Requests served at once; 0 for no limit [default: 1 at rng, no limit at hasher]
    #[arg(long, env = "SLOTS", value_name = "N", value_parser = count)]
    slots: Option<usize>,

    /// Law that service times are drawn from [default: constant]
    #[arg(long, env = "DISTRIBUTION", value_name = "LAW", value_enum)]
    distribution: Option<Distribution>,
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number; 0 is no limit".to_owned())
}

impl StationArgs {
    /// The settings meant: what was typed, else `defaults`.
    pub fn over(&self, defaults: StationSettings) -> StationSettings {
        StationSettings {
            slots: self.slots.map_or(defaults.slots, NonZeroUsize::new),
            service_time: self.service_time.unwrap_or(defaults.service_time),
            distribution: self.distribution.unwrap_or(defaults.distribution),
        }
    }
}
