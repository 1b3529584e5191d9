//! A counter between its readings. Owns the step from "so many events, the last of them then" to a count at any
//! instant, so that a short window is not quantised to whole events.

use crate::laws::units::Throughput;

/// How many events a process has counted, at any instant between its first and its latest known event.
///
/// Each reading is the count and the instant of the last event in it. Between two such instants the count grows on a
/// straight line; at them it is exact. Events that come every 0.3 s then have a rate of 1/0.3 s in every window,
/// although five seconds hold 16 or 17 of them.
///
/// Instants are seconds since the Unix epoch; an `f64` tells a quarter of a microsecond apart there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventCount {
    /// Instant and count of events known, both rising.
    points: Vec<(f64, f64)>,
    /// What processes before the running one counted.
    earlier: f64,
    /// The latest reading of the running one.
    latest: f64,
}

impl EventCount {
    /// Takes a reading in: `count` events, the last of them at `last_event_at`.
    ///
    /// A reading without a new event changes nothing. A count below the one before means that the process was
    /// restarted: counting goes on from the earlier total, on a straight line across the gap. An instant of 0 or
    /// less, as of a counter that has seen no event yet, makes no point; one that is no finite number is no reading.
    /// (A restarted process that has overtaken its former count before it is read again cannot be told from one that
    /// went on.)
    pub fn record(&mut self, last_event_at: f64, count: f64) {
        if !(last_event_at.is_finite() && count.is_finite()) {
            return;
        }
        if count < self.latest {
            self.earlier += self.latest;
        }
        self.latest = count;
        let total = self.earlier + count;
        match self.points.last_mut() {
            // Several events within one tick of the clock, or a clock that was set back.
            Some((at, known)) if last_event_at <= *at => *known = total,
            _ if last_event_at > 0.0 => self.points.push((last_event_at, total)),
            _ => (),
        }
    }

    /// The instants of the first and of the latest event known: where [`EventCount::at`] has an answer. `None` before
    /// the first event.
    pub fn span(&self) -> Option<(f64, f64)> {
        Some((self.points.first()?.0, self.points.last()?.0))
    }

    /// How often it was seen to change after `from`, up to `to`.
    pub fn moves_between(&self, from: f64, to: f64) -> usize {
        let until = |instant| self.points.partition_point(|(at, _)| *at <= instant);
        until(to).saturating_sub(until(from))
    }

    /// The count at an instant; `None` outside the span, since nothing is known about events to come.
    pub fn at(&self, instant: f64) -> Option<f64> {
        match self.points.binary_search_by(|(at, _)| at.total_cmp(&instant)) {
            Ok(known) => Some(self.points[known].1),
            Err(after) => {
                let (from, before) = *self.points.get(after.checked_sub(1)?)?;
                let (to, then) = *self.points.get(after)?;
                Some(before + (then - before) * ((instant - from) / (to - from)))
            }
        }
    }

    /// Events per second between two instants; `None` unless both lie in the span, in this order.
    pub fn rate_between(&self, from: f64, to: f64) -> Option<Throughput> {
        let events = self.at(to)? - self.at(from)?;
        (from < to).then(|| Throughput(events / (to - from)))
    }

    /// Events per second between the first and the last event known from `from` on; `None` unless these are two.
    pub fn rate_since(&self, from: f64) -> Option<Throughput> {
        let first = self.points.partition_point(|(at, _)| *at < from);
        let ((begin, before), (end, then)) = (self.points.get(first)?, self.points.last()?);
        (begin < end).then(|| Throughput((then - before) / (end - begin)))
    }
}

impl FromIterator<(f64, f64)> for EventCount {
    /// From readings, each the instant of the last event and the count.
    fn from_iter<I: IntoIterator<Item = (f64, f64)>>(readings: I) -> Self {
        let mut events = Self::default();
        readings.into_iter().for_each(|(at, count)| events.record(at, count));
        events
    }
}

