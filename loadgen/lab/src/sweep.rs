//! The sweep: scale, measure, judge, step by step; then put the verdict to the proof. It drives; what is displayed and
//! where the report goes is its caller's.

use std::time::Duration;

use crate::backend::{Backend, Event, Service};
use crate::calibrate::Calibration;
use crate::conclude::{conclude, decisive};
use crate::confirm::{Confirmation, Perturbation, perturb, stations};
use crate::gate::hold_to_expectations;
use crate::laws::bounds::Model;
use crate::laws::units::Seconds;
use crate::measure::{MeasureError, measure};
use crate::observation::Observation;
use crate::plan::Plan;
use crate::provenance::{PROGRAM, cpus};
use crate::report::{Conclusion, Outcome, Report, SCHEMA_VERSION, Settings, StepReport};
use crate::scaling::Scaling;
use crate::step::Step;
use crate::stop::Stop;
use crate::verdict::{Limit, judge};

/// How often a step or perturbation during which something happened to a replica is measured anew.
const RETRIES: u32 = 1;

/// Whoever watches the sweep.
pub trait Watcher {
    /// The `index`-th of `count` parts begins; `what` is a step or a perturbation.
    fn begins(&mut self, index: usize, count: usize, what: &str);
    /// Hashes per second just now.
    fn speed(&mut self, throughput: f64);
    /// A step is measured.
    fn measured(&mut self, step: &StepReport);
    /// Something happened that nobody asked for.
    fn happened(&mut self, event: &Event);
}

/// Carries `plan` out on `backend`, which is up. Always gives a report: of what could be measured.
pub async fn sweep<B: Backend>(
    backend: &mut B,
    plan: &Plan,
    stop: &Stop,
    watcher: &mut dyn Watcher,
) -> Report {
    let mut sweep = Sweep { report: empty_report(backend, plan), backend, plan, stop, watcher };
    let ended = sweep.run().await;
    let mut report = sweep.report;
    report.duration_seconds = backend.now() - report.started_at_unix_seconds;
    report.scaling = Scaling::of(&report.steps);
    let cut_short = ended.err().map(|error| (outcome_of(&error), reason_of(&error, &report)));
    report.conclusion = conclude(&report, plan, cut_short);
    hold_to_expectations(&mut report, plan);
    report
}

/// The report of a sweep of `backend` that did not begin, and why.
pub fn not_begun<B: Backend>(backend: &B, plan: &Plan, outcome: Outcome, reason: String) -> Report {
    let mut report = empty_report(backend, plan);
    report.conclusion = conclude(&report, plan, Some((outcome, reason)));
    report
}

/// How a sweep ends that has met `error`.
pub(crate) fn outcome_of(error: &MeasureError) -> Outcome {
    match error {
        MeasureError::Stopped => Outcome::Interrupted,
        MeasureError::Backend(_) | MeasureError::Standstill(..) => Outcome::BackendFailed,
    }
}

fn reason_of(error: &MeasureError, report: &Report) -> String {
    match error {
        MeasureError::Stopped if report.steps.is_empty() => "stopped before the first step".to_owned(),
        MeasureError::Stopped if report.steps.len() == 1 => "stopped after one step".to_owned(),
        MeasureError::Stopped => format!("stopped after {} steps", report.steps.len()),
        other => other.to_string(),
    }
}

struct Sweep<'a, B> {
    report: Report,
    backend: &'a mut B,
    plan: &'a Plan,
    stop: &'a Stop,
    watcher: &'a mut dyn Watcher,
}

