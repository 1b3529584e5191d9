//! The log of something that fails: one line when it starts, one when it is over, whatever number of tries lies between.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt;

use crate::backoff::Backoff;
use crate::tally::{Stage, Tally};

/// An outage is over at the first success this long after the last failure. Were it over at once, an upstream that fails
/// every tenth request would write a pair of lines for each.
const QUIET: Duration = Duration::from_secs(1);

/// A new cause is told of at most this often.
const NEWS: Duration = Duration::from_secs(10);

/// Whether something that the loops share works; counts its failures too.
#[derive(Debug)]
pub(crate) struct Outage {
    what: String,
    stage: Stage,
    tally: Arc<Tally>,
    /// Spares the lock while all is well.
    failing: AtomicBool,
    episode: Mutex<Option<Episode>>,
}

/// Tries of one thing, with backoff and jitter between them.
#[derive(Debug)]
pub(crate) struct Tries<'outage> {
    outage: &'outage Outage,
    backoff: Backoff,
    any_failed: bool,
}

#[derive(Debug)]
struct Episode {
    began_at: Instant,
    last_failed_at: Instant,
    tries: u64,
    told_at: Instant,
    told: String,
}

impl Outage {
    /// `what` is named in the lines, as in "redis".
    pub(crate) fn new(what: String, stage: Stage, tally: Arc<Tally>) -> Self {
        Self { what, stage, tally, failing: AtomicBool::new(false), episode: Mutex::new(None) }
    }

    /// The tries of one thing, which go on until one of them succeeds.
    pub(crate) fn tries(&self) -> Tries<'_> {
        Tries { outage: self, backoff: Backoff::default(), any_failed: false }
    }

    fn works(&self) {
        if !self.failing.load(Ordering::Relaxed) {
            return;
        }
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = over(&mut episode, Instant::now()) {
            self.failing.store(false, Ordering::Relaxed);
            tracing::info!("{} is back {line}", self.what);
        }
    }

    fn fails(&self, error: &impl Display) {
        self.tally.error(self.stage);
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        self.failing.store(true, Ordering::Relaxed);
        if let Some(cause) = failed(&mut episode, error.to_string(), Instant::now()) {
            tracing::warn!("{} fails, trying on until it works: {cause}", self.what);
        }
    }
}

impl Tries<'_> {
    /// Takes the result of a try: the value of a success at once, nothing for a failure when it is time for another try.
    pub(crate) async fn settle<T, E: Display>(&mut self, result: Result<T, E>) -> Option<T> {
        let wait = match result {
            Ok(value) => {
                self.outage.works();
                return Some(value);
            }
            Err(error) => {
                self.outage.fails(&error);
                self.backoff.next(rand::rng().random())
            }
        };
        self.any_failed = true;
        tokio::time::sleep(wait).await;
        None
    }

    /// Whether one has failed so far.
    pub(crate) fn any_failed(&self) -> bool {
        self.any_failed
    }
}

/// Takes note of a failure; returns its cause if it is worth a line.
fn failed(episode: &mut Option<Episode>, cause: String, now: Instant) -> Option<String> {
    let Some(episode) = episode else {
        let told = cause.clone();
        *episode = Some(Episode { began_at: now, last_failed_at: now, tries: 1, told_at: now, told });
        return Some(cause);
    };
    episode.tries += 1;
    episode.last_failed_at = now;
    if episode.told == cause || now.saturating_duration_since(episode.told_at) < NEWS {
        return None;
    }
    episode.told_at = now;
    episode.told.clone_from(&cause);
    Some(cause)
}

/// Takes note of a success; if it ends the episode, tells of it.
fn over(episode: &mut Option<Episode>, now: Instant) -> Option<String> {
    let ended = episode.take_if(|episode| now.saturating_duration_since(episode.last_failed_at) >= QUIET)?;
    let lasted = ended.last_failed_at.saturating_duration_since(ended.began_at).as_secs_f64();
    let tries =
        if ended.tries == 1 { "one failed try".into() } else { format!("{} failed tries", ended.tries) };
    Some(format!("after {tries} in {lasted:.1} s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_one_line_at_its_start_and_one_at_its_end() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut episode = None;
        assert_eq!(failed(&mut episode, "refused".into(), at(0)).as_deref(), Some("refused"));
        assert_eq!(failed(&mut episode, "refused".into(), at(15_000)), None);
        assert_eq!(over(&mut episode, at(15_500)), None, "too soon after a failure");
        assert_eq!(over(&mut episode, at(16_000)).as_deref(), Some("after 2 failed tries in 15.0 s"));
        assert_eq!(over(&mut episode, at(17_000)), None);
    }

    #[test]
    fn another_cause_is_told_of_but_not_each_time() {
        let start = Instant::now();
        let mut episode = None;
        let mut told = Vec::new();
        for second in 0..30 {
            let cause = if second % 2 == 0 { "refused" } else { "reset" };
            told.extend(
                failed(&mut episode, cause.into(), start + Duration::from_secs(second)).map(|_| second),
            );
        }
        assert_eq!(told, [0, 11, 22]);
    }

    #[tokio::test(start_paused = true)]
    async fn tries_go_on_until_a_success_and_failures_are_counted() {
        let tally = Arc::new(Tally::new(1));
        let outage = Outage::new("it".into(), Stage::Rng, tally.clone());
        let mut tries = outage.tries();
        for _ in 0..3 {
            assert_eq!(tries.settle(Err::<u8, _>("no")).await, None);
        }
        assert_eq!(tries.settle(Ok::<_, &str>(7)).await, Some(7));
        assert_eq!(tally.counts().errors[Stage::Rng as usize], 3);
    }
}
