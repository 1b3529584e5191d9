//! The admin port: health, version, metrics, and the faults that can be injected in one replica.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::harness::http::{Call, get, post, put};
use crate::harness::metrics::{Metrics, cycles};
use crate::harness::service::Service;
use crate::harness::wait::eventually;

const SOON: Duration = Duration::from_secs(30);

fn faulty_rng() -> Service {
    Service::start("rng", &["--service-time", "0ms", "--enable-faults"])
}

fn inject(admin: SocketAddr, faults: &str) {
    let answer = put(admin, "/faults", faults);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn every_service_is_healthy_ready_and_of_this_version() {
    let store = Service::start("store", &[]);
    let redis = format!("redis://{}", store.address());
    let rng = Service::start("rng", &[]);
    let others = [
        Service::start("hasher", &[]),
        Service::start("webui", &["--redis-url", &redis]),
        Service::start("forward", &["--to", &rng.address().to_string()]),
        Service::worker(rng.address(), rng.address(), store.address(), &[]),
    ];
    for service in others.iter().chain([&store, &rng]) {
        let (name, admin) = (&service.name, service.admin);
        assert_eq!(get(admin, "/healthz").status, 200, "{name}");
        eventually("readiness", SOON, || (get(admin, "/readyz").status == 200).then_some(()));
        assert!(get(admin, "/version").text().contains(env!("CARGO_PKG_VERSION")), "{name}");
        assert!(Metrics::of(admin).sum("process_resident_memory_bytes", &[]) > 0.0, "{name}");
        assert!(Metrics::of(admin).sum("process_cpu_seconds_total", &[]) >= 0.0, "{name}");
        assert!(Metrics::of(admin).sum("process_cpu_waiting_seconds_total", &[]) >= 0.0, "{name}");
        assert_eq!(get(admin, "/no/such/path").status, 404, "{name}");
    }
}

#[test]
fn the_admin_port_does_not_queue_in_the_station() {
    let rng = Service::start("rng", &["--service-time", "60s"]);
    let _busy = Call::send(rng.address(), "GET", "/32", b"");
    for path in ["/healthz", "/readyz", "/version", "/metrics", "/station"] {
        let answer = get(rng.admin, path);
        assert!(answer.status == 200 && answer.took < Duration::from_secs(10), "{path}: {answer:?}");
    }
}

#[test]
fn requests_are_counted_by_route_and_code() {
    let hasher = Service::start("hasher", &["--service-time", "0ms", "--max-body", "1KiB"]);
    for body in [&b"abc"[..], b"abc", &[0; 2048]] {
        post(hasher.address(), body);
    }
    get(hasher.address(), "/");
    let metrics = Metrics::of(hasher.admin);
    let count = |labels: &[(&str, &str)]| metrics.count("dockercoins_requests_total", labels);
    assert_eq!((count(&[]), count(&[("code", "200")]), count(&[("code", "413")])), (4, 3, 1));
}

#[test]
fn the_station_counts_work_and_greetings_apart() {
    let rng = Service::start("rng", &["--service-time", "1ms"]);
    for path in ["/32", "/32", "/32", "/", "/"] {
        get(rng.address(), path);
    }
    let metrics = Metrics::of(rng.admin);
    let completions = |work| metrics.count("dockercoins_station_completions_total", &[("work", work)]);
    assert_eq!([completions("timed"), completions("free")], [3, 2]);
}

#[test]
fn a_scrape_offers_what_the_lab_needs() {
    let rng = Service::start("rng", &["--service-time", "1ms"]);
    get(rng.address(), "/32");
    let metrics = Metrics::of(rng.admin);
    let names = metrics.names();
    for part in ["duration", "arrivals", "queue_seconds", "busy_seconds", "slots", "in_flight"] {
        assert!(names.iter().any(|name| name.contains(part)), "no metric of {part} among {names:?}");
    }
}

#[test]
fn a_scrape_of_a_worker_offers_its_stages() {
    let store = Service::start("store", &[]);
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let hasher = Service::start("hasher", &["--service-time", "0ms"]);
    let flags = ["--think-time", "1ms"];
    let worker = Service::worker(rng.address(), hasher.address(), store.address(), &flags);
    let cycled = || (cycles(worker.admin) > 0).then_some(());

    eventually("a cycle", SOON, cycled);
    let text = get(worker.admin, "/metrics").text().to_owned();
    for stage in ["think", "rng", "hasher", "store"] {
        assert!(text.contains(&format!("=\"{stage}\"")), "no {stage} in\n{text}");
    }
    assert!(text.contains("coins") && text.contains("errors"), "{text}");
}

#[test]
fn faults_are_refused_unless_enabled() {
    let rng = Service::start("rng", &["--service-time", "0ms"]);
    let answer = put(rng.admin, "/faults", r#"{"error_share":1}"#);
    assert!(matches!(answer.status, 400 | 409), "{answer:?}");
    assert!(answer.text().contains("--enable-faults"), "{}", answer.text());
    assert_eq!(get(rng.address(), "/").status, 200);
}

#[test]
fn an_added_delay_and_errors_can_be_injected_and_taken_back() {
    let rng = faulty_rng();
    inject(rng.admin, r#"{"added_delay_ms":150}"#);
    assert!(get(rng.address(), "/").took >= Duration::from_millis(150));
    inject(rng.admin, r#"{"added_delay_ms":0,"error_share":1}"#);
    assert!((500..600).contains(&get(rng.address(), "/32").status));
    inject(rng.admin, r#"{"error_share":0}"#);
    assert_eq!(get(rng.address(), "/32").status, 200);
}

#[test]
fn a_hanging_replica_says_nothing_until_it_recovers() {
    let rng = faulty_rng();
    inject(rng.admin, r#"{"hang":true}"#);
    let mut call = Call::open(rng.address(), "GET", "/32", &[]);
    assert!(call.is_silent_for(Duration::from_millis(400)));
    inject(rng.admin, r#"{"hang":false}"#);
    eventually("an answer", SOON, || (get(rng.address(), "/32").status == 200).then_some(()));
}

#[test]
fn liveness_and_readiness_can_be_made_to_fail() {
    let rng = faulty_rng();
    inject(rng.admin, r#"{"fail_liveness":true}"#);
    assert_eq!([get(rng.admin, "/healthz").status, get(rng.admin, "/readyz").status], [503, 200]);
    inject(rng.admin, r#"{"fail_liveness":false,"fail_readiness":true}"#);
    assert_eq!([get(rng.admin, "/healthz").status, get(rng.admin, "/readyz").status], [200, 503]);
}

#[test]
fn a_crash_ends_the_process_with_a_failure_at_the_next_request_at_the_latest() {
    let mut rng = faulty_rng();
    let _ = Call::send(rng.admin, "PUT", "/faults", br#"{"crash":true}"#)
        .is_silent_for(Duration::from_millis(200));
    if let Ok(mut stream) = TcpStream::connect(rng.address()) {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: rng\r\n\r\n");
    }
    assert!(!rng.program.finish(SOON).status.success());
}

#[test]
fn settings_come_from_the_environment_and_a_flag_wins() {
    let flagged = Service::in_environment("rng", &[("SERVICE_TIME", "70ms")], &["--slots", "2"]);
    let station = get(flagged.admin, "/station").json();
    assert_eq!((station["service_time_ms"].as_f64(), station["slots"].as_u64()), (Some(70.0), Some(2)));
    let overruled = Service::in_environment("rng", &[("SERVICE_TIME", "70ms")], &["--service-time", "30ms"]);
    assert_eq!(get(overruled.admin, "/station").json()["service_time_ms"].as_f64(), Some(30.0));
}

#[test]
fn logs_are_json_on_request() {
    let mut rng = Service::start("rng", &["--log-format", "json", "--hostname", "rng-1"]);
    let said = rng.stop(SOON).stdout;
    assert!(!said.is_empty());
    for line in said.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
}
