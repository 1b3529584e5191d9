//! A simulated station: slots, and a queue before them in order of arrival.

use std::collections::VecDeque;
use std::time::Duration;

use super::agenda::Id;

/// The kernel hands a quota out anew after this, unless it is told otherwise.
const QUOTA_PERIOD: Duration = Duration::from_millis(100);

/// One visit, waiting or served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// Who came.
    pub(super) miner: Id,
    /// When.
    pub(super) arrived_at: Duration,
    /// Its service time as a multiple of the mean.
    pub(super) size: f64,
}

#[derive(Clone, Copy, Debug)]
struct InService {
    visit: Visit,
    started_at: Duration,
    /// After its service time.
    due_at: Duration,
    /// Once the replica runs again.
    ends_at: Duration,
}

/// A visit that has got a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Started {
    /// Who got it.
    pub(super) miner: Id,
    /// Until when.
    pub(super) ends_at: Duration,
}

/// What the station has counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) arrivals: u64,
    pub(super) completions: u64,
    pub(super) queue: Duration,
    pub(super) service: Duration,
    pub(super) busy: Duration,
    pub(super) waited: Duration,
    pub(super) probes: u64,
}

/// Slots, queue and counters of a replica.
#[derive(Debug)]
pub(super) struct Station {
    slots: Option<usize>,
    pub(super) service_time: Duration,
    /// What service times are multiplied by, whatever is set.
    pub(super) slowness: f64,
    /// The share of each [`QUOTA_PERIOD`], from its start, in which it does not run.
    pub(super) throttled: f64,
    in_service: Vec<InService>,
    waiting: VecDeque<Visit>,
    counts: Counts,
    counted_until: Duration,
}

impl Station {
    pub(super) fn new(now: Duration, slots: Option<usize>, service_time: Duration) -> Self {
        Self {
            slots,
            service_time,
            slowness: 1.0,
            throttled: 0.0,
            in_service: Vec::new(),
            waiting: VecDeque::new(),
            counts: Counts::default(),
            counted_until: now,
        }
    }

    /// A visitor comes; who gets a slot by that.
    pub(super) fn arrive(&mut self, now: Duration, visit: Visit) -> Vec<Started> {
        self.advance(now);
        self.counts.arrivals += 1;
        self.waiting.push_back(visit);
        self.fill(now)
    }

    /// The visit of `miner` is over, and who gets a slot by that; `None` if it was given up before.
    pub(super) fn finish(&mut self, now: Duration, miner: Id) -> Option<Vec<Started>> {
        let done = self.in_service.iter().position(|it| it.visit.miner == miner && it.ends_at == now)?;
        self.advance(now);
        let InService { visit, started_at, due_at, .. } = self.in_service.swap_remove(done);
        self.counts.completions += 1;
        self.counts.queue += started_at.saturating_sub(visit.arrived_at);
        self.counts.service += due_at.saturating_sub(started_at);
        Some(self.fill(now))
    }

    /// `miner` waits no longer, nor keeps its slot; who gets one by that.
    pub(super) fn leave(&mut self, now: Duration, miner: Id) -> Vec<Started> {
        self.advance(now);
        self.waiting.retain(|visit| visit.miner != miner);
        self.in_service.retain(|it| it.visit.miner != miner);
        self.fill(now)
    }

    /// Who is here.
    pub(super) fn visitors(&self) -> Vec<Id> {
        let served = self.in_service.iter().map(|it| it.visit.miner);
        served.chain(self.waiting.iter().map(|visit| visit.miner)).collect()
    }

    /// What a visit that needs no service would wait for its turn, were it to come now: until the work before it has
    /// left a slot free.
    pub(super) fn probe(&mut self, now: Duration) -> Duration {
        self.counts.probes += 1;
        let Some(slots) = self.slots else { return Duration::ZERO };
        let mut free_at: Vec<Duration> = self.in_service.iter().map(|it| it.ends_at).collect();
        free_at.resize(slots.max(free_at.len()), now);
        for visit in &self.waiting {
            free_at.sort_unstable();
            free_at[0] += self.service_time(visit);
        }
        free_at.into_iter().min().unwrap_or(now).saturating_sub(now)
    }

