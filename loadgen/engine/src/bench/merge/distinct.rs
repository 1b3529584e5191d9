//! Every report once. Owns when two of them are the same run: by the file's name, by what the name stands for, by what is in
//! it, and by the shard that it was.

use std::path::{Path, PathBuf};

use crate::bench::report::Report;
use crate::late_file::identity;

use super::read::{Found, read};
use super::{MergeError, plan};

/// All reports in the files, each of which is another one.
pub(super) fn distinct(paths: &[PathBuf]) -> Result<Vec<Report>, MergeError> {
    let mut files: Vec<(&Path, Option<(u64, u64)>)> = Vec::new();
    let mut found: Vec<Found> = Vec::new();
    for path in paths {
        let file = (path.as_path(), identity(path));
        if let Some((before, _)) = files.iter().find(|known| known.0 == file.0 || is_one(known.1, file.1)) {
            return Err(twice(&before.display().to_string(), &path.display().to_string()));
        }
        files.push(file);
        found.extend(read(path)?);
    }
    check_runs(&found)?;
    check_shards(&found)?;
    Ok(found.into_iter().map(|it| it.report).collect())
}

fn is_one(known: Option<(u64, u64)>, file: Option<(u64, u64)>) -> bool {
    known.is_some() && known == file
}

fn twice(first: &str, again: &str) -> MergeError {
    if first == again {
        MergeError::Twice(first.to_owned())
    } else {
        MergeError::Again { first: first.to_owned(), again: again.to_owned() }
    }
}

fn check_runs(found: &[Found]) -> Result<(), MergeError> {
    for (at, one) in found.iter().enumerate() {
        if let Some(before) = found[..at].iter().find(|it| is_same_run(&it.report, &one.report)) {
            return Err(twice(&before.name, &one.name));
        }
    }
    Ok(())
}

/// Two runs may have begun in the same instant, but not have come to the same end in every figure of their own machine.
fn is_same_run(one: &Report, other: &Report) -> bool {
    one.started_at == other.started_at
        && one.took == other.took
        && one.load_generator == other.load_generator
        && one.traffic == other.traffic
        && one.lag.times.ended().histogram() == other.lag.times.ended().histogram()
}

/// Requests of a shard that is in two reports would be counted twice.
pub(super) fn check_shards(found: &[Found]) -> Result<(), MergeError> {
    for (at, one) in found.iter().enumerate() {
        for other in &found[..at] {
            let (plan, before) = (&one.report.plan, &other.report.plan);
            if let (Some(shards), Some(known)) = (&plan.shards, &before.shards)
                && plan::are_of_one_load(plan, before)
                && let Some(index) = shards.common(known)
            {
                let [first, second] = [&other.name, &one.name].map(Clone::clone);
                return Err(MergeError::SameShard { first, second, index, of: shards.of });
            }
        }
    }
    Ok(())
}
