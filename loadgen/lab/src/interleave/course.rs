//! How an A/B goes: one build works while the other rests, turn by turn and step by step, until the time is up. Owns the time; what
//! the blocks come to is decided elsewhere.

use std::fmt;
use std::time::Duration;

use super::block::{Block, Timing, block};
use super::turns::{Side, turns};
use crate::backend::{Backend, Service};
use crate::laws::units::{Seconds, Throughput};
use crate::measure::MeasureError;
use crate::progress::Progress;
use crate::render::words::percent;
use crate::step::Step;
use crate::stop::Stop;

/// A step is measured so often however little time there is: one pair has no interval.
pub(super) const LEAST_PAIRS: usize = 2;

/// Two neighbouring blocks, in the order of [`Side::BOTH`].
pub(super) type Pair = [Block; 2];

/// What is done, and for how long.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// Visited in this order, over and over.
    pub(super) steps: Vec<Step>,
    pub(super) timing: Timing,
    /// Mining loops in each worker.
    pub(super) loops: usize,
    /// For all blocks, and what lies between them.
    pub(super) duration: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) pairs: Vec<Pair>,
    /// What happened to replicas by itself, each a sentence.
    pub(super) events: Vec<String>,
    /// How long it took.
    pub(super) seconds: f64,
    /// Why it ended before its time.
    pub(super) cut_short: Option<CutShort>,
}

impl Taken {
    /// Ended before anything was measured, by an `error` of one build.
    pub(super) fn failed(side: Side, error: MeasureError) -> Self {
        Self { cut_short: Some(CutShort { side, error }), ..Self::default() }
    }
}

/// Why not all was measured.
#[derive(Debug)]
pub(super) struct CutShort {
    pub(super) side: Side,
    pub(super) error: MeasureError,
}

/// Whoever interrupts does not mean one of the builds.
impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            MeasureError::Stopped => f.write_str("interrupted"),
            error => write!(f, "the {} build: {error}", self.side.name()),
        }
    }
}

impl CutShort {
    pub(super) fn is_interruption(&self) -> bool {
        matches!(self.error, MeasureError::Stopped)
    }
}

/// Takes both builds, which are up, over the course; in the order of [`Side::BOTH`].
pub(super) async fn take<B: Backend>(
    course: &Course,
    backends: &mut [B; 2],
    stop: &Stop,
    progress: &mut Progress,
) -> Taken {
    let mut walk = Walk { course, backends, stop, progress, at_work: None, taken: Taken::default() };
    walk.taken.cut_short = walk.all().await.err();
    walk.taken
}

struct Walk<'a, B> {
    course: &'a Course,
    backends: &'a mut [B; 2],
    stop: &'a Stop,
    progress: &'a mut Progress,
    at_work: Option<(Side, Step)>,
    taken: Taken,
}

impl<B: Backend> Walk<'_, B> {
    async fn all(&mut self) -> Result<(), CutShort> {
        for visit in 0.. {
            for &step in &self.course.steps {
                for order in turns(visit) {
                    if !self.has_time_for(step) {
                        return Ok(());
                    }
                    let pair = self.pair(step, order).await?;
                    self.tell(&pair);
                    self.taken.pairs.push(pair);
                }
            }
        }
        Ok(())
    }

    /// Whether one more pair fits, if it takes as long as those before.
    fn has_time_for(&self, step: Step) -> bool {
        let pairs = self.taken.pairs.len() as f64;
        let at_step = self.taken.pairs.iter().filter(|[base, _]| base.step == step).count();
        at_step < LEAST_PAIRS
            || self.taken.seconds * (1.0 + 1.0 / pairs) <= self.course.duration.as_secs_f64()
    }

    async fn pair(&mut self, step: Step, order: [Side; 2]) -> Result<Pair, CutShort> {
        let [first, second] = order;
        let (one, other) = (self.block(step, first).await?, self.block(step, second).await?);
        Ok(if first == Side::Base { [one, other] } else { [other, one] })
    }

    async fn block(&mut self, step: Step, side: Side) -> Result<Block, CutShort> {
        let failed = |error| CutShort { side, error };
        let began_at = self.of(side).now();
        self.begin(step, side);
        let mut timing = self.course.timing;
        if self.at_work == Some((side, step)) {
            timing.warm_up = Duration::ZERO;
        } else {
            self.change_places(step, side).await.map_err(failed)?;
        }
        let clients = step.workers * self.course.loops;
        let seen = block(self.of(side), (step, side), clients, timing, self.stop).await;
        for (side, backend) in Side::BOTH.into_iter().zip(&mut *self.backends) {
            let events = backend.events().into_iter();
            self.taken
                .events
                .extend(events.map(|event| format!("of the {} build, {}", side.name(), event.what)));
        }
        self.taken.seconds += self.of(side).now() - began_at;
        seen.map_err(failed)
    }

    /// Sends the workers of one build home, and has those of the other begin.
    async fn change_places(&mut self, step: Step, side: Side) -> Result<(), MeasureError> {
        let [base, new] = &mut *self.backends;
        let (this, other) = if side == Side::Base { (base, new) } else { (new, base) };
        self.at_work = None;
        let begin = async {
            this.scale(Service::Rng, step.rng).await?;
            this.scale(Service::Hasher, step.hasher).await?;
            this.scale(Service::Worker, step.workers).await
        };
        let change = async { tokio::try_join!(other.scale(Service::Worker, 0), begin) };
        let ((), ()) = tokio::select! {
            changed = change => changed?,
            () = self.stop.wait() => return Err(MeasureError::Stopped),
        };
        self.at_work = Some((side, step));
        Ok(())
    }

    fn of(&self, side: Side) -> &B {
        let [base, new] = &*self.backends;
        if side == Side::Base { base } else { new }
    }

    fn begin(&mut self, step: Step, side: Side) {
        let left = Seconds(self.left().as_secs_f64());
        let what = format!("{step}, {} build, {left:.0} left", side.name());
        self.progress.at(self.course.duration.saturating_sub(self.left()), self.course.duration, &what);
    }

    fn left(&self) -> Duration {
        let spent = Duration::try_from_secs_f64(self.taken.seconds).unwrap_or_default();
        self.course.duration.saturating_sub(spent)
    }

    fn tell(&mut self, [base, new]: &Pair) {
        let [before, now] = [base, new].map(|block| Throughput(block.throughput_per_second));
        let change = percent(new.throughput_per_second / base.throughput_per_second - 1.0);
        let left = self.left().as_secs();
        self.progress.done(&format!("{}: {before:.2}, then {now:.2} ({change}); {left} s left", base.step));
    }
}
