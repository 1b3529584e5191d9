//! What was meant by the flags. Owns when each ping is due, and the request that it makes.

use std::time::Duration;

use http::Method;

use crate::arrivals::Arrivals;
use crate::call::Call;
use crate::rate::Rate;
use crate::route::Route;
use crate::target::{Scheme, Target};
use crate::tls::{Alpn, TlsError, TlsSettings};

use super::PingError;
use super::args::{AskingArgs, OutputArgs, PingArgs, Thresholds};

/// Pings that may wait at the same time, over all targets; each holds a file descriptor, of which there may be only 1024.
const MAX_IN_FLIGHT: usize = 512;

/// Enough for one target: there is no more to learn from a server that lets so many wait.
const MAX_IN_FLIGHT_PER_TARGET: usize = 128;

/// How many pings a graph shows.
const PINGS_SHOWN: f64 = 120.0;

/// What a graph of a flood shows.
const SHORTEST_WINDOW: Duration = Duration::from_secs(10);

/// What a graph of very rare pings shows: 30 days.
const LONGEST_WINDOW: Duration = Duration::from_secs(30 * 24 * 3600);

/// What was meant by the flags.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) targets: Vec<Target>,
    count: Option<u64>,
    /// `None`: each as soon as the one before is answered.
    rate: Option<Rate>,
    arrivals: Arrivals,
    asking: AskingArgs,
    tls: Option<TlsSettings>,
    timeout: Duration,
    pub(super) show: Show,
}

/// What is shown of each ping, and how.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what is shown are choices of their own")]
pub(super) struct Show {
    pub(super) form: Form,
    pub(super) status: bool,
    pub(super) split: bool,
    pub(super) speed: bool,
    /// When each was due.
    pub(super) timestamp: bool,
    /// Even where the output is no terminal.
    pub(super) colours: bool,
    /// Whether pings share a connection, which the lines tell.
    pub(super) persistent: bool,
}

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// People.
    Lines,
    /// Machines: a number a line.
    Numbers,
    /// Machines: one JSON document.
    Json,
    /// Nagios: one line in the end.
    Check(Thresholds),
    /// People, watching.
    Graph,
}

/// When the pings of one lane are due. `None`: as soon as the lane is free.
pub(super) type Due = Box<dyn Iterator<Item = Option<Duration>> + Send>;

impl Plan {
    pub(super) fn from_args(args: PingArgs) -> Result<Self, PingError> {
        let PingArgs { aim, pace, asking, output, help: _ } = args;
        let targets = aim.targets(asking.use_ssl)?;
        let needs_tls = targets.iter().any(|target| target.scheme() == Scheme::Https);
        Ok(Self {
            targets,
            tls: needs_tls.then(|| asking.tls.settings()).transpose()?,
            count: pace.count,
            // No interval has no rate: a flood.
            rate: Rate::every(pace.interval).ok().filter(|_| !pace.flood),
            arrivals: if pace.poisson { Arrivals::Poisson } else { Arrivals::Uniform },
            timeout: pace.timeout,
            show: Show::new(&output, asking.persistent),
            asking,
        })
    }

    /// The pings of one lane; the first is due at once, however they are spaced.
    pub(super) fn due(&self) -> Due {
        let count = self.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let Some(rate) = self.rate else { return Box::new(std::iter::repeat_n(None, count)) };
        let mut schedule = self.arrivals.schedule(rate, rand::random()).peekable();
        let first = schedule.peek().copied().unwrap_or_default();
        Box::new(schedule.map(move |due| Some(due.saturating_sub(first))).take(count))
    }

    /// Whether the pings of a lane share one connection.
    pub(super) fn is_persistent(&self) -> bool {
        self.asking.persistent
    }

    /// How many pings of one lane may wait at the same time.
    pub(super) fn limit(&self) -> usize {
        let one_by_one = self.rate.is_none() || self.asking.persistent;
        let share = MAX_IN_FLIGHT / self.targets.len().max(1);
        if one_by_one { 1 } else { share.clamp(1, MAX_IN_FLIGHT_PER_TARGET) }
    }

