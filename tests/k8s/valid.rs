//! Every combination of the manifests is one that Kubernetes takes.

use std::collections::{BTreeMap, BTreeSet};

use super::combinations::rendered;
use super::object::{id, text};
use super::schema::complaints;

#[test]
#[ignore = "needs kubectl"]
fn every_combination_renders_and_is_valid() {
    let mut objects = BTreeMap::new();
    for (combination, rendered) in rendered() {
        // Most of them are the same in many combinations.
        objects.extend(rendered.iter().map(|object| (object.to_string(), (combination, object))));
    }
    let wrong = objects.values().flat_map(|(combination, object)| {
        let complaints = complaints(object).into_iter();
        complaints.map(move |complaint| format!("{combination:?}: {}: {complaint}", id(object)))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs kubectl"]
fn no_combination_has_two_objects_of_one_name() {
    for (combination, objects) in rendered() {
        let ids: BTreeSet<_> = objects.iter().map(id).collect();
        assert_eq!(ids.len(), objects.len(), "{combination:?}");
    }
}

#[test]
#[ignore = "needs kubectl"]
fn everything_is_in_the_one_namespace() {
    for (combination, objects) in rendered() {
        for object in objects.iter().filter(|object| object["kind"] != "Namespace") {
            assert_eq!(text(object, "/metadata/namespace"), "dockercoins", "{combination:?}: {}", id(object));
        }
    }
}
