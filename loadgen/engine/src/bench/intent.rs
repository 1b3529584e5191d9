//! From what was typed to what was meant, with every flag checked against the others.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::{Duration, SystemTime};

use http::Method;

use crate::stages::{NothingDue, Stages};
use crate::tls::TlsError;

use super::args::{BenchArgs, LoadArgs, RequestArgs, Spacing};
use super::descriptors;
use super::plan::{Load, Plan, Profile};
use super::script::{self, ScriptError};
use super::share::Share;
use super::start::StartError;
use super::transport::Transport;

/// What hey sends, too.
const REQUESTS: u64 = 200;

/// What hey and oha open, too.
const CONNECTIONS: usize = 50;

/// With a rate, connections come as they are needed, up to what an address has ports for.
const ANY_CONNECTIONS: usize = 20_000;

/// Why the flags make no load.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Nothing to send.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// Stages without a rate.
    #[error("--stage: {0}")]
    Stages(#[from] NothingDue),
    /// Too late.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Arrivals need a rate.
    #[error("--arrivals poisson needs a rate: give one with --rate or --stage")]
    Arrivals,
    /// Nothing would be left.
    #[error("--warmup {} leaves nothing of a load that lasts {}: give less, or a longer load",
        humantime::format_duration(*.warm_up), humantime::format_duration(*.lasts))]
    WarmUp {
        /// Asked for.
        warm_up: Duration,
        /// How long the load lasts.
        lasts: Duration,
    },
    /// The socket is not there, or is none.
    #[error("--unix-socket {} cannot be used: {why}; is its server running?", path.display())]
    UnixSocket {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No time at all.
    #[error("{0} must be longer than nothing, such as 10s")]
    NoTime(&'static str),
    /// A duration to those who come from wrk.
    #[error(
        "--body {0} would go with each GET: how long to send is --duration {0}; if it is a body, give it a --method, or a --body-file"
    )]
    DurationAsBody(String),
    /// A flag that means nothing alone.
    #[error("{flag} means nothing without {needs}: add {needs}, or leave {flag} out")]
    Needs {
        /// The flag that was given.
        flag: &'static str,
        /// What it belongs to.
        needs: &'static str,
    },
    /// A header and the flag for it.
    #[error("{flag} and --header {header} both say what {header} is: give one of them")]
    HeaderTwice {
        /// The flag.
        flag: &'static str,
        /// The header's name.
        header: &'static str,
    },
    /// Something about TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Not enough file descriptors for anything.
    #[error("this process may have too few files open for a connection: raise ulimit -Hn")]
    NoFiles,
    /// More connections than file descriptors.
    #[error(
        "--connections {connections}: this process may have {most} at a time; give fewer, or raise ulimit -Hn"
    )]
    OpenFiles {
        /// Connections asked for.
        connections: usize,
        /// Connections that can be.
        most: usize,
    },
    /// Some shards would have none.
    #[error("--connections {connections}: too few for {shards} shards; give each of them one")]
    FewConnections {
        /// Connections of all.
        connections: usize,
        /// Shards that the load is divided into.
        shards: usize,
    },
    /// Others send all there is.
    #[error("--shard {0} would send nothing: give fewer shards, or more requests")]
    EmptyShard(Share),
    /// More threads than connections would leave some without work.
    #[error("--threads {threads} are more than the --connections of this process, {connections}: give fewer")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// Connections asked for.
        connections: usize,
    },
}

impl Plan {
    /// The load that `args` ask for. Reads the files that they name.
    pub fn from_args(args: &BenchArgs) -> Result<Self, PlanError> {
        let BenchArgs { load: args_load, request, .. } = args;
        for (flag, time) in [
            ("--timeout", Some(args.timeout)),
            ("--duration", args_load.duration),
            ("--connect-timeout", args.connection.connect_timeout),
        ] {
            if time.is_some_and(|time| time.is_zero()) {
                return Err(PlanError::NoTime(flag));
            }
        }
        let as_duration = request.body.as_ref().filter(|it| request.method == Method::GET && is_duration(it));
        if let Some(body) = as_duration {
            return Err(PlanError::DurationAsBody(body.clone()));
        }
        complete(args)?;
        distinct_headers(request)?;
        let connections = connections(args)?;
        let (load, share) = (load(args_load)?, args_load.shard);
        let duration = args_load.duration.or(stages_last(&load));
        let plan = Self {
            script: script::build(request, args_load.seed, !args.disable_keepalive)?,
            start_at: args_load.start_at.map(|start| start.after(SystemTime::now())).transpose()?,
            load,
            share,
            connections,
            backlog: args_load.backlog,
            request_limit: args_load.requests.or_else(|| duration.is_none().then_some(REQUESTS)),
            duration,
            warm_up: args.warmup,
            timeout: args.timeout,
            requests_per_connection: if args.disable_keepalive {
                Some(1)
            } else {
                args.connections_max_requests
            },
            replica_header: args.replica_header.clone(),
            threads: threads(args, share.part(connections))?,
            transport: Transport::from_args(&args.connection)?,
        };
        if let Some(path) = &plan.transport.unix_socket {
            check_socket(path)?;
        }
        match (plan.warm_up, plan.lasts()) {
            (Some(warm_up), Some(lasts)) if warm_up >= lasts => {
                return Err(PlanError::WarmUp { warm_up, lasts });
            }
            _ => {}
        }
        if let Some(start_at) = plan.start_at {
            start_at.check(SystemTime::now(), plan.lasts())?;
        }
        if share.is_part() && plan.is_empty() {
            return Err(PlanError::EmptyShard(share));
        }
        Ok(plan)
    }
}