    /// How much of the past a graph shows.
    pub(super) fn graph_window(&self) -> Duration {
        let seconds = self.rate.map_or(0.0, |rate| rate.seconds_for(PINGS_SHOWN));
        Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WINDOW).clamp(SHORTEST_WINDOW, LONGEST_WINDOW)
    }

    /// The request of each target's pings.
    pub(super) fn calls(&self) -> Result<Vec<Call>, TlsError> {
        self.targets.iter().map(|target| self.call(target)).collect()
    }

    fn call(&self, target: &Target) -> Result<Call, TlsError> {
        let mut request = target.request(if self.asking.get { Method::GET } else { Method::HEAD });
        if self.asking.no_cache {
            request = request.no_cache();
        }
        if self.asking.persistent {
            request = request.keep_alive();
        }
        for (name, value) in self.asking.headers() {
            request = request.with(name, value);
        }
        let mut route = Route::from(target.endpoint().clone()).over(self.asking.family());
        if self.asking.resolve_once {
            route = route.resolved_once();
        }
        if let (Scheme::Https, Some(tls)) = (target.scheme(), &self.tls) {
            route =
                route.over_tls(tls.client_config(Alpn::Http1), tls.server_name(&target.endpoint().host())?);
        }
        Ok(Call { route, request, timeout: self.timeout })
    }
}

impl Show {
    fn new(output: &OutputArgs, persistent: bool) -> Self {
        Self {
            form: form(output),
            status: output.show_statuscodes,
            split: output.split_time,
            speed: output.show_transfer_speed,
            timestamp: output.timestamp,
            colours: output.colours,
            persistent,
        }
    }
}

fn form(output: &OutputArgs) -> Form {
    match output {
        OutputArgs { parseable_output: true, .. } => Form::Numbers,
        OutputArgs { json: true, .. } => Form::Json,
        OutputArgs { gui: true, .. } => Form::Graph,
        OutputArgs { nagios: Some(thresholds), .. } => Form::Check(*thresholds),
        _ => Form::Lines,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::plan;
    use super::*;

    fn due(flags: &str, take: usize) -> Vec<Option<u128>> {
        plan(flags).unwrap().due().take(take).map(|due| due.map(|due| due.as_millis())).collect()
    }

    #[test]
    fn the_defaults_are_httpings() {
        let plan = plan(":8001").unwrap();
        assert_eq!((plan.asking.get, plan.count, plan.timeout), (false, None, Duration::from_secs(30)));
        assert_eq!(plan.show.form, Form::Lines);
        assert_eq!(due(":8001", 3), [Some(0), Some(1000), Some(2000)]);
    }

    #[test]
    fn intervals_are_seconds_or_durations() {
        for interval in ["0.25", "250ms"] {
            assert_eq!(due(&format!("-c3 -i {interval} rng"), 9), [Some(0), Some(250), Some(500)]);
        }
    }

    #[test]
    fn a_flood_has_one_ping_under_way() {
        for flags in ["-c2 -i0 rng", "-c2 -f rng"] {
            assert_eq!(due(flags, 9), [None, None]);
            assert_eq!(plan(flags).unwrap().limit(), 1);
        }
    }

    #[test]
    fn headers_and_a_user_are_sent_in_place_of_what_would_be_said_otherwise() {
        let calls = plan("-H user-agent:me -H x-a:1 -U ann -P secret rng").unwrap().calls().unwrap();
        let headers = calls[0].request.to_http().headers().clone();
        assert_eq!(
            (&headers["user-agent"], &headers["x-a"]),
            (&"me".parse().unwrap(), &"1".parse().unwrap())
        );
        assert_eq!(headers["authorization"], "Basic YW5uOnNlY3JldA==");
    }

    #[test]
    fn many_targets_share_the_file_descriptors() {
        let many = vec!["rng"; 100].join(" ");
        assert_eq!((plan("rng").unwrap().limit(), plan(&many).unwrap().limit()), (128, 5));
        assert_eq!(plan("-Q rng").unwrap().limit(), 1);
    }

    #[test]
    fn poisson_pings_start_at_once_and_then_vary() {
        let due = due("--poisson -c 20 -i 1000 rng", 99);
        assert_eq!((due.len(), due[0]), (20, Some(0)));
        let gaps: Vec<_> = due.windows(2).map(|pair| pair[1].unwrap() - pair[0].unwrap()).collect();
        assert!(gaps.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
