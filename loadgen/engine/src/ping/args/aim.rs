//! What to ping. Owns the three ways to say so: a URL, `-g URL`, and `-h HOST -p PORT`.

use std::net::Ipv6Addr;

use clap::Args;

use crate::target::{Scheme, Target, TargetError};

const URLS: &str = "What to ping: http[s]://host[:port][/path], host:port/path, or :port for this machine; several are \
                    pinged side by side and ranked";

/// What to ping; several are pinged side by side.
#[derive(Args, Clone, Debug)]
pub struct AimArgs {
    /// One of them at least.
    #[command(flatten)]
    pub given: GivenArgs,

    /// Port of the host [default: 80, or 443 with -l]
    #[arg(short, long, value_name = "PORT", requires = "host", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
}

/// What to ping, in any of these ways.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
pub struct GivenArgs {
    /// What to ping; several are pinged side by side and ranked
    #[arg(value_name = "URL", help = URLS, value_parser = url)]
    pub urls: Vec<String>,

    /// The same as a flag
    #[arg(short = 'g', long = "url", value_name = "URL", value_parser = url)]
    pub more_urls: Vec<String>,

    /// Host to ping, whose port is told by -p
    #[arg(short = 'h', long = "hostname", value_name = "HOST", value_parser = host, num_args = 0..=1, default_missing_value = "")]
    pub host: Option<String>,
}

impl AimArgs {
    /// All targets, over TLS all of them if that is asked for: first the URLs as they stand, then those of flags.
    pub(in super::super) fn targets(self, tls: bool) -> Result<Vec<Target>, TargetError> {
        let GivenArgs { urls, more_urls, host } = self.given;
        let host = host.map(|host| address(&host, self.port));
        let typed = urls.into_iter().chain(more_urls).chain(host);
        typed.map(|typed| if tls { over_tls(&typed) } else { typed.parse() }).collect()
    }
}

fn address(host: &str, port: Option<u16>) -> String {
    let port = port.map_or_else(String::new, |port| format!(":{port}"));
    if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]{port}") } else { format!("{host}{port}") }
}

/// The URL with https:// in place of whatever scheme it has, and the port that goes with it.
fn over_tls(typed: &str) -> Result<Target, TargetError> {
    const PLAIN: &str = "http://";
    let has_scheme = typed.get(..PLAIN.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(PLAIN));
    let rest = if has_scheme { &typed[PLAIN.len()..] } else { typed };
    if typed.parse::<Target>()?.scheme() == Scheme::Https {
        typed.parse()
    } else {
        format!("https://{rest}").parse()
    }
}

fn url(text: &str) -> Result<String, TargetError> {
    text.parse::<Target>().map(|_| text.to_owned())
}

fn host(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("-h is the host, as httping has it; help is --help".to_owned());
    }
    let bare_ipv6 = text.parse::<Ipv6Addr>().is_ok();
    if !bare_ipv6 && text.contains(['/', ':', '[']) {
        return Err("-h takes only a host; give its port with -p, or write it all as a URL".to_owned());
    }
    url(&address(text, None)).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::plan;

    fn targets(flags: &str) -> Vec<String> {
        plan(flags).unwrap().targets.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_host_is_told_in_three_ways() {
        assert_eq!(targets(":8001 rng/1"), ["localhost:8001", "rng:80/1"]);
        assert_eq!(targets("-g http://rng:81/ -g hasher"), ["rng:81", "hasher:80"]);
        assert_eq!(targets("-h rng"), ["rng:80"]);
        assert_eq!(targets("-p 81 -h ::1"), ["[::1]:81"]);
        assert_eq!(targets("-l -p 81 -h ::1"), ["[::1]:81"]);
        assert_eq!(targets("-h rng -p 81 -g hasher webui"), ["webui:80", "hasher:80", "rng:81"]);
    }

    #[test]
    fn tls_is_asked_for_by_url_or_by_flag() {
        let urls = |flags: &str| -> Vec<_> {
            plan(flags).unwrap().targets.iter().map(crate::target::Target::url).collect()
        };
        assert_eq!(urls("https://rng rng"), ["https://rng/", "http://rng/"]);
        assert_eq!(
            urls("-l http://rng HTTP://rng:80/1 rng rng/?u=http://x"),
            ["https://rng/", "https://rng:80/1", "https://rng/", "https://rng/?u=http://x"]
        );
        assert_eq!(urls("-l -h rng"), ["https://rng/"]);
        assert_eq!(urls("-l https://rng:8443"), ["https://rng:8443/"]);
    }
}
