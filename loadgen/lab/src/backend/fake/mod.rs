//! The application as a simulation, so that the lab's own tests are instant: minutes pass in milliseconds, each run is the
//! same as the last, and whatever can go wrong goes wrong on cue.
//!
//! - [`app`]: what the application is like, and its faults;
//! - `world`: its motion; `agenda`: what is due; `lifecycle`: how replicas come and go;
//! - `station`, `miner`, `replica`: its parts;
//! - `probe`: probes that look at the simulated queues.
//!
//! [`FakeBackend`] puts the simulation behind the trait; only here does its clock meet the lab's.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::watch;

use super::{Backend, BackendError, Event, Replica, Service};
use crate::laws::dispatch;
use crate::tape::Reading;

mod agenda;
pub(crate) mod app;
mod lifecycle;
mod miner;
mod operations;
mod probe;
mod replica;
mod station;
mod world;

#[cfg(test)]
mod tests;

pub(crate) use app::{App, Dispatch, Fault, Law};
pub(crate) use probe::FakeProbe;

use agenda::Due;
use probe::Probes;
use world::World;

/// When the simulation starts, in seconds since the Unix epoch.
const EPOCH: f64 = 1_800_000_000.0;

/// What starting or stopping replicas of a service takes.
const SCALING: Duration = Duration::from_millis(50);

/// The longest that scaling waits for replicas to be back or to drain.
const PATIENCE: Duration = Duration::from_secs(60);

/// The instant on the lab's clock.
fn unix_seconds(at: Duration) -> f64 {
    EPOCH + at.as_secs_f64()
}

/// The simulated application.
#[derive(Debug)]
pub(crate) struct FakeBackend {
    world: Rc<RefCell<World>>,
    /// Name and service time in milliseconds of every `PUT /station`, in order.
    puts: RefCell<Vec<(String, f64)>>,
    /// Whether replicas are replaced carelessly.
    unprotected: Cell<bool>,
}

impl FakeBackend {
    /// Nothing runs before [`Backend::up`].
    pub(crate) fn new(app: App) -> Self {
        Self {
            world: Rc::new(RefCell::new(World::new(app))),
            puts: RefCell::default(),
            unprotected: Cell::default(),
        }
    }

    /// Has `stop` thrown at `at`, counted from the start of the simulation.
    pub(crate) fn stop_at(&self, at: Duration, stop: watch::Sender<u32>) {
        let mut world = self.world.borrow_mut();
        world.stop = Some(stop);
        world.plan(at, Due::Stop);
    }

    /// The service time that the replica called `name` has now.
    pub(crate) fn service_time(&self, name: &str) -> Option<Duration> {
        let world = self.world.borrow();
        world.replicas.get(&world.named(name)?).map(|replica| replica.station.service_time)
    }

    /// Replica and milliseconds of every service time that was set.
    pub(crate) fn puts(&self) -> Vec<(String, f64)> {
        self.puts.borrow().clone()
    }

    /// How much time has passed.
    pub(crate) fn elapsed(&self) -> Duration {
        self.world.borrow().now
    }

    /// Starts what is missing of `service` and retires what is too many; whether there was either.
    fn change(&self, service: Service, replicas: usize) -> bool {
        let mut world = self.world.borrow_mut();
        let ordinals = world.ordinals(service);
        let missing: Vec<usize> = (1..=replicas).filter(|ordinal| !ordinals.contains(ordinal)).collect();
        let ready = world.ready(service);
        let many = ready.into_iter().filter(|id| world.replicas[id].ordinal > replicas).collect::<Vec<_>>();
        for &id in &many {
            world.retire(id);
        }
        for &ordinal in &missing {
            world.start(service, ordinal);
        }
        !(missing.is_empty() && many.is_empty())
    }

    /// Whether `replicas` of `service` are ready and nobody else is there.
    fn settled(&self, service: Service, replicas: usize) -> bool {
        let world = self.world.borrow();
        world.ready(service).len() == replicas && world.ordinals(service).len() == replicas
    }

    /// A moment passes while an admin port answers, if it does.
    fn read(&self, replica: &Replica) -> Result<(), BackendError> {
        let mut world = self.world.borrow_mut();
        let then = world.now + world.app.reading_time;
        world.advance(then);
        let (name, now) = (replica.name.as_str(), world.now);
        let failing = |fault: &Fault| matches!(fault, Fault::Unreadable { replica, from, to } if *replica == name && (*from..*to).contains(&now));
        if world.named(name).is_none() || world.app.faults.iter().any(failing) {
            return Err(BackendError::new(format!("{name}: cannot reach the admin port {}", replica.admin)));
        }
        Ok(())
    }

