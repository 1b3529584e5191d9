//! The highest arrival rate at which what is asked for holds. Owns how one rate is tried: a run of its own, after a short time to
//! settle.

use std::time::Duration;

use tokio::sync::watch;

use crate::bench::plan::{Load, Plan, Profile};
use crate::bench::report::{Expected, Knee, KneeEnd, KneeTrial, Report};
use crate::bench::run::{Observer, RunError, run};
use crate::rate::Rate;

use super::expectation::Expectation;
use super::{GoalArgs, judge};

mod backlog;
#[cfg(test)]
mod fake;
mod search;

use search::{End, Found, Range, Trial, Tried, search};

/// What a search starts from unless it is told.
pub(in crate::bench) const START: Rate = Rate::of::<10>();

/// A trial's warm-up unless one is given. It also lets the server get over the trial before.
const SETTLE: Duration = Duration::from_secs(1);

/// A validation is so much longer than a trial.
const LONGER: u32 = 3;

/// A load generator this busy does not reach a higher rate.
const BUSY: f64 = 0.9;

/// The part of the requests due that must have been sent.
const REACHED: f64 = 0.95;

/// A trial of fewer requests says nothing.
const LEAST_REQUESTS: f64 = 10.0;

/// Searches from the rate of `plan`, an open one, for the highest at which all of `args.find_knee` hold. The report is that of
/// the run at that rate. `say` gets every trial as it ends.
pub(in crate::bench) fn find_knee(
    plan: &Plan,
    args: &GoalArgs,
    stop: &watch::Receiver<bool>,
    observer: &mut dyn Observer,
    say: &mut dyn FnMut(&KneeTrial),
) -> Result<Report, RunError> {
    let mut trials = Trials { plan, args, stop, observer, say, done: Vec::new(), best: None };
    let found = search(range(plan, args), &mut trials)?;
    let Trials { done, best, .. } = trials;
    let Some(mut report) = best else { unreachable!("a search tries one rate at least") };
    let all: Vec<Expectation> = args.find_knee.iter().chain(&args.expectations).cloned().collect();
    judge(&mut report, &all, None);
    report.interrupted |= found.end == End::Interrupted;
    report.knee = Some(knee(found, args.knee_tolerance(), done));
    Ok(report)
}

/// Whether so many requests were sent as were to be.
fn is_reached(trial: &KneeTrial, report: &Report) -> bool {
    let due = trial.rate_per_s * trial.measured_s;
    report.load_generator.cpu_utilisation < BUSY && report.requests.scheduled as f64 >= REACHED * due
}

fn range(plan: &Plan, args: &GoalArgs) -> Range {
    let start = match &plan.load {
        Load::Open { rate: Profile::Constant(rate), .. } => *rate,
        _ => START,
    };
    let start = start.as_per_second();
    Range {
        start,
        least: start.min(LEAST_REQUESTS / args.trial().as_secs_f64()),
        most: args.max_rate().as_per_second(),
        tolerance: args.knee_tolerance(),
    }
}

fn knee(found: Found, tolerance: f64, trials: Vec<KneeTrial>) -> Knee {
    let ended = match found.end {
        End::Found => KneeEnd::Found,
        End::MostHeld => KneeEnd::MaxRate,
        End::AtItsLimit => KneeEnd::LoadGenerator,
        End::NothingHeld => KneeEnd::NothingHeld,
        End::NotValidated => KneeEnd::NotValidated,
        End::Interrupted => KneeEnd::Interrupted,
    };
    Knee { rate_per_s: found.rate, tolerance, validated: found.validated, ended, trials }
}

/// Trials by real runs.
struct Trials<'a> {
    plan: &'a Plan,
    args: &'a GoalArgs,
    stop: &'a watch::Receiver<bool>,
    observer: &'a mut dyn Observer,
    say: &'a mut dyn FnMut(&KneeTrial),
    done: Vec<KneeTrial>,
    /// That of the validation, or of the highest rate that held, or else of the last one.
    best: Option<Report>,
}

impl Trial for Trials<'_> {
    type Error = RunError;

    fn run(&mut self, rate: f64, validation: bool) -> Result<Tried, RunError> {
        // The search stays between rates that there are.
        let rate = Rate::per_second(rate).unwrap_or(START);
        let plan = self.plan_at(rate, validation);
        let report = Report::of(&plan, &run(plan.clone(), self.stop, self.observer)?);
        if report.interrupted {
            self.best.get_or_insert(report);
            return Ok(Tried::Interrupted);
        }
        let trial = self.judged(&plan, &report, validation);
        (self.say)(&trial);
        let tried = self.tried(&trial, &report);
        self.done.push(trial);
        self.keep(report);
        Ok(tried)
    }
}

impl Trials<'_> {
    fn plan_at(&self, rate: Rate, validation: bool) -> Plan {
        let mut plan = self.plan.clone();
        if let Load::Open { rate: planned, .. } = &mut plan.load {
            *planned = Profile::Constant(rate);
        }
        // All of several machines can start the first trial together, but no later one.
        plan.start_at = plan.start_at.filter(|_| self.done.is_empty());
        let settle = plan.warm_up.unwrap_or(SETTLE);
        let measured = self.args.trial() * if validation { LONGER } else { 1 };
        Plan { request_limit: None, duration: Some(settle + measured), warm_up: Some(settle), ..plan }
    }

    fn judged(&self, plan: &Plan, report: &Report, validation: bool) -> KneeTrial {
        let criteria: Vec<Expected> = self.args.find_knee.iter().map(|it| it.of(report)).collect();
        let backlog_growth = backlog::growth(plan, report);
        KneeTrial {
            rate_per_s: report.plan.rate_per_s.unwrap_or_default(),
            measured_s: report.measured.as_secs_f64(),
            held: backlog_growth == 0 && criteria.iter().all(|it| it.held),
            backlog_growth,
            validation,
            throughput_per_s: report.throughput_per_s.mean,
            criteria,
            load_generator_limit: report.load_generator.why.clone(),
        }
    }

    fn tried(&self, trial: &KneeTrial, report: &Report) -> Tried {
        // Lateness counts in response times: what holds in spite of it holds, as long as the rate was reached.
        let at_its_limit = report.load_generator.was_the_limit && (!trial.held || !is_reached(trial, report));
        match (trial.held, at_its_limit) {
            (true, false) => Tried::Held,
            (true, true) => Tried::HeldAtItsLimit,
            (false, _) if self.done.is_empty() && !report.was_answered() => Tried::NoAnswer,
            (false, false) => Tried::Failed,
            (false, true) => Tried::FailedAtItsLimit,
        }
    }

    /// Remembers the report of the trial that was done last, if it is better than the one before.
    fn keep(&mut self, report: Report) {
        let Some((last, before)) = self.done.split_last() else { return };
        let higher = before.iter().all(|it| !it.held || it.rate_per_s < last.rate_per_s);
        let nothing_held = self.done.iter().all(|it| !it.held);
        if nothing_held || (last.held && (last.validation || higher)) {
            self.best = Some(report);
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
