//! How a lab ends, from its flags to its files: the report is told, whatever happened.

use std::path::Path;

use super::*;
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::report::Outcome;
use crate::run::{LabError, run};

const SHORT: [&str; 6] = ["--quiet", "--no-report", "--workers=1", "--rng=1", "--window=1s", "--no-confirm"];

/// What a lab printed and how it ended; `asked` is how often it was asked to stop before it began.
async fn ran(json: &Path, asked: u32) -> (String, Result<Outcome, LabError>) {
    let json = format!("--json={}", json.display());
    let args = Cli::parse_from(["lab"].iter().chain(&SHORT).chain([&json.as_str()])).args;
    let (sender, stop) = stop::stop();
    sender.send_replace(asked);
    let mut out = Vec::new();
    let mut progress = Progress::new(true);
    let ended =
        run(&args, &Provenance::here([]), FakeBackend::new(App::default()), &stop, &mut progress, &mut out)
            .await;
    (String::from_utf8(out).unwrap(), ended)
}

fn outcome_in(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["conclusion"]["outcome"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_earlier_report_is_replaced_as_a_whole() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "x".repeat(100_000)).unwrap();
    let (said, ended) = ran(file.path(), 0).await;
    assert_eq!((ended.unwrap(), outcome_in(file.path()).as_str()), (Outcome::Done, "done"));
    assert!(said.contains("The workers are the limit"), "{said}");
}

#[tokio::test]
async fn a_lab_stopped_before_its_first_step_says_so_everywhere() {
    for asked in [1, 2] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (said, ended) = ran(file.path(), asked).await;
        assert_eq!((ended.unwrap(), outcome_in(file.path()).as_str()), (Outcome::Interrupted, "interrupted"));
        assert!(said.ends_with("INTERRUPTED: stopped before the first step\n"), "{said}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_does_not_keep_the_report_from_being_printed() {
    let (said, ended) = ran(Path::new("/dev/full"), 0).await;
    assert!(said.contains("The workers are the limit"), "{said}");
    assert!(ended.unwrap_err().to_string().contains("--json"));
}
