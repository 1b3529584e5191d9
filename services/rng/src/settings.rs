//! What can be set of rng.

use std::num::NonZeroUsize;
use std::time::Duration;

use bytesize::ByteSize;
use dockercoins_kit::settings::size;
use dockercoins_kit::station::{Station, StationArgs, StationSettings};

/// Flags and environment of rng.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// One request at a time, 100 ms each, unless set otherwise.
    #[command(flatten)]
    station: StationArgs,

    /// The most bytes that one request may ask for
    #[arg(long, env = "MAX_BYTES", value_name = "SIZE", default_value = "16MiB", value_parser = size)]
    pub max_bytes: ByteSize,

    /// Where random bytes come from
    #[arg(long, env = "SOURCE", value_enum, default_value_t)]
    pub source: Source,
}

/// Where random bytes come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Source {
    /// A small generator seeded by the system: 12 GB/s, not for secrets
    #[default]
    Fast,
    /// The operating system, as /dev/urandom
    System,
}

impl Settings {
    /// The station that these settings ask for: without a word, one slot and 100 ms.
    pub fn station(&self) -> Station {
        Station::new(self.station.over(StationSettings {
            slots: NonZeroUsize::new(1),
            service_time: Duration::from_millis(100),
            ..StationSettings::default()
        }))
    }
}
