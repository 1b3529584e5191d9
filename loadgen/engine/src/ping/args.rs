//! What can be typed after `loadgen ping`, and what it means. Owns the flags, their defaults and their validation.

use std::time::Duration;

use clap::Args;
use http::Method;

use crate::arrivals::Arrivals;
use crate::call::Call;
use crate::rate::Rate;
use crate::target::Target;

/// Pings of one target that may wait at the same time; each holds a file descriptor.
const MAX_IN_FLIGHT: usize = 128;

const URLS: &str = "What to ping: http://host[:port][/path], host:port/path, or :port for this machine; several are \
                    pinged side by side";

/// The flags of `loadgen ping`.
#[derive(Args, Clone, Debug)]
pub struct PingArgs {
    /// What to ping; several are pinged side by side
    #[arg(value_name = "URL", required = true, help = URLS)]
    pub urls: Vec<Target>,

    /// How many pings to send to each URL [default: until ^C]
    #[arg(short, long, value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,

    /// Time between pings, as seconds or such as 200ms; 0 sends each as soon as the one before is answered
    #[arg(short, long, default_value = "1s", value_parser = duration)]
    pub interval: Duration,

    /// Send GET instead of HEAD
    #[arg(short = 'G', long)]
    pub get: bool,

    /// How long to wait for an answer, as seconds or such as 500ms
    #[arg(short, long, default_value = "30s", value_parser = positive_duration)]
    pub timeout: Duration,

    /// Space the pings at random (a Poisson process) around the interval, so that they cannot fall into step with what
    /// they measure
    #[arg(long)]
    pub poisson: bool,
}

impl PingArgs {
    pub(super) fn plan(self) -> Plan {
        Plan {
            targets: self.urls,
            count: self.count,
            // No interval has no rate: a flood.
            rate: Rate::every(self.interval).ok(),
            arrivals: if self.poisson { Arrivals::Poisson } else { Arrivals::Uniform },
            method: if self.get { Method::GET } else { Method::HEAD },
            timeout: self.timeout,
        }
    }
}

/// What was meant by the flags.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) targets: Vec<Target>,
    count: Option<u64>,
    /// `None`: each as soon as the one before is answered.
    rate: Option<Rate>,
    arrivals: Arrivals,
    method: Method,
    timeout: Duration,
}

/// When the pings of one lane are due. `None`: as soon as the lane is free.
pub(super) type Due = Box<dyn Iterator<Item = Option<Duration>> + Send>;

impl Plan {
    /// The pings of one lane; the first is due at once, however they are spaced.
    pub(super) fn due(&self) -> Due {
        let count = self.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let Some(rate) = self.rate else { return Box::new(std::iter::repeat_n(None, count)) };
        let mut schedule = self.arrivals.schedule(rate, rand::random()).peekable();
        let first = schedule.peek().copied().unwrap_or_default();
        Box::new(schedule.map(move |due| Some(due.saturating_sub(first))).take(count))
    }

    /// How many pings of one lane may wait at the same time.
    pub(super) fn limit(&self) -> usize {
        if self.rate.is_some() { MAX_IN_FLIGHT } else { 1 }
    }

    pub(super) fn call(&self, target: &Target) -> Call {
        let request = target.request(self.method.clone());
        Call { endpoint: target.endpoint().clone(), request, timeout: self.timeout }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed.ok_or_else(|| {
        "write a number of seconds, such as 0.5, or a number with a unit, such as 500ms".to_owned()
    })
}

fn positive_duration(text: &str) -> Result<Duration, String> {
    let duration = duration(text)?;
    if duration.is_zero() {
        Err("no answer can be there in no time; write more than 0".to_owned())
    } else {
        Ok(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        ping: PingArgs,
    }

    fn plan(flags: &[&str]) -> Result<Plan, String> {
        let typed = std::iter::once("ping").chain(flags.iter().copied());
        Cli::try_parse_from(typed).map(|cli| cli.ping.plan()).map_err(|error| error.to_string())
    }

    fn due(flags: &[&str], take: usize) -> Vec<Option<u128>> {
        plan(flags).unwrap().due().take(take).map(|due| due.map(|due| due.as_millis())).collect()
    }

    #[test]
    fn the_defaults_are_httpings() {
        let plan = plan(&[":8001"]).unwrap();
        assert_eq!(
            (plan.method.clone(), plan.count, plan.timeout),
            (Method::HEAD, None, Duration::from_secs(30))
        );
        assert_eq!(due(&[":8001"], 3), [Some(0), Some(1000), Some(2000)]);
    }

    #[test]
    fn intervals_are_seconds_or_durations() {
        for interval in ["0.25", "250ms"] {
            assert_eq!(due(&["-c3", "-i", interval, "rng"], 9), [Some(0), Some(250), Some(500)]);
        }
        assert_eq!(due(&["-c2", "-i0", "rng"], 9), [None, None]);
        assert_eq!(plan(&["-i0", "rng"]).unwrap().limit(), 1);
    }

    #[test]
    fn poisson_pings_start_at_once_and_then_vary() {
        let due = due(&["--poisson", "-c", "20", "-i", "1000", "rng"], 99);
        assert_eq!((due.len(), due[0]), (20, Some(0)));
        let gaps: Vec<_> = due.windows(2).map(|pair| pair[1].unwrap() - pair[0].unwrap()).collect();
        assert!(gaps.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn mistakes_name_the_flag_and_the_mend() {
        let cases: [(&[&str], &str); 7] = [
            (&[], "<URL>"),
            (&["https://rng/"], "only http:// URLs can be pinged"),
            (&["-c", "0", "rng"], "--count"),
            (&["-i", "often", "rng"], "such as 500ms"),
            (&["--interval=-1", "rng"], "--interval"),
            (&["-i", "inf", "rng"], "such as 500ms"),
            (&["-t", "0", "rng"], "more than 0"),
        ];
        for (flags, part) in cases {
            let message = plan(flags).unwrap_err();
            assert!(message.contains(part), "{flags:?}: {message}");
        }
    }
}
