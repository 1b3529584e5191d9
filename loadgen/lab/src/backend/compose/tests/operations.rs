//! Experiments with containers.

use super::Ground;
use crate::backend::Service;

const RUNNING: [(&str, usize); 4] = [("redis", 1), ("rng", 2), ("hasher", 1), ("worker", 3)];

#[tokio::test]
async fn a_container_that_was_killed_is_started_again_by_docker_compose() {
    let mut ground = Ground::running(&RUNNING).await;
    ground.project.up().await.unwrap();
    let session = ground.project.session().unwrap();
    let victim = session.replicas(&ground.project.console, Service::Rng).await.unwrap().remove(0);
    session.kill(&ground.project.console, &victim).await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-1", "rng-2"]);
    assert!(ground.was_told("$ docker kill p_rng_1"));
    assert!(ground.was_told("$ docker-compose up -d --no-deps --no-recreate --scale rng=2 rng"));
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 worker=3");
}

#[tokio::test]
async fn replicas_are_replaced_by_others_that_are_ready_first() {
    let mut ground = Ground::running(&RUNNING).await;
    ground.project.up().await.unwrap();
    ground.project.roll_out(Service::Rng).await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-3", "rng-4"]);
    assert!(ground.was_told("--scale rng=4 rng"));
    assert!(
        ground.was_told("$ docker stop p_rng_1 p_rng_2") && ground.was_told("$ docker rm p_rng_1 p_rng_2")
    );
    ground.project.unprotected.set(true);
    ground.project.roll_out(Service::Rng).await.unwrap();
    assert!(ground.was_told("$ docker-compose up -d --no-deps --force-recreate --scale rng=2 rng"));
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 worker=3");
}

#[tokio::test]
async fn workers_are_made_anew_from_one_more_file_and_as_they_were_at_the_end() {
    let mut ground = Ground::running(&RUNNING).await;
    ground.project.up().await.unwrap();
    ground.project.keep_alive(true).await.unwrap();
    let changes = ground.changes();
    let made_anew = changes.last().unwrap();
    assert!(made_anew.contains("/compose.yaml -f ") && made_anew.contains("/keep-alive-"), "{made_anew}");
    assert!(made_anew.ends_with(".yaml up -d --no-deps --scale worker=3 worker"), "{made_anew}");
    ground.project.down().await.unwrap();
    assert_eq!(ground.changes(), ["$ docker-compose up -d --no-deps --scale worker=3 worker"]);
}

#[tokio::test]
async fn what_an_interrupted_replacement_has_stopped_does_not_lie_about() {
    let mut ground = Ground::running(&RUNNING).await;
    ground.project.up().await.unwrap();
    ground.docker.0.borrow_mut().failures.push(("docker stop", "Error response from daemon: interrupted"));
    ground.project.roll_out(Service::Rng).await.unwrap_err();
    ground.docker.0.borrow_mut().failures.clear();
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 worker=3");
    assert!(ground.changes().last().unwrap().ends_with("--scale rng=2 rng"));
    assert_eq!(ground.docker.0.borrow().containers.len(), 7);
}
