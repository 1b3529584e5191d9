//! Which reports can be compared: those of the same load on the same kind of backend. Owns what may differ, and says so.

use serde::{Deserialize, Serialize};

use super::Comparison;
use super::change::{Change, Metric};
use crate::laws::units::Seconds;
use crate::provenance::Provenance;
use crate::render::words::date;
use crate::report::{Outcome, Report, StepReport};

/// Where one of the two that are compared comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its file.
    pub file: String,
    /// The program that wrote it.
    pub program: String,
    /// When it began, in UTC.
    pub started_at: String,
    /// The bottleneck that it found.
    pub bottleneck: Option<String>,
}

impl Origin {
    /// Of a `file`, which a `program` began to measure at `started_at`, in seconds since the Unix epoch.
    pub(crate) fn new(file: &str, program: &str, started_at: f64, bottleneck: Option<&str>) -> Self {
        Self {
            file: file.to_owned(),
            program: program.to_owned(),
            started_at: date(started_at),
            bottleneck: bottleneck.map(str::to_owned),
        }
    }
}

/// Why two reports cannot be compared.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairingError {
    /// One of them is not whole.
    #[error("{file} was cut short ({how}): only whole sweeps can be compared; run the lab again")]
    CutShort {
        /// Which.
        file: String,
        /// How it ended.
        how: &'static str,
    },
    /// There is no share of nothing.
    #[error("{file} has no {metric} above 0 at {step}: run the lab again")]
    Nothing {
        /// Which.
        file: String,
        /// Of what.
        metric: &'static str,
        /// Where.
        step: String,
    },
    /// Something about the load differs.
    #[error("{what} is {base} and {new}: only equal plans can be compared; {remedy}")]
    Differ {
        /// What.
        what: &'static str,
        /// The older one's, and its file.
        base: String,
        /// The newer one's, likewise.
        new: String,
        /// What would make them equal.
        remedy: &'static str,
    },
    /// One of them has compared two builds already.
    #[error(
        "{file} is of lab --interleave, which has compared two builds in turn by itself; `loadgen report {file}` shows what it came to"
    )]
    Interleaved {
        /// Which.
        file: String,
    },
    /// One is of a plan, and one is not.
    #[error(
        "{plan} is of a plan, and {sweep} of the built-in sweep: only equal plans can be compared; run both with the same --plan, or \
         both without"
    )]
    Kinds {
        /// The file of the one.
        plan: String,
        /// And of the other.
        sweep: String,
    },
}

/// The comparison of two reports, each with its file's name; changes below `threshold` do not matter.
pub(super) fn compared(
    [(base_file, base), (new_file, new)]: [(&String, &Report); 2],
    threshold: f64,
) -> Result<Comparison, PairingError> {
    whole(base_file, base.conclusion.outcome, !base.steps.is_empty())?;
    whole(new_file, new.conclusion.outcome, !new.steps.is_empty())?;
    nothing(base_file, base)?;
    nothing(new_file, new)?;
    differing([base_file, new_file], same_load(base, new))?;
    let pairs = base.steps.iter().filter_map(|before| Some((before, at(new, before)?)));
    let changes: Vec<Change> = pairs
        .flat_map(|(before, after)| {
            Metric::ALL.map(|metric| Change::new(before.step, metric, [&before.seen, &after.seen], threshold))
        })
        .collect();
    let sides = [(base_file, base), (new_file, new)].map(|(file, report)| {
        let bottleneck = report.conclusion.bottleneck.as_deref();
        Origin::new(file, &report.program, report.started_at_unix_seconds, bottleneck)
    });
    Ok(Comparison::of(sides, threshold, notes(base, new), changes))
}

/// What the other report has of the same step.
fn at<'a>(report: &'a Report, other: &StepReport) -> Option<&'a StepReport> {
    report.steps.iter().find(|measured| measured.step == other.step)
}

