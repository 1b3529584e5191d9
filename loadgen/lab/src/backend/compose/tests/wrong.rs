//! Everything that can be wrong, told in one line, with nothing left behind.

use std::sync::atomic::Ordering;

use super::Ground;
use crate::backend::compose::fake::World;

const NO_DAEMON: &str =
    "Cannot connect to the Docker daemon at unix:///nowhere. Is the docker daemon running?\n";

#[tokio::test]
async fn what_the_lab_needs_and_does_not_find_is_named_before_anything_is_changed() {
    type SetUp = fn(&mut World);
    let cases: [(SetUp, &str, &str); 7] = [
        (
            |world| world.services.retain(|it| *it != "worker"),
            "no service worker",
            "redis, rng, hasher and worker",
        ),
        (|world| world.docker_compose = None, "no docker-compose", "install"),
        (
            |world| world.docker_compose = Some("docker-compose version 1.25.0, build 0a1"),
            "1.25.0 is too old",
            "1.28",
        ),
        (
            |world| world.failures.push(("docker-compose version", "No module named 'docker'\n")),
            "(No module",
            "install",
        ),
        (
            |world| world.failures.push(("docker volume", NO_DAEMON)),
            "daemon at unix:///nowhere;",
            "DOCKER_HOST",
        ),
        (
            |world| world.failures.push((" config ", "no configuration file provided\n")),
            "no compose file",
            "--file",
        ),
        (
            |world| world.failures.push((" config ", "yaml: line 2: what?\n")),
            "yaml: line 2: what?",
            "mend it",
        ),
    ];
    for (set_up, wrong, remedy) in cases {
        let mut ground = Ground::with(set_up).await;
        let error = ground.up_fails().await;
        assert!(error.contains(wrong) && error.contains(remedy), "{error}");
        assert!(ground.changes().is_empty());
    }
}

#[tokio::test]
async fn dockers_plugin_does_where_there_is_no_docker_compose_or_an_old_one() {
    for docker_compose in [None, Some("1.21.0")] {
        let mut ground = Ground::with(|world| {
            world.docker_compose = docker_compose;
            world.plugin = Some("2.26.1-4");
        })
        .await;
        ground.project.up().await.unwrap();
        assert_eq!(ground.changes(), ["$ docker compose up -d --no-recreate"]);
    }
}

#[tokio::test]
async fn a_start_that_fails_half_way_leaves_nothing() {
    let port = "Creating p_rng_1 ... done\n\nERROR: for ports  Cannot start service ports: Error starting userland \
                proxy: listen tcp4 0.0.0.0:18000: bind: address already in use\n\
                Encountered errors while bringing up the project.\n";
    let mut ground = Ground::with(|world| world.failures.push((" up ", port))).await;
    let error = ground.up_fails().await;
    assert!(error.starts_with("port 18000 is taken: free it, or "), "{error}");
    assert_eq!(ground.runs(), "");
}

#[tokio::test]
async fn a_start_that_fails_half_way_spares_what_ran_before() {
    let mut ground = Ground::with(|world| {
        world.scale("rng", 2);
        world.failures.push(("redis=1", "Container \"abc\" is unhealthy.\n"));
    })
    .await;
    let error = ground.up_fails().await;
    assert!(error.contains("is unhealthy") && error.contains("--scale redis=1"), "{error}");
    assert_eq!(ground.runs(), "rng=2");
}

#[tokio::test]
async fn a_project_from_another_folder_is_not_touched() {
    let mut ground = Ground::with(|world| {
        let here = std::mem::replace(&mut world.folder, "/somewhere/else".to_owned());
        world.scale("rng", 2);
        world.folder = here;
    })
    .await;
    let error = ground.up_fails().await;
    for part in ["a project that isn't ours", "/somewhere/else", "--project-name"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(ground.changes().is_empty());
}

#[tokio::test]
async fn a_container_without_an_admin_port_is_named() {
    let mut ground = Ground::new().await;
    ground.admin.readiness.store(0, Ordering::Relaxed);
    let error = ground.up_fails().await;
    assert!(error.contains("rng-1 has no admin port") && error.contains("original-images.yaml"), "{error}");
    assert_eq!(ground.runs(), "");
}

#[tokio::test]
async fn a_container_that_is_not_ready_is_named_with_what_it_said_last() {
    let mut ground = Ground::new().await;
    ground.admin.readiness.store(503, Ordering::Relaxed);
    let error = ground.up_fails().await;
    assert!(error.contains("rng-1 was not ready within 1s (the last line)"), "{error}");
    assert_eq!(ground.runs(), "");
}
