//! From what was typed to what was meant, with every flag checked against the others.

use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Method;

use super::addresses::Family;
use super::args::BenchArgs;
use super::plan::{Load, Plan};
use super::request::Form;

/// What hey sends, too.
const REQUESTS: u64 = 200;

/// What hey and oha open, too.
const CONNECTIONS: usize = 50;

/// With a rate, connections come as they are needed, up to what an address has ports for.
const ANY_CONNECTIONS: usize = 20_000;

/// Why the flags make no load.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file with the body cannot be read.
    #[error("cannot read {}: {source}; give another --body-file", path.display())]
    BodyFile {
        /// Which.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Something that cannot be sent in a header.
    #[error("{flag} {value:?} cannot be sent in a header: leave out line breaks and the like")]
    Header {
        /// The flag.
        flag: &'static str,
        /// Its value.
        value: String,
    },
    /// No time at all.
    #[error("{0} must be longer than nothing, such as 10s")]
    NoTime(&'static str),
    /// More threads than connections would leave some without work.
    #[error("--threads {threads} are more than --connections {connections}: give fewer")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// Connections asked for.
        connections: usize,
    },
}

impl Plan {
    /// The load that `args` ask for. Reads the file with the body.
    pub fn from_args(args: &BenchArgs) -> Result<Self, PlanError> {
        for (flag, time) in [("--timeout", Some(args.timeout)), ("--duration", args.duration)] {
            if time.is_some_and(|time| time.is_zero()) {
                return Err(PlanError::NoTime(flag));
            }
        }
        let connections =
            args.connections.unwrap_or(if args.rate.is_some() { ANY_CONNECTIONS } else { CONNECTIONS });
        Ok(Self {
            requests: vec![request(args)?],
            head_request: args.method == Method::HEAD,
            load: load(args),
            connections,
            backlog: args.backlog,
            request_limit: args.requests.or_else(|| args.duration.is_none().then_some(REQUESTS)),
            duration: args.duration,
            timeout: args.timeout,
            requests_per_connection: if args.disable_keepalive {
                Some(1)
            } else {
                args.connections_max_requests
            },
            family: family(args),
            replica_header: args.replica_header.clone(),
            threads: threads(args, connections)?,
            target: args.target.clone(),
        })
    }
}

fn load(args: &BenchArgs) -> Load {
    match args.rate {
        Some(rate) => Load::Open { rate, arrivals: args.arrivals.into(), seed: args.seed },
        None => Load::Closed { think_time: args.think_time.unwrap_or(Duration::ZERO) },
    }
}

fn family(args: &BenchArgs) -> Family {
    match (args.ipv4, args.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    }
}

/// Half of the CPUs, so that a server on the same machine has the others.
fn threads(args: &BenchArgs, connections: usize) -> Result<usize, PlanError> {
    match args.threads.map(usize::from) {
        Some(threads) if threads > connections => Err(PlanError::Threads { threads, connections }),
        Some(threads) => Ok(threads),
        None => Ok((available_parallelism().map_or(1, usize::from) / 2).clamp(1, connections)),
    }
}

fn request(args: &BenchArgs) -> Result<bytes::Bytes, PlanError> {
    let body = match (&args.body, &args.body_file) {
        (Some(text), _) => Some(text.clone().into_bytes()),
        (None, Some(path)) => {
            Some(std::fs::read(path).map_err(|source| PlanError::BodyFile { path: path.clone(), source })?)
        }
        (None, None) => None,
    };
    let mut headers = args.headers.clone();
    headers.extend(args.content_type.clone().map(|value| ("content-type".to_owned(), value)));
    headers.extend(
        args.basic_auth
            .as_ref()
            .map(|user| ("authorization".to_owned(), format!("Basic {}", BASE64_STANDARD.encode(user)))),
    );
    check("--content-type", args.content_type.as_deref())?;
    check("--host", args.host.as_deref())?;
    let host = args.host.as_deref().unwrap_or(args.target.authority());
    Ok(Form {
        method: &args.method,
        path: args.target.path(),
        host,
        headers: &headers,
        body: body.as_deref(),
        keep_alive: !args.disable_keepalive,
    }
    .bytes())
}

fn check(flag: &'static str, value: Option<&str>) -> Result<(), PlanError> {
    match value {
        Some(value) if http::HeaderValue::from_str(value).is_err() => {
            Err(PlanError::Header { flag, value: value.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: BenchArgs,
    }

    fn plan(line: &str) -> Result<Plan, String> {
        let words = std::iter::once("bench").chain(line.split_whitespace());
        let args = Cli::try_parse_from(words).map_err(|error| error.to_string())?.args;
        Plan::from_args(&args).map_err(|error| error.to_string())
    }

    fn request(line: &str) -> String {
        String::from_utf8(plan(line).unwrap().requests[0].to_vec()).unwrap()
    }

    #[test]
    fn without_flags_it_is_what_hey_does() {
        let plan = plan("http://h:81/x").unwrap();
        assert_eq!((plan.request_limit, plan.connections, plan.duration), (Some(200), 50, None));
        assert_eq!(plan.load, Load::Closed { think_time: Duration::ZERO });
    }

    #[test]
    fn a_duration_lifts_the_limit_on_requests_and_a_rate_that_on_connections() {
        let plan = plan("h -z 2s -q 100").unwrap();
        assert_eq!((plan.request_limit, plan.duration), (None, Some(Duration::from_secs(2))));
        assert_eq!(plan.connections, ANY_CONNECTIONS);
        assert!(matches!(plan.load, Load::Open { arrivals: crate::Arrivals::Uniform, .. }));
    }

    #[test]
    fn flags_reach_the_bytes_of_the_request() {
        let text = request(
            "h:81/x -m POST -H A:b -d hello -T text/plain -a me:secret --host other --disable-keepalive",
        );
        for part in [
            "POST /x ",
            "a: b",
            "\r\n\r\nhello",
            "content-type: text/plain",
            "Basic bWU6c2VjcmV0",
            "host: other",
            "close",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn threads_share_connections_and_the_schedule_without_rest() {
        let plan = plan("h -c 7 -q 10 -n 9 --threads 3").unwrap();
        let shares: Vec<usize> = (0..3).map(|thread| plan.most_clients_of(thread)).collect();
        assert_eq!(shares, [3, 2, 2]);
        let mut due: Vec<Duration> = (0..3).flat_map(|thread| plan.schedule(thread)).collect();
        due.sort_unstable();
        assert_eq!(due, (0..9).map(|k| Duration::from_millis(100 * k)).collect::<Vec<_>>());
    }

    #[test]
    fn mistakes_are_named_with_their_flag() {
        for (line, flag) in [
            ("", "TARGET"),
            ("h -q 0", "--rate"),
            ("h -n 5 -z 1s", "--requests"),
            ("h -n 0", "--requests"),
            ("h -c 0", "--connections"),
            ("h -z 0s", "--duration"),
            ("h -t 0s", "--timeout"),
            ("h -D /no/such/file", "--body-file"),
            ("h -H x", "--header"),
            ("h -c 2 --threads 3", "--threads"),
            ("h -q 5 --think-time 1s", "--think-time"),
            ("http:///x", "no host"),
        ] {
            let complaint = plan(line).unwrap_err();
            assert!(complaint.contains(flag), "{line}: {complaint}");
        }
    }
}
