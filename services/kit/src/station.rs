//! The station: the slots of a replica and the queue before them.
//!
//! Visits are served in order of arrival. A slot that is handed on to a waiting visit starts it at the instant at which
//! the visit before was due to end, not at the later instant at which the timer was seen to ring: so a saturated slot
//! completes exactly one visit per service time, however late the scheduler is.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use tokio::sync::oneshot;

mod args;
mod counters;
mod settings;
mod stall;
mod visit;

pub use args::StationArgs;
pub use counters::{Counters, Tally};
pub use settings::{StationChange, StationSettings};
pub use stall::Stall;
pub use visit::Visit;

use counters::Clocked;

/// What a visit asks of the station.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The service time of the settings.
    Timed,
    /// The same and so much more.
    Longer(Duration),
    /// No service time, but its turn in the queue.
    Free,
}

/// Slots, service time and a FIFO queue; clones share them.
#[derive(Clone, Debug)]
pub struct Station(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    settings: StationSettings,
    /// When the stalls of the settings were set: their period runs from there.
    stalls_set_at: Instant,
    in_service: usize,
    waiting: VecDeque<Waiter>,
    next_ticket: u64,
    clocked: Clocked,
    timed: Tally,
    free: Tally,
    random: SmallRng,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    arrived_at: Instant,
    turn: oneshot::Sender<Instant>,
}

/// A slot that is ours from `starts_at` on; dropping it hands it to the next in the queue.
#[derive(Debug)]
struct Slot {
    station: Station,
    starts_at: Instant,
    ends_at: Option<Instant>,
}

/// A place in the queue; dropping it before the turn has come gives it up.
#[derive(Debug)]
struct Place {
    station: Station,
    ticket: u64,
    turn: oneshot::Receiver<Instant>,
}

