//! The programs understand what the manifests tell them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::combinations::rendered;
use super::object::{containers, list, name, of_kind, text, workloads};
use crate::harness::DOCKERCOINS;
use crate::harness::http::get;
use crate::harness::kustomize::Objects;
use crate::harness::program::run;
use crate::harness::service::Service;

const SOON: Duration = Duration::from_secs(10);

/// What `dockercoins SERVICE --help` says, on one line.
fn help(service: &str) -> String {
    let said = run(DOCKERCOINS, &[service, "--help"], SOON);
    assert!(said.status.success(), "{said:?}");
    said.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The service that a container runs.
fn service(container: &Value) -> &str {
    text(container, "/args/0")
}

/// The variables that a container gets, with their values; what comes from a Secret is made up.
fn variables(container: &Value, objects: &Objects) -> Vec<(String, String)> {
    let maps = list(container, "/envFrom").map(|from| text(from, "/configMapRef/name"));
    let maps = maps.flat_map(|map| of_kind(objects, "ConfigMap").filter(move |object| name(object) == map));
    let data = maps.flat_map(|map| map["data"].as_object().expect("data"));
    let from_maps = data.map(|(key, value)| (key.clone(), value.as_str().expect("a text").to_owned()));
    let own = list(container, "/env").map(|variable| {
        let value = variable["value"].as_str().unwrap_or("secret");
        (text(variable, "/name").to_owned(), value.to_owned())
    });
    expanded(&from_maps.chain(own).collect::<Vec<_>>())
}

/// As the kubelet does it: `$(NAME)` stands for the value of a variable before. One that is only there for that purpose is
/// no setting.
fn expanded(variables: &[(String, String)]) -> Vec<(String, String)> {
    let reference = |name: &str| format!("$({name})");
    let is_used = |name: &str| variables.iter().any(|(_, value)| value.contains(&reference(name)));
    let (ingredients, settings): (Vec<_>, Vec<_>) =
        variables.iter().cloned().partition(|(name, _)| is_used(name));
    let fill = |value: String| {
        ingredients.iter().fold(value, |value, (name, with)| value.replace(&reference(name), with))
    };
    settings.into_iter().map(|(name, value)| (name, fill(value))).collect()
}

/// Each different container with its variables.
fn containers_with_variables() -> BTreeSet<(String, Vec<(String, String)>)> {
    let all = rendered().flat_map(|(_, objects)| {
        let containers = workloads(objects).flat_map(containers);
        containers.map(move |container| (service(container).to_owned(), variables(container, objects)))
    });
    all.collect()
}

#[test]
#[ignore = "needs kubectl"]
fn every_variable_is_a_setting_of_its_service() {
    let mut seen = BTreeSet::new();
    for (service, variables) in containers_with_variables() {
        let help = help(&service);
        for (variable, _) in variables {
            // Without the sign if what it is set to must not be shown.
            let known = ["=", "]"].iter().any(|end| help.contains(&format!("[env: {variable}{end}")));
            assert!(known, "{service} has no setting {variable}");
            seen.insert(variable);
        }
    }
    let expected = ["APPENDONLY", "KEEP_ALIVE", "REDIS_URL", "REQUIREPASS", "SERVICE_TIME", "THINK_TIME"];
    assert!(seen.iter().eq(expected.iter()), "{seen:?}");
}

#[test]
#[ignore = "needs kubectl"]
fn every_service_starts_with_its_variables() {
    for (service, variables) in containers_with_variables() {
        // The volume is there in the cluster only.
        let variables = variables.iter().filter(|(name, _)| name != "APPENDONLY");
        let variables: Vec<_> = variables.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let started = Service::in_environment(&service, &variables, &[]);
        assert_eq!(get(started.admin, "/healthz").status, 200, "{service} {variables:?}");
    }
}

#[test]
#[ignore = "needs kubectl"]
fn ports_are_those_that_services_listen_on_without_a_word() {
    let mut listens = BTreeSet::new();
    for container in rendered().flat_map(|(_, objects)| workloads(objects).flat_map(containers)) {
        let ports =
            list(container, "/ports").map(|port| (text(port, "/name"), port["containerPort"].as_u64()));
        listens.extend(ports.map(|(name, number)| (service(container), name, number.expect("a number"))));
    }
    for (service, name, number) in listens {
        let says = match name {
            "http" => format!("to serve requests at [default: every address, port {number};"),
            "redis" => format!("the store's is {number}]"),
            "admin" => format!("faults [default: every address, port {number}]"),
            _ => panic!("no port of {service} is called {name}"),
        };
        assert!(help(service).contains(&says), "{service} does not say: {says}");
    }
}

#[test]
#[ignore = "needs kubectl"]
fn a_pod_has_time_for_its_pause_and_for_requests_in_flight() {
    let mut left = BTreeSet::new();
    for workload in rendered().flat_map(|(_, objects)| workloads(objects)) {
        let seconds = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(0);
        let given = seconds(workload.pointer("/spec/template/spec/terminationGracePeriodSeconds"));
        let pause = |container: &Value| seconds(container.pointer("/lifecycle/preStop/sleep/seconds"));
        let of_container = |container| (service(container), given.saturating_sub(pause(container)));
        left.extend(containers(workload).map(of_container));
    }
    for (service, left) in left {
        let help = help(service);
        let default = help.split_once("[env: GRACE_PERIOD=] [default: ").expect("a grace period").1;
        let taken: u64 = default.split_once("s]").and_then(|(taken, _)| taken.parse().ok()).expect("seconds");
        assert!(left > taken, "{service}: {left} s after the pause, but it may take {taken} s");
    }
}