/// A number with its unit, as in `30s`.
fn is_duration(text: &str) -> bool {
    humantime::parse_duration(text).is_ok_and(|duration| !duration.is_zero())
}

/// Whether each flag has the one that it belongs to.
fn complete(args: &BenchArgs) -> Result<(), PlanError> {
    let BenchArgs { goals, connection, .. } = args;
    let search = !goals.find_knee.is_empty();
    for (flag, given, needs, has) in [
        ("--trial", goals.trial.is_some(), "--find-knee", search),
        ("--max-rate", goals.max_rate.is_some(), "--find-knee", search),
        ("--knee-tolerance", goals.knee_tolerance.is_some(), "--find-knee", search),
        ("--abort-on-fail", goals.abort_on_fail, "--expect", !goals.expectations.is_empty()),
        ("--streams", connection.streams.is_some(), "--http2", connection.http2),
    ] {
        if given && !has {
            return Err(PlanError::Needs { flag, needs });
        }
    }
    Ok(())
}

/// Whether no header is given by a flag of its own as well.
fn distinct_headers(request: &RequestArgs) -> Result<(), PlanError> {
    for (flag, given, header) in [
        ("--host", request.host.is_some(), "host"),
        ("--content-type", request.content_type.is_some(), "content-type"),
        ("--accept", request.accept.is_some(), "accept"),
        ("--basic-auth", request.basic_auth.is_some(), "authorization"),
    ] {
        if given && request.headers.iter().any(|(name, _)| name == header) {
            return Err(PlanError::HeaderTwice { flag, header });
        }
    }
    Ok(())
}

fn check_socket(path: &Path) -> Result<(), PlanError> {
    let unusable = |why: String| PlanError::UnixSocket { path: path.to_owned(), why };
    let found = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?;
    if found.file_type().is_socket() { Ok(()) } else { Err(unusable("it is no socket".to_owned())) }
}

/// As many as were asked for, or as are usual; any number is no more than there can be.
fn connections(args: &BenchArgs) -> Result<usize, PlanError> {
    // Where each request has a connection of its own, the one before is still about to be closed.
    let most = descriptors::most_connections(if args.disable_keepalive { 2 } else { 1 });
    if most == 0 {
        return Err(PlanError::NoFiles);
    }
    let (share, shards) = (args.load.shard, args.load.shard.of());
    let connections = match args.load.connections {
        Some(connections) => connections,
        None if args.load.is_open() => return Ok(ANY_CONNECTIONS.min(most).saturating_mul(shards)),
        None => CONNECTIONS.min(most.saturating_mul(shards)),
    };
    match share.part(connections) {
        _ if connections < shards => Err(PlanError::FewConnections { connections, shards }),
        own if own > most && args.load.connections.is_some() => {
            Err(PlanError::OpenFiles { connections: own, most })
        }
        _ => Ok(connections),
    }
}

fn load(args: &LoadArgs) -> Result<Load, PlanError> {
    let profile = match args.rate {
        Some(rate) => Profile::Constant(rate),
        None if !args.stages.is_empty() => Profile::Stages(Stages::new(args.stages.clone())?),
        None if args.arrivals == Spacing::Poisson => return Err(PlanError::Arrivals),
        None => return Ok(Load::Closed { think_time: args.think_time.unwrap_or_default() }),
    };
    Ok(Load::Open { rate: profile, arrivals: args.arrivals.into(), seed: args.seed })
}

fn stages_last(load: &Load) -> Option<Duration> {
    match load {
        Load::Open { rate: Profile::Stages(stages), .. } => Some(stages.lasts()),
        _ => None,
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

#[cfg(test)]
#[path = "intent_tests.rs"]
mod tests;