impl Station {
    /// A station with no visits yet.
    pub fn new(settings: StationSettings) -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(State {
            settings,
            stalls_set_at: now,
            in_service: 0,
            waiting: VecDeque::new(),
            next_ticket: 0,
            clocked: Clocked::new(now),
            timed: Tally::default(),
            free: Tally::default(),
            random: settings.random(),
        })))
    }

    /// Waits for a slot, keeps it for the service time, and tells how long both took. A visitor who leaves early, by
    /// dropping the future, gives up the place or the slot at once.
    pub async fn visit(&self, work: Work) -> Visit {
        if let Some(visit) = self.pass(work) {
            return visit;
        }
        let arrived_at = Instant::now();
        self.state().tally(work).arrivals += 1;
        let mut slot = match self.take_or_queue(arrived_at) {
            Ok(slot) => slot,
            Err(place) => place.slot().await,
        };
        let ends_at = self.end_of(work, slot.starts_at);
        let service = ends_at - slot.starts_at;
        if !service.is_zero() {
            dockercoins_timer::sleep_until(ends_at).await;
        }
        slot.ends_at = Some(ends_at);
        let visit = Visit { queue: slot.starts_at.saturating_duration_since(arrived_at), service };
        self.state().tally(work).complete(visit);
        visit
    }

    /// The settings in force.
    pub fn settings(&self) -> StationSettings {
        self.state().settings
    }

    /// Applies `change`; it holds for every visit that starts from now on. More slots admit waiting visits at once. The
    /// error, of settings that do not go together, is one line; nothing is changed then.
    pub fn change(&self, change: StationChange) -> Result<StationSettings, String> {
        let now = Instant::now();
        let mut state = self.state();
        let settings = change.applied_to(state.settings)?;
        state.set(settings, &change, now);
        while state.has_free_slot() && !state.waiting.is_empty() {
            state.advance(now);
            state.in_service += 1;
            state = Self::hand_on(state, now);
        }
        Ok(settings)
    }

    /// What has been counted so far.
    pub fn counters(&self) -> Counters {
        let mut state = self.state();
        state.advance(Instant::now());
        Counters {
            settings: state.settings,
            timed: state.timed,
            free: state.free,
            busy: state.clocked.busy,
            waited: state.clocked.waited,
            in_service: state.in_service,
            waiting: state.waiting.len(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding the lock; were it to, the counters would still be worth reading.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where nothing makes anybody wait a visit is over as it begins, without a look at the clock.
    fn pass(&self, work: Work) -> Option<Visit> {
        let mut state = self.state();
        let visit = state.is_open(work).then(Visit::default)?;
        let tally = state.tally(work);
        tally.arrivals += 1;
        tally.complete(visit);
        Some(visit)
    }

    /// When a visit ends that starts at `starts_at`.
    fn end_of(&self, work: Work, starts_at: Instant) -> Instant {
        let mut state = self.state();
        let due = starts_at + state.draw(work);
        state.settings.stall.release(state.stalls_set_at, due)
    }

    fn slot_from(&self, starts_at: Instant) -> Slot {
        Slot { station: self.clone(), starts_at, ends_at: None }
    }

    fn take_or_queue(&self, arrived_at: Instant) -> Result<Slot, Place> {
        let mut state = self.state();
        state.advance(arrived_at);
        if state.waiting.is_empty() && state.has_free_slot() {
            state.in_service += 1;
            return Ok(self.slot_from(arrived_at));
        }
        let (sender, turn) = oneshot::channel();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(Waiter { ticket, arrived_at, turn: sender });
        Err(Place { station: self.clone(), ticket, turn })
    }

    /// Gives a slot that is free since `free_at` to the first who still waits, or leaves it free.
    fn hand_on(mut state: MutexGuard<'_, State>, free_at: Instant) -> MutexGuard<'_, State> {
        while let Some(next) = state.waiting.pop_front() {
            if next.turn.send(free_at.max(next.arrived_at)).is_ok() {
                return state;
            }
        }
        state.in_service -= 1;
        state
    }

    fn leave(&self, free_at: Instant) {
        let now = Instant::now();
        let mut state = self.state();
        state.advance(now);
        if state.settings.slots.is_some_and(|slots| state.in_service > slots.get()) {
            state.in_service -= 1;
        } else {
            drop(Self::hand_on(state, free_at));
        }
    }
}

impl State {
    fn advance(&mut self, now: Instant) {
        self.clocked.advance(now, self.in_service, self.waiting.len());
    }

    fn has_free_slot(&self) -> bool {
        self.settings.slots.is_none_or(|slots| self.in_service < slots.get())
    }

    fn is_open(&self, work: Work) -> bool {
        let settings = &self.settings;
        let is_short = match work {
            Work::Free => true,
            Work::Timed => settings.mean_service_time().is_zero(),
            Work::Longer(_) => false,
        };
        is_short && settings.slots.is_none() && settings.stall.every.is_none()
    }

    fn draw(&mut self, work: Work) -> Duration {
        match work {
            Work::Free => Duration::ZERO,
            Work::Timed => self.settings.draw(&mut self.random),
            Work::Longer(more) => self.settings.draw(&mut self.random) + more,
        }
    }

    fn set(&mut self, settings: StationSettings, change: &StationChange, now: Instant) {
        self.settings = settings;
        if change.sets_stalls() {
            self.stalls_set_at = now;
        }
        if change.seed.is_some() {
            self.random = settings.random();
        }
    }

    fn tally(&mut self, work: Work) -> &mut Tally {
        match work {
            Work::Timed | Work::Longer(_) => &mut self.timed,
            Work::Free => &mut self.free,
        }
    }
}

impl Place {
    async fn slot(mut self) -> Slot {
        // The station hands on or keeps every waiter, so the error case can only be one of shutting down.
        let starts_at = (&mut self.turn).await.unwrap_or_else(|_| Instant::now());
        self.station.slot_from(starts_at)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.station.leave(self.ends_at.unwrap_or_else(Instant::now));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.station.state();
        state.advance(now);
        state.waiting.retain(|waiter| waiter.ticket != self.ticket);
        drop(state);
        // The turn may have come in the very moment in which the visitor left: the slot goes to the next one.
        if self.turn.try_recv().is_ok() {
            self.station.leave(now);
        }
    }
}

#[cfg(test)]
mod stress;
#[cfg(test)]
mod tests;