impl<B: Backend> Sweep<'_, B> {
    async fn run(&mut self) -> Result<(), MeasureError> {
        for (index, &step) in self.plan.steps.iter().enumerate() {
            self.watcher.begins(index, self.parts(), &step.to_string());
            let (seen, disturbed) = self.step(step).await?;
            self.judge(step, seen, disturbed);
        }
        if self.plan.confirm {
            self.report.confirmation = self.confirm().await?;
        }
        Ok(())
    }

    /// Steps and perturbations, for the progress bar.
    fn parts(&self) -> usize {
        self.plan.steps.len() + if self.plan.confirm { stations(self.plan).count() } else { 0 }
    }

    /// What was seen, and whether a crash disturbed even the last attempt.
    async fn step(&mut self, step: Step) -> Result<(Observation, bool), MeasureError> {
        self.scale(step).await?;
        let timing = self.plan.timing(step, self.plan.probe_rate);
        let clients = self.plan.clients(step);
        let mut attempts = 0;
        loop {
            let watcher = &mut *self.watcher;
            let seen =
                measure(&*self.backend, clients, timing, self.stop, &mut |speed| watcher.speed(speed)).await;
            // What happened explains an odd number, and also why nothing could be measured.
            let disturbed = self.take_events();
            if !disturbed || attempts == RETRIES || matches!(seen, Err(MeasureError::Stopped)) {
                return seen.map(|seen| (seen, disturbed));
            }
            attempts += 1;
            self.scale(step).await?;
        }
    }

    async fn scale(&mut self, step: Step) -> Result<(), MeasureError> {
        let counts =
            [(Service::Rng, step.rng), (Service::Hasher, step.hasher), (Service::Worker, step.workers)];
        for (service, replicas) in counts {
            tokio::select! {
                scaled = self.backend.scale(service, replicas) => scaled?,
                () = self.stop.wait() => return Err(MeasureError::Stopped),
            }
        }
        self.take_events();
        Ok(())
    }

    /// Moves what happened into the report; whether there was anything.
    fn take_events(&mut self) -> bool {
        let events = self.backend.events();
        for event in &events {
            self.watcher.happened(event);
        }
        let any = !events.is_empty();
        self.report.events.extend(events);
        any
    }

    fn judge(&mut self, step: Step, seen: Observation, disturbed: bool) {
        if self.report.calibration.is_none() {
            self.report.calibration = Calibration::new(step, &seen, &self.plan.setup);
        }
        let first = self.report.steps.first().map_or(&seen, |first| &first.seen).throughput_per_second;
        let mut measured = step_report(step, seen, first, self.report.calibration.as_ref());
        measured.caveats.extend(too_wide(&measured.seen, self.plan.precision));
        if disturbed {
            measured.caveats.push("something happened to a replica at each attempt to measure".to_owned());
        }
        self.watcher.measured(&measured);
        self.report.steps.push(measured);
    }

    async fn confirm(&mut self) -> Result<Option<Confirmation>, MeasureError> {
        let found = decisive(&self.report.steps).zip(self.report.calibration.as_ref());
        let Some((decisive, calibration)) = found else { return Ok(None) };
        // The store has no station that could be made faster.
        let full =
            |limit: &Limit| matches!(limit, Limit::Service { service, .. } if *service != Service::Store);
        if !decisive.verdict.as_ref().is_some_and(|verdict| full(&verdict.limit)) {
            return Ok(None);
        }
        let (step, seen, model) = (decisive.step, decisive.seen.clone(), calibration.model(decisive.step));
        let mut perturbations = Vec::new();
        for (index, service) in stations(self.plan).enumerate() {
            let what = format!("{step}, 10 % less time at {service}");
            self.watcher.begins(self.plan.steps.len() + index, self.parts(), &what);
            perturbations.push(self.perturbation(step, service, &model).await?);
        }
        Ok(Some(Confirmation::new(step, &seen, perturbations)))
    }

    async fn perturbation(
        &mut self,
        step: Step,
        service: Service,
        model: &Model,
    ) -> Result<Perturbation, MeasureError> {
        let mut attempts = 0;
        loop {
            self.scale(step).await?;
            let (watcher, at) = (&mut *self.watcher, (model, step));
            let mut live = |speed| watcher.speed(speed);
            let found = perturb(&*self.backend, self.plan, service, at, self.stop, &mut live).await;
            let disturbed = self.take_events();
            if !disturbed || attempts == RETRIES || matches!(found, Err(MeasureError::Stopped)) {
                return found.map(|found| Perturbation { disturbed, ..found });
            }
            attempts += 1;
        }
    }
}

