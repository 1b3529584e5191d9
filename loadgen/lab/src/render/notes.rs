//! What a reader should know beside the figures, a sentence each.

use crate::backend::Service;
use crate::calibrate::Calibration;
use crate::laws::dispatch::Dispatch;
use crate::laws::little::DARK_TIME_LIMIT;
use crate::laws::units::Utilisation;
use crate::observation::ServiceObservation;
use crate::plan::LONGER_AT_RANDOM;
use crate::report::{Report, StepReport};
use crate::step::Step;
use crate::verdict::sticky;

/// All of them, each with its full stop.
pub(super) fn notes(report: &Report) -> Vec<String> {
    let several = report.steps.iter().filter(|measured| measured.step.rng > 1);
    let shares = several.filter_map(|measured| Some(shares(measured, measured.seen.service(Service::Rng)?)));
    let mut notes: Vec<String> = shares.collect();
    notes.push(little(&report.steps));
    if let Some(times) = &report.calibration {
        notes.push(format!(
            "Predicted from {}: without waiting a cycle takes {:.1}, of which {:.1} is neither thought nor service.",
            times.step, times.cycle_seconds, times.overhead_seconds
        ));
    }
    notes.extend(report.scaling.as_ref().map(|scaling| scaling.to_string().trim_end().to_owned()));
    notes.extend(report.calibration.as_ref().and_then(|times| at_random(times, &report.steps)));
    for measured in &report.steps {
        notes.extend(measured.caveats.iter().map(|caveat| format!("Note: at {} {caveat}.", measured.step)));
    }
    notes.extend(report.events.iter().map(|event| format!("Note: {}.", event.what)));
    notes
}

fn little(steps: &[StepReport]) -> String {
    let dark = steps.iter().map(|measured| measured.seen.dark_time_share.abs()).fold(0.0, f64::max);
    if dark < DARK_TIME_LIMIT {
        format!("Little's law closes within {:.1} % at every step.", dark * 100.0)
    } else {
        format!("Little's law does not close at every step: up to {:.1} % is missing.", dark * 100.0)
    }
}

/// Which predictions are not min(N/(Z+S+ε), m/S).
fn at_random(times: &Calibration, steps: &[StepReport]) -> Option<String> {
    let several = |count: fn(&Step) -> usize| steps.iter().any(|measured| count(&measured.step) > 1);
    let services = [
        (Service::Rng, times.rng_dispatch, several(|step| step.rng)),
        (Service::Hasher, times.hasher_dispatch, several(|step| step.hasher)),
    ];
    let random = services.iter().filter(|(_, dispatch, choice)| *choice && *dispatch == Dispatch::Random);
    let random: Vec<&str> = random.map(|(service, ..)| service.name()).collect();
    (!random.is_empty()).then(|| {
        let each = random.join(" and ");
        format!(
            "Dispatch to {each} is random and predicted so; where there is a choice, windows are {LONGER_AT_RANDOM} times as long."
        )
    })
}

fn shares(measured: &StepReport, rng: &ServiceObservation) -> String {
    let shares: Vec<String> =
        rng.replicas.iter().map(|it| format!("{} {}", it.replica, Utilisation(it.share))).collect();
    let even = match rng.evenness {
        Some(evenness) if evenness.is_even() => ": even",
        Some(_) => ": uneven",
        None => "",
    };
    let stuck = rng.stuck_to().map_or_else(String::new, |replicas| format!(", since {}", sticky(replicas)));
    format!("Shares at {}: {}{even}{stuck}.", measured.step, shares.join(", "))
}
