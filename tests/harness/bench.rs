//! `loadgen bench` as a story runs it. Owns reading its JSON report.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::LOADGEN;
use super::program::{Finished, Program};

/// However long it takes on a busy machine: that a load ends at all is what a hang would break.
pub(crate) const IN_ANY_CASE: Duration = Duration::from_secs(120);

/// A load that has ended, and its report.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) said: Finished,
    pub(crate) report: Value,
}

/// Starts `loadgen bench` with those arguments.
pub(crate) fn start(arguments: &[&str]) -> Program {
    Program::start(Command::new(LOADGEN).arg("bench").args(arguments))
}

/// Runs `loadgen bench` with those arguments.
pub(crate) fn run(arguments: &[&str]) -> Finished {
    start(arguments).finish(IN_ANY_CASE)
}

/// Runs `loadgen bench` for its JSON, with nothing cut unless told; it must end with 0.
#[track_caller]
pub(crate) fn load(arguments: &[&str]) -> Load {
    let load = load_of_any_end(arguments);
    assert_eq!(load.said.status.code(), Some(0), "{:?}", load.said);
    load
}

/// Runs `loadgen bench` for its JSON, with nothing cut unless told, whatever it ends with.
#[track_caller]
pub(crate) fn load_of_any_end(arguments: &[&str]) -> Load {
    let uncut: &[&str] = if arguments.contains(&"--warmup") { &[] } else { &["--warmup", "0s"] };
    let said = run(&[&["--format", "json"], uncut, arguments].concat());
    let report = serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    Load { said, report }
}

impl Load {
    /// A number of the report, by keys with dots between them.
    #[track_caller]
    pub(crate) fn number(&self, keys: &str) -> f64 {
        self.at(keys).as_f64().unwrap_or_else(|| panic!("{keys} is no number: {}", self.report))
    }

    /// A count of the report, by keys with dots between them.
    #[track_caller]
    pub(crate) fn count(&self, keys: &str) -> u64 {
        self.at(keys).as_u64().unwrap_or_else(|| panic!("{keys} is no count: {}", self.report))
    }

    /// What stands there in the report, `null` if nothing does.
    pub(crate) fn at(&self, keys: &str) -> &Value {
        keys.split('.').fold(&self.report, |value, key| &value[key])
    }

    /// The elements of a list of the report, by keys with dots between them.
    #[track_caller]
    pub(crate) fn list(&self, keys: &str) -> &[Value] {
        self.at(keys).as_array().unwrap_or_else(|| panic!("{keys} is no list: {}", self.report))
    }

    /// How many requests ended in what is called so; 0 for what never happened.
    pub(crate) fn outcome(&self, name: &str) -> u64 {
        self.report["outcomes"][name].as_u64().unwrap_or_default()
    }

    /// How often each outcome happened, in the order of their names.
    pub(crate) fn outcomes(&self) -> Vec<(&str, u64)> {
        let all = self.report["outcomes"].as_object().expect("outcomes").iter();
        all.map(|(name, count)| (name.as_str(), count.as_u64().expect("a count"))).collect()
    }
}
