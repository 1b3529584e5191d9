//! `loadgen lab --plan FILE` from the file to an exit code, and `loadgen plan check FILE`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::check::parse;
use super::conclude::conclude;
use super::counter::now;
use super::drive::drive;
use super::error::BlackboxError;
use super::plan::Plan;
use super::render;
use super::report::{Report, Took};
use crate::progress::Progress;
use crate::report::Outcome;
use crate::stop::Stop;

/// Says what the plan in `file` would do.
pub fn check_plan(file: &Path, out: &mut impl Write) -> Result<(), BlackboxError> {
    print(&render::overview(&read(file)?), out).map_err(BlackboxError::Output)
}

/// Carries `plan` out and prints the report to `out`; `loadgen` is this program. Gives back how it ended, and the
/// report as JSON.
pub async fn run(
    plan: Plan,
    loadgen: PathBuf,
    stop: &Stop,
    progress: &mut Progress,
    out: &mut impl Write,
) -> Result<(Outcome, String), BlackboxError> {
    let (started_at, start) = (now(), Instant::now());
    let driven = drive(&plan, loadgen, stop, progress).await;
    progress.finish();
    let (seen, cut_short) = driven?;
    let concluded = conclude(&plan, seen, cut_short);
    let outcome = concluded.conclusion.outcome;
    let report = Report::new(&plan, concluded, Took { started_at, seconds: start.elapsed().as_secs_f64() });
    print(&render::text(&report), out).map_err(BlackboxError::Output)?;
    let json = serde_json::to_string_pretty(&report).map_err(io::Error::other);
    Ok((outcome, json.map_err(BlackboxError::Output)?))
}

/// The plan in `file`.
pub fn read(file: &Path) -> Result<Plan, BlackboxError> {
    let read = std::fs::read_to_string(file);
    let text = read.map_err(|source| BlackboxError::Read { path: file.to_owned(), source })?;
    Ok(parse(file, &text)?)
}

/// A reader that has seen enough is no failure.
fn print(text: &str, out: &mut impl Write) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}