    /// The counters as of now.
    pub(super) fn counts(&mut self, now: Duration) -> Counts {
        self.advance(now);
        self.counts
    }

    /// Slots as a scrape tells them.
    pub(super) fn slots(&self) -> f64 {
        self.slots.map_or(f64::INFINITY, |slots| slots as f64)
    }

    fn service_time(&self, visit: &Visit) -> Duration {
        self.service_time.mul_f64(self.slowness * visit.size)
    }

    /// When the replica runs again, from `at` on.
    fn runs_at(&self, at: Duration) -> Duration {
        let stopped = QUOTA_PERIOD.mul_f64(self.throttled);
        let into_period = Duration::from_secs_f64(at.as_secs_f64() % QUOTA_PERIOD.as_secs_f64());
        at + stopped.saturating_sub(into_period)
    }

    fn has_free_slot(&self) -> bool {
        self.slots.is_none_or(|slots| self.in_service.len() < slots)
    }

    fn fill(&mut self, now: Duration) -> Vec<Started> {
        let mut started = Vec::new();
        while self.has_free_slot() {
            let Some(visit) = self.waiting.pop_front() else { break };
            let due_at = now + self.service_time(&visit);
            let ends_at = self.runs_at(due_at);
            self.in_service.push(InService { visit, started_at: now, due_at, ends_at });
            started.push(Started { miner: visit.miner, ends_at });
        }
        started
    }

    fn advance(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.counted_until);
        self.counted_until = now;
        self.counts.busy += elapsed.mul_f64(self.in_service.len() as f64);
        self.counts.waited += elapsed.mul_f64(self.waiting.len() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn visit(miner: Id, arrived_at: Duration) -> Visit {
        Visit { miner, arrived_at, size: 1.0 }
    }

    #[test]
    fn one_slot_serves_in_order_of_arrival_and_a_probe_waits_for_the_work_left() {
        let mut station = Station::new(ms(0), Some(1), ms(100));
        assert_eq!(station.arrive(ms(0), visit(1, ms(0)))[0].ends_at, ms(100));
        assert!(station.arrive(ms(10), visit(2, ms(10))).is_empty());
        assert_eq!(station.probe(ms(30)), ms(170));
        let next = station.finish(ms(100), 1).unwrap();
        assert_eq!((next[0].miner, next[0].ends_at), (2, ms(200)));
        let counts = station.counts(ms(150));
        assert_eq!((counts.busy, counts.waited, counts.completions), (ms(150), ms(90), 1));
    }

    #[test]
    fn a_visit_given_up_hands_its_slot_on() {
        let mut station = Station::new(ms(0), Some(1), ms(100));
        station.arrive(ms(0), visit(1, ms(0)));
        station.arrive(ms(0), visit(2, ms(0)));
        assert_eq!(station.leave(ms(40), 1)[0].miner, 2);
        assert!(station.finish(ms(100), 1).is_none());
        assert!(station.finish(ms(140), 2).is_some());
    }

    #[test]
    fn without_a_limit_nobody_waits() {
        let mut station = Station::new(ms(0), None, ms(100));
        for miner in 0..50 {
            assert_eq!(station.arrive(ms(5), visit(miner, ms(5))).len(), 1);
        }
        assert_eq!(station.probe(ms(6)), ms(0));
    }

    #[test]
    fn a_probe_of_two_slots_takes_the_one_that_is_free_first() {
        let mut station = Station::new(ms(0), Some(2), ms(100));
        assert_eq!(station.probe(ms(0)), ms(0));
        for (miner, at) in [(1, 0), (2, 20), (3, 30)] {
            station.arrive(ms(at), visit(miner, ms(at)));
        }
        assert_eq!(station.probe(ms(40)), ms(80));
    }
}
