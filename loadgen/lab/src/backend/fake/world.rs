//! The simulated application in motion: one event after the other, on a clock of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::watch;

use super::agenda::{Agenda, Due, Id};
use super::app::{App, Dispatch, Fault, Law};
use super::miner::{Leg, Miner};
use super::probe::Probes;
use super::replica::FakeReplica;
use super::station::{Started, Visit};
use crate::backend::{Event, Service};

/// A request that found nobody is sent again after this.
const RETRY: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct World {
    pub(super) app: App,
    pub(super) now: Duration,
    pub(super) replicas: BTreeMap<Id, FakeReplica>,
    pub(super) probes: Vec<Probes>,
    pub(super) events: Vec<Event>,
    pub(super) stop: Option<watch::Sender<u32>>,
    pub(super) miners: BTreeMap<Id, Miner>,
    pub(super) agenda: Agenda,
    pub(super) random: StdRng,
    /// Replicas that came back after a crash.
    pub(super) restarts: u64,
    /// Whose turn it is, by service.
    turns: BTreeMap<Service, usize>,
    ids: Id,
}

impl World {
    pub(super) fn new(app: App) -> Self {
        let mut agenda = Agenda::default();
        for (index, fault) in app.faults.iter().enumerate() {
            if let Fault::Crash { at, .. } = fault {
                agenda.add(*at, Due::Fault(index));
            }
        }
        if let Some((at, count)) = app.autoscaler {
            agenda.add(at, Due::Autoscale(count));
        }
        let random = StdRng::seed_from_u64(app.seed);
        Self {
            app,
            now: Duration::ZERO,
            replicas: BTreeMap::new(),
            probes: Vec::new(),
            events: Vec::new(),
            stop: None,
            miners: BTreeMap::new(),
            agenda,
            random,
            restarts: 0,
            turns: BTreeMap::new(),
            ids: 0,
        }
    }

    /// Lets time pass until `until`.
    pub(super) fn advance(&mut self, until: Duration) {
        while let Some((at, due)) = self.agenda.pop(until) {
            self.now = self.now.max(at);
            self.happen(due);
        }
        self.now = self.now.max(until);
    }

