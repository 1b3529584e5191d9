//! What was meant: the demands, and the replica counts to look at. Everything after this may rely on it.

use std::path::PathBuf;

use crate::demands::{Demand, Demands};
use crate::laws::dispatch::Dispatch;
use crate::laws::units::{Seconds, Throughput};
use crate::step::Step;

use super::args::{GivenArgs, PredictArgs, Slots};
use super::counts::Counts;
use super::{PredictError, file};

/// A table of more rows is not read, and may take a while where dispatch is random.
const MOST_ROWS: usize = 1_000;

/// The shortest time that can be asked for, beside none.
pub(super) const SHORTEST: Seconds = Seconds(1e-9);

/// What to predict.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plan {
    /// Some of it takes time.
    pub(super) demands: Demands,
    /// The report that they were read from.
    pub(super) from: Option<PathBuf>,
    pub(super) question: Question,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    /// What these give, at least one; all workers for the first rng, then for the next.
    Steps(Vec<Step>),
    /// What gives that.
    Target(Throughput),
}

impl Plan {
    pub(super) fn from_args(args: &PredictArgs) -> Result<Self, PredictError> {
        let found = args.from.as_deref().map(file::read).transpose()?;
        let mut demands = found.unwrap_or_else(|| given(&args.given));
        if let Some(dispatch) = args.dispatch {
            demands = demands.dispatched(dispatch.into());
        }
        let one = Step { workers: 1, rng: 1, hasher: 1 };
        if demands.model(one).cycle_time() < SHORTEST {
            return Err(PredictError::NoTime);
        }
        let question = match args.target {
            Some(target) => Question::Target(target.0),
            None => Question::Steps(steps(args)?),
        };
        Ok(Self { demands, from: args.from.clone(), question })
    }
}

fn given(args: &GivenArgs) -> Demands {
    let [think_time, rng_time, hasher_time] = args.times.all().map(Seconds::from);
    let demand = |service_time_seconds, slots: Slots| Demand {
        service_time_seconds,
        slots: slots.0,
        dispatch: Dispatch::RoundRobin,
    };
    Demands {
        think_time_seconds: think_time,
        overhead_seconds: Seconds(0.0),
        rng: demand(rng_time, args.rng_slots.unwrap_or(Slots(Some(1)))),
        hasher: demand(hasher_time, args.hasher_slots.unwrap_or(Slots(None))),
        concurrency: args.concurrency.unwrap_or(1),
    }
}

fn steps(args: &PredictArgs) -> Result<Vec<Step>, PredictError> {
    let counts = [&args.workers, &args.rng, &args.hasher];
    let many = |counts: &Vec<Counts>| counts.iter().fold(0_usize, |sum, it| sum.saturating_add(it.len()));
    let rows = counts.map(many).into_iter().fold(1_usize, usize::saturating_mul);
    if rows > MOST_ROWS {
        return Err(PredictError::TooMany { rows, most: MOST_ROWS });
    }
    let [workers, rng, hasher] = counts.map(|it| it.iter().flat_map(|it| it.each()).collect::<Vec<_>>());
    let mut steps = Vec::with_capacity(rows);
    for &hasher in &hasher {
        for &rng in &rng {
            steps.extend(workers.iter().map(|&workers| Step { workers, rng, hasher }));
        }
    }
    Ok(steps)
}
