//! The application on local processes with something wrong in it. Owns when the wrong is done: once the replicas that it is
//! about are there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bench_kit::Burners;
use loadgen_lab::backend::local::LocalBackend;
use loadgen_lab::backend::{Backend, BackendError, Event, Replica, Service};
use loadgen_lab::laws::dispatch::Dispatch;
use tokio::task::JoinHandle;

use crate::quota::Quota;

/// What is wrong, beyond how the application is set up.
#[derive(Debug)]
pub(crate) enum Plant {
    /// Nothing.
    Nothing,
    /// The station of one replica is changed: its name, and what is put.
    Station(&'static str, &'static str),
    /// A service has a delay that its station knows nothing of, from the second step on.
    Delay(Service),
    /// Requests that come to the first replica of rng in a moment of the second step are never answered.
    Hang,
    /// A service has a quota.
    Quota(Service, Quota),
    /// Others use the CPUs.
    Burners(#[expect(dead_code, reason = "kept until the case is over")] Burners),
    /// The thread that the lab runs in does something else.
    BusyLab(Option<JoinHandle<()>>),
}

/// How long requests are swallowed.
const MOMENT: Duration = Duration::from_millis(400);

#[derive(Debug)]
pub(crate) struct Planted {
    inner: LocalBackend,
    plant: Plant,
}

impl Planted {
    pub(crate) fn new(inner: LocalBackend, plant: Plant) -> Self {
        Self { inner, plant }
    }

    /// Does the wrong; `workers` have just been scaled, last of all services.
    async fn plant(&mut self, workers: usize) -> Result<(), BackendError> {
        match &mut self.plant {
            Plant::Station(name, station) => {
                for replica in self.inner.replicas(Service::Rng).await? {
                    if replica.name == *name {
                        self.inner.admin_put(&replica, "/station", (*station).to_owned()).await?;
                    }
                }
            }
            Plant::Delay(service) if workers > 1 => {
                for replica in self.inner.replicas(*service).await? {
                    put_faults(&self.inner, &replica, r#"{"added_delay_ms": 200}"#).await?;
                }
            }
            Plant::Hang if workers > 1 => {
                if let Some(replica) = self.inner.replicas(Service::Rng).await?.first() {
                    put_faults(&self.inner, replica, r#"{"hang": true}"#).await?;
                    self.inner.sleep(MOMENT).await;
                    put_faults(&self.inner, replica, r#"{"hang": false}"#).await?;
                }
            }
            Plant::Quota(service, quota) => {
                for pid in self.inner.replicas(*service).await?.into_iter().filter_map(|replica| replica.pid)
                {
                    quota.add(pid).map_err(|error| BackendError::new(format!("{error:#}")))?;
                }
            }
            Plant::BusyLab(task @ None) => *task = Some(tokio::spawn(keep_busy())),
            _ => {}
        }
        Ok(())
    }
}

async fn put_faults(backend: &LocalBackend, replica: &Replica, faults: &str) -> Result<(), BackendError> {
    backend.admin_put(replica, "/faults", faults.to_owned()).await.map(drop)
}

/// Leaves the runtime a moment now and then, as a program does that has too much to do.
async fn keep_busy() {
    loop {
        let until = Instant::now() + Duration::from_millis(40);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        tokio::task::yield_now().await;
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        if let Plant::BusyLab(Some(task)) = &self.plant {
            task.abort();
        }
    }
}

impl Backend for Planted {
    type Probe = <LocalBackend as Backend>::Probe;

    fn probe(&self, replicas: &[Replica], rate: f64) -> Self::Probe {
        self.inner.probe(replicas, rate)
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }

    async fn up(&mut self) -> Result<(), BackendError> {
        self.inner.up().await
    }

    async fn scale(&mut self, service: Service, replicas: usize) -> Result<(), BackendError> {
        self.inner.scale(service, replicas).await?;
        if service == Service::Worker { self.plant(replicas).await } else { Ok(()) }
    }

    async fn replicas(&self, service: Service) -> Result<Vec<Replica>, BackendError> {
        self.inner.replicas(service).await
    }

    fn address(&self, service: Service) -> Option<SocketAddr> {
        self.inner.address(service)
    }

    fn dispatch(&self, service: Service) -> Dispatch {
        self.inner.dispatch(service)
    }

    async fn admin_get(&self, replica: &Replica, path: &str) -> Result<String, BackendError> {
        self.inner.admin_get(replica, path).await
    }

    async fn admin_put(&self, replica: &Replica, path: &str, body: String) -> Result<String, BackendError> {
        self.inner.admin_put(replica, path, body).await
    }

    async fn logs(&self, service: Service, tail: usize) -> Result<Vec<String>, BackendError> {
        self.inner.logs(service, tail).await
    }

    fn events(&mut self) -> Vec<Event> {
        self.inner.events()
    }

    async fn down(&mut self) -> Result<(), BackendError> {
        if let Plant::BusyLab(Some(task)) = &self.plant {
            task.abort();
        }
        self.inner.down().await
    }

    fn now(&self) -> f64 {
        self.inner.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }
}