    /// Adds what is to happen from outside.
    pub(super) fn plan(&mut self, at: Duration, due: Due) {
        self.agenda.add(at, due);
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Begin(miner) => self.begin(miner),
            Due::Arrive(miner, leg) => self.arrive(miner, leg),
            Due::Served { replica, miner } => self.served(replica, miner),
            Due::Probe(index) => self.probe(index),
            Due::Fault(index) => self.strike(index),
            Due::Restart(name) => self.restart(&name),
            Due::Autoscale(count) => self.autoscale(count),
            Due::Stop => {
                if let Some(stop) = &self.stop {
                    stop.send_modify(|asked| *asked += 1);
                }
            }
        }
    }

    fn begin(&mut self, id: Id) {
        let (now, dark) = (self.now, self.app.dark_time);
        let stands_still = self.stands_still();
        let Some(miner) = self.miners.get_mut(&id).filter(|_| !stands_still) else { return };
        miner.begin(now + dark);
        self.agenda.add(now + dark, Due::Arrive(id, Leg::Think));
    }

    /// Whether workers have been told to stop dead.
    pub(super) fn stands_still(&self) -> bool {
        self.app.faults.iter().any(|fault| matches!(fault, Fault::Standstill(at) if *at <= self.now))
    }

    fn arrive(&mut self, id: Id, leg: Leg) {
        if !self.miners.contains_key(&id) {
            return;
        }
        let visit = Visit { miner: id, arrived_at: self.now, size: self.draw(leg) };
        let now = self.now;
        let route = self.route(id, leg);
        match route
            .and_then(|replica| Some((replica, self.replicas.get_mut(&replica)?.station.arrive(now, visit))))
        {
            Some((replica, started)) => self.serve(replica, started),
            None => self.fail(id, leg),
        }
    }

    fn draw(&mut self, leg: Leg) -> f64 {
        match self.app.law {
            Law::Exponential if matches!(leg, Leg::Rng | Leg::Hasher) => {
                -(1.0 - self.random.random::<f64>()).ln()
            }
            _ => 1.0,
        }
    }

    /// The replica that a request of `miner` goes to.
    fn route(&mut self, miner: Id, leg: Leg) -> Option<Id> {
        let connected = self.miners.get(&miner)?.connected[leg as usize];
        if leg == Leg::Think {
            return Some(self.miners.get(&miner)?.worker);
        }
        let ready = self.ready(leg.service());
        if let Some(kept) = connected.filter(|kept| ready.contains(kept)) {
            return Some(kept);
        }
        let index = match self.app.dispatch {
            Dispatch::Random if !ready.is_empty() => self.random.random_range(0..ready.len()),
            _ => {
                let turn = self.turns.entry(leg.service()).or_default();
                *turn += 1;
                (*turn - 1) % ready.len().max(1)
            }
        };
        let chosen = ready.get(index).copied();
        self.count_connection(miner, leg);
        if self.app.dispatch == Dispatch::Sticky {
            self.miners.get_mut(&miner)?.connected[leg as usize] = chosen;
        }
        chosen
    }

    fn count_connection(&mut self, miner: Id, leg: Leg) {
        let worker = self.miners.get(&miner).map(|miner| miner.worker);
        if let Some(worker) = worker.and_then(|worker| self.replicas.get_mut(&worker)) {
            worker.mined.connections[leg as usize] += 1;
        }
    }

    /// The replicas of `service` that are sent requests, the oldest number first.
    pub(super) fn ready(&self, service: Service) -> Vec<Id> {
        let ready = self.replicas.iter().filter(|(_, it)| it.service == service && !it.draining);
        let mut ready: Vec<(usize, Id)> = ready.map(|(id, it)| (it.ordinal, *id)).collect();
        ready.sort_unstable();
        ready.into_iter().map(|(_, id)| id).collect()
    }

    /// Those that have got a slot of `replica` keep it for their time.
    pub(super) fn serve(&mut self, replica: Id, started: Vec<Started>) {
        for Started { miner, ends_at } in started {
            self.agenda.add(ends_at, Due::Served { replica, miner });
        }
    }

    /// The request of `miner` came to nothing.
    pub(super) fn fail(&mut self, id: Id, leg: Leg) {
        let Some(miner) = self.miners.get(&id) else { return };
        if let Some(worker) = self.replicas.get_mut(&miner.worker) {
            worker.mined.errors[leg as usize] += 1;
        }
        self.agenda.add(self.now + RETRY, Due::Arrive(id, leg));
    }

    fn served(&mut self, replica: Id, id: Id) {
        let now = self.now;
        let finished = self.replicas.get_mut(&replica).and_then(|it| it.station.finish(now, id));
        let Some(started) = finished else { return };
        self.serve(replica, started);
        self.leave_if_drained(replica);
        let Some(miner) = self.miners.get_mut(&id) else { return };
        match miner.lap(now) {
            Some(Leg::Store) if self.app.store_time.is_zero() => self.cycle(id),
            Some(next) => {
                let travel = if next == Leg::Store { Duration::ZERO } else { self.travel(id) };
                self.agenda.add(now + travel, Due::Arrive(id, next));
            }
            None => self.cycle(id),
        }
    }

    /// Half of a cycle's overhead, and of the time that it waits for CPUs.
    fn travel(&mut self, miner: Id) -> Duration {
        let off = self.app.jitter * (2.0 * self.random.random::<f64>() - 1.0);
        let crowd = self.app.crowding.mul_f64(self.miners.len().saturating_sub(1) as f64);
        (self.app.overhead + crowd).mul_f64(0.5 * (1.0 + off)) + self.wait_for_a_cpu(miner)
    }

    fn wait_for_a_cpu(&mut self, miner: Id) -> Duration {
        if self.app.cpu_wait.is_zero() {
            return Duration::ZERO;
        }
        let waited = self.app.cpu_wait.mul_f64(-0.5 * (1.0 - self.random.random::<f64>()).ln());
        let worker = self.miners.get(&miner).map(|miner| miner.worker);
        if let Some(worker) = worker.and_then(|worker| self.replicas.get_mut(&worker)) {
            worker.cpu_waited += waited;
        }
        waited
    }

    fn cycle(&mut self, id: Id) {
        let Some(miner) = self.miners.get(&id) else { return };
        if let Some(worker) = self.replicas.get_mut(&miner.worker) {
            worker.mined.cycle(self.now, miner.stages);
        }
        self.agenda.add(self.now, Due::Begin(id));
    }

    /// Takes a replica away that is to go and has nobody left.
    pub(super) fn leave_if_drained(&mut self, id: Id) {
        let empty = |it: &FakeReplica| it.draining && it.station.visitors().is_empty();
        if self.replicas.get(&id).is_some_and(empty) {
            self.replicas.remove(&id);
        }
    }

    fn probe(&mut self, index: usize) {
        let Probes { targets, rate, running, .. } = &self.probes[index];
        if !*running || targets.is_empty() {
            return;
        }
        let gap = -(1.0 - self.random.random::<f64>()).ln() / rate;
        let target = targets[self.random.random_range(0..targets.len())].clone();
        let now = self.now;
        let wait = self.named(&target).and_then(|id| Some(self.replicas.get_mut(&id)?.station.probe(now)));
        self.probes[index].met.push((now, wait));
        self.agenda.add(now + Duration::from_secs_f64(gap), Due::Probe(index));
    }

    /// The numbers of the replicas of `service` that are there, those about to go included.
    pub(super) fn ordinals(&self, service: Service) -> Vec<usize> {
        self.replicas.values().filter(|it| it.service == service).map(|it| it.ordinal).collect()
    }

    /// The replica called `name`, if it is there.
    pub(super) fn named(&self, name: &str) -> Option<Id> {
        self.replicas.iter().find(|(_, it)| it.name() == name).map(|(id, _)| *id)
    }

    /// A name that nobody had yet.
    pub(super) fn new_id(&mut self) -> Id {
        self.ids += 1;
        self.ids
    }

    /// The next instant at which anything happens.
    pub(super) fn next(&self) -> Duration {
        self.agenda.next().unwrap_or(self.now)
    }
}
