//! `loadgen/lab/SCHEMA.md` says what the keys of the JSON are: all of them, and no others.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::backend::Event;
use crate::compare;
use crate::interleave;
use crate::render::fixture;

const DOCUMENT: &str = include_str!("../SCHEMA.md");

/// The keys of a step, which is an object in many places.
const STEP: [&str; 3] = ["hasher", "rng", "workers"];

/// The paths of all keys.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let key = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) if !fields.keys().eq(STEP) => {
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

#[track_caller]
fn assert_documented(written: &Value, document: &str) {
    let mut found = BTreeSet::new();
    keys(written, "", &mut found);
    // What is null at one step and an object at another is known by its keys.
    found.retain(|key| !matches!(key.as_str(), "steps[].seen.services[].evenness"));
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: BTreeSet<String> = rows.map(str::to_owned).collect();
    let missing: Vec<_> = found.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&found).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not documented: {missing:?}; not written: {gone:?}");
}

#[tokio::test]
async fn every_key_is_documented_and_nothing_else_is() {
    let mut report = fixture::swept().await;
    let what = "rng-1 was restarted".to_owned();
    report.events.push(Event { at_unix_seconds: 1.0, replica: "rng-1".to_owned(), what });
    let (of_lab, others) = DOCUMENT.split_once("## The JSON of `loadgen compare`").unwrap();
    let (of_comparison, of_turns) = others.split_once("## The JSON of `loadgen lab --interleave`").unwrap();
    assert_documented(&serde_json::to_value(&report).unwrap(), of_lab);
    assert_documented(&serde_json::to_value(compare::of_itself(&report)).unwrap(), of_comparison);
    assert_documented(&serde_json::to_value(interleave::of_equals().await).unwrap(), of_turns);
}
