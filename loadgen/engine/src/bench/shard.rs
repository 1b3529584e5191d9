//! One thread's part of a run: its clients, its share of the schedule, and what they have counted. Nothing of it is shared
//! with another thread but the quota, so that nobody waits for anybody.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockercoins_timer::Alarm;
use tokio::task::{JoinHandle, spawn_local};

use crate::outcome::{Censoring, Outcome};
use crate::sample::{Phases, Sample};
use crate::timeline::Timeline;

use super::chunk::Standing;
use super::chunks::Chunks;
use super::client::Client;
use super::connector::Opening;
use super::ending::Ending;
use super::flights::Flights;
use super::origins::Origins;
use super::plan::{Load, Plan};
use super::script::Numbers;
use super::source::{Queue, Quota, Source};
use super::tally::Tally;
use super::wire::{Answer, Common};

/// Requests that are overdue are let in in turn with sending them, so many at a time, or a rate that is too high would leave
/// no time for sending.
const MOST_AT_ONCE: u32 = 256;

/// The time left for sending then, at least and at most; in between it is as much as letting them in took, so that sending has
/// its half of a core however slow that core is.
const BREATH: RangeInclusive<Duration> = Duration::from_micros(20)..=Duration::from_millis(1);

/// How often timeouts are looked for.
const SWEEP: Duration = Duration::from_millis(10);

/// One thread's part of a run.
pub(super) struct Shard {
    pub(super) plan: Arc<Plan>,
    pub(super) timeline: Timeline,
    pub(super) source: Source,
    pub(super) flights: Flights,
    pub(super) common: Common,
    pub(super) origins: Origins,
    pub(super) numbers: Numbers,
    tally: RefCell<Tally>,
    chunks: RefCell<Chunks>,
    /// Requests that were due and not sent, since too many waited.
    overflowed: Cell<u64>,
    index: usize,
}

impl Shard {
    /// The part of thread number `index`.
    pub(super) fn new(
        plan: Arc<Plan>,
        timeline: Timeline,
        quota: Quota,
        numbers: Numbers,
        chunks: Chunks,
        index: usize,
    ) -> Self {
        let source = match plan.load {
            Load::Closed { think_time } => Source::Closed { think_time, quota },
            Load::Open { .. } => Source::Open(Queue::new(plan.schedule(index))),
        };
        Self {
            source,
            flights: Flights::default(),
            common: Common::new(&plan.replica_header, plan.script.redirects() > 0),
            origins: Origins::new(plan.script.origins(), &plan.transport, plan.seat(index)),
            numbers,
            tally: RefCell::default(),
            chunks: RefCell::new(chunks),
            overflowed: Cell::default(),
            timeline,
            plan,
            index,
        }
    }

    /// Runs until all requests are done, the time is up, or `stopped` resolves; what was counted until then. Its tasks go
    /// with the runtime, which must be a local one.
    pub(super) async fn run(self: Rc<Self>, stopped: impl Future<Output = ()> + 'static) -> Tally {
        let ending = Rc::new(Ending::default());
        // A task each, so that no answer that arrives has all of them looked at.
        let ends = |reason: Pin<Box<dyn Future<Output = ()>>>| {
            let ending = ending.clone();
            spawn_local(async move {
                reason.await;
                ending.come();
            });
        };
        ends(Box::pin(self.clone().work()));
        ends(Box::pin(self.clone().time_up()));
        ends(Box::pin(stopped));
        spawn_local(self.clone().sweep_forever());
        ending.wait().await;
        self.tally.borrow_mut().ended_at = self.timeline.now();
        self.censor();
        self.chunks.borrow_mut().finish();
        self.tally.take()
    }

    async fn work(self: Rc<Self>) {
        Alarm::new().until(self.timeline.started_at()).await;
        let mut started: Vec<_> =
            (0..self.plan.clients_of(self.index)).map(|_| self.start_client()).collect();
        if let Source::Open(queue) = &self.source {
            self.pace(queue, &mut started).await;
            if let Some(end) = self.plan.lasts().and_then(|lasts| self.timeline.at(lasts)) {
                // The gap after the last request belongs to the run, or a rate of 1/s would be 11 in 10 s.
                Alarm::new().until(end).await;
            }
            queue.close();
        }
        for client in started {
            // A client ends only with its last request; it does not panic.
            let _ = client.await;
        }
    }

    fn start_client(self: &Rc<Self>) -> JoinHandle<()> {
        spawn_local(Client::new(self.clone()).run())
    }

