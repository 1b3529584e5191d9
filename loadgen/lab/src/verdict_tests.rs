use super::*;
use crate::backend::ProbeObservation;
use crate::laws::dispatch::design::model;
use crate::observation::{CpuObservation, ReplicaObservation, Stage, Window};
use loadgen_engine::statistics::evenness::Evenness;

/// What the worker is set to think; the rest of the cycle is rng's and hasher's.
const THINK: Seconds = Seconds(0.1);

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
        host_cpu_pressure_share: 0.0,
        host_cpu_stolen_share: 0.0,
        lab: CpuObservation::default(),
    }
}

#[test]
fn a_full_station_with_an_idle_cpu_is_a_software_bottleneck() {
    let verdict = judge(&seen(10, 10.0, 1.0, service(Service::Rng, Some(0.999), 0.01)), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::Service { service: Service::Rng, software: true });
    assert!(verdict.evidence.iter().any(|clause| clause.contains("CPU")), "{verdict:?}");
}

#[test]
fn a_full_station_that_computes_is_not_one() {
    let verdict = judge(&seen(10, 10.0, 1.0, service(Service::Rng, Some(0.999), 0.98)), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::Service { service: Service::Rng, software: false });
}

#[test]
fn below_the_knee_the_workers_are_the_limit() {
    let verdict = judge(&seen(2, 6.67, 0.3, service(Service::Rng, Some(0.667), 0.01)), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::Workers);
}

#[test]
fn waiting_before_replicas_with_room_is_a_fault_of_dispatch() {
    let mut rng = service(Service::Rng, Some(0.62), 0.01);
    rng.queueing_time_seconds = Some(0.238);
    rng.evenness = Some(Evenness { statistic: 60.0, degrees_of_freedom: 1, p_value: 1e-14 });
    let verdict = judge(&seen(10, 18.6, 0.538, rng), &model(2), THINK);
    assert_eq!(verdict.limit, Limit::Dispatch { cause: Misdirection::Unaware });
    assert!(verdict.evidence.iter().any(|clause| clause.contains("uneven")), "{verdict:?}");
}

fn replica(name: &str) -> ReplicaObservation {
    ReplicaObservation {
        replica: name.into(),
        visits: 1.0,
        share: 0.5,
        service_time_seconds: Some(0.1),
        cpu: CpuObservation::default(),
        resident_bytes: 0.0,
    }
}

#[test]
fn too_few_workers_that_wait_for_one_of_several_replicas_are_a_fault_of_dispatch() {
    let mut rng = service(Service::Rng, Some(0.5), 0.01);
    rng.replicas = ["rng-1", "rng-2"].map(replica).into();
    rng.queueing_time_seconds = Some(0.1);
    let verdict = judge(&seen(4, 10.0, 0.4, rng), &model(2), THINK);
    assert_eq!(verdict.limit, Limit::Dispatch { cause: Misdirection::Unaware });
    assert!(verdict.evidence.iter().all(|clause| !clause.contains("more than")), "{verdict:?}");
}

#[test]
fn irregular_times_before_a_single_replica_leave_the_limit_with_the_workers() {
    let mut rng = service(Service::Rng, Some(0.84), 0.01);
    rng.replicas = vec![replica("rng-1")];
    rng.queueing_time_seconds = Some(0.057);
    assert_eq!(judge(&seen(3, 8.4, 0.357, rng), &model(1), THINK).limit, Limit::Workers);
}

#[test]
fn cycles_that_take_longer_although_nobody_waits_are_the_machines_doing() {
    let verdict = judge(&seen(2, 4.0, 0.5, service(Service::Rng, Some(0.4), 1.5)), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::Machine);
    assert!(verdict.evidence.iter().any(|clause| clause.contains("1.5 CPUs")), "{verdict:?}");
}

#[test]
fn a_gap_that_the_interval_of_the_throughput_leaves_open_is_no_dark_time() {
    let gap = seen(10, 10.0, 0.95, service(Service::Rng, Some(0.999), 0.01));
    assert_eq!(judge(&gap, &model(1), THINK).limit, Limit::DarkTime);
    let vague = Observation { throughput_half_width_per_second: Some(0.8), ..gap };
    assert_eq!(judge(&vague, &model(1), THINK).limit.name(), "rng");
}

#[test]
fn time_that_no_stage_accounts_for_comes_before_every_other_verdict() {
    let verdict = judge(&seen(10, 10.0, 0.9, service(Service::Rng, Some(0.999), 0.01)), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::DarkTime);
}

/// rng with its slot busy all the time, of which `served` is service.
fn held(served: f64, cpu: CpuObservation) -> ServiceObservation {
    let replica = ReplicaObservation { visits: 6.0 * served / 0.1, cpu, ..replica("rng-1") };
    ServiceObservation { replicas: vec![replica], ..service(Service::Rng, Some(0.98), 0.02) }
}

