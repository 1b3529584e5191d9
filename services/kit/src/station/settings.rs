//! What can be set of a station, and what of it can be changed through the admin port while it runs.

use std::num::NonZeroUsize;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Deserializer, Serialize};

use super::Stall;
use crate::delay::{Distribution, Slow};
use crate::settings::as_milliseconds;
use crate::share::Share;

/// Slots, service time and its distribution, stalls.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StationSettings {
    /// How many visits are served at once; `None` for no limit.
    pub slots: Option<NonZeroUsize>,
    /// Service time of a [`Work::Timed`](super::Work::Timed) visit; how much of it is taken is the distribution's.
    #[serde(rename = "service_time_ms", serialize_with = "as_milliseconds")]
    pub service_time: Duration,
    /// The law that service times are drawn from.
    pub distribution: Distribution,
    /// The slow ones, if that law is bimodal.
    #[serde(flatten)]
    pub slow: Slow,
    /// When nobody is answered at all.
    #[serde(flatten)]
    pub stall: Stall,
    /// What the random choices follow from; `None` for a new sequence each time.
    pub seed: Option<u64>,
}

impl Default for StationSettings {
    /// No limit, and no service time.
    fn default() -> Self {
        Self {
            slots: None,
            service_time: Duration::ZERO,
            distribution: Distribution::Constant,
            slow: Slow::DEFAULT,
            stall: Stall::NONE,
            seed: None,
        }
    }
}

impl StationSettings {
    /// The mean service time of a timed visit.
    pub fn mean_service_time(&self) -> Duration {
        self.distribution.mean(self.service_time, self.slow)
    }

    pub(super) fn draw(&self, random: &mut impl Rng) -> Duration {
        self.distribution.draw(self.service_time, self.slow, random)
    }

    pub(super) fn random(&self) -> SmallRng {
        self.seed.map_or_else(|| SmallRng::from_rng(&mut rand::rng()), SmallRng::seed_from_u64)
    }
}

/// The part of the settings that `PUT /station` names; what it leaves out stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a number mean three things")]
pub struct StationChange {
    /// `null` lifts the limit.
    #[serde(default, deserialize_with = "present")]
    slots: Option<Option<NonZeroUsize>>,
    service_time_ms: Option<f64>,
    distribution: Option<Distribution>,
    slow_time_ms: Option<f64>,
    slow_share: Option<f64>,
    /// `null`, or 0, for no stalls.
    #[serde(default, deserialize_with = "present")]
    stall_every_ms: Option<Option<f64>>,
    stall_for_ms: Option<f64>,
    /// A number starts its sequence anew, `null` one that nobody knows.
    #[serde(default, deserialize_with = "present")]
    pub(super) seed: Option<Option<u64>>,
}

/// Tells a `null` from an absent key, which serde by itself does not.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// The longest time that can be set: an hour.
const LONGEST_MS: f64 = 3_600_000.0;

impl StationChange {
    /// Reads a change from JSON; the error is one line that names the key.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        let change: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        change.check()?;
        Ok(change)
    }

    fn check(&self) -> Result<(), String> {
        let times = [
            ("service_time_ms", self.service_time_ms),
            ("slow_time_ms", self.slow_time_ms),
            ("stall_every_ms", self.stall_every_ms.flatten()),
            ("stall_for_ms", self.stall_for_ms),
        ];
        for (key, value) in times {
            within(key, value, LONGEST_MS)?;
        }
        within("slow_share", self.slow_share, 1.0)
    }

    /// Whether the stalls start anew.
    pub(super) fn sets_stalls(&self) -> bool {
        self.stall_every_ms.is_some() || self.stall_for_ms.is_some()
    }

    /// The settings after the change; the error is one line.
    pub(super) fn applied_to(self, settings: StationSettings) -> Result<StationSettings, String> {
        let StationSettings { slots, service_time, distribution, slow, stall, seed } = settings;
        let stall = Stall {
            every: self
                .stall_every_ms
                .map_or(stall.every, |every| every.map(time).filter(|every| !every.is_zero())),
            length: self.stall_for_ms.map_or(stall.length, time),
        };
        if !stall.leaves_time() {
            return Err("stall_for_ms must be less than stall_every_ms".to_owned());
        }
        Ok(StationSettings {
            slots: self.slots.unwrap_or(slots),
            service_time: self.service_time_ms.map_or(service_time, time),
            distribution: self.distribution.unwrap_or(distribution),
            slow: Slow {
                time: self.slow_time_ms.map_or(slow.time, time),
                share: self.slow_share.and_then(Share::new).unwrap_or(slow.share),
            },
            stall,
            seed: self.seed.unwrap_or(seed),
        })
    }
}

fn within(key: &str, value: Option<f64>, most: f64) -> Result<(), String> {
    match value {
        Some(value) if !(0.0..=most).contains(&value) => {
            Err(format!("{key} is {value}, but must lie between 0 and {most}"))
        }
        _ => Ok(()),
    }
}

fn time(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1e3)
}