    async fn pass(&self, duration: Duration) {
        // So that whoever else waits is asked first, as with a real clock.
        tokio::task::yield_now().await;
        let mut world = self.world.borrow_mut();
        let until = world.now + duration;
        world.advance(until);
    }
}

impl Backend for FakeBackend {
    type Probe = FakeProbe;

    fn probe(&self, replicas: &[Replica], rate: f64) -> FakeProbe {
        let mut world = self.world.borrow_mut();
        let (index, now) = (world.probes.len(), world.now);
        let targets = replicas.iter().map(|replica| replica.name.clone()).collect();
        world.probes.push(Probes { targets, rate, running: true, met: Vec::new() });
        world.plan(now, Due::Probe(index));
        FakeProbe { world: self.world.clone(), index }
    }

    fn name(&self) -> &'static str {
        "fake"
    }

    async fn up(&mut self) -> Result<(), BackendError> {
        for service in Service::ALL {
            self.scale(service, 1).await?;
        }
        Ok(())
    }

    async fn scale(&mut self, service: Service, replicas: usize) -> Result<(), BackendError> {
        let fails = |fault: &Fault| matches!(fault, Fault::ScaleFails(it, count) if (*it, *count) == (service, replicas));
        if self.world.borrow().app.faults.iter().any(fails) {
            return Err(BackendError::new(format!("{service}-{replicas} did not become ready within 30 s")));
        }
        let deadline = self.elapsed() + PATIENCE;
        while !self.settled(service, replicas) {
            if self.change(service, replicas) {
                self.pass(SCALING).await;
            } else {
                let next = self.world.borrow().next();
                self.pass(next.saturating_sub(self.elapsed())).await;
            }
            if self.elapsed() > deadline {
                return Err(BackendError::new(format!("{service} did not come to {replicas} replicas")));
            }
        }
        Ok(())
    }

    async fn replicas(&self, service: Service) -> Result<Vec<Replica>, BackendError> {
        let world = self.world.borrow();
        Ok(world.ready(service).into_iter().map(|id| world.replicas[&id].described(id)).collect())
    }

    fn address(&self, _service: Service) -> Option<SocketAddr> {
        None
    }

    fn dispatch(&self, _service: Service) -> dispatch::Dispatch {
        match self.world.borrow().app.dispatch {
            Dispatch::Random => dispatch::Dispatch::Random,
            Dispatch::RoundRobin | Dispatch::Sticky => dispatch::Dispatch::RoundRobin,
        }
    }

    async fn admin_get(&self, replica: &Replica, path: &str) -> Result<String, BackendError> {
        self.read(replica)?;
        let mut world = self.world.borrow_mut();
        let (now, id) = (world.now, world.named(&replica.name));
        match id.and_then(|id| world.replicas.get_mut(&id)) {
            Some(found) if path == "/metrics" => Ok(found.metrics(now)),
            _ => Err(BackendError::new(format!("{}: no such path {path}", replica.name))),
        }
    }

    async fn admin_put(&self, replica: &Replica, path: &str, body: String) -> Result<String, BackendError> {
        self.read(replica)?;
        let refused = || BackendError::new(format!("{}: cannot put {body} to {path}", replica.name));
        let change: serde_json::Value = serde_json::from_str(&body).map_err(|_| refused())?;
        let millis = change["service_time_ms"].as_f64().filter(|_| path == "/station").ok_or_else(refused)?;
        let mut world = self.world.borrow_mut();
        let found =
            world.named(&replica.name).and_then(|id| world.replicas.get_mut(&id)).ok_or_else(refused)?;
        found.station.service_time = Duration::from_secs_f64(millis / 1e3);
        self.puts.borrow_mut().push((replica.name.clone(), millis));
        Ok(body)
    }

    async fn logs(&self, service: Service, tail: usize) -> Result<Vec<String>, BackendError> {
        let still = self.world.borrow().stands_still();
        let line = if still { "redis does not answer: trying again" } else { "10 units of work done" };
        Ok(vec![format!("{service}-1 | {line}"); tail])
    }

    fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.world.borrow_mut().events)
    }

    async fn down(&mut self) -> Result<(), BackendError> {
        self.world.borrow_mut().replicas.clear();
        Ok(())
    }

    fn lab(&self) -> Reading {
        let (world, at) = (self.world.borrow(), self.now());
        let elapsed = world.now.as_secs_f64();
        let [cpu, cpu_throttled] =
            [world.app.lab_cores, world.app.lab_throttled].map(|share| elapsed * share);
        Reading { at, cpu, cpu_throttled, ..Reading::default() }
    }

    fn now(&self) -> f64 {
        unix_seconds(self.elapsed())
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration).await;
    }
}
