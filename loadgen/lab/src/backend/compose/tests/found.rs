//! What is found is left as it was, whatever happens in between.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::timeout;

use super::Ground;
use crate::backend::Service;

#[tokio::test]
async fn what_does_not_run_is_brought_up_and_taken_down_again() {
    let mut ground = Ground::new().await;
    ground.project.up().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 ports=1 redis=1 rng=1 webui=1 worker=1");
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "");
    let changes = ["$ docker-compose up -d --no-recreate", "$ docker-compose down --volumes"];
    assert_eq!(ground.changes(), changes);
    ground.project.down().await.unwrap();
    assert!(ground.changes().is_empty());
}

#[tokio::test]
async fn a_volume_that_was_there_before_is_kept() {
    let mut ground = Ground::with(|world| world.volumes = vec!["another", "p"]).await;
    ground.project.up().await.unwrap();
    ground.project.down().await.unwrap();
    assert_eq!(ground.changes().last().unwrap(), "$ docker-compose down");
}

#[tokio::test]
async fn what_runs_is_left_with_the_counts_that_were_found() {
    let counts = [("redis", 1), ("rng", 2), ("hasher", 1), ("worker", 3), ("webui", 2)];
    let mut ground = Ground::running(&counts).await;
    let before = ground.docker.0.borrow().containers.clone();
    ground.project.up().await.unwrap();
    assert!(ground.changes().is_empty());
    assert_eq!(ground.docker.0.borrow().containers, before);
    ground.project.scale(Service::Rng, 1).await.unwrap();
    ground.project.scale(Service::Worker, 10).await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=1 webui=2 worker=10");
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 webui=2 worker=3");
    let changes = ["rng=1 rng", "worker=10 worker", "rng=2 --scale worker=3 rng worker"];
    let scale = "$ docker-compose up -d --no-deps --no-recreate --scale";
    assert_eq!(ground.changes(), changes.map(|change| format!("{scale} {change}")));
}

#[tokio::test]
async fn what_is_missing_is_started_and_only_that_is_removed_again() {
    let mut ground = Ground::with(|world| {
        world.scale("rng", 2);
        world.scale("redis", 1);
        world.scale("hasher", 1);
        world.set_status("redis", "exited");
    })
    .await;
    ground.project.up().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 worker=1");
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=0 rng=2");
    let changes = [
        "$ docker-compose up -d --no-deps --no-recreate --scale redis=1 --scale worker=1 redis worker",
        "$ docker-compose rm --stop --force worker",
        "$ docker-compose stop redis",
    ];
    assert_eq!(ground.changes(), changes);
}

#[tokio::test]
async fn what_was_stopped_is_stopped_again_in_the_same_number() {
    let mut ground = Ground::with(|world| {
        for (service, count) in [("redis", 1), ("rng", 2), ("hasher", 1), ("worker", 3)] {
            world.scale(service, count);
            world.set_status(service, "exited");
        }
    })
    .await;
    let before = ground.docker.0.borrow().containers.clone();
    ground.project.up().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=2 worker=3");
    ground.project.scale(Service::Rng, 3).await.unwrap();
    ground.project.down().await.unwrap();
    assert_eq!(ground.docker.0.borrow().containers, before);
}

#[tokio::test]
async fn an_interrupted_scaling_is_put_back() {
    let mut ground = Ground::running(&[("redis", 1), ("rng", 1), ("hasher", 1), ("worker", 2)]).await;
    ground.project.up().await.unwrap();
    ground.admin.readiness.store(503, Ordering::Relaxed);
    let scaling = timeout(Duration::from_millis(50), ground.project.scale(Service::Worker, 9));
    assert!(scaling.await.is_err());
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=1 worker=9");
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "hasher=1 redis=1 rng=1 worker=2");
}

#[tokio::test]
async fn an_interrupted_start_is_taken_down() {
    let mut ground = Ground::new().await;
    ground.admin.readiness.store(503, Ordering::Relaxed);
    assert!(timeout(Duration::from_millis(50), ground.project.up()).await.is_err());
    assert!(ground.runs().contains("rng=1"));
    ground.project.down().await.unwrap();
    assert_eq!(ground.runs(), "");
}

#[tokio::test]
async fn what_cannot_be_put_back_is_told_with_the_command_that_would() {
    let mut ground = Ground::running(&[("redis", 1), ("rng", 1), ("hasher", 1), ("worker", 2)]).await;
    ground.project.up().await.unwrap();
    ground.project.scale(Service::Worker, 1).await.unwrap();
    ground.docker.0.borrow_mut().failures.push((" up ", "no space left on device"));
    let error = ground.project.down().await.unwrap_err().to_string();
    let command = "docker-compose up -d --no-deps --no-recreate --scale worker=2 worker";
    assert!(error.contains("no space left") && error.ends_with(command), "{error}");
}

#[tokio::test]
async fn whoever_does_not_wait_is_told_what_would_put_it_back() {
    let mut ground = Ground::running(&[("redis", 1), ("rng", 2), ("hasher", 1), ("worker", 3)]).await;
    ground.project.up().await.unwrap();
    ground.project.scale(Service::Worker, 1).await.unwrap();
    tokio::select! {
        biased;
        _ = ground.project.down() => panic!("the fake takes its time"),
        () = std::future::ready(()) => {}
    }
    drop(ground.project);
    let told = ground.told.lock().unwrap().last().cloned().unwrap();
    assert!(told.contains("--scale rng=2 ") && told.contains("--scale worker=3 "), "{told}");
}

#[tokio::test]
async fn containers_made_from_other_files_are_pointed_out() {
    let mut ground = Ground::with(|world| {
        world.config_files = "compose.yaml,overrides/keep-alive.yaml";
        world.scale("worker", 1);
    })
    .await;
    ground.project.up().await.unwrap();
    let told = ground.told.lock().unwrap().join("\n");
    assert!(told.contains("worker-1 was made from compose.yaml,overrides/keep-alive.yaml"), "{told}");
}
