//! One observed request. Owns the instants that are taken around it and its timeout.

use std::time::Duration;

use tokio::time::timeout;

use crate::answer::Answer;
use crate::connection::Connection;
use crate::endpoint::Endpoint;
use crate::error::ExchangeError;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::sample::{Phases, Sample};
use crate::timeline::Timeline;

/// A request that can be made again and again, each time over a fresh connection.
#[derive(Clone, Debug)]
pub struct Call {
    /// Where to.
    pub endpoint: Endpoint,
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
}

impl Call {
    /// Makes the request that was due at `scheduled_at`.
    pub async fn make(&self, scheduled_at: Duration, timeline: Timeline) -> Observation {
        let sent_at = timeline.now();
        let answer = timeout(self.timeout, self.exchange()).await;
        let answer = answer.unwrap_or(Err(ExchangeError::TimedOut(self.timeout)));
        Observation::new(scheduled_at, sent_at, timeline.now(), answer)
    }

    async fn exchange(&self) -> Result<Answer, ExchangeError> {
        Connection::open(&self.endpoint).await?.send(&self.request).await
    }
}

impl Observation {
    fn new(
        scheduled_at: Duration,
        sent_at: Duration,
        done_at: Duration,
        answer: Result<Answer, ExchangeError>,
    ) -> Self {
        let (outcome, phases) = match &answer {
            Ok(answer) => (Outcome::Answered(answer.status), answer.phases),
            Err(error) => (error.outcome(), Phases::default()),
        };
        Self { sample: Sample { scheduled_at, sent_at, done_at, outcome, phases }, answer }
    }

    /// A call that was due at `scheduled_at` and is given up `now`, because the run ends.
    pub fn in_flight(scheduled_at: Duration, now: Duration) -> Self {
        Self::new(scheduled_at, scheduled_at, now, Err(ExchangeError::InFlight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Censoring;
    use crate::testing::{Behaviour, OK, request, serve};
    use http::Method;

    async fn call(behaviour: Behaviour, patience: Duration) -> Sample {
        let server = serve(behaviour).await;
        let endpoint = Endpoint::Address(server.address);
        let call = Call { endpoint, request: request(Method::GET), timeout: patience };
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
}
