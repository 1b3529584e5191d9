//! Everything that can be wrong, told in one line, with nothing left scaled.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::{Ground, one_line};
use crate::backend::Service;
use crate::backend::kubernetes::cluster::Counts;
use crate::backend::kubernetes::fake::World;

const AS_FOUND: &str = "hasher=1 redis=1 rng=1 webui=1 worker=1";

#[tokio::test]
async fn what_cannot_work_is_told_before_anything_is_changed() {
    type SetUp = fn(&mut World);
    let cases: [(SetUp, &str, &str); 11] = [
        (|world| world.is_missing = true, "no `kubectl`", "install"),
        (
            |world| {
                world.failures.push((
                    " get ",
                    "The connection to the server x was refused - did you specify the right host or port?",
                ));
            },
            "does not answer: The connection to the server x was refused;",
            "KUBECONFIG",
        ),
        (
            |world| {
                world.failures.push((
                    " get ",
                    "Error from server (Forbidden): deployments.apps is forbidden: User \"u\"",
                ));
            },
            "is forbidden: User \"u\"",
            "Role",
        ),
        (
            |world| world.workloads.retain(|it| it.1 != "worker"),
            "n has no Deployment worker",
            "apply -k k8s/base",
        ),
        (|world| world.services.retain(|it| it.0 != "rng"), "n has no Service rng", "--namespace"),
        (
            |world| {
                world.workloads.clear();
                world
                    .failures
                    .push((" get namespace", "Error from server (NotFound): namespaces \"n\" not found"));
            },
            "no namespace n",
            "--namespace",
        ),
        (
            |world| world.workloads.push(("DaemonSet", "rng", 1)),
            "deployment/rng and daemonset/rng both",
            "scale it to 0",
        ),
        (
            |world| world.workloads.iter_mut().filter(|it| it.1 == "rng").for_each(|it| it.0 = "DaemonSet"),
            "cannot be scaled to 3",
            "give --rng 1",
        ),
        (
            |world| world.autoscalers.push(("any", "worker")),
            "HorizontalPodAutoscaler any would undo what the lab does to deployment/worker",
            "`kubectl -n n delete hpa any`, or give no other --workers than 1",
        ),
        (|world| world.forbidden.push("scale"), "in the namespace n you may not scale Deployments", "Role"),
        (|world| world.failures.push((" -o json", "")), "it did not say why", "get events"),
    ];
    for (set_up, wrong, remedy) in cases {
        let mut ground = Ground::with(set_up).await;
        let error = ground.up_fails().await;
        assert!(error.contains(wrong) && error.contains(remedy), "{error}");
        assert!(ground.changes().is_empty());
    }
}

#[tokio::test]
async fn an_autoscaler_of_what_the_plan_leaves_alone_is_only_pointed_out() {
    for (autoscaler, part) in [("hasher", "any may scale deployment/hasher"), ("webui", "attached")] {
        let mut ground = Ground::with(|world| world.autoscalers.push(("any", autoscaler))).await;
        ground.cluster.up().await.unwrap();
        assert!(ground.was_told(part), "{:?}", ground.told);
    }
    let mut ground = Ground::with(|world| world.failures.push(("autoscalers", "Error (Forbidden)"))).await;
    ground.cluster.up().await.unwrap();
    assert!(ground.was_told("cannot be told"));
}

#[tokio::test]
async fn a_plan_that_scales_nothing_needs_no_right_to_scale() {
    let counts = Counts::from([(Service::Rng, [1].into()), (Service::Worker, [1].into())]);
    let mut ground = Ground::planning(counts, |world| world.forbidden.push("scale")).await;
    ground.cluster.up().await.unwrap();
}

/// What is told when rng cannot be brought to three pods, since new ones have that `status`.
async fn scaling_fails(status: Value, set_up: impl FnOnce(&mut World)) -> String {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.kubectl.0.borrow_mut().status = Some(status);
    set_up(&mut ground.kubectl.0.borrow_mut());
    let error = one_line(&ground.cluster.scale(Service::Rng, 3).await.unwrap_err());
    ground.cluster.down().await.unwrap();
    assert_eq!(ground.counts(), AS_FOUND, "{error}");
    error
}

