//! One observed request. Owns the instants that are taken around it and its timeout.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::answer::Answer;
use crate::connection::Connection;
use crate::error::ExchangeError;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::route::Route;
use crate::sample::{Phases, Sample};
use crate::timeline::Timeline;

/// A request that can be made again and again.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where to.
    pub route: Route,
    /// What is asked.
    pub request: Request,
    /// How long to wait, from resolving to the last byte.
    pub timeout: Duration,
}

/// What one call brought.
#[derive(Debug)]
pub struct Observation {
    /// Its times, and its outcome in brief.
    pub sample: Sample,
    /// The answer, or why there is none.
    pub answer: Result<Answer, ExchangeError>,
    /// How long closing the connection took, which nobody waits for: it is no part of the sample. `None` if it stays open.
    pub close: Option<Duration>,
    /// Whether a kept connection turned out to be closed, and another one was opened.
    pub reconnected: bool,
}

/// An answer, and what it came over.
struct Exchanged {
    answer: Answer,
    connection: Connection,
    reconnected: bool,
}

impl Call {
    /// Makes the request that was due at `scheduled_at`, over a connection of its own.
    pub async fn make(&self, scheduled_at: Duration, timeline: Timeline) -> Observation {
        let mut kept = None;
        let mut observation = self.make_over(&mut kept, scheduled_at, timeline).await;
        observation.close = kept.map(closed);
        observation
    }

    /// The same over the connection that was `kept`, or over a new one, which is kept then.
    pub async fn make_over(
        &self,
        kept: &mut Option<Connection>,
        scheduled_at: Duration,
        timeline: Timeline,
    ) -> Observation {
        let sent_at = timeline.now();
        let exchanged = timeout(self.timeout, self.exchange(kept.take())).await;
        let exchanged = exchanged.unwrap_or(Err(ExchangeError::TimedOut(self.timeout)));
        let done_at = timeline.now();
        let reconnected = exchanged.as_ref().is_ok_and(|exchanged| exchanged.reconnected);
        let answer = exchanged.map(|Exchanged { answer, connection, .. }| {
            *kept = Some(connection);
            answer
        });
        Observation { reconnected, ..Observation::new(scheduled_at, sent_at, done_at, answer) }
    }

    async fn exchange(&self, kept: Option<Connection>) -> Result<Exchanged, ExchangeError> {
        let reconnected = kept.is_some();
        if let Some(mut connection) = kept {
            // Servers close idle connections when they like, even while a request is on its way: a new connection tells
            // whether there is more to it.
            if let Ok(answer) = connection.send(&self.request).await {
                return Ok(Exchanged { answer, connection, reconnected: false });
            }
        }
        let mut connection = Connection::open(&self.route).await?;
        let answer = connection.send(&self.request).await?;
        Ok(Exchanged { answer, connection, reconnected })
    }
}

fn closed(connection: Connection) -> Duration {
    let began_at = Instant::now();
    drop(connection);
    began_at.elapsed()
}

impl Observation {
    fn new(
        scheduled_at: Duration,
        sent_at: Duration,
        done_at: Duration,
        answer: Result<Answer, ExchangeError>,
    ) -> Self {
        let (outcome, phases) = match &answer {
            Ok(answer) => (Outcome::Answered(answer.status), answer.split.into()),
            Err(error) => (error.outcome(), Phases::default()),
        };
        let sample = Sample { scheduled_at, sent_at, done_at, outcome, phases };
        Self { sample, answer, close: None, reconnected: false }
    }

    /// One that took `time` from the start of the run on.
    #[cfg(test)]
    pub(crate) fn fake(time: Duration, answer: Result<Answer, ExchangeError>) -> Self {
        Self::new(Duration::ZERO, Duration::ZERO, time, answer)
    }

    /// A call that was due at `scheduled_at` and is given up `now`, because the run ends.
    pub fn in_flight(scheduled_at: Duration, now: Duration) -> Self {
        Self::new(scheduled_at, scheduled_at, now, Err(ExchangeError::InFlight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Endpoint;
    use crate::outcome::Censoring;
    use crate::testing::{Behaviour, EMPTY, OK, Server, request, serve};
    use http::Method;

    fn get(server: &Server, patience: Duration) -> Call {
        let route = Endpoint::Address(server.address).into();
        Call { route, request: request(Method::GET).keep_alive(), timeout: patience }
    }

    async fn call(behaviour: Behaviour, patience: Duration) -> Sample {
        let server = serve(behaviour).await;
        let call = get(&server, patience);
        call.make(Duration::ZERO, Timeline::start()).await.sample
    }

    #[tokio::test]
    async fn a_timeout_is_a_censored_sample_of_at_least_that_time() {
        let patience = Duration::from_millis(30);
        let sample = call(Behaviour::Hang, patience).await;
        assert_eq!(sample.outcome, Outcome::Censored(Censoring::TimedOut));
        assert!(sample.response_time() >= patience);
    }

    #[tokio::test]
    async fn an_answered_call_keeps_its_instants_in_order() {
        let sample = call(Behaviour::Answer(OK), Duration::from_secs(10)).await;
        assert!(sample.outcome.is_success());
        assert!(sample.scheduled_at <= sample.sent_at && sample.sent_at <= sample.done_at);
        assert!(sample.phases.first_byte.unwrap() <= sample.uncorrected_time());
    }

    #[tokio::test]
    async fn a_kept_connection_is_used_again_and_one_that_was_closed_is_replaced() {
        for (behaviour, connections) in [(Behaviour::Answer(OK), 1), (Behaviour::AnswerAndClose(EMPTY), 3)] {
            let server = serve(behaviour).await;
            let (call, mut kept) = (get(&server, Duration::from_secs(10)), None);
            for turn in 0..3 {
                let made = call.make_over(&mut kept, Duration::ZERO, Timeline::start()).await;
                assert!(made.sample.outcome.is_success() && made.close.is_none(), "{made:?}");
                assert_eq!(made.reconnected, turn > 0 && connections > 1);
            }
            assert_eq!(server.connections(), connections);
        }
    }

    #[tokio::test]
    async fn a_connection_that_timed_out_is_not_kept() {
        let server = serve(Behaviour::Hang).await;
        let mut kept = None;
        let call = get(&server, Duration::from_millis(20));
        call.make_over(&mut kept, Duration::ZERO, Timeline::start()).await;
        assert!(kept.is_none());
    }
}
