//! `loadgen/SCHEMA.md` says what the keys of the JSON are: all of them, and no others.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::fixture;
use crate::bench::report::{Shards, Stage};

const DOCUMENT: &str = include_str!("../../../../SCHEMA.md");

/// Objects whose keys are data.
const MAPS: [&str; 3] = ["outcomes", "outcomes_all", "reasons"];

/// The paths of all keys. Those of a distribution are the same everywhere.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let key = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) if fields.contains_key("hdr_censored") => {
            found.insert(path.to_owned());
            found.extend(fields.keys().map(|name| format!("DIST.{name}")));
        }
        Value::Object(fields) if !MAPS.contains(&path) => {
            fields.iter().for_each(|(name, value)| keys(value, &key(name), found));
        }
        Value::Array(items) if items.iter().all(Value::is_object) && !items.is_empty() => {
            for item in items {
                keys(item, &format!("{path}[]"), found);
            }
        }
        _ => drop(found.insert(path.to_owned())),
    }
}

#[test]
fn every_key_is_documented_and_nothing_else_is() {
    let mut report = fixture::report();
    report.plan.stages = vec![Stage { lasts: Duration::from_secs(1), from_per_s: 1.0, to_per_s: 2.0 }];
    report.plan.shards = Some(Shards { of: 3, which: vec![0, 2], started_apart: Duration::ZERO });
    report.aborted = Some(fixture::aborted());
    report.warnings = vec!["something".to_owned()];
    report.knee = Some(fixture::knee());
    let mut written = BTreeSet::new();
    keys(&serde_json::to_value(&report).unwrap(), "", &mut written);
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: BTreeSet<String> = rows.map(str::to_owned).collect();
    let missing: Vec<_> = written.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&written).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not documented: {missing:?}; not written: {gone:?}");
}
