//! The check of manifests finds what it is there for: planted errors.

use serde_json::{Value, json};

use super::schema::complaints;

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": "rng" },
        "spec": {
            "selector": { "matchLabels": { "app": "rng" } },
            "template": {
                "metadata": { "labels": { "app": "rng" } },
                "spec": { "containers": [{
                    "name": "rng",
                    "imagePullPolicy": "IfNotPresent",
                    "readinessProbe": { "httpGet": { "path": "/readyz", "port": "admin" }, "periodSeconds": 3 },
                    "resources": { "limits": { "memory": "64Mi" } },
                    "lifecycle": { "preStop": { "sleep": { "seconds": 5 } } },
                }] },
            },
        },
    })
}

fn monitor() -> Value {
    json!({
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": { "name": "dockercoins" },
        "spec": {
            "selector": { "matchLabels": { "app": "metrics" } },
            "endpoints": [{
                "port": "admin", "path": "/metrics", "interval": "5s", "scrapeTimeout": "2s", "relabelings": [],
            }],
        },
    })
}

/// `object` with `field` of what stands at `place` set to `value`, or taken away for null.
fn with(mut object: Value, place: &str, field: &str, value: Value) -> Value {
    let fields = object.pointer_mut(place).and_then(Value::as_object_mut).expect("a place");
    fields.remove(field);
    if !value.is_null() {
        fields.insert(field.to_owned(), value);
    }
    object
}

#[track_caller]
fn assert_found(object: &Value, words: &[&str]) {
    let complaints = complaints(object).join("\n");
    for word in words {
        assert!(complaints.contains(word), "no {word:?} in {complaints:?}");
    }
}

#[test]
fn what_is_right_gets_no_complaint() {
    assert_eq!(complaints(&deployment()), Vec::<String>::new());
    assert_eq!(complaints(&monitor()), Vec::<String>::new());
}

#[test]
fn a_typing_error_in_a_field_is_found_wherever_it_is() {
    let container = "/spec/template/spec/containers/0";
    for place in [
        String::new(),
        "/spec".to_owned(),
        "/spec/template/spec".to_owned(),
        container.to_owned(),
        format!("{container}/readinessProbe/httpGet"),
        format!("{container}/lifecycle/preStop/sleep"),
    ] {
        let wrong = with(deployment(), &place, "periodSecond", json!(3));
        assert_found(&wrong, &[&format!("{place}/periodSecond is unknown")]);
    }
}

#[test]
fn a_typing_error_in_a_monitor_is_found() {
    for (place, field) in
        [("/spec", "endpoint"), ("/spec/endpoints/0", "scrapeTimeOut"), ("/spec/selector", "matchLabel")]
    {
        assert_found(&with(monitor(), place, field, json!({})), &[field]);
    }
}

#[test]
fn a_field_that_must_be_there_is_missed() {
    assert_found(&with(deployment(), "/spec", "selector", Value::Null), &["/spec/selector is missing"]);
    assert_found(&with(monitor(), "/spec", "selector", Value::Null), &["selector"]);
}

#[test]
fn a_value_of_the_wrong_type_is_found() {
    let probe = "/spec/template/spec/containers/0/readinessProbe";
    assert_found(&with(deployment(), probe, "periodSeconds", json!("3")), &["expected i32"]);
    let labels = "/spec/template/metadata/labels";
    assert_found(&with(deployment(), labels, "app", json!(true)), &["boolean"]);
}

#[test]
fn a_choice_that_there_is_not_is_found() {
    let container = "/spec/template/spec/containers/0";
    let wrong = with(deployment(), container, "imagePullPolicy", json!("IfNotThere"));
    assert_found(&wrong, &["IfNotThere", "IfNotPresent"]);
}

#[test]
fn a_kind_or_version_that_nobody_knows_is_found() {
    assert_found(&with(deployment(), "", "apiVersion", json!("apps/v1beta1")), &["apps/v1beta1"]);
    assert_found(&with(deployment(), "", "kind", json!("Deploymnet")), &["Deploymnet"]);
}