fn step_report(step: Step, seen: Observation, first: f64, calibration: Option<&Calibration>) -> StepReport {
    let model = calibration.map(|calibration| calibration.model(step));
    let predicted = model.as_ref().map(|model| model.throughput(seen.clients).0);
    let unread = unread(step, &seen);
    StepReport {
        step,
        speed_up: seen.throughput_per_second / first,
        predicted_throughput_per_second: predicted,
        bound_per_second: model.as_ref().map(|model| model.bound(seen.clients).0),
        deviation_from_prediction: predicted.map(|predicted| seen.throughput_per_second / predicted - 1.0),
        predicted_probe_wait_seconds: model
            .as_ref()
            .and_then(|model| Some(model.probe_wait_at(Service::Rng.name(), seen.clients)?.0)),
        verdict: calibration
            .filter(|_| unread.is_empty())
            .map(|times| judge(&seen, &times.model(step), times.think_time_seconds)),
        caveats: [unread, caveats(&seen)].concat(),
        seen,
    }
}

/// The services of which some replica was not read, which makes every sum over replicas too small.
fn unread(step: Step, seen: &Observation) -> Vec<String> {
    let counts = [(Service::Worker, step.workers), (Service::Rng, step.rng), (Service::Hasher, step.hasher)];
    let read = |service| seen.service(service).map_or(0, |seen| seen.replicas.len());
    let short = counts.into_iter().filter(|(service, count)| read(*service) < *count);
    short
        .map(|(service, count)| format!("only {} of {service}={count} could be read", read(service)))
        .collect()
}

fn caveats(seen: &Observation) -> Vec<String> {
    let mut caveats = Vec::new();
    if !seen.window.steady {
        caveats
            .push("the end of the warm-up could not be told: the application may not be steady".to_owned());
    }
    if seen.worker_errors > 0.0 {
        let plural = if seen.worker_errors < 1.5 { "" } else { "s" };
        caveats.push(format!("workers met {} error{plural}", seen.worker_errors));
    }
    caveats
}

/// An interval that is still wider than it should be, after all the time that a step may take.
fn too_wide(seen: &Observation, precision: f64) -> Option<String> {
    let half_width = seen.throughput_half_width_per_second? / seen.throughput_per_second;
    (half_width > precision).then(|| {
        let (half_width, precision) = (100.0 * half_width, 100.0 * precision);
        let after = Seconds(seen.window.seconds());
        format!(
            "the interval is still ± {half_width:.1} % after {after:.1}, not the {precision} % of --precision"
        )
    })
}

fn empty_report<B: Backend>(backend: &B, plan: &Plan) -> Report {
    let seconds = |duration: Duration| duration.as_secs_f64();
    Report {
        schema_version: SCHEMA_VERSION,
        program: PROGRAM.to_owned(),
        backend: backend.name().to_owned(),
        started_at_unix_seconds: backend.now(),
        duration_seconds: 0.0,
        cpus: cpus(),
        provenance: None,
        settings: Settings {
            window_seconds: seconds(plan.window),
            warm_up_seconds: seconds(plan.warm_up),
            precision_share: plan.precision,
            think_time_seconds: seconds(plan.setup.think_time),
            rng_time_seconds: seconds(plan.setup.rng_time),
            hasher_time_seconds: seconds(plan.setup.hasher_time),
            concurrency: plan.setup.concurrency,
            probe_rate_per_second: plan.probe_rate,
        },
        calibration: None,
        steps: Vec::new(),
        scaling: None,
        confirmation: None,
        expectations: Vec::new(),
        conclusion: Conclusion {
            outcome: Outcome::Done,
            bottleneck: None,
            step: None,
            sentence: String::new(),
            advice: Vec::new(),
            reasons: Vec::new(),
        },
        experiment: None,
        events: Vec::new(),
    }
}
