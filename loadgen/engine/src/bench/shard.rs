//! One thread's part of a run: its clients, its share of the schedule, and what they have counted. Nothing of it is shared
//! with another thread but the quota, so that nobody waits for anybody.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use dockercoins_timer::Alarm;
use tokio::task::LocalSet;

use crate::outcome::{Censoring, Outcome};
use crate::sample::{Phases, Sample};
use crate::timeline::Timeline;

use super::addresses::Addresses;
use super::client::Client;
use super::flights::Flights;
use super::plan::{Load, Plan};
use super::source::{Queue, Quota, Source};
use super::tally::Tally;
use super::wire::{Answer, Common};

/// How often timeouts are looked for.
const SWEEP: Duration = Duration::from_millis(10);

/// One thread's part of a run.
pub(super) struct Shard {
    pub(super) plan: Arc<Plan>,
    pub(super) timeline: Timeline,
    pub(super) source: Source,
    pub(super) flights: Flights,
    pub(super) common: Common,
    pub(super) addresses: Addresses,
    tally: RefCell<Tally>,
    requests: Cell<usize>,
    index: usize,
}

impl Shard {
    /// The part of thread number `index`.
    pub(super) fn new(plan: Arc<Plan>, timeline: Timeline, quota: Quota, index: usize) -> Self {
        let source = match plan.load {
            Load::Closed { think_time } => Source::Closed { think_time, quota },
            Load::Open { .. } => Source::Open(Queue::default()),
        };
        Self {
            source,
            flights: Flights::default(),
            common: Common::new(&plan.replica_header),
            addresses: Addresses::new(plan.target.endpoint().clone(), plan.family, index),
            tally: RefCell::default(),
            requests: Cell::new(index),
            timeline,
            plan,
            index,
        }
    }

    /// Runs until all requests are done, the time is up, or `stopped` resolves; what was counted until then.
    pub(super) async fn run(self: Rc<Self>, stopped: impl Future<Output = ()>) -> Tally {
        let clients = LocalSet::new();
        let work = clients.run_until(self.clone().work(&clients));
        tokio::select! {
            () = work => {}
            () = self.sweep_forever() => {}
            () = self.time_up() => {}
            () = stopped => {}
        }
        self.censor();
        drop(clients);
        self.tally.take()
    }

    async fn work(self: Rc<Self>, clients: &LocalSet) {
        let mut started: Vec<_> =
            (0..self.plan.clients_of(self.index)).map(|_| self.start_client(clients)).collect();
        if let Source::Open(queue) = &self.source {
            self.pace(queue, clients, &mut started).await;
            queue.close();
        }
        for client in started {
            // A client ends only with its last request; it does not panic.
            let _ = client.await;
        }
    }

    fn start_client(self: &Rc<Self>, clients: &LocalSet) -> tokio::task::JoinHandle<()> {
        clients.spawn_local(Client::new(self.clone()).run())
    }

    /// Puts requests into the queue when they are due; starts a client where none is free.
    async fn pace(
        self: &Rc<Self>,
        queue: &Queue,
        clients: &LocalSet,
        started: &mut Vec<tokio::task::JoinHandle<()>>,
    ) {
        let mut alarm = Alarm::new();
        for due in self.plan.schedule(self.index) {
            let Some(instant) = self.timeline.at(due) else { break };
            alarm.until(instant).await;
            let waiting = queue.push(due);
            if waiting == 0 {
                continue;
            }
            if started.len() < self.plan.most_clients_of(self.index) {
                started.push(self.start_client(clients));
            } else if waiting > self.plan.backlog && queue.take_back().is_some() {
                self.tally.borrow_mut().overflowed += 1;
            }
        }
    }

    async fn sweep_forever(&self) {
        let mut ticks = tokio::time::interval(SWEEP);
        loop {
            ticks.tick().await;
            self.flights.sweep(self.timeline.now());
        }
    }

    async fn time_up(&self) {
        match self.plan.duration.and_then(|duration| self.timeline.at(duration)) {
            Some(end) => Alarm::new().until(end).await,
            None => std::future::pending().await,
        }
    }

    /// Records what has no answer and will get none: it took at least so long.
    fn censor(&self) {
        let done_at = self.timeline.now();
        let outcome = Outcome::Censored(Censoring::InFlight);
        let sample = |scheduled_at, sent_at| Sample {
            scheduled_at,
            sent_at,
            done_at,
            outcome,
            phases: Phases::default(),
        };
        for flight in self.flights.under_way() {
            self.record(&sample(flight.scheduled_at, flight.sent_at), None);
        }
        if let Source::Open(queue) = &self.source {
            for due in queue.waiting() {
                self.record(&sample(due, done_at), None);
            }
        }
    }

    /// The bytes of the next request.
    pub(super) fn request(&self) -> Bytes {
        let next = self.requests.get();
        self.requests.set(next.wrapping_add(1));
        self.plan.requests[next % self.plan.requests.len()].clone()
    }

    /// Counts a request without an answer.
    pub(super) fn record(&self, sample: &Sample, replica: Option<&str>) {
        self.tally.borrow_mut().record(sample, replica);
    }

    /// Counts a request with its answer.
    pub(super) fn answered(&self, sample: &Sample, answer: &Answer) {
        let mut tally = self.tally.borrow_mut();
        match answer.served_by {
            Some(id) => tally.record(sample, Some(self.common.replicas.borrow().name(id))),
            None => tally.record(sample, None),
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

    pub(super) fn connected(&self, resolved_within: Option<Duration>, connected_within: Duration) {
        let mut tally = self.tally.borrow_mut();
        tally.traffic.connections += 1;
        tally.steps.connect.record(connected_within);
        if let Some(took) = resolved_within {
            tally.steps.resolve.record(took);
        }
    }

    pub(super) fn count_resent(&self) {
        self.tally.borrow_mut().traffic.resent += 1;
    }
}
