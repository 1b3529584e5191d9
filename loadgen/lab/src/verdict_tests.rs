use super::*;
use crate::laws::bounds::Station;
use crate::laws::dispatch::Dispatch;
use crate::observation::{ReplicaObservation, Stage, Window};
use loadgen_engine::statistics::evenness::Evenness;

fn model(servers: usize) -> Model {
    let rng = Station {
        name: "rng".into(),
        service_time: Seconds(0.1),
        servers: Some(servers),
        replicas: servers,
        dispatch: Dispatch::RoundRobin,
        visits: 1.0,
    };
    Model { think_time: Seconds(0.2), stations: vec![rng] }
}

fn service(service: Service, utilisation: Option<f64>, cpu_cores: f64) -> ServiceObservation {
    ServiceObservation {
        service,
        utilisation,
        slots: utilisation.map(|_| 1.0),
        service_time_seconds: Some(0.1),
        queueing_time_seconds: Some(0.0),
        cpu_cores,
        replicas: Vec::new(),
        evenness: None,
        connections_per_cycle: None,
    }
}

/// N loops at X a second, whose cycle is measured to take `cycle` seconds.
fn seen(clients: usize, throughput: f64, cycle: f64, rng: ServiceObservation) -> Observation {
    Observation {
        clients,
        window: Window { from_unix_seconds: 0.0, to_unix_seconds: 6.0, warm_up_seconds: 1.0, steady: true },
        throughput_per_second: throughput,
        throughput_half_width_per_second: Some(0.0),
        throughput_batches_correlated: false,
        throughput_parts_per_second: Vec::new(),
        cycles: 6.0 * throughput,
        stages: vec![Stage { stage: "think".into(), seconds: cycle }],
        dark_time_share: 1.0 - throughput * cycle / clients as f64,
        services: vec![rng, service(Service::Hasher, None, 0.0)],
        probe: None,
        worker_errors: 0.0,
    }
}

#[test]
fn a_full_station_with_an_idle_cpu_is_a_software_bottleneck() {
    let verdict = judge(&seen(10, 10.0, 1.0, service(Service::Rng, Some(0.999), 0.01)), &model(1));
    assert_eq!(verdict.limit, Limit::Service { service: Service::Rng, software: true });
    assert!(verdict.evidence.iter().any(|clause| clause.contains("CPU")), "{verdict:?}");
}

#[test]
fn a_full_station_that_computes_is_not_one() {
    let verdict = judge(&seen(10, 10.0, 1.0, service(Service::Rng, Some(0.999), 0.98)), &model(1));
    assert_eq!(verdict.limit, Limit::Service { service: Service::Rng, software: false });
}

#[test]
fn below_the_knee_the_workers_are_the_limit() {
    let verdict = judge(&seen(2, 6.67, 0.3, service(Service::Rng, Some(0.667), 0.01)), &model(1));
    assert_eq!(verdict.limit, Limit::Workers);
}

#[test]
fn waiting_before_replicas_with_room_is_a_fault_of_dispatch() {
    let mut rng = service(Service::Rng, Some(0.62), 0.01);
    rng.queueing_time_seconds = Some(0.238);
    rng.evenness = Some(Evenness { statistic: 60.0, degrees_of_freedom: 1, p_value: 1e-14 });
    let verdict = judge(&seen(10, 18.6, 0.538, rng), &model(2));
    assert_eq!(verdict.limit, Limit::Dispatch);
    assert!(verdict.evidence.iter().any(|clause| clause.contains("uneven")), "{verdict:?}");
}

fn replica(name: &str) -> ReplicaObservation {
    ReplicaObservation { replica: name.into(), visits: 1.0, share: 0.5, cpu_cores: 0.0, resident_bytes: 0.0 }
}

#[test]
fn too_few_workers_that_wait_for_one_of_several_replicas_are_a_fault_of_dispatch() {
    let mut rng = service(Service::Rng, Some(0.5), 0.01);
    rng.replicas = ["rng-1", "rng-2"].map(replica).into();
    rng.queueing_time_seconds = Some(0.1);
    let verdict = judge(&seen(4, 10.0, 0.4, rng), &model(2));
    assert_eq!(verdict.limit, Limit::Dispatch);
    assert!(verdict.evidence.iter().all(|clause| !clause.contains("more than")), "{verdict:?}");
}

#[test]
fn irregular_times_before_a_single_replica_leave_the_limit_with_the_workers() {
    let mut rng = service(Service::Rng, Some(0.84), 0.01);
    rng.replicas = vec![replica("rng-1")];
    rng.queueing_time_seconds = Some(0.057);
    assert_eq!(judge(&seen(3, 8.4, 0.357, rng), &model(1)).limit, Limit::Workers);
}

#[test]
fn cycles_that_take_longer_although_nobody_waits_are_the_machines_doing() {
    let verdict = judge(&seen(2, 4.0, 0.5, service(Service::Rng, Some(0.4), 1.5)), &model(1));
    assert_eq!(verdict.limit, Limit::Machine);
    assert!(verdict.evidence.iter().any(|clause| clause.contains("1.5 CPUs")), "{verdict:?}");
}

#[test]
fn time_that_no_stage_accounts_for_comes_before_every_other_verdict() {
    let verdict = judge(&seen(10, 10.0, 0.9, service(Service::Rng, Some(0.999), 0.01)), &model(1));
    assert_eq!(verdict.limit, Limit::DarkTime);
}
