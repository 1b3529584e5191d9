//! What an A/B comes to: everything that its report holds, and how it ended.

use loadgen_engine::late_file::identity;

use super::build::Build;
use super::course::{Course, Taken};
use super::{Interleaved, SCHEMA, Settings, blame, figures};
use crate::compare::{self, Comparison, Ruling};
use crate::provenance::{PROGRAM, Provenance, cpus};
use crate::report::Outcome;

/// What was asked for, of which builds, and by whom.
pub(super) struct Order {
    pub(super) course: Course,
    pub(super) builds: [Build; 2],
    pub(super) settings: Settings,
    /// The least change that matters, as a share.
    pub(super) threshold: f64,
    pub(super) provenance: Provenance,
}

/// How it ended.
pub(super) fn outcome(taken: &Taken, ruling: Ruling) -> Outcome {
    match (&taken.cut_short, ruling) {
        (Some(cut), _) if cut.is_interruption() => Outcome::Interrupted,
        (Some(_), _) => Outcome::BackendFailed,
        (None, Ruling::Pass) => Outcome::Done,
        (None, Ruling::Regression) => Outcome::ExpectationFailed,
        (None, Ruling::Inconclusive) => Outcome::Inconclusive,
    }
}

/// What `taken` comes to, which began at `began_at`, in seconds since the Unix epoch.
pub(super) fn comparison(order: &Order, began_at: f64, taken: &Taken) -> Comparison {
    let steps = &order.course.steps;
    let changes = figures::changes(&taken.pairs, steps, order.threshold);
    let sides = order
        .builds
        .each_ref()
        .map(|build| compare::Origin::new(&build.name, &build.program, began_at, None));
    let blame = blame::blame(&changes, &taken.pairs);
    let comparison = Comparison::of(sides, order.threshold, notes(order, taken), changes);
    Comparison {
        schema: SCHEMA.to_owned(),
        interleaved: Some(Interleaved {
            outcome: outcome(taken, comparison.ruling),
            program: PROGRAM.to_owned(),
            started_at_unix_seconds: began_at,
            cpus: cpus(),
            provenance: order.provenance.clone(),
            settings: order.settings.clone(),
            seconds: taken.seconds,
            cut_short: taken.cut_short.as_ref().map(ToString::to_string),
            blame,
            host_cpu_pressure_share: pressure(taken),
            blocks: taken.pairs.concat(),
        }),
        ..comparison
    }
}

fn pressure(taken: &Taken) -> f64 {
    let shares = taken.pairs.iter().flatten().map(|block| block.host_cpu_pressure_share);
    // The sum of no numbers is -0.
    shares.fold(0.0, |sum, share| sum + share) / (2 * taken.pairs.len()).max(1) as f64
}

fn notes(order: &Order, taken: &Taken) -> Vec<String> {
    let same = is_one_file(&order.builds).then(|| "both builds are the same file".to_owned());
    let left_out = figures::left_out(&taken.pairs, &order.course.steps);
    same.into_iter().chain(left_out).chain(taken.events.iter().cloned()).collect()
}

/// Whether somebody compares a build with itself.
fn is_one_file(builds: &[Build; 2]) -> bool {
    let [base, new] = builds.each_ref().map(|build| identity(&build.executable));
    base.is_some() && base == new
}
