//! `loadgen lab --plan FILE` from the file to an exit code, and `loadgen plan check FILE`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::check::parse;
use super::conclude::conclude;
use super::drive::drive;
use super::error::BlackboxError;
use super::plan::Plan;
use super::render::overview;
use super::report::{Circumstances, Report};
use crate::clock::unix_seconds;
use crate::progress::Progress;
use crate::provenance::{Provenance, cpus};
use crate::stdout::print;
use crate::stop::Stop;

/// Says what the plan in `file` would do.
pub fn check_plan(file: &Path, out: &mut impl Write) -> Result<(), BlackboxError> {
    print(&overview(&read(file)?), out).map_err(BlackboxError::Output)
}

/// Carries `plan` out; `loadgen` is this program, and `provenance` goes into the report.
pub(crate) async fn run(
    plan: Plan,
    provenance: Provenance,
    loadgen: PathBuf,
    stop: &Stop,
    progress: &mut Progress,
) -> Result<Report, BlackboxError> {
    let (started_at, start) = (unix_seconds(), Instant::now());
    let driven = drive(&plan, loadgen, stop, progress).await;
    progress.finish();
    let (seen, cut_short) = driven?;
    let concluded = conclude(&plan, seen, cut_short);
    let seconds = start.elapsed().as_secs_f64();
    Ok(Report::new(&plan, concluded, Circumstances { started_at, seconds, cpus: cpus(), provenance }))
}

/// The plan in `file`.
pub fn read(file: &Path) -> Result<Plan, BlackboxError> {
    let read = std::fs::read_to_string(file);
    let text = read.map_err(|source| BlackboxError::Read { path: file.to_owned(), source })?;
    Ok(parse(file, &text)?)
}