    /// Puts requests into the queue when they are due; starts a client where none is free.
    async fn pace(self: &Rc<Self>, queue: &Queue, started: &mut Vec<JoinHandle<()>>) {
        let mut alarm = Alarm::new();
        let (mut now, mut at_once) = (Instant::now(), 0);
        while let Some(instant) = queue.upcoming().and_then(|due| self.timeline.at(due)) {
            if instant > now {
                alarm.until(instant).await;
                (now, at_once) = (Instant::now(), 0);
            } else if at_once == MOST_AT_ONCE {
                // Yielding would come back before any socket was looked at.
                let breath = now.elapsed().clamp(*BREATH.start(), *BREATH.end());
                alarm.until(Instant::now() + breath).await;
                (now, at_once) = (Instant::now(), 0);
            }
            at_once += 1;
            let waiting = queue.admit();
            if waiting == 0 {
                continue;
            }
            if started.len() < self.plan.most_clients_of(self.index) {
                started.push(self.start_client());
            } else if waiting > self.plan.backlog && queue.take_back().is_some() {
                self.overflowed.set(self.overflowed.get() + 1);
                self.chunks.borrow_mut().overflow(self.timeline.now());
            }
        }
    }

    async fn sweep_forever(self: Rc<Self>) {
        // Not by a timer of the runtime, which would read the clock for it whenever an answer arrives.
        let mut alarm = Alarm::new();
        loop {
            alarm.until(Instant::now() + SWEEP).await;
            let now = self.timeline.now();
            self.flights.sweep(now);
            self.chunks.borrow_mut().pass(now, self.standing());
        }
    }

    fn standing(&self) -> Standing {
        let waiting = match &self.source {
            Source::Closed { .. } => 0,
            Source::Open(queue) => queue.length(),
        };
        Standing {
            thread: self.index,
            in_flight: self.flights.count() as u64,
            waiting: waiting as u64,
            connections: self.tally.borrow().traffic.connections,
            overflowed: self.overflowed.get(),
        }
    }

    async fn time_up(self: Rc<Self>) {
        match self.plan.duration.and_then(|duration| self.timeline.at(duration)) {
            Some(end) => Alarm::new().until(end).await,
            None => std::future::pending().await,
        }
    }

    /// Records what has no answer and will get none: it took at least so long.
    fn censor(&self) {
        let done_at = self.timeline.now();
        let sample = |scheduled_at, sent_at, censoring| Sample {
            scheduled_at,
            sent_at,
            done_at,
            outcome: Outcome::Censored(censoring),
            phases: Phases::default(),
        };
        for flight in self.flights.under_way() {
            self.record(&sample(flight.scheduled_at, flight.sent_at, Censoring::InFlight), flight.lag);
        }
        if let Source::Open(queue) = &self.source {
            for due in queue.waiting() {
                self.record(&sample(due, done_at, Censoring::Unsent), Duration::ZERO);
            }
            for due in queue.overdue(done_at) {
                self.record(&sample(due, done_at, Censoring::Unsent), done_at.saturating_sub(due));
            }
        }
    }

    /// Counts a request without an answer, for which the client was `lag` late.
    pub(super) fn record(&self, sample: &Sample, lag: Duration) {
        self.chunks.borrow_mut().record(sample, lag);
    }

    /// Counts a request that failed, for this reason.
    pub(super) fn failed(&self, sample: &Sample, lag: Duration, reason: &impl fmt::Display) {
        self.record(sample, lag);
        if let Outcome::Failed(failure) = sample.outcome {
            self.tally.borrow_mut().reasons.entry(failure).or_insert_with(|| reason.to_string());
        }
    }

    /// Counts a request with its answer.
    pub(super) fn answered(&self, sample: &Sample, lag: Duration, answer: &Answer) {
        self.record(sample, lag);
        let mut tally = self.tally.borrow_mut();
        if let Some(id) = answer.served_by {
            tally.answered_by(self.common.replicas.borrow().name(id), sample);
        }
        let sent_at = self.timeline.started_at() + sample.sent_at;
        let done_at = self.timeline.started_at() + sample.done_at;
        let head_at = answer.head_at.unwrap_or(done_at);
        let body = answer.head_at.map(|head_at| done_at.saturating_duration_since(head_at));
        tally.steps.answer(head_at.saturating_duration_since(sent_at), body);
        tally.server.record(answer.server_timing);
        tally.traffic.received_bytes += answer.wire_bytes;
        tally.traffic.body_bytes += answer.body_bytes;
    }

    pub(super) fn connected(&self, opening: Opening) {
        let mut tally = self.tally.borrow_mut();
        tally.traffic.connections += 1;
        tally.steps.connect.record(opening.connect);
        if let Some(took) = opening.resolve {
            tally.steps.resolve.record(took);
        }
        if let Some(took) = opening.tls {
            tally.steps.tls.record(took);
        }
    }

    pub(super) fn count_sent(&self, bytes: usize) {
        self.tally.borrow_mut().traffic.sent_bytes += bytes as u64;
    }

    pub(super) fn count_resent(&self) {
        self.tally.borrow_mut().traffic.resent += 1;
    }
}
