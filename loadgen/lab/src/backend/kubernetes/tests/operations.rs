//! Experiments with pods.

use super::Ground;
use crate::backend::Service;

#[tokio::test]
async fn a_pod_that_was_killed_gives_way_to_another_and_nothing_is_left_to_put_back() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    let victim = ground.replicas(Service::Rng).await.remove(0);
    ground.cluster.kill(&victim).await.unwrap();
    let kill = format!("$ kubectl -n n delete pod {} --grace-period=0 --force --wait=false", victim.name);
    assert!(ground.was_told(&kill), "{:?}", ground.told);
    assert!(ground.news().await[0].starts_with(&victim.name));
    assert_ne!(ground.replicas(Service::Rng).await[0].name, victim.name);
    ground.cluster.down().await.unwrap();
    assert!(ground.changes().is_empty());
}