#[test]
fn slots_that_are_kept_for_longer_than_service_are_a_matter_of_cpu() {
    let throttled = CpuObservation { cpu_throttled_share: 0.7, ..CpuObservation::default() };
    let waiting = CpuObservation { cpu_waiting_share: 0.4, ..CpuObservation::default() };
    for (served, cpu, expected) in [
        (0.3, throttled, Limit::Throttling { service: Service::Rng }),
        (0.3, waiting, Limit::HostCpu),
        (0.98, throttled, Limit::Service { service: Service::Rng, software: true }),
    ] {
        let seen = seen(10, 100.0 * served, 0.1 / served, held(served, cpu));
        assert_eq!(judge(&seen, &model(1), THINK).limit, expected, "{served} {cpu:?}");
    }
}

#[test]
fn a_full_station_that_waits_for_its_cpu_has_no_idle_one() {
    let waiting = CpuObservation { cpu_waiting_share: 0.6, ..CpuObservation::default() };
    let verdict = judge(&seen(10, 10.0, 1.0, held(0.98, waiting)), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::Service { service: Service::Rng, software: false });
}

/// Two loops whose cycle takes 0.6 s, of which 0.2 s are rng's and hasher's service.
fn idle(stage: &'static str) -> Observation {
    let mut seen = seen(2, 2.0 / 0.6, 0.6, service(Service::Rng, Some(0.3), 0.01));
    let lasting = |stage: &'static str, seconds| Stage { stage: stage.into(), seconds };
    seen.stages = vec![lasting("think", 0.1), lasting("rng", 0.3), lasting(stage, 0.2)];
    seen
}

#[test]
fn a_large_part_of_the_cycle_in_the_store_is_the_stores() {
    let verdict = judge(&idle("store"), &model(1), THINK);
    assert_eq!(verdict.limit, Limit::Service { service: Service::Store, software: false });
    assert!(verdict.evidence[0].contains("200 ms of a cycle's 600 ms"), "{verdict:?}");
}

#[test]
fn whoever_is_short_of_cpu_is_named_only_if_the_cycle_is_longer_for_it() {
    let lab = CpuObservation { cpu_cores: 0.97, ..CpuObservation::default() };
    let waiting = CpuObservation { cpu_waiting_share: 0.9, ..CpuObservation::default() };
    for (cpu, expected) in [(lab, Limit::Lab), (waiting, Limit::HostCpu)] {
        let starved = Observation { lab: cpu, ..idle("hasher") };
        assert_eq!(judge(&starved, &model(1), THINK).limit, expected);
        let short = seen(2, 2.0 / 0.3, 0.3, service(Service::Rng, Some(0.6), 0.01));
        let unharmed = Observation { lab: cpu, ..short };
        assert_eq!(judge(&unharmed, &model(1), THINK).limit, Limit::Workers);
    }
}

/// What probes met that the lab sent `lag` seconds late.
fn probed(lag: f64) -> ProbeObservation {
    ProbeObservation {
        answered: 60,
        unanswered: 0,
        mean_seconds: 0.01,
        half_width_seconds: None,
        p99_seconds: 0.02,
        over_one_second: 0,
        lag_mean_seconds: Some(lag),
        lag_p99_seconds: Some(3.0 * lag),
    }
}

#[test]
fn a_lab_that_is_late_itself_is_not_the_machine() {
    for (lag, expected) in [(0.1, Limit::Lab), (0.001, Limit::Machine)] {
        let late = Observation { probe: Some(probed(lag)), ..idle("hasher") };
        let verdict = judge(&late, &model(1), THINK);
        assert_eq!(verdict.limit, expected, "{verdict:?}");
        let told = format!("probes are {} late on average", Seconds(lag));
        assert!(verdict.evidence.iter().any(|clause| clause.contains(&told)), "{verdict:?}");
    }
}

#[test]
fn what_a_hypervisor_keeps_is_told_and_blamed_only_if_it_is_much() {
    for (share, expected) in [(0.4, Limit::HostCpu), (0.1, Limit::Machine), (0.0, Limit::Machine)] {
        let stolen = Observation { host_cpu_stolen_share: share, ..idle("hasher") };
        let verdict = judge(&stolen, &model(1), THINK);
        assert_eq!(verdict.limit, expected, "{verdict:?}");
        let told = verdict.evidence.iter().any(|clause| clause.contains("a hypervisor keeps"));
        assert_eq!(told, share > 0.0, "{verdict:?}");
    }
    let waiting = held(0.3, CpuObservation::default());
    let held = Observation { host_cpu_stolen_share: 0.4, ..seen(10, 30.0, 1.0 / 3.0, waiting) };
    assert_eq!(judge(&held, &model(1), THINK).limit, Limit::HostCpu);
}
