//! `loadgen/PLANS.md` says what a plan can hold and what the JSON does: all of it, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::check::parse;
use super::conclude::tests::concluded_report;

const DOCUMENT: &str = include_str!("../../../PLANS.md");

/// The plan below a heading.
fn plan_of(heading: &str) -> &'static str {
    let (_, section) = DOCUMENT.split_once(heading).unwrap();
    let (_, after) = section.split_once("```toml\n").unwrap();
    after.split_once("```").unwrap().0
}

fn example() -> &'static str {
    plan_of("## The file\n")
}

#[test]
fn the_examples_are_plans() {
    let plan = parse(Path::new("PLANS.md"), example()).unwrap();
    assert_eq!(plan.services.len(), 4);
    let first = parse(Path::new("PLANS.md"), plan_of("## A first plan\n")).unwrap();
    assert_eq!((first.services.len(), first.steps.len()), (1, 3));
}

/// What is no key makes the reader list those that are.
#[test]
fn the_example_has_every_key() {
    for (place, table) in [
        ("", ""),
        ("[services.worker]\n", ""),
        ("[sweep]\n", ""),
        ("", "slots = 1, "),
        ("", "object = \"deployment/worker\", "),
        ("", "service = \"cache\", "),
    ] {
        let text = match table {
            "" if place.is_empty() => format!("nonsense = 1\n{}", example()),
            "" => example().replacen(place, &format!("{place}nonsense = 1\n"), 1),
            inside => example().replacen(inside, &format!("{inside}nonsense = 1, "), 1),
        };
        let complaint = parse(Path::new("PLANS.md"), &text).unwrap_err().to_string();
        let (_, keys) = complaint.split_once("expected").unwrap();
        for key in keys.split('`').skip(1).step_by(2) {
            assert!(
                example().contains(&format!("{key} = ")) || example().contains(&format!("[{key}")),
                "{key}"
            );
        }
    }
}

fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) if path != "steps[].replicas" => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                keys(value, &format!("{path}{dot}{name}"), found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items
                .iter()
                .filter(|item| item.is_object())
                .for_each(|item| keys(item, &format!("{path}[]"), found));
        }
        _ => drop(found.insert(path.to_owned())),
    }
}

#[test]
fn every_key_of_the_json_is_documented_and_nothing_else_is() {
    let mut written = BTreeSet::new();
    keys(&serde_json::to_value(concluded_report()).unwrap(), "", &mut written);
    // A list that is empty at one step is known by what another one has in it.
    let listed: Vec<String> =
        written.iter().filter_map(|key| Some(key.rsplit_once("[]")?.0.to_owned())).collect();
    written.retain(|key| !listed.contains(key));
    let (_, json) = DOCUMENT.split_once("## The JSON").unwrap();
    let rows = json.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let documented: BTreeSet<String> = rows.map(str::to_owned).collect();
    let missing: Vec<_> = written.difference(&documented).collect();
    let gone: Vec<_> = documented.difference(&written).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not documented: {missing:?}; not written: {gone:?}");
}
