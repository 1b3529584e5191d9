//! Which reports can be compared: those of the same load on the same kind of backend. Owns what may differ, and says so.

use serde::Serialize;

use super::change::{Change, Metric, Ruling};
use super::{Comparison, SCHEMA};
use crate::laws::units::Seconds;
use crate::render::words::date;
use crate::report::{Outcome, Report, StepReport};

/// One of the two sweeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Its file.
    pub file: String,
    /// The program that wrote it.
    pub program: String,
    /// When it began, in UTC.
    pub started_at: String,
    /// The bottleneck that it found.
    pub bottleneck: Option<String>,
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
}

/// The comparison of two reports, each with its file's name; changes below `threshold` do not matter.
pub(super) fn compared(
    [(base_file, base), (new_file, new)]: [(&String, &Report); 2],
    threshold: f64,
) -> Result<Comparison, PairingError> {
    whole(base_file, base)?;
    whole(new_file, new)?;
    same_load((base_file, base), (new_file, new))?;
    let pairs = base.steps.iter().filter_map(|before| Some((before, at(new, before)?)));
    let changes: Vec<Change> = pairs
        .flat_map(|(before, after)| {
            Metric::ALL.map(|metric| Change::new(before.step, metric, [&before.seen, &after.seen], threshold))
        })
        .collect();
    Ok(Comparison {
        schema: SCHEMA,
        ruling: changes.iter().map(|change| change.ruling).max().unwrap_or(Ruling::Inconclusive),
        threshold,
        base: side(base_file, base),
        new: side(new_file, new),
        notes: notes(base, new),
        changes,
    })
}

/// What the other report has of the same step.
fn at<'a>(report: &'a Report, other: &StepReport) -> Option<&'a StepReport> {
    report.steps.iter().find(|measured| measured.step == other.step)
}

fn whole(file: &str, report: &Report) -> Result<(), PairingError> {
    let how = match report.conclusion.outcome {
        Outcome::BackendFailed => "the application could not be run",
        Outcome::Interrupted => "interrupted",
        _ if report.steps.is_empty() => "nothing was measured",
        _ => return Ok(()),
    };
    Err(PairingError::CutShort { file: file.to_owned(), how })
}

fn same_load(
    (base_file, base): (&str, &Report),
    (new_file, new): (&str, &Report),
) -> Result<(), PairingError> {
    let steps = |report: &Report| {
        let steps = report.steps.iter().map(|measured| measured.step.to_string());
        steps.collect::<Vec<_>>().join(", ")
    };
    let think = |report: &Report| Seconds(report.settings.think_time_seconds).to_string();
    let loops = |report: &Report| report.settings.concurrency.to_string();
    let looked_at = [
        ("the backend", base.backend.clone(), new.backend.clone(), "run both with the same --backend"),
        (
            "the list of steps",
            steps(base),
            steps(new),
            "run both with the same --workers, --rng, --hasher and --grid",
        ),
        ("the think time", think(base), think(new), "run both with the same --think-time"),
        ("the number of loops a worker", loops(base), loops(new), "run both with the same --concurrency"),
    ];
    let differs = looked_at.into_iter().find(|(_, base, new, _)| base != new);
    differs.map_or(Ok(()), |(what, base, new, remedy)| {
        let [base, new] = [format!("{base} in {base_file}"), format!("{new} in {new_file}")];
        Err(PairingError::Differ { what, base, new, remedy })
    })
}

fn side(file: &str, report: &Report) -> Side {
    Side {
        file: file.to_owned(),
        program: report.program.clone(),
        started_at: date(report.started_at_unix_seconds),
        bottleneck: report.conclusion.bottleneck.clone(),
    }
}

/// What differs between the two and may be the reason for a change, or the change itself.
fn notes(base: &Report, new: &Report) -> Vec<String> {
    let time = |seconds: f64| Seconds(seconds).to_string();
    let [before, after] = [&base.settings, &new.settings];
    let machine = |report: &Report| {
        let processor = report.provenance.as_ref().and_then(|it| it.processor.clone());
        format!("{} CPUs{}", report.cpus, processor.map_or_else(String::new, |model| format!(" ({model})")))
    };
    let bottleneck =
        |report: &Report| report.conclusion.bottleneck.clone().unwrap_or_else(|| "nothing".to_owned());
    let looked_at = [
        ("rng is set to", time(before.rng_time_seconds), time(after.rng_time_seconds)),
        ("hasher is set to", time(before.hasher_time_seconds), time(after.hasher_time_seconds)),
        ("windows are of", time(before.window_seconds), time(after.window_seconds)),
        ("the machine has", machine(base), machine(new)),
        ("the bottleneck is", bottleneck(base), bottleneck(new)),
    ];
    let differ = looked_at.into_iter().filter(|(_, before, after)| before != after);
    differ.map(|(what, before, after)| format!("{what} {after}, and was {before}")).collect()
}
