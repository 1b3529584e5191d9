//! Experiments with pods.

use super::Ground;
use crate::backend::Service;
use crate::experiment::liveness::Liveness;

impl Ground {
    /// The commands told since the last call that change something, without what they have in common.
    fn operations(&self) -> Vec<String> {
        let told = std::mem::take(&mut *self.told.lock().unwrap());
        let all = told.into_iter().filter_map(|line| Some(line.strip_prefix("$ kubectl -n n ")?.to_owned()));
        all.filter(|line| !["get", "auth", "logs"].iter().any(|reads| line.starts_with(reads))).collect()
    }
}

#[tokio::test]
async fn a_pod_that_was_killed_gives_way_to_another_and_nothing_is_left_to_put_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    let victim = ground.replicas(Service::Rng).await.remove(0);
    ground.cluster.kill(&victim).await.unwrap();
    assert!(ground.news().await[0].starts_with(&victim.name));
    assert_ne!(ground.replicas(Service::Rng).await[0].name, victim.name);
    ground.cluster.down().await.unwrap();
    let kill = format!("delete pod {} --grace-period=0 --force --wait=false", victim.name);
    assert_eq!(ground.operations(), [kill]);
}

#[tokio::test]
async fn a_variable_is_set_waited_for_and_taken_away_again_at_the_end() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.cluster.set(Service::Worker, "KEEP_ALIVE", "true").await.unwrap();
    ground.cluster.set(Service::Worker, "KEEP_ALIVE", "false").await.unwrap();
    assert_eq!(ground.replicas(Service::Worker).await.len(), 1);
    assert!(ground.cluster.session().unwrap().events().is_empty(), "it is the lab's own doing");
    ground.cluster.down().await.unwrap();
    let set = |change| format!("set env deployment/worker --containers=worker KEEP_ALIVE{change}");
    let status = "rollout status deployment/worker --timeout=120s".to_owned();
    assert_eq!(ground.operations(), [set("=true"), status.clone(), set("=false"), status, set("-")]);
}

#[tokio::test]
async fn what_was_rolled_back_needs_no_putting_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.cluster.set(Service::Rng, "LAB_ROLLOUT", "1").await.unwrap();
    ground.cluster.undo(Service::Rng).await.unwrap();
    ground.cluster.down().await.unwrap();
    let operations = ground.operations();
    assert_eq!(operations[2], "rollout undo deployment/rng");
    assert_eq!(operations.len(), 4, "{operations:?}");
}

#[tokio::test]
async fn protection_is_taken_away_and_given_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    assert_eq!(ground.cluster.unprotect(Service::Rng).await.unwrap(), "readinessProbe");
    ground.cluster.down().await.unwrap();
    let operations = ground.operations();
    let path = "/spec/template/spec/containers/0/readinessProbe";
    assert!(operations[0].contains(&format!(r#"[{{"op":"remove","path":"{path}"}}]"#)), "{operations:?}");
    assert!(operations[2].contains(r#""op":"add""#) && operations[2].contains(path), "{operations:?}");
}

#[tokio::test]
async fn what_was_interrupted_is_put_back_too_and_told_if_it_cannot_be() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.kubectl.0.borrow_mut().failures.push(("set env", "Error from server (Timeout): try again"));
    ground.cluster.set(Service::Rng, "LAB_ROLLOUT", "1").await.unwrap_err();
    let error = ground.cluster.down().await.unwrap_err().to_string();
    assert!(error.contains("do it yourself: kubectl -n n set env deployment/rng"), "{error}");
    assert!(error.ends_with("LAB_ROLLOUT-"), "{error}");
}

#[tokio::test]
async fn a_liveness_probe_of_the_queue_is_told_from_one_of_the_admin_port() {
    let liveness = async |is_naive| {
        let mut ground = Ground::with(|world| world.is_naive = is_naive).await;
        ground.cluster.up().await.unwrap();
        ground.cluster.workload(Service::Rng).unwrap().queueing_liveness()
    };
    assert_eq!(liveness(false).await, None);
    assert_eq!(liveness(true).await, Some(Liveness::default()));
}

#[tokio::test]
async fn an_autoscaler_is_found_by_what_it_scales() {
    let mut ground = Ground::planning([(Service::Worker, [10].into())].into(), |world| {
        world.autoscalers = vec![("some", "hasher"), ("mine", "rng")];
    })
    .await;
    ground.cluster.up().await.unwrap();
    assert_eq!(ground.cluster.autoscaler(Service::Rng).await.unwrap().as_deref(), Some("mine"));
    assert_eq!(ground.cluster.autoscaler(Service::Worker).await.unwrap(), None);
}
