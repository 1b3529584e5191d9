//! The pings of one target. Owns sending them when they are due, and handing their results on in the order in which they
//! were sent.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use dockercoins_timer::Alarm;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::{JoinError, JoinSet};

use crate::call::{Call, Observation};
use crate::connection::Connection;
use crate::timeline::Timeline;

use super::plan::{Due, Plan};

/// One ping's result.
#[derive(Debug)]
pub(super) struct Pong {
    /// Index of its target.
    pub(super) lane: usize,
    /// The how manieth ping of its lane it was, from 0.
    pub(super) seq: usize,
    /// What came back.
    pub(super) observation: Observation,
}

/// A ping that has been sent and not yet handed on.
struct Flight {
    scheduled_at: Duration,
    observation: Option<Observation>,
}

pub(super) struct Lane {
    index: usize,
    call: Arc<Call>,
    limit: usize,
    /// The connection that the pings share, if they do.
    shared: Option<Arc<Mutex<Option<Connection>>>>,
    timeline: Timeline,
    pongs: mpsc::Sender<Pong>,
    in_flight: JoinSet<(usize, Observation)>,
    /// From the oldest one that has not been handed on, whose number is `next_out`.
    flights: VecDeque<Flight>,
    next_out: usize,
}

impl Lane {
    /// A lane that lets as many pings wait at the same time as the plan says; a ping that is due beyond that is sent late,
    /// and its time runs nevertheless.
    pub(super) fn new(
        index: usize,
        call: Arc<Call>,
        plan: &Plan,
        timeline: Timeline,
        pongs: mpsc::Sender<Pong>,
    ) -> Self {
        Self {
            index,
            call,
            limit: plan.limit(),
            shared: plan.is_persistent().then(Arc::default),
            timeline,
            pongs,
            in_flight: JoinSet::new(),
            flights: VecDeque::new(),
            next_out: 0,
        }
    }

    /// Sends what is due until `due` ends and all are answered, or until `stopped`.
    pub(super) async fn run(mut self, due: Due, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.send_all(due) => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        self.give_up().await;
    }

    async fn send_all(&mut self, due: Due) {
        let mut alarm = Alarm::new();
        for due in due {
            while self.in_flight.len() >= self.limit {
                self.land().await;
            }
            if let Some(due) = due {
                // What is due beyond the clock's end is never sent.
                let Some(instant) = self.timeline.at(due) else { break };
                self.land_until(alarm.until(instant)).await;
            }
            self.launch(due.unwrap_or_else(|| self.timeline.now()));
        }
        while !self.in_flight.is_empty() {
            self.land().await;
        }
    }

    fn launch(&mut self, scheduled_at: Duration) {
        let seq = self.next_out + self.flights.len();
        self.flights.push_back(Flight { scheduled_at, observation: None });
        let (call, shared, timeline) = (self.call.clone(), self.shared.clone(), self.timeline);
        self.in_flight.spawn(async move {
            let observation = match shared {
                Some(kept) => call.make_over(&mut *kept.lock().await, scheduled_at, timeline).await,
                None => call.make(scheduled_at, timeline).await,
            };
            (seq, observation)
        });
    }

    async fn land_until(&mut self, ring: impl Future<Output = ()>) {
        let mut ring = pin!(ring);
        loop {
            tokio::select! {
                () = &mut ring => return,
                () = self.land(), if !self.in_flight.is_empty() => {}
            }
        }
    }

    /// Waits for any ping, and hands on those that are complete up to the oldest one still waiting.
    async fn land(&mut self) {
        if let Some(landed) = self.in_flight.join_next().await {
            self.note(landed);
        }
        while let Some(Flight { observation: Some(_), .. }) = self.flights.front() {
            self.hand_on().await;
        }
    }

    /// Hands on all that is left, answered or not.
    async fn give_up(mut self) {
        while let Some(landed) = self.in_flight.try_join_next() {
            self.note(landed);
        }
        self.in_flight.abort_all();
        while !self.flights.is_empty() {
            self.hand_on().await;
        }
    }

    fn note(&mut self, landed: Result<(usize, Observation), JoinError>) {
        if let Ok((seq, observation)) = landed {
            self.flights[seq - self.next_out].observation = Some(observation);
        }
    }

    async fn hand_on(&mut self) {
        // This wait may be abandoned, so it comes before anything is taken out. Without a reader there is none.
        let permit = self.pongs.clone().reserve_owned().await;
        let Some(Flight { scheduled_at, observation }) = self.flights.pop_front() else { return };
        let observation =
            observation.unwrap_or_else(|| Observation::in_flight(scheduled_at, self.timeline.now()));
        let pong = Pong { lane: self.index, seq: self.next_out, observation };
        self.next_out += 1;
        if let Ok(permit) = permit {
            permit.send(pong);
        }
    }
}