fn waiting(reason: &str, message: &str) -> Value {
    let state = json!({ "waiting": { "reason": reason, "message": message } });
    let last = json!({ "terminated": { "reason": "Error", "exitCode": 2 } });
    json!({ "phase": "Pending", "containerStatuses": [{ "name": "rng", "state": state, "lastState": last }] })
}

#[tokio::test]
async fn a_pod_that_does_not_become_ready_is_named_with_what_describe_would_have_said() {
    let no_node =
        json!([{ "type": "PodScheduled", "status": "False", "message": "0/1 nodes are available." }]);
    let unready = json!([{ "type": "Ready", "status": "False" }]);
    for (status, wrong, remedy) in [
        (
            waiting("ImagePullBackOff", "Back-off pulling image \"nope\""),
            "pulling image \"nope\"",
            "set image",
        ),
        (waiting("CrashLoopBackOff", ""), "exit code 2; it said last: the last words", "--previous"),
        (
            waiting("CreateContainerConfigError", "secret \"x\" not found"),
            "secret \"x\"",
            "describe pod rng-",
        ),
        (json!({ "phase": "Pending", "conditions": no_node }), "no node: 0/1 nodes are available", "fewer"),
        (
            json!({ "phase": "Running", "conditions": unready }),
            "was not ready within 1s (Readiness probe failed)",
            "`kubectl -n n describe pod rng-",
        ),
    ] {
        let error = scaling_fails(status, |world| world.warnings.push("Readiness probe failed\nmore")).await;
        assert!(error.starts_with("rng-0006 ") && error.contains(wrong) && error.contains(remedy), "{error}");
    }
}

#[tokio::test]
async fn a_workload_that_may_not_make_pods_says_why() {
    let error = scaling_fails(json!({}), |world| world.quota = Some("exceeded quota: pods=5")).await;
    for part in ["deployment/rng cannot make its pods: exceeded quota: pods=5;", "raise the quota"] {
        assert!(error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_pod_that_lingers_is_named() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.kubectl.0.borrow_mut().change("rng", |pod| pod.is_terminating = true);
    assert!(ground.news().await[0].ends_with("is being deleted"));
    let error = one_line(&ground.cluster.scale(Service::Rng, 1).await.unwrap_err());
    assert!(error.contains("has not ended within 1s"), "{error}");
}

#[tokio::test]
async fn a_pod_without_an_admin_port_is_named() {
    let mut ground = Ground::new().await;
    ground.admin.readiness.store(0, Ordering::Relaxed);
    let error = ground.up_fails().await;
    assert!(
        error.contains("rng-") && error.contains("no admin port") && error.contains("our images"),
        "{error}"
    );
}

#[tokio::test]
async fn a_pod_that_denies_being_ready_at_its_admin_port_is_named() {
    let mut ground = Ground::new().await;
    ground.admin.readiness.store(503, Ordering::Relaxed);
    let error = ground.up_fails().await;
    assert!(error.contains("did not say at its admin port that it is ready within 1s"), "{error}");
}

#[tokio::test]
async fn somebody_who_scales_at_the_same_time_is_suspected() {
    let mut ground = Ground::with(|world| world.opponent = Some(("rng", 5))).await;
    ground.cluster.up().await.unwrap();
    let error = one_line(&ground.cluster.scale(Service::Rng, 3).await.unwrap_err());
    assert!(error.starts_with("rng has 5 pods, not 3: somebody else scales it"), "{error}");
}

#[tokio::test]
async fn the_store_is_not_scaled_and_nothing_is_read_before_up() {
    let mut ground = Ground::new().await;
    assert!(ground.cluster.replicas(Service::Rng).await.is_err());
    let error = ground.cluster.scale(Service::Store, 2).await.unwrap_err().to_string();
    assert!(error.contains("redis runs once"), "{error}");
}
