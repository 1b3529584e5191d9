//! How the application that runs is set up: read from its replicas, whoever started them, and from what stands before them.

use std::time::Duration;

use crate::backend::{Backend, BackendError, Replica, Service};
use crate::laws::dispatch::Dispatch;
use crate::scrape::Metrics;

/// What the laws need to know of the application beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Time that a worker thinks before each unit of work.
    pub think_time: Duration,
    /// Mean service time of rng.
    pub rng_time: Duration,
    /// Mean service time of hasher.
    pub hasher_time: Duration,
    /// Mining loops in each worker.
    pub concurrency: usize,
    /// How requests find a replica of rng.
    pub rng_dispatch: Dispatch,
    /// How requests find a replica of hasher.
    pub hasher_dispatch: Dispatch,
}

impl Setup {
    /// The setup of the application on `backend`, which is up; replicas of a service must agree.
    pub async fn read<B: Backend>(backend: &B) -> Result<Self, BackendError> {
        let time = "dockercoins_station_service_time_seconds";
        let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let loops = agreed(backend, Service::Worker, "dockercoins_worker_loops").await?;
        Ok(Self {
            think_time: seconds(agreed(backend, Service::Worker, time).await?),
            rng_time: seconds(agreed(backend, Service::Rng, time).await?),
            hasher_time: seconds(agreed(backend, Service::Hasher, time).await?),
            concurrency: whole(loops),
            rng_dispatch: backend.dispatch(Service::Rng),
            hasher_dispatch: backend.dispatch(Service::Hasher),
        })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "loops are a small whole number")]
fn whole(loops: f64) -> usize {
    loops.round().max(1.0) as usize
}

/// The value of `metric` at every replica of `service`.
async fn agreed<B: Backend>(backend: &B, service: Service, metric: &str) -> Result<f64, BackendError> {
    let mut first: Option<(Replica, f64)> = None;
    for replica in backend.replicas(service).await? {
        let metrics = Metrics::parse(&backend.admin_get(&replica, "/metrics").await?);
        let Some(value) = metrics.get(metric, &[]) else {
            return Err(BackendError::new(format!(
                "{} does not tell {metric}: the lab needs this project's own {service}",
                replica.name
            )));
        };
        match &first {
            Some((other, known)) if known.to_bits() != value.to_bits() => {
                return Err(disagree(other, *known, &replica, value));
            }
            Some(_) => {}
            None => first = Some((replica, value)),
        }
    }
    first.map(|(_, value)| value).ok_or_else(|| BackendError::new(format!("no {service} is ready")))
}

fn disagree(first: &Replica, one: f64, second: &Replica, other: f64) -> BackendError {
    BackendError::new(format!(
        "{} is set to {one} and {} to {other}: the replicas of a service must be set up alike; start them anew",
        first.name, second.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::fake::{App, FakeBackend};

    async fn running(app: App) -> FakeBackend {
        let mut backend = FakeBackend::new(app);
        backend.up().await.unwrap();
        backend
    }

    #[tokio::test]
    async fn what_the_replicas_say_is_what_they_were_started_with() {
        let (think_time, rng_time) = (Duration::from_millis(50), Duration::from_millis(20));
        let backend = running(App { think_time, rng_time, concurrency: 4, ..App::default() }).await;
        let hasher_time = Duration::from_millis(100);
        let (rng_dispatch, hasher_dispatch) = (Dispatch::RoundRobin, Dispatch::RoundRobin);
        let setup =
            Setup { think_time, rng_time, hasher_time, concurrency: 4, rng_dispatch, hasher_dispatch };
        assert_eq!(Setup::read(&backend).await.unwrap(), setup);
    }

    #[tokio::test]
    async fn replicas_that_are_not_set_up_alike_are_named() {
        let mut backend = running(App::default()).await;
        backend.scale(Service::Rng, 2).await.unwrap();
        let second = backend.replicas(Service::Rng).await.unwrap().remove(1);
        backend.admin_put(&second, "/station", r#"{"service_time_ms": 90}"#.to_owned()).await.unwrap();
        let error = Setup::read(&backend).await.unwrap_err().to_string();
        assert!(error.contains("rng-1 is set to 0.1 and rng-2 to 0.09"), "{error}");
    }

    #[tokio::test]
    async fn a_service_without_replicas_is_named() {
        let mut backend = running(App::default()).await;
        backend.scale(Service::Hasher, 0).await.unwrap();
        assert_eq!(Setup::read(&backend).await.unwrap_err().to_string(), "no hasher is ready");
    }
}
