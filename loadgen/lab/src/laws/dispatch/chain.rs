//! The loop in steps of one service time, as a Markov chain: how long the queues are, and how many clients are back in one
//! step, in two, and so on. Which client it is makes no difference, nor which of the replicas.

use std::collections::{BTreeMap, HashMap};

use super::RandomDispatch;

/// More states than this are left to the simulation; a chain of this size takes some tens of milliseconds.
const MOST_STATES: usize = 4_000;

/// Throughput that changes by less than this share from one round of steps to the next has settled.
const SETTLED: f64 = 1e-9;

/// Steps between two looks at whether it has settled.
const ROUND: usize = 50;

/// Rounds after which it is as good as it gets.
const MOST_ROUNDS: usize = 400;

/// The lengths of the queues, longest first; those who are served included.
type Queues = Vec<u16>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    queues: Queues,
    /// How many are back in one step, in two, … in as many as thinking takes.
    away: Vec<u16>,
}

/// A state's part in what happens in a step.
struct Step {
    served: f64,
    /// The states that follow, and how probable each is.
    next: Vec<(usize, f64)>,
}

/// How many of `closed` are served in a step, on average over the stationary distribution, when thinking takes `think_steps`;
/// `None` if there are too many states.
pub(super) fn throughput(closed: &RandomDispatch, think_steps: f64) -> Option<f64> {
    let steps = explore(closed, think_steps)?;
    let mut share = vec![0.0; steps.len()];
    share[0] = 1.0;
    let mut last = f64::INFINITY;
    for _ in 0..MOST_ROUNDS {
        for _ in 0..ROUND {
            share = advance(&steps, &share);
        }
        let served: f64 = steps.iter().zip(&share).map(|(step, share)| step.served * share).sum();
        if (served - last).abs() < SETTLED * served {
            return Some(served);
        }
        last = served;
    }
    Some(last)
}

/// Every other step is one in which nothing happens. That leaves the stationary distribution as it is, and lets a chain that
/// goes in circles settle there.
fn advance(steps: &[Step], share: &[f64]) -> Vec<f64> {
    let mut after: Vec<f64> = share.iter().map(|share| 0.5 * share).collect();
    for (step, share) in steps.iter().zip(share) {
        for (next, probability) in &step.next {
            after[*next] += 0.5 * share * probability;
        }
    }
    after
}

/// All states that can be reached; the first is the one in which everybody has just arrived.
fn explore(closed: &RandomDispatch, think_steps: f64) -> Option<Vec<Step>> {
    let first = first(closed, think_steps)?;
    let mut known = HashMap::from([(first.clone(), 0)]);
    let (mut states, mut steps) = (vec![first], Vec::new());
    while let Some(state) = states.get(steps.len()).cloned() {
        let (served, follow) = follow(closed, &state)?;
        let mut next = Vec::with_capacity(follow.len());
        for (state, probability) in follow {
            let index = *known.entry(state).or_insert_with_key(|state| {
                states.push(state.clone());
                states.len() - 1
            });
            next.push((index, probability));
        }
        if states.len() > MOST_STATES {
            return None;
        }
        steps.push(Step { served, next });
    }
    Some(steps)
}

/// All in one queue: they come apart by themselves.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole, and small where it is used"
)]
fn first(closed: &RandomDispatch, think_steps: f64) -> Option<State> {
    if think_steps > MOST_STATES as f64 || closed.replicas.get() > MOST_STATES {
        return None;
    }
    let mut queues = vec![0; closed.replicas.get()];
    queues[0] = u16::try_from(closed.clients).ok()?;
    Some(State { queues, away: vec![0; think_steps as usize] })
}

/// How many `state` serves in a step, and what it is after it, with probabilities; `None` if that is too much.
fn follow(closed: &RandomDispatch, state: &State) -> Option<(f64, Vec<(State, f64)>)> {
    let slots = u16::try_from(closed.slots.get()).unwrap_or(u16::MAX);
    let served: u16 = state.queues.iter().map(|queue| *queue.min(&slots)).sum();
    let queues = state.queues.iter().map(|queue| queue.saturating_sub(slots)).collect();
    let mut away = state.away.clone();
    away.push(served);
    let arrivals = away.remove(0);
    let mut outcomes = BTreeMap::from([(queues, 1.0)]);
    for _ in 0..arrivals {
        outcomes = arrive(&outcomes);
        if outcomes.len() > MOST_STATES {
            return None;
        }
    }
    let follow = outcomes.into_iter();
    let follow = follow.map(|(queues, probability)| (State { queues, away: away.clone() }, probability));
    Some((f64::from(served), follow.collect()))
}

/// What the queues are, with probabilities, after one more client has joined any of them.
fn arrive(outcomes: &BTreeMap<Queues, f64>) -> BTreeMap<Queues, f64> {
    let mut after = BTreeMap::new();
    for (queues, probability) in outcomes {
        // Of equal queues the first can grow and leave the order as it is.
        for group in queues.chunk_by(|a, b| a == b) {
            let first = queues.partition_point(|queue| *queue > group[0]);
            let mut joined = queues.clone();
            joined[first] += 1;
            *after.entry(joined).or_default() += probability * group.len() as f64 / queues.len() as f64;
        }
    }
    after
}