/// The rates, in events per second over all of `counts`, in `batches` equal parts of the time from `from` to `to`;
/// `None` unless every count spans it.
pub fn batch_rates(counts: &[EventCount], from: f64, to: f64, batches: usize) -> Option<Vec<f64>> {
    let length = (to - from) / batches as f64;
    let edge = |batch| if batch == batches { to } else { from + length * batch as f64 };
    let total = |instant| counts.iter().map(|count| count.at(instant)).sum::<Option<f64>>();
    let totals: Vec<f64> = (0..=batches).map(|batch| total(edge(batch))).collect::<Option<_>>()?;
    (from < to).then(|| totals.windows(2).map(|pair| (pair[1] - pair[0]) / length).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: f64 = 1.8e9;

    fn assert_near(actual: Option<f64>, expected: f64) {
        assert!(actual.is_some_and(|actual| (actual - expected).abs() < 1e-5), "{actual:?} {expected}");
    }

    /// A process with an event every `cycle` seconds from START + `phase`, read every 0.25 s for ten seconds.
    fn polled(cycle: f64, phase: f64) -> EventCount {
        let reading = |poll: i32| {
            let events = ((f64::from(poll) * 0.25 - phase) / cycle).floor() + 1.0;
            if events < 1.0 { (0.0, 0.0) } else { (START + phase + (events - 1.0) * cycle, events) }
        };
        (0..=40).map(reading).collect()
    }

    #[test]
    fn short_windows_are_not_quantised() {
        let events = polled(0.3, 0.07);
        for (from, to) in [(0.1, 5.1), (0.33, 5.4), (1.0, 1.1), (2.0, 9.5)] {
            let rate = events.rate_between(START + from, START + to).map(|rate| rate.0);
            assert_near(rate, 1.0 / 0.3);
        }
    }

    #[test]
    fn nothing_is_claimed_before_the_first_event_or_after_the_last() {
        let events: EventCount = [(0.0, 0.0), (10.0, 1.0), (12.0, 5.0)].into_iter().collect();
        assert_eq!(events.span(), Some((10.0, 12.0)));
        assert_eq!((events.at(9.99), events.at(12.01), events.rate_between(9.0, 11.0)), (None, None, None));
        assert_eq!((events.rate_between(11.0, 11.0), events.rate_between(12.0, 11.0)), (None, None));
        assert_near(events.at(11.0), 3.0);
        assert_eq!((EventCount::default().span(), EventCount::default().at(1.0)), (None, None));
    }

    #[test]
    fn readings_without_a_new_event_change_nothing() {
        let once: EventCount = [(1.0, 1.0), (2.0, 3.0)].into_iter().collect();
        let twice: EventCount = [(1.0, 1.0), (1.0, 1.0), (2.0, 3.0), (2.0, 3.0)].into_iter().collect();
        assert_eq!(once, twice);
    }

    #[test]
    fn readings_that_are_no_numbers_are_passed_over() {
        let odd = [(1.0, 1.0), (1.5, f64::NAN), (f64::INFINITY, 2.0), (f64::NAN, 9.0), (2.0, 3.0)];
        let plain: EventCount = [(1.0, 1.0), (2.0, 3.0)].into_iter().collect();
        assert_eq!(odd.into_iter().collect::<EventCount>(), plain);
    }

    #[test]
    fn events_within_one_tick_of_the_clock_are_counted() {
        let events: EventCount = [(1.0, 1.0), (1.0, 2.0), (2.0, 4.0)].into_iter().collect();
        assert_near(events.at(1.0), 2.0);
        assert_near(events.at(1.5), 3.0);
    }

    #[test]
    fn a_restart_keeps_the_earlier_total() {
        let events: EventCount = [(1.0, 10.0), (2.0, 20.0), (4.0, 5.0), (5.0, 15.0)].into_iter().collect();
        assert_near(events.at(3.0), 22.5);
        assert_near(events.at(4.0), 25.0);
        assert_near(events.at(5.0), 35.0);
    }

    #[test]
    fn a_restart_is_noticed_before_its_first_event() {
        let events: EventCount = [(1.0, 5.0), (0.0, 0.0), (3.0, 7.0)].into_iter().collect();
        assert_near(events.at(3.0), 12.0);
    }

    #[test]
    fn batches_sum_the_processes() {
        let counts = [polled(0.3, 0.07), polled(0.3, 0.21), polled(0.5, 0.1)];
        let rates = batch_rates(&counts, START + 0.3, START + 9.3, 20).unwrap();
        assert_eq!(rates.len(), 20);
        for rate in rates {
            assert_near(Some(rate), 2.0 / 0.3 + 2.0);
        }
        assert_eq!(batch_rates(&counts, START + 0.1, START + 9.3, 20), None);
    }

    /// Readings of a process: the seconds since the last event and the new events, or a restart with so many events.
    fn readings() -> impl Strategy<Value = Vec<(f64, u32, bool)>> {
        prop::collection::vec((0.001..2.0, 1_u32..100, prop::bool::weighted(0.2)), 1..40)
    }

    proptest! {
        #[test]
        fn the_count_is_exact_at_every_event_and_never_falls(
            steps in readings(), shares in prop::collection::vec(0.0..1.0, 2..20),
        ) {
            let mut events = EventCount::default();
            let (mut at, mut count, mut total) = (START, 0_u32, 0_u32);
            let mut known = Vec::new();
            for (pause, new, restarted) in steps {
                // A restart shows only where the new count is below the old one.
                let restarted = restarted && new < count;
                count = if restarted { new } else { count + new };
                (at, total) = (at + pause, total + new);
                events.record(at, f64::from(count));
                known.push((at, f64::from(total)));
            }
            for (at, total) in &known {
                prop_assert_eq!(events.at(*at), Some(*total));
            }
            let mut instants: Vec<f64> = shares.iter().map(|share| known[0].0 + share * (at - known[0].0)).collect();
            instants.sort_by(f64::total_cmp);
            let counts: Option<Vec<f64>> = instants.into_iter().map(|instant| events.at(instant)).collect();
            prop_assert!(counts.is_some_and(|counts| counts.is_sorted()));
        }
    }
}
