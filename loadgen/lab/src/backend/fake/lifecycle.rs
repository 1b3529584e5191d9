//! How simulated replicas come and go: started, retired, killed and started again.

use std::time::Duration;

use rand::RngExt;

use super::agenda::{Due, Id};
use super::app::Fault;
use super::miner::{Mined, Miner};
use super::replica::FakeReplica;
use super::station::Station;
use super::unix_seconds;
use super::world::World;
use crate::backend::{Event, Service};

/// Workers begin at random within this, as processes do.
const STAGGER: Duration = Duration::from_millis(50);

impl World {
    /// Starts a replica of `service`; `ordinal` is the number in its name.
    pub(super) fn start(&mut self, service: Service, ordinal: usize) {
        let id = self.new_id();
        let replica = self.replica(service, ordinal);
        let loops = replica.loops;
        self.replicas.insert(id, replica);
        for _ in 0..loops {
            let miner = self.new_id();
            self.miners.insert(miner, Miner::new(id));
            let begins_at = self.now + STAGGER.mul_f64(self.random.random());
            self.agenda.add(begins_at, Due::Begin(miner));
        }
    }

    fn replica(&self, service: Service, ordinal: usize) -> FakeReplica {
        let (slots, service_time) = match service {
            Service::Rng => (self.app.rng_slots, self.app.rng_time),
            Service::Hasher => (self.app.hasher_slots, self.app.hasher_time),
            Service::Store => (self.app.store_slots, self.app.store_time),
            _ => (None, self.app.think_time),
        };
        let mut replica = FakeReplica {
            service,
            ordinal,
            draining: false,
            started_at: self.now,
            station: Station::new(self.now, slots, service_time),
            mined: Mined::default(),
            cores: match service {
                Service::Rng => self.app.rng_cores,
                Service::Store => self.app.store_cores,
                _ => 0.0,
            },
            cpu_waited: Duration::ZERO,
            cpu_pressure: self.app.cpu_pressure,
            cpu_stolen: self.app.cpu_stolen,
            loops: if service == Service::Worker { self.app.concurrency } else { 0 },
        };
        let name = replica.name();
        for fault in &self.app.faults {
            match fault {
                Fault::Slow { replica: slow, factor } if *slow == name => replica.station.slowness = *factor,
                Fault::Throttled { replica: limited, share } if *limited == name => {
                    replica.station.throttled = *share;
                }
                _ => {}
            }
        }
        replica
    }

    /// Has a replica finish what it has begun and go; a worker goes at once, with its requests.
    pub(super) fn retire(&mut self, id: Id) {
        if let Some(replica) = self.replicas.get_mut(&id) {
            replica.draining = true;
        }
        self.dismiss(id);
        self.leave_if_drained(id);
    }

    /// Takes away the loops of a worker, wherever they are.
    fn dismiss(&mut self, worker: Id) {
        let now = self.now;
        let gone: Vec<Id> =
            self.miners.extract_if(.., |_, miner| miner.worker == worker).map(|(id, _)| id).collect();
        let ids: Vec<Id> = self.replicas.keys().copied().collect();
        for id in ids {
            let Some(replica) = self.replicas.get_mut(&id) else { continue };
            let started = gone.iter().flat_map(|miner| replica.station.leave(now, *miner)).collect();
            self.serve(id, started);
        }
    }

    /// The fault with this index strikes.
    pub(super) fn strike(&mut self, index: usize) {
        let Fault::Crash { replica, down_for, every, .. } = self.app.faults[index].clone() else { return };
        if let Some(every) = every {
            self.agenda.add(self.now + every, Due::Fault(index));
        }
        self.crash(replica, down_for);
    }

    /// The replica called `name` dies, and comes back after `down_for`.
    pub(super) fn crash(&mut self, name: &str, down_for: Duration) {
        let Some(id) = self.named(name) else { return };
        self.dismiss(id);
        let Some(dead) = self.replicas.remove(&id) else { return };
        for miner in dead.station.visitors() {
            let leg = self.miners.get(&miner).map(|it| it.leg);
            if let Some(leg) = leg {
                self.fail(miner, leg);
            }
        }
        let what = format!("{name} was killed by signal 9; started again after {} ms", down_for.as_millis());
        self.events.push(Event { at_unix_seconds: unix_seconds(self.now), replica: name.to_owned(), what });
        self.agenda.add(self.now + down_for, Due::Restart(name.to_owned()));
    }

    /// The replica called `name` is back after a crash.
    pub(super) fn restart(&mut self, name: &str) {
        let parts = name
            .rsplit_once('-')
            .and_then(|(service, number)| Some((Service::from_name(service)?, number.parse().ok()?)));
        // The lab may have started it anew meanwhile.
        if let (Some((service, ordinal)), None) = (parts, self.named(name)) {
            self.restarts += 1;
            self.start(service, ordinal);
        }
    }

    /// Somebody else starts replicas of rng until there are `count`.
    pub(super) fn autoscale(&mut self, count: usize) {
        for ordinal in self.ready(Service::Rng).len() + 1..=count {
            self.start(Service::Rng, ordinal);
        }
    }
}
