//! One client: takes the next request, sends it on its connection, or on a new one, and records what came of it.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::endpoint::connect;
use crate::error::ExchangeError;
use crate::outcome::{Censoring, Outcome};
use crate::sample::{Phases, Sample};

use super::flights::{Flight, UnderWay};
use super::shard::Shard;
use super::source::Turn;
use super::wire::{Answer, Wire, WireError};

/// A client of a shard.
pub(super) struct Client {
    shard: Rc<Shard>,
    place: Rc<Flight>,
    kept: Option<Wire<TcpStream>>,
}

/// Why a request brought no answer.
enum Broken {
    NoConnection(ExchangeError),
    NoAnswer(WireError),
}

impl Client {
    pub(super) fn new(shard: Rc<Shard>) -> Self {
        let place = shard.flights.place();
        Self { shard, place, kept: None }
    }

    /// Sends one request after the other until there are no more.
    pub(super) async fn run(mut self) {
        let shard = self.shard.clone();
        let mut turn = Turn::new(&shard.source);
        let mut free_at = shard.timeline.now();
        while let Some(scheduled_at) = turn.next(&shard.source, shard.timeline, free_at).await {
            // One reading of the clock is the end of the one request and the start of the next, unless time passed between.
            let sent_at = if scheduled_at == free_at { free_at } else { shard.timeline.now() };
            free_at = self.request(scheduled_at, sent_at).await;
        }
        self.place.give_up();
    }

    /// Sends a request and records it; when it was done.
    async fn request(&mut self, scheduled_at: Duration, sent_at: Duration) -> Duration {
        let shard = self.shard.clone();
        let times = UnderWay { scheduled_at, sent_at, deadline: sent_at + shard.plan.timeout };
        let place = self.place.clone();
        let ended = place.within(times, self.answer()).await;
        let done_at = shard.timeline.now();
        let sample = |outcome| Sample { scheduled_at, sent_at, done_at, outcome, phases: Phases::default() };
        match ended {
            Ok(Ok(answer)) => shard.answered(&sample(Outcome::Answered(answer.status)), &answer),
            Ok(Err(broken)) => {
                self.kept = None;
                shard.record(&sample(broken.outcome()), None);
            }
            Err(_) => {
                self.kept = None;
                shard.record(&sample(Outcome::Censored(Censoring::TimedOut)), None);
            }
        }
        done_at
    }

    async fn answer(&mut self) -> Result<Answer, Broken> {
        if let Some(wire) = self.kept.take() {
            match self.exchange(wire).await {
                // It was closed while it lay idle, which is no fault of this request.
                Err(Broken::NoAnswer(error)) if error.is_stale() => self.shard.count_resent(),
                ended => return ended,
            }
        }
        let wire = self.connect().await?;
        self.exchange(wire).await
    }

    async fn connect(&self) -> Result<Wire<TcpStream>, Broken> {
        let addresses = self.shard.addresses.next().await;
        let (addresses, resolved_within) = addresses.map_err(Broken::NoConnection)?;
        let began_at = Instant::now();
        let (stream, _) = connect(&addresses).await.map_err(Broken::NoConnection)?;
        self.shard.connected(resolved_within, began_at.elapsed());
        Ok(Wire::new(stream))
    }

    async fn exchange(&mut self, mut wire: Wire<TcpStream>) -> Result<Answer, Broken> {
        let shard = &self.shard;
        let request = shard.request();
        let answer = wire.exchange(&request, shard.plan.head_request, &shard.common).await;
        let answer = answer.map_err(Broken::NoAnswer)?;
        if answer.reusable && shard.plan.keeps(wire.answers) {
            self.kept = Some(wire);
        }
        Ok(answer)
    }
}

impl Broken {
    fn outcome(&self) -> Outcome {
        match self {
            Self::NoConnection(error) => error.outcome(),
            Self::NoAnswer(error) => Outcome::Failed(error.failure()),
        }
    }
}
