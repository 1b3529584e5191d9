//! What can be set of hasher.

use std::time::Duration;

use bytesize::ByteSize;
use dockercoins_kit::settings::size;
use dockercoins_kit::station::{Station, StationArgs, StationSettings};

/// Flags and environment of hasher.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Any number of requests at a time, 100 ms each, unless set otherwise.
    #[command(flatten)]
    station: StationArgs,

    /// The largest body that is hashed
    #[arg(long, env = "MAX_BODY", value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    pub max_body: ByteSize,
}

impl Settings {
    /// The station that these settings ask for: without a word, no limit on slots and 100 ms.
    pub fn station(&self) -> Station {
        Station::new(
            self.station.over(StationSettings {
                service_time: Duration::from_millis(100),
                ..StationSettings::default()
            }),
        )
    }
}
