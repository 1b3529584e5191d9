//! What can be set of the worker. Every setting is checked here, so that the rest may trust it.

use std::time::Duration;

use clap::builder::BoolishValueParser;
use dockercoins_kit::settings::duration;
use redis::{ConnectionInfo, IntoConnectionInfo};

use crate::addresses::AddressChoice;
use crate::origin::Origin;

/// As many bytes as rng gives at once unless it is told otherwise.
const MOST_BYTES: i64 = 16 * 1024 * 1024;

/// Flags and environment of the worker.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Time that a loop thinks before it asks for random bytes
    #[arg(long, env = "THINK_TIME", value_name = "DURATION", default_value = "100ms", value_parser = duration)]
    pub think_time: Duration,

    /// Where random bytes come from
    #[arg(long, env = "RNG_URL", value_name = "URL", default_value = "http://rng", value_parser = rng_url)]
    pub(crate) rng_url: Origin,

    /// Who hashes them
    #[arg(long, env = "HASHER_URL", value_name = "URL", default_value = "http://hasher", value_parser = hasher_url)]
    pub(crate) hasher_url: Origin,

    /// Redis that keeps coins and counters: redis://[USER:PASSWORD@]HOST[:PORT][/DB]
    #[arg(long, env = "REDIS_URL", value_name = "URL", default_value = "redis://redis:6379", value_parser = redis_url)]
    pub(crate) redis_url: ConnectionInfo,

    /// Random bytes of one unit of work
    #[arg(long, env = "BYTES", value_name = "N", default_value_t = 32,
        value_parser = clap::value_parser!(u32).range(1..=MOST_BYTES))]
    pub bytes: u32,

    /// Keep one connection to rng and one to hasher for each loop, instead of a fresh one for each request
    #[arg(long, env = "KEEP_ALIVE", value_parser = BoolishValueParser::new())]
    pub keep_alive: bool,

    /// Which replica a new connection goes to
    #[arg(long, env = "ADDRESS_CHOICE", value_name = "CHOICE", value_enum, default_value_t)]
    pub address_choice: AddressChoice,

    /// Loops of this process, each doing one unit of work at a time
    #[arg(long, env = "CONCURRENCY", value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub concurrency: u32,

    /// Time after which an unanswered request to rng or hasher has failed
    #[arg(long, env = "REQUEST_TIMEOUT", value_name = "DURATION", default_value = "30s", value_parser = timeout)]
    pub request_timeout: Duration,
}

fn rng_url(text: &str) -> Result<Origin, String> {
    origin(text, "RNG_URL", "http://rng or http://127.0.0.1:8001")
}

fn hasher_url(text: &str) -> Result<Origin, String> {
    origin(text, "HASHER_URL", "http://hasher or http://127.0.0.1:8002")
}

fn origin(text: &str, variable: &str, examples: &str) -> Result<Origin, String> {
    Origin::parse(text).map_err(|flaw| format!("{flaw}; set {variable} to something like {examples}"))
}

/// What was typed may hold a password, so the library's own words are left out.
fn redis_url(text: &str) -> Result<ConnectionInfo, String> {
    let known = ["redis://", "valkey://", "redis+unix://", "valkey+unix://", "unix://"];
    let info = known.iter().any(|scheme| text.starts_with(scheme)).then(|| text.into_connection_info());
    let remedy = "it must be redis://[USER:PASSWORD@]HOST[:PORT][/DB]; set REDIS_URL to something like redis://redis:6379";
    info.and_then(Result::ok).ok_or_else(|| remedy.to_owned())
}

fn timeout(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => {
            Err("no request is answered in no time; set REQUEST_TIMEOUT to something like 30s".into())
        }
        timeout => Ok(timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(arguments: &[&str]) -> Result<Settings, String> {
        let arguments = std::iter::once(&"worker").chain(arguments);
        Command::try_parse_from(arguments).map(|command| command.settings).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_word_it_works_as_the_original() {
        let settings = parse(&[]).unwrap();
        assert_eq!(settings.think_time, Duration::from_millis(100));
        assert_eq!(settings.rng_url.to_string(), "http://rng");
        assert_eq!(settings.hasher_url.to_string(), "http://hasher");
        assert_eq!((settings.bytes, settings.concurrency, settings.keep_alive), (32, 1, false));
        assert_eq!(settings.address_choice, AddressChoice::RoundRobin);
    }

    #[test]
    fn a_bad_setting_is_refused_in_one_line_with_flag_variable_and_remedy() {
        for (flag, value, variable, remedy) in [
            ("--rng-url", "https://rng", "RNG_URL", "http://rng"),
            ("--hasher-url", "hasher", "HASHER_URL", "http://hasher"),
            ("--redis-url", "http://:secret@redis", "REDIS_URL", "redis://redis:6379"),
            ("--redis-url", "rediss://redis", "REDIS_URL", "redis://redis:6379"),
            ("--request-timeout", "0", "REQUEST_TIMEOUT", "30s"),
        ] {
            let error = parse(&[flag, value]).unwrap_err();
            let line = error.lines().next().unwrap();
            for piece in [flag, variable, remedy] {
                assert!(line.contains(piece), "`{line}` lacks `{piece}`");
            }
        }
    }

    #[test]
    fn numbers_have_limits() {
        for arguments in [["--concurrency", "0"], ["--concurrency", "10001"], ["--bytes", "0"]] {
            assert!(parse(&arguments).unwrap_err().contains(arguments[0]), "{arguments:?}");
        }
    }
}
