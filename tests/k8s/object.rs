//! Objects as the API server would get them, and what stands where in them.

use serde_json::Value;

/// `KIND/NAME`.
pub(super) fn id(object: &Value) -> String {
    format!("{}/{}", kind(object), name(object))
}

pub(super) fn kind(object: &Value) -> &str {
    text(object, "/kind")
}

pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

/// The text at that JSON pointer, which must be there.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value:#}"))
}

/// The elements of the list at that JSON pointer; none if it is not there.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// Those of a kind.
pub(super) fn of_kind<'a>(objects: &'a [Value], wanted: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| kind(object) == wanted)
}

/// The one called `KIND/NAME`.
#[track_caller]
pub(super) fn object<'a>(objects: &'a [Value], wanted: &str) -> &'a Value {
    objects.iter().find(|object| id(object) == wanted).unwrap_or_else(|| panic!("no {wanted}"))
}

/// Those that make pods.
pub(super) fn workloads(objects: &[Value]) -> impl Iterator<Item = &Value> {
    objects.iter().filter(|object| object.pointer("/spec/template/spec/containers").is_some())
}

/// The containers of a workload's pods.
pub(super) fn containers(workload: &Value) -> impl Iterator<Item = &Value> {
    list(workload, "/spec/template/spec/containers")
        .chain(list(workload, "/spec/template/spec/initContainers"))
}

/// The number of a container's port of that name.
pub(super) fn port(container: &Value, name: &str) -> Option<u64> {
    list(container, "/ports").find(|port| port["name"] == name)?["containerPort"].as_u64()
}

/// Whether the `matchLabels` of a selector, all of them, are among the labels; an empty selector matches everything.
pub(super) fn matches(match_labels: Option<&Value>, labels: &Value) -> bool {
    let wanted = match_labels.and_then(Value::as_object).into_iter().flatten();
    wanted.into_iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// The labels of a workload's pods.
pub(super) fn pod_labels(workload: &Value) -> &Value {
    &workload["spec"]["template"]["metadata"]["labels"]
}
