//! What can be set of the web UI.

use redis::{ConnectionInfo, IntoConnectionInfo};

/// Flags and environment of the web UI.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Redis that keeps coins and counters: redis://[USER:PASSWORD@]HOST[:PORT][/DB]
    #[arg(long, env = "REDIS_URL", value_name = "URL", default_value = "redis://redis:6379", value_parser = redis_url)]
    pub(crate) redis_url: ConnectionInfo,
}

/// What was typed may hold a password, so the library's own words are left out.
fn redis_url(text: &str) -> Result<ConnectionInfo, String> {
    let known = ["redis://", "valkey://", "redis+unix://", "valkey+unix://", "unix://"];
    let info = known.iter().any(|scheme| text.starts_with(scheme)).then(|| text.into_connection_info());
    let remedy = "it must be redis://[USER:PASSWORD@]HOST[:PORT][/DB]; set REDIS_URL to something like redis://redis:6379";
    info.and_then(Result::ok).ok_or_else(|| remedy.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        _settings: Settings,
    }

    #[test]
    fn a_bad_url_is_refused_in_one_line_with_flag_variable_and_remedy() {
        let error =
            Command::try_parse_from(["webui", "--redis-url", "http://redis"]).unwrap_err().to_string();
        let line = error.lines().next().unwrap();
        for piece in ["--redis-url", "REDIS_URL", "redis://redis:6379"] {
            assert!(line.contains(piece), "`{line}` lacks `{piece}`");
        }
    }
}
