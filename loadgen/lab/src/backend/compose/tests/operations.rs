//! Experiments with containers.

use super::Ground;
use crate::backend::Service;

#[tokio::test]
async fn a_container_that_was_killed_is_started_again_by_docker_compose() {
    let mut ground = Ground::running(&[("redis", 1), ("rng", 2), ("hasher", 1), ("worker", 1)]).await;
    ground.project.up().await.unwrap();
    let session = ground.project.session().unwrap();
    let victim = session.replicas(&ground.project.console, Service::Rng).await.unwrap().remove(0);
    session.kill(&ground.project.console, &victim).await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-1", "rng-2"]);
    assert!(ground.was_told("$ docker kill p_rng_1"));
    assert!(ground.was_told("$ docker-compose up -d --no-deps --no-recreate --scale rng=2 rng"));
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 worker=1");
}
