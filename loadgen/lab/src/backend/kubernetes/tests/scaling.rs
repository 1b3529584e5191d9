//! Replicas: their number, what happens to them, how requests find them.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::Ground;
use crate::backend::Service;
use crate::backend::kubernetes::cluster::Counts;
use crate::laws::dispatch::Dispatch;

#[tokio::test]
async fn pods_are_replicas_with_an_admin_port_and_workers_serve_nobody() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.cluster.scale(Service::Rng, 3).await.unwrap();
    let rng = ground.replicas(Service::Rng).await;
    assert_eq!(rng.len(), 3);
    assert!(rng.iter().all(|replica| replica.name.starts_with("rng-")), "{rng:?}");
    assert_eq!(rng[0].admin, ([127, 0, 0, 1], ground.admin.port).into());
    assert_eq!(rng[0].address, Some(([127, 0, 0, 1], 80).into()));
    assert_eq!(ground.replicas(Service::Worker).await[0].address, None);
    assert!(ground.replicas(Service::Store).await.is_empty());
}

#[tokio::test]
async fn each_kind_of_workload_is_scaled_by_its_name_and_a_daemon_set_keeps_its_count() {
    let mut ground = Ground::planning(Counts::from([(Service::Rng, [2].into())]), |world| {
        world.workloads =
            [("DaemonSet", "rng", 2), ("StatefulSet", "worker", 1), ("Deployment", "hasher", 1)].into();
        world.pods.clear();
        world.reconcile();
    })
    .await;
    ground.cluster.up().await.unwrap();
    assert!(ground.was_told("rng is a DaemonSet: it keeps its 2"));
    ground.cluster.scale(Service::Rng, 2).await.unwrap();
    ground.cluster.scale(Service::Worker, 4).await.unwrap();
    assert_eq!(ground.replicas(Service::Worker).await.len(), 4);
    assert_eq!(ground.changes(), ["$ kubectl -n n scale statefulset/worker --replicas=4"]);
}

#[tokio::test]
async fn dispatch_is_what_the_services_make_of_it_and_is_told() {
    let mut ground = Ground::with(|world| world.services = vec![("rng", false), ("hasher", true)]).await;
    ground.cluster.up().await.unwrap();
    assert_eq!(ground.cluster.dispatch(Service::Rng), Dispatch::Random);
    assert_eq!(ground.cluster.dispatch(Service::Hasher), Dispatch::RoundRobin);
    assert!(ground.was_told("Service rng has an address") && ground.was_told("Service hasher is headless"));
}

#[tokio::test]
async fn what_somebody_else_scales_is_news_and_is_set_right_with_the_next_step() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    {
        let mut world = ground.kubectl.0.borrow_mut();
        world.workloads.iter_mut().find(|workload| workload.1 == "rng").unwrap().2 = 2;
        world.reconcile();
    }
    let news = ground.news().await;
    assert!(news[0].starts_with("rng-") && news[0].ends_with(" was added"), "{news:?}");
    ground.cluster.scale(Service::Rng, 1).await.unwrap();
    assert_eq!(ground.replicas(Service::Rng).await.len(), 1);
    assert_eq!(ground.changes(), ["$ kubectl -n n scale deployment/rng --replicas=1"]);
    assert!(ground.cluster.session().unwrap().events().is_empty());
}

#[tokio::test]
async fn a_pod_that_is_no_longer_ready_is_news_and_no_replica() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    let running = ground.kubectl.0.borrow().pods.clone();
    ground.kubectl.0.borrow_mut().change("rng", |pod| pod.status["conditions"][0]["status"] = "False".into());
    assert!(ground.news().await[0].ends_with("is no longer ready"));
    assert!(ground.replicas(Service::Rng).await.is_empty());
    let was = running.iter().find(|pod| pod.app == "rng").unwrap().status.clone();
    ground.kubectl.0.borrow_mut().change("rng", |pod| pod.status = was);
    assert!(ground.news().await[0].ends_with("is ready again"));
    assert_eq!(ground.replicas(Service::Rng).await.len(), 1);
}

#[tokio::test]
async fn a_watch_that_the_server_ends_is_begun_anew() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    ground.kubectl.0.borrow_mut().end_watch();
    let end = Instant::now() + Duration::from_secs(10);
    while !ground.kubectl.is_watched() {
        assert!(Instant::now() < end, "nobody watches any more");
        ground.replicas(Service::Rng).await;
        sleep(Duration::from_millis(20)).await;
    }
    ground.cluster.scale(Service::Rng, 3).await.unwrap();
    assert_eq!(ground.replicas(Service::Rng).await.len(), 3);
}

#[tokio::test]
async fn nobody_watches_any_more_once_it_is_down() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    assert!(ground.kubectl.is_watched());
    ground.cluster.down().await.unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while ground.kubectl.is_watched() {
        assert!(Instant::now() < end, "somebody still watches");
        sleep(Duration::from_millis(5)).await;
    }
    assert!(ground.cluster.replicas(Service::Rng).await.is_err());
}

#[tokio::test]
async fn a_pod_of_another_workload_behind_the_same_service_is_pointed_out() {
    let mut ground = Ground::new().await;
    ground.kubectl.0.borrow_mut().change("webui", |pod| {
        (pod.app, pod.owner.1, pod.name) = ("rng", "rng-canary-hash".to_owned(), "rng-canary-1".to_owned());
    });
    ground.cluster.up().await.unwrap();
    assert!(ground.was_told("rng-canary-1 has the label app=rng, too"), "{:?}", ground.told);
    assert_eq!(ground.replicas(Service::Rng).await.len(), 1);
}

#[tokio::test]
async fn logs_carry_the_name_of_their_pod() {
    let mut ground = Ground::new().await;
    ground.cluster.up().await.unwrap();
    let session = ground.cluster.session().unwrap();
    let lines = session.logs(&ground.cluster.console, Service::Worker, 1).await.unwrap();
    assert_eq!(lines, ["worker-0001 | the last line"]);
}
