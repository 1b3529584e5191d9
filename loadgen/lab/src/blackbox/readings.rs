//! The readings of a counter in one step: which of them are events, and what is to be made of one that fails or goes back.

use std::time::{Duration, Instant};

use super::error::DriveError;
use crate::statistics::series::EventCount;

/// A counter that cannot be read for longer is given up.
const FORGIVEN: Duration = Duration::from_secs(5);

/// What has been read.
#[derive(Debug, Default)]
pub(super) struct Readings {
    count: EventCount,
    latest: Option<f64>,
    /// What it went back from and to.
    restart: Option<(f64, f64)>,
    failed: Failed,
}

#[derive(Debug, Default)]
struct Failed {
    /// The first of those in a row.
    since: Option<Instant>,
    in_all: usize,
    why: String,
}

impl Readings {
    /// Takes a reading in, an instant and a count; whether the counter has moved. An error if it has failed for too long, or
    /// if it goes back otherwise than a process that begins anew.
    pub(super) fn take(&mut self, read: Result<(f64, f64), DriveError>) -> Result<bool, DriveError> {
        let (at, value) = match read {
            Ok(reading) => reading,
            Err(error) => return self.failed.forgive(error).map(|()| false),
        };
        self.failed.since = None;
        let Some(before) = self.latest.replace(value) else { return Ok(false) };
        if value < before {
            self.goes_back(before, value)?;
        }
        let moved = (value - before).abs() > 0.0;
        if moved {
            self.count.record(at, value);
        }
        Ok(moved)
    }

    /// A process that begins anew counts from 0, and not twice in a step. Anything else makes no throughput.
    fn goes_back(&mut self, from: f64, to: f64) -> Result<(), DriveError> {
        if self.restart.replace((from, to)).is_none() && (0.0..=from / 2.0).contains(&to) {
            return Ok(());
        }
        Err(DriveError::Counter(format!(
            "the counter went back from {from} to {to}; if each replica counts for itself, read it where all of them come \
             together"
        )))
    }

    /// When it moved, and where it stood then.
    pub(super) fn count(&self) -> &EventCount {
        &self.count
    }

    /// What is wrong with a counter that has shown no rate in so many `seconds`.
    pub(super) fn stood(&self, seconds: f64) -> DriveError {
        let value = self.latest.unwrap_or_default();
        DriveError::Counter(format!("the counter stood at {value} for {seconds:.0} s; is it the right one?"))
    }

    /// What makes the figures less certain, each a sentence.
    pub(super) fn caveats(&self) -> Vec<String> {
        let restart = self.restart.map(|(from, to)| {
            format!("the counter went back from {from} to {to}, which is taken for a restart of what counts")
        });
        let Failed { in_all, why, .. } = &self.failed;
        let failed =
            (*in_all > 0).then(|| format!("of the counter's readings {in_all} failed, the last with: {why}"));
        restart.into_iter().chain(failed).collect()
    }
}

impl Failed {
    fn forgive(&mut self, error: DriveError) -> Result<(), DriveError> {
        if self.since.get_or_insert_with(Instant::now).elapsed() > FORGIVEN {
            return Err(error);
        }
        self.in_all += 1;
        self.why = match error {
            DriveError::Counter(why) => why,
            other => other.to_string(),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(values: &[f64]) -> (Readings, Vec<Result<bool, String>>) {
        let mut readings = Readings::default();
        let mut take = |(at, value): (u32, f64)| {
            readings.take(Ok((1000.0 + f64::from(at), value))).map_err(|error| error.to_string())
        };
        let taken = (0..).zip(values.iter().copied()).map(&mut take).collect();
        (readings, taken)
    }

    #[test]
    fn only_what_moves_is_an_event() {
        let (readings, taken) = taken(&[5.0, 5.0, 6.0, 6.0, 8.0]);
        assert_eq!(taken, [Ok(false), Ok(false), Ok(true), Ok(false), Ok(true)]);
        assert_eq!(readings.count().span(), Some((1002.0, 1004.0)));
        assert!(
            readings.caveats().is_empty() && readings.stood(3.0).to_string().contains("stood at 8 for 3 s")
        );
    }

    #[test]
    fn a_restart_is_carried_over_and_told() {
        let (readings, taken) = taken(&[100.0, 110.0, 4.0, 14.0]);
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
        assert_eq!(readings.count().at(1003.0), Some(124.0));
        assert!(readings.caveats()[0].contains("from 110 to 4"), "{:?}", readings.caveats());
    }

    /// Two replicas behind one address answer in turn, each with a count of its own.
    #[test]
    fn a_counter_that_goes_back_otherwise_is_none() {
        for values in [[500.0, 490.0, 501.0, 491.0], [100.0, 1.0, 101.0, 2.0], [-5.0, -6.0, -7.0, -8.0]] {
            let (_, taken) = taken(&values);
            let error = taken.into_iter().find_map(Result::err).unwrap();
            assert!(error.contains("went back from") && error.contains("each replica"), "{error}");
        }
    }

    #[test]
    fn a_reading_that_fails_is_forgiven_for_a_while_and_told() {
        let broken = || Err(DriveError::Counter("answered 500".to_owned()));
        let mut readings = Readings::default();
        assert!(!readings.take(broken()).unwrap());
        assert!(!readings.take(Ok((1000.0, 1.0))).unwrap());
        assert!(readings.caveats()[0].contains("readings 1 failed, the last with: answered 500"));
        readings.failed.since = Instant::now().checked_sub(2 * FORGIVEN);
        assert!(readings.take(broken()).is_err());
    }
}