/// That a sweep with that `outcome` was not cut short.
pub(super) fn whole(file: &str, outcome: Outcome, has_steps: bool) -> Result<(), PairingError> {
    let how = match outcome {
        Outcome::BackendFailed => "the application could not be run",
        Outcome::Interrupted => "interrupted",
        _ if !has_steps => "nothing was measured",
        _ => return Ok(()),
    };
    Err(PairingError::CutShort { file: file.to_owned(), how })
}

/// That there is no figure of which no change can be told.
fn nothing(file: &str, report: &Report) -> Result<(), PairingError> {
    let missing = report.steps.iter().find_map(|measured| {
        let metric = Metric::ALL.into_iter().find(|metric| !metric.is_comparable(&measured.seen))?;
        Some((metric.name(), measured.step.to_string()))
    });
    missing
        .map_or(Ok(()), |(metric, step)| Err(PairingError::Nothing { file: file.to_owned(), metric, step }))
}

/// Something that must not differ: what it is called, the older one's, the newer one's, and what would make them equal.
pub(super) type Differs = (&'static str, String, String, &'static str);

fn same_load(base: &Report, new: &Report) -> Vec<Differs> {
    let steps = |report: &Report| {
        let steps = report.steps.iter().map(|measured| measured.step.to_string());
        steps.collect::<Vec<_>>().join(", ")
    };
    let think = |report: &Report| Seconds(report.settings.think_time_seconds).to_string();
    let loops = |report: &Report| report.settings.concurrency.to_string();
    vec![
        ("the backend", base.backend.clone(), new.backend.clone(), "run both with the same --backend"),
        (
            "the list of steps",
            steps(base),
            steps(new),
            "run both with the same --workers, --rng, --hasher and --grid",
        ),
        ("the think time", think(base), think(new), "run both with the same --think-time"),
        ("the number of loops a worker", loops(base), loops(new), "run both with the same --concurrency"),
    ]
}

/// That nothing differs which must not, of the two files' reports.
pub(super) fn differing(
    [base_file, new_file]: [&String; 2],
    looked_at: Vec<Differs>,
) -> Result<(), PairingError> {
    let differs = looked_at.into_iter().find(|(_, base, new, _)| base != new);
    differs.map_or(Ok(()), |(what, base, new, remedy)| {
        let [base, new] = [format!("{base} in {base_file}"), format!("{new} in {new_file}")];
        Err(PairingError::Differ { what, base, new, remedy })
    })
}

/// What differs between the two and may be the reason for a change, or the change itself.
fn notes(base: &Report, new: &Report) -> Vec<String> {
    let time = |seconds: f64| Seconds(seconds).to_string();
    let [before, after] = [&base.settings, &new.settings];
    let machine = |report: &Report| machine(report.cpus, report.provenance.as_ref());
    let bottleneck =
        |report: &Report| report.conclusion.bottleneck.clone().unwrap_or_else(|| "nothing".to_owned());
    let looked_at = [
        ("rng is set to", time(before.rng_time_seconds), time(after.rng_time_seconds)),
        ("hasher is set to", time(before.hasher_time_seconds), time(after.hasher_time_seconds)),
        ("windows are of", time(before.window_seconds), time(after.window_seconds)),
        ("the machine has", machine(base), machine(new)),
        ("the bottleneck is", bottleneck(base), bottleneck(new)),
    ];
    noted(looked_at)
}

/// A machine in a few words.
pub(super) fn machine(cpus: usize, provenance: Option<&Provenance>) -> String {
    let processor = provenance.and_then(|it| it.processor.clone());
    format!("{cpus} CPUs{}", processor.map_or_else(String::new, |model| format!(" ({model})")))
}

/// A sentence for each thing that is not what it was.
pub(super) fn noted<const LOOKED_AT: usize>(looked_at: [(&str, String, String); LOOKED_AT]) -> Vec<String> {
    let differ = looked_at.into_iter().filter(|(_, before, after)| before != after);
    differ.map(|(what, before, after)| format!("{what} {after}, and was {before}")).collect()
}
