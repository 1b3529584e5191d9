//! The settings that every service has, from flags and environment, and the parsers that services' own settings share.

use std::net::SocketAddr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::BoolishValueParser;

use crate::telemetry::LogFormat;

/// Flags and environment of every service.
#[derive(Clone, Debug, clap::Args)]
pub struct CommonArgs {
    /// Address to serve requests at [default: every address, port 80; the store's is 6379]
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", value_parser = address)]
    pub listen: Option<SocketAddr>,

    /// Address of the admin port: health, metrics, station, faults [default: every address, port 9090]
    #[arg(long, env = "ADMIN_LISTEN", value_name = "ADDRESS:PORT", value_parser = address)]
    pub admin_listen: Option<SocketAddr>,

    /// Name to answer with, in `X-Served-By` too [default: the machine's host name]
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<String>,

    /// Time between failing readiness and refusing connections
    #[arg(long, env = "GRACE_PAUSE", value_name = "DURATION", default_value = "0ms", value_parser = duration)]
    pub grace_pause: Duration,

    /// Time that requests in flight get to finish
    #[arg(long, env = "GRACE_PERIOD", value_name = "DURATION", default_value = "5s", value_parser = duration)]
    pub grace_period: Duration,

    /// How log lines look
    #[arg(long, env = "LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Allow `PUT /faults` on the admin port
    #[arg(long, env = "ENABLE_FAULTS", value_parser = BoolishValueParser::new())]
    pub enable_faults: bool,

    /// Standard input is a socket to the supervisor, who is told the addresses and whose end is ours
    #[arg(long, hide = true)]
    pub supervised: bool,
}

impl CommonArgs {
    /// The name of this replica.
    pub fn hostname(&self) -> String {
        self.hostname.clone().unwrap_or_else(|| {
            rustix::system::uname().nodename().to_str().map_or_else(|_| "localhost".into(), ToOwned::to_owned)
        })
    }
}

/// The longest duration that a setting takes: it keeps instants far from overflowing.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Parses a duration with its unit, such as `100ms`, `1.5s` written `1s 500ms`, or `0`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| format!("`{text}` is no duration; write it with its unit, such as 100ms or 2s"))?;
    if duration > LONGEST { Err(format!("`{text}` is longer than a day")) } else { Ok(duration) }
}

/// Writes a duration as a number of milliseconds, for a key that ends in `_ms`.
pub(crate) fn as_milliseconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1e3)
}

/// Parses a number of bytes, such as `1000`, `64KiB` or `16MiB`.
pub fn size(text: &str) -> Result<ByteSize, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no size; write it in bytes or with a unit, such as 64KiB or 16MiB"))
}

/// Parses an IP address with its port.
pub fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is no address with its port; write it such as 0.0.0.0:8080 or [::]:8080")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_size_or_address_is_told_with_the_remedy() {
        assert_eq!(size("64KiB"), Ok(ByteSize::kib(64)));
        for text in ["lots", "-1", "1QB", "", "99999999999999999999"] {
            assert!(size(text).unwrap_err().contains("such as 64KiB"), "{text}");
        }
        for text in ["80", ":80", "localhost:80", "127.0.0.1"] {
            assert!(address(text).unwrap_err().contains("0.0.0.0:8080"), "{text}");
        }
    }

    #[test]
    fn durations_have_units_and_a_limit() {
        assert_eq!(duration("100ms"), Ok(Duration::from_millis(100)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        assert!(duration("100").unwrap_err().contains("unit"));
        assert!(duration("-1s").is_err());
        assert!(duration("2days").unwrap_err().contains("longer than a day"));
    }
}
