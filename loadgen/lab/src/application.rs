//! How the application is set up, whatever then runs on it: the flags that `loadgen up` and `loadgen lab` share, and what they
//! mean to the local backend.

use std::time::Duration;

use crate::backend::Service;
use crate::backend::local::LocalConfig;
use crate::laws::dispatch::Dispatch;
use crate::setup::Setup;

/// Flags for how long everything takes.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct TimesArgs {
    /// Time that a worker thinks before each unit of work [default: 100ms]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub think_time: Option<Duration>,

    /// Time that rng takes for a request [default: 100ms]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub rng_time: Option<Duration>,

    /// Time that hasher takes for a request [default: 100ms]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub hasher_time: Option<Duration>,
}

impl TimesArgs {
    /// What a worker thinks for, and what requests to rng and to hasher take: the original's own times where nothing is said.
    pub fn all(self) -> [Duration; 3] {
        [self.think_time, self.rng_time, self.hasher_time].map(|time| time.unwrap_or(TENTH))
    }
}

/// Flags that set the application up.
#[derive(Clone, Debug, clap::Args)]
pub struct ApplicationArgs {
    /// How long everything takes.
    #[command(flatten)]
    pub times: TimesArgs,

    /// Workers keep their connections open: they then stick to the replicas that they reached first
    #[arg(long)]
    pub keep_alive: bool,

    /// Mining loops in each worker [default: 1]
    #[arg(long, value_name = "N", value_parser = loops)]
    pub concurrency: Option<usize>,

    /// Redis to count in, in place of the embedded store
    #[arg(long, value_name = "URL", value_parser = redis_url)]
    pub redis: Option<String>,
}

impl ApplicationArgs {
    /// Sets `config` up as the flags say.
    pub fn configure(&self, config: &mut LocalConfig) {
        let setup = self.setup();
        let flag = |name: &str, value: String| [name.to_owned(), value];
        let time = |name, time| flag(name, humantime::format_duration(time).to_string());
        let mut worker = time("--think-time", setup.think_time).to_vec();
        worker.extend(flag("--concurrency", setup.concurrency.to_string()));
        worker.extend(self.keep_alive.then(|| "--keep-alive".to_owned()));
        config.service_args.insert(Service::Worker, worker);
        config.service_args.insert(Service::Rng, time("--service-time", setup.rng_time).to_vec());
        config.service_args.insert(Service::Hasher, time("--service-time", setup.hasher_time).to_vec());
        config.redis.clone_from(&self.redis);
    }

    /// What is asked for, and the original's own times where nothing is.
    pub fn setup(&self) -> Setup {
        let [think_time, rng_time, hasher_time] = self.times.all();
        Setup {
            think_time,
            rng_time,
            hasher_time,
            concurrency: self.concurrency.unwrap_or(1),
            rng_dispatch: Dispatch::RoundRobin,
            hasher_dispatch: Dispatch::RoundRobin,
        }
    }

    /// The first of the flags that was given.
    pub fn given(&self) -> Option<&'static str> {
        let flags = [
            (self.times.think_time.is_some(), "--think-time"),
            (self.times.rng_time.is_some(), "--rng-time"),
            (self.times.hasher_time.is_some(), "--hasher-time"),
            (self.keep_alive, "--keep-alive"),
            (self.concurrency.is_some(), "--concurrency"),
            (self.redis.is_some(), "--redis"),
        ];
        flags.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }
}

/// What everything takes in the original.
const TENTH: Duration = Duration::from_millis(100);

/// The longest time that makes sense here; more is a slip of the pen, such as `100m`.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// More loops than this do not fit into one process.
pub const MOST_LOOPS: usize = 10_000;

/// A duration with its unit, of an hour at most.
pub fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err("longer than an hour: did you mean milliseconds (ms)?".to_owned()),
        Err(_) => Err("expected a number with its unit, such as 100ms or 2s".to_owned()),
    }
}

/// Mining loops in a worker.
pub fn loops(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(loops @ 1..=MOST_LOOPS) => Ok(loops),
        _ => Err(format!("expected a whole number from 1 to {MOST_LOOPS}")),
    }
}

fn redis_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("redis://").filter(|rest| !rest.is_empty());
    host.map(|_| text.to_owned()).ok_or_else(|| "expected a URL such as redis://localhost:6379".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        application: ApplicationArgs,
    }

    fn parsed(line: &str) -> Result<ApplicationArgs, String> {
        let words = std::iter::once("up").chain(line.split_whitespace());
        Cli::try_parse_from(words).map(|cli| cli.application).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_reach_the_services_they_are_for() {
        let args = "--think-time 50ms --rng-time 1s --hasher-time 0ms --keep-alive --concurrency 4 --redis redis://h";
        let mut config = LocalConfig::new("/bin/loadgen".into(), "/state".into());
        parsed(args).unwrap().configure(&mut config);
        let args = |service| config.service_args[&service].join(" ");
        assert_eq!(args(Service::Worker), "--think-time 50ms --concurrency 4 --keep-alive");
        assert_eq!(args(Service::Rng), "--service-time 1s");
        assert_eq!(args(Service::Hasher), "--service-time 0s");
        assert_eq!(config.redis.as_deref(), Some("redis://h"));
    }

    #[test]
    fn mistakes_are_named_with_their_flag() {
        for (line, flag, remedy) in [
            ("--think-time 100", "--think-time", "unit"),
            ("--rng-time 100m", "--rng-time", "milliseconds"),
            ("--redis localhost", "--redis", "redis://"),
            ("--concurrency 0", "--concurrency", "from 1"),
        ] {
            let complaint = parsed(line).unwrap_err();
            assert!(complaint.contains(flag) && complaint.contains(remedy), "{line}: {complaint}");
        }
    }
}
