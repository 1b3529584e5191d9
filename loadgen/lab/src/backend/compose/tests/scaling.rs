//! Replicas: their number, their deaths, their logs.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::Ground;
use crate::backend::Service;

#[tokio::test]
async fn scaling_to_what_is_there_runs_no_command() {
    let mut ground = Ground::new().await;
    ground.project.up().await.unwrap();
    ground.project.scale(Service::Rng, 3).await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-1", "rng-2", "rng-3"]);
    ground.changes();
    ground.project.scale(Service::Rng, 3).await.unwrap();
    assert!(ground.changes().is_empty());
}

#[tokio::test]
async fn replicas_serve_at_port_80_except_workers_and_redis_has_none() {
    let mut ground = Ground::new().await;
    ground.project.up().await.unwrap();
    let session = ground.project.session().unwrap();
    let of = async |service| session.replicas(&ground.project.console, service).await.unwrap();
    let (rng, worker) = (of(Service::Rng).await, of(Service::Worker).await);
    assert_eq!(rng[0].address, Some(([127, 0, 0, 1], 80).into()));
    assert_eq!(rng[0].admin, ([127, 0, 0, 1], ground.admin.port).into());
    assert_eq!((worker[0].name.as_str(), worker[0].address, worker[0].pid), ("worker-1", None, None));
    assert!(of(Service::Store).await.is_empty());
}

#[tokio::test]
async fn a_stopped_container_is_no_replica_and_is_started_again_when_it_is_wanted() {
    let mut ground = Ground::with(|world| {
        for (service, count) in [("redis", 1), ("rng", 2), ("hasher", 1), ("worker", 1)] {
            world.scale(service, count);
        }
        world.containers.iter_mut().find(|it| it.service == "rng").unwrap().status = "exited";
    })
    .await;
    ground.project.up().await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-2"]);
    ground.project.scale(Service::Rng, 2).await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-1", "rng-2"]);
}

#[tokio::test]
async fn a_death_is_an_event_after_which_the_containers_are_read_anew() {
    let mut ground = Ground::new().await;
    ground.project.up().await.unwrap();
    ground.docker.0.borrow_mut().set_status("rng", "exited");
    ground.docker.tell("die", "rng", 1, "137").await;
    let end = Instant::now() + Duration::from_secs(10);
    while !ground.names(Service::Rng).await.is_empty() {
        assert!(Instant::now() < end, "rng-1 still counts");
        sleep(Duration::from_millis(5)).await;
    }
    let events = ground.project.session().unwrap().events();
    assert_eq!(events[0].what, "rng-1 was killed by signal 9");
    ground.project.scale(Service::Rng, 1).await.unwrap();
    assert_eq!(ground.names(Service::Rng).await, ["rng-1"]);
}

#[tokio::test]
async fn nobody_watches_any_more_once_it_is_down() {
    let mut ground = Ground::new().await;
    ground.project.up().await.unwrap();
    assert!(ground.docker.is_watched());
    ground.project.down().await.unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while ground.docker.is_watched() {
        assert!(Instant::now() < end, "somebody still watches");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_store_is_not_scaled_and_nothing_is_read_before_up() {
    let mut ground = Ground::new().await;
    let error = ground.project.scale(Service::Store, 2).await.unwrap_err().to_string();
    assert!(error.contains("redis runs once"), "{error}");
    assert!(ground.project.session().is_err());
}

#[tokio::test]
async fn logs_carry_the_name_of_their_replica() {
    let mut ground = Ground::new().await;
    ground.project.up().await.unwrap();
    let session = ground.project.session().unwrap();
    let lines = session.logs(&ground.project.console, Service::Store, 1).await.unwrap();
    assert_eq!(lines, ["redis-1 | the last line"]);
}
