//! What can be set of echo.

use bytesize::ByteSize;
use dockercoins_kit::settings::size;
use dockercoins_kit::station::{Station, StationArgs, StationSettings};

use crate::Format;

/// Flags and environment of echo.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Any number of requests at a time and no service time, unless set otherwise.
    #[command(flatten)]
    station: StationArgs,

    /// How to write what was received, unless `?format=json` or an Accept header asks for the other
    #[arg(long, env = "FORMAT", value_enum, default_value_t)]
    pub format: Format,

    /// Answer with so many bytes in place of what was received
    #[arg(long, env = "BODY_SIZE", value_name = "SIZE", value_parser = size)]
    pub body_size: Option<ByteSize>,

    /// The largest body that is taken
    #[arg(long, env = "MAX_BODY", value_name = "SIZE", default_value = "1MiB", value_parser = size)]
    pub max_body: ByteSize,

    /// The most bytes that one request may ask for
    #[arg(long, env = "MAX_BYTES", value_name = "SIZE", default_value = "1GiB", value_parser = size)]
    pub max_bytes: ByteSize,
}

impl Settings {
    /// The station that these settings ask for: without a word, no limit on slots and no time.
    pub fn station(&self) -> Station {
        Station::new(self.station.over(StationSettings::default()))
    }
}
