//! What replicas use and do, read from their metrics twice a moment apart.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use crate::backend::Service;
use crate::backend::local::ReplicaStatus;
use crate::scrape::{Metrics, Scraper};

/// Long enough for a few services of 100 ms, short enough to wait for.
const MOMENT: Duration = Duration::from_millis(300);

/// What a replica uses and does; what its metrics do not tell is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Usage {
    /// Share of one core, in percent.
    pub(super) cpu_percent: Option<f64>,
    /// Resident memory in bytes.
    pub(super) rss_bytes: Option<f64>,
    /// Requests answered so far; for a worker, units of work done.
    pub(super) requests: Option<f64>,
    /// Share of its slots that is busy, from 0 to 1.
    pub(super) utilisation: Option<f64>,
}

struct Reading {
    at: Instant,
    metrics: Metrics,
}

type Readings = BTreeMap<SocketAddr, Reading>;

/// The usage of each of `replicas`, in the same order.
pub(super) async fn measure(replicas: &[ReplicaStatus]) -> Vec<Usage> {
    let scraper = Arc::new(Scraper::new());
    let first = read(&scraper, replicas.iter()).await;
    tokio::time::sleep(MOMENT).await;
    // Who did not answer, perhaps because it hangs, is not waited for twice.
    let answered = |it: &&ReplicaStatus| it.admin.is_some_and(|admin| first.contains_key(&admin));
    let second = read(&scraper, replicas.iter().filter(answered)).await;
    let usage = |replica: &ReplicaStatus| {
        let admin = replica.admin?;
        Some(usage(replica.service, first.get(&admin)?, second.get(&admin)?))
    };
    replicas.iter().map(|replica| usage(replica).unwrap_or_default()).collect()
}

/// A replica that cannot be read is left out: it may just have ended.
async fn read(scraper: &Arc<Scraper>, replicas: impl Iterator<Item = &ReplicaStatus>) -> Readings {
    let mut reading = JoinSet::new();
    for admin in replicas.filter_map(|replica| replica.admin) {
        let scraper = scraper.clone();
        reading.spawn(async move {
            let metrics = scraper.fetch(admin).await.ok()?;
            Some((admin, Reading { at: Instant::now(), metrics }))
        });
    }
    reading.join_all().await.into_iter().flatten().collect()
}

fn usage(service: Service, first: &Reading, second: &Reading) -> Usage {
    let seconds = second.at.duration_since(first.at).as_secs_f64();
    let value = |name: &str| second.metrics.get(name, &[]);
    let rate = |name: &str| Some((value(name)? - first.metrics.get(name, &[])?) / seconds);
    let requests = match service {
        Service::Worker => Some("dockercoins_worker_cycles_total"),
        Service::Store => None,
        Service::Rng | Service::Hasher | Service::Webui => Some("dockercoins_requests_total"),
    };
    let slots = value("dockercoins_station_slots").filter(|slots| slots.is_finite());
    Usage {
        cpu_percent: rate("process_cpu_seconds_total").map(|cores| cores * 100.0),
        rss_bytes: value("process_resident_memory_bytes"),
        // The sum of no series at all is -0.
        requests: requests.map(|name| second.metrics.sum(name)),
        utilisation: slots.and_then(|slots| Some(rate("dockercoins_station_busy_seconds_total")? / slots)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at: Instant, cpu: f64, busy: f64, slots: &str) -> Reading {
        let text = format!(
            "dockercoins_requests_total{{route=\"/\",code=\"200\"}} 3\n\
             dockercoins_requests_total{{route=\"/{{n}}\",code=\"200\"}} 39\n\
             dockercoins_station_busy_seconds_total {busy}\ndockercoins_station_slots {slots}\n\
             process_cpu_seconds_total {cpu}\nprocess_resident_memory_bytes 4096\n"
        );
        Reading { at, metrics: Metrics::parse(&text) }
    }

    fn between(service: Service, slots: &str) -> Usage {
        let now = Instant::now();
        let later = reading(now + Duration::from_millis(500), 1.05, 8.0, slots);
        usage(service, &reading(now, 1.0, 7.0, slots), &later)
    }

    fn near(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() < 1e-9)
    }

    #[test]
    fn rates_come_from_two_readings() {
        let usage = between(Service::Rng, "4");
        assert!(near(usage.cpu_percent, 10.0), "{usage:?}");
        assert!(near(usage.utilisation, 0.5), "{usage:?}");
        assert!(near(usage.requests, 42.0) && near(usage.rss_bytes, 4096.0), "{usage:?}");
    }

    #[test]
    fn unlimited_slots_have_no_utilisation_and_the_store_counts_no_requests() {
        assert_eq!(between(Service::Hasher, "+Inf").utilisation, None);
        assert_eq!(between(Service::Store, "1").requests, None);
    }

    #[tokio::test]
    async fn a_replica_that_is_not_ready_has_no_usage() {
        let replica = ReplicaStatus {
            name: "rng-1".into(),
            service: Service::Rng,
            phase: crate::backend::local::Phase::Starting,
            pid: None,
            restarts: 0,
            address: None,
            admin: None,
        };
        assert_eq!(measure(&[replica]).await, [Usage::default()]);
    }
}
