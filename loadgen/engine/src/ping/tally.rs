//! The statistics of one target. Owns what counts as a connect, as ok and as failed.

use std::time::Duration;

use crate::call::Observation;
use crate::outcome::{Censoring, Outcome};
use crate::recorder::Recorder;
use crate::sample::Sample;

use super::spread::Spread;
use super::words::millis;

/// What the pings of one target add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    recorder: Recorder,
    /// Times of the successes, and what the others were waited for at least.
    waits: Spread,
    last: Option<Duration>,
    speed: Option<Speeds>,
}

#[derive(Clone, Copy, Debug)]
struct Speeds {
    min: Speed,
    max: Speed,
    sum: f64,
    count: f64,
}

/// How fast an answer came, in KB (1024 bytes) a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Speed(pub(super) f64);

impl Speed {
    /// From sending the request to the last byte: the receiving alone takes no time if the answer is small.
    pub(super) fn of(observation: &Observation) -> Option<Self> {
        let answer = observation.answer.as_ref().ok()?;
        let seconds = answer.split.exchange().as_secs_f64();
        (seconds > 0.0).then(|| Self((answer.header_bytes + answer.body_bytes) as f64 / 1024.0 / seconds))
    }
}

impl Tally {
    pub(super) fn add(&mut self, observation: &Observation) {
        let sample = &observation.sample;
        self.recorder.record(sample);
        if self.tells_a_time(sample) {
            self.waits.push(sample.response_time());
        }
        if sample.outcome.is_success() {
            self.last = Some(sample.response_time());
            self.add_speed(Speed::of(observation));
        }
    }

    /// Successes do, and what timed out was waited for at least. What still waits in the end tells nothing before it has
    /// waited longer than is usual.
    fn tells_a_time(&self, sample: &Sample) -> bool {
        let mean = self.waits.mean_ms().unwrap_or_default();
        match sample.outcome {
            Outcome::Censored(Censoring::InFlight) => millis(sample.response_time()) > mean,
            outcome => outcome.is_success() || outcome.is_censored(),
        }
    }

    fn add_speed(&mut self, speed: Option<Speed>) {
        let Some(Speed(new)) = speed else { return };
        self.speed = Some(match self.speed {
            None => Speeds { min: Speed(new), max: Speed(new), sum: new, count: 1.0 },
            Some(Speeds { min: Speed(min), max: Speed(max), sum, count }) => Speeds {
                min: Speed(min.min(new)),
                max: Speed(max.max(new)),
                sum: sum + new,
                count: count + 1.0,
            },
        });
    }

    /// Pings that were sent.
    pub(super) fn sent(&self) -> u64 {
        self.recorder.count()
    }

    /// Pings whose outcome is known.
    pub(super) fn connects(&self) -> u64 {
        self.sent() - self.in_flight()
    }

    pub(super) fn successes(&self) -> u64 {
        self.recorder.successes().count()
    }

    /// Those of the connects that are no successes.
    pub(super) fn failed(&self) -> u64 {
        self.connects() - self.successes()
    }

    /// Percent of the connects.
    pub(super) fn failed_percent(&self) -> f64 {
        100.0 * self.failed() as f64 / self.connects().max(1) as f64
    }

    pub(super) fn timed_out(&self) -> u64 {
        self.count(Outcome::Censored(Censoring::TimedOut))
    }

    pub(super) fn in_flight(&self) -> u64 {
        self.count(Outcome::Censored(Censoring::InFlight))
    }

    /// Shortest, mean and longest time of the successes.
    pub(super) fn round_trip(&self) -> Option<[Duration; 3]> {
        let times = self.recorder.successes();
        Some([times.min()?, times.mean()?, times.max()?])
    }

    /// The time of the latest success.
    pub(super) fn last(&self) -> Option<Duration> {
        self.last
    }

    /// What a share `quantile` of the successes stayed within.
    pub(super) fn quantile(&self, quantile: f64) -> Option<Duration> {
        self.recorder.successes().quantile(quantile)
    }

    /// The mean at least, if some have not been answered.
    pub(super) fn mean_at_least(&self) -> Option<Duration> {
        self.recorder.censored().mean().and_then(|_| self.recorder.mean_with_censored())
    }

    /// Times of the successes, and what the others were waited for at least.
    pub(super) fn waits(&self) -> &Spread {
        &self.waits
    }

    /// Slowest, mean and fastest transfer.
    pub(super) fn speeds(&self) -> Option<[Speed; 3]> {
        self.speed.map(|speed| [speed.min, Speed(speed.sum / speed.count), speed.max])
    }

    fn count(&self, outcome: Outcome) -> u64 {
        self.recorder.outcomes().of(outcome)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::answer::Answer;
    use crate::endpoint::Family;
    use crate::error::ExchangeError;
    use crate::server_timing::ServerTiming;
    use crate::split::Split;
    use http::StatusCode;
    use std::net::{Ipv4Addr, SocketAddr};

    const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 80);

    /// A 200 of 1.5 KB after so long, of which 100 µs were for the client, and two thirds for waiting.
    pub(in super::super) fn answered(millis: u64) -> Observation {
        let time = Duration::from_millis(millis);
        let split = Split { wait: Some(time * 2 / 3), receive: Some(time / 3), ..Split::default() };
        Observation::fake(
            time,
            Ok(Answer {
                status: StatusCode::OK,
                header_bytes: 512,
                body_bytes: 1024,
                peer: PEER,
                served_by: None,
                server_timing: ServerTiming::default(),
                split,
            }),
        )
    }

    pub(in super::super) fn failed() -> Observation {
        Observation::fake(
            Duration::ZERO,
            Err(ExchangeError::NoAddress { host: "rng".to_owned(), family: Family::Any }),
        )
    }

    pub(in super::super) fn timed_out(millis: u64) -> Observation {
        let time = Duration::from_millis(millis);
        Observation::fake(time, Err(ExchangeError::TimedOut(time)))
    }

    #[test]
    fn connects_are_ok_or_failed_and_the_rest_is_still_waiting() {
        let mut tally = Tally::default();
        let waiting = Observation::in_flight(Duration::ZERO, Duration::from_secs(9));
        for observation in [answered(20), answered(40), failed(), timed_out(3_000), waiting] {
            tally.add(&observation);
        }
        assert_eq!((tally.sent(), tally.connects(), tally.successes(), tally.failed()), (5, 4, 2, 2));
        assert_eq!((tally.timed_out(), tally.in_flight()), (1, 1));
        assert_eq!(tally.round_trip().unwrap().map(|time| time.as_millis()), [20, 30, 40]);
        assert_eq!(tally.last(), Some(Duration::from_millis(40)));
        assert_eq!(tally.mean_at_least(), Some(Duration::from_millis(3_015)));
    }

    #[test]
    fn what_still_waits_counts_once_it_has_waited_longer_than_is_usual() {
        let waiting = |millis| Observation::in_flight(Duration::ZERO, Duration::from_millis(millis));
        let mut tally = Tally::default();
        for observation in [answered(100), waiting(10), waiting(300)] {
            tally.add(&observation);
        }
        assert_eq!(tally.waits().mean_ms(), Some(200.0));
    }

    #[test]
    fn speeds_are_of_whole_answers() {
        let mut tally = Tally::default();
        assert_eq!(tally.speeds(), None);
        for millis in [500, 1_500] {
            tally.add(&answered(millis));
        }
        let speeds = tally.speeds().unwrap();
        assert!(speeds.iter().zip([1.0, 2.0, 3.0]).all(|(Speed(got), said)| (got - said).abs() < 1e-6));
    }
}
