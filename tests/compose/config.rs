//! The compose files, in every combination, for every docker-compose that there is.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use crate::harness::compose::{compose_file, compose_folder, override_file};
use crate::harness::machine;
use crate::harness::program::{Program, run};

const SOON: Duration = Duration::from_secs(60);
const AT_A_TIME: usize = 4;
const PROFILES: [&str; 2] = ["observability", "tools"];

/// A way to call docker-compose.
type Words = &'static [&'static str];

/// One call of `config`.
#[derive(Clone, Debug)]
struct Case {
    program: Words,
    profiled: bool,
    files: Vec<PathBuf>,
}

impl Case {
    /// What is wrong with it, if anything is; a warning is.
    fn complaint(&self) -> Option<String> {
        let mut command = Command::new(self.program[0]);
        command.args(&self.program[1..]).env_remove("COMPOSE_PROFILES");
        let profiles = PROFILES.into_iter().filter(|_| self.profiled);
        command.args(profiles.flat_map(|profile| ["--profile", profile]));
        for file in std::iter::once(&compose_file()).chain(&self.files) {
            command.arg("-f").arg(file);
        }
        let said = Program::start(command.arg("config")).finish(SOON);
        let good = said.status.success() && said.stderr.is_empty() && said.stdout.contains("worker:");
        (!good).then(|| format!("{self:?}: {}", said.stderr))
    }
}

fn programs() -> Vec<Words> {
    let known: [Words; 2] = [&["docker-compose"], &["docker", "compose"]];
    let runs = |words: &Words| run(words[0], &[&words[1..], &["version"]].concat(), SOON).status.success();
    let found: Vec<Words> = known.into_iter().filter(runs).collect();
    assert!(!found.is_empty(), "no docker-compose");
    found
}

/// The names of all overrides, those of logging apart from the others.
fn overrides() -> (Vec<String>, Vec<String>) {
    let entries = std::fs::read_dir(compose_folder().join("overrides")).expect("overrides");
    let name = |path: PathBuf| {
        let yaml = path.extension().is_some_and(|extension| extension == "yaml");
        yaml.then(|| path.file_stem().expect("a name").to_string_lossy().into_owned())
    };
    let names = entries.map_while(Result::ok).filter_map(|entry| name(entry.path()));
    names.partition(|name| name.starts_with("logging-"))
}

/// Every selection of them, in their order.
fn subsets(names: &[String]) -> Vec<Vec<String>> {
    names.iter().fold(vec![Vec::new()], |subsets, name| {
        let with = subsets.iter().map(|subset| [subset.as_slice(), std::slice::from_ref(name)].concat());
        with.chain(subsets.iter().cloned()).collect()
    })
}

/// Each of them alone, and none.
fn one_or_none(names: &[String]) -> impl Iterator<Item = Vec<String>> {
    names.iter().map(|name| vec![name.clone()]).chain([Vec::new()])
}

/// All variants of the application; every way of logging, with no variant and with all of them, since it changes nothing that they
/// change; and each single override with all profiles.
fn cases() -> Vec<Case> {
    let (logging, variants) = overrides();
    let mixed = subsets(&variants);
    let logged = [Vec::new(), variants.clone()].into_iter().flat_map(|variant| {
        logging.iter().map(move |name| [variant.as_slice(), std::slice::from_ref(name)].concat())
    });
    let names = [logging.as_slice(), &variants].concat();
    let profiled = one_or_none(&names).map(|name| (true, name));
    let all: Vec<_> = mixed.into_iter().chain(logged).map(|names| (false, names)).chain(profiled).collect();
    let case = |program| {
        let files = |names: &[String]| names.iter().map(override_file).collect();
        all.iter().map(move |(profiled, names)| Case { program, profiled: *profiled, files: files(names) })
    };
    programs().into_iter().flat_map(case).collect()
}

#[test]
#[ignore = "needs Docker"]
fn every_combination_of_files_is_valid_without_a_warning() {
    let _turn = machine::busy();
    let cases = cases();
    assert!(cases.len() > 50, "{} cases", cases.len());
    let (left, complaints) = (Mutex::new(cases), Mutex::new(Vec::new()));
    let next = || left.lock().expect("no panic").pop();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(case) = next() {
                    let complaint = case.complaint();
                    complaints.lock().expect("no panic").extend(complaint);
                }
            });
        }
    });
    let complaints = complaints.into_inner().expect("no panic");
    assert!(complaints.is_empty(), "{} of them:\n{}", complaints.len(), complaints.concat());
}
