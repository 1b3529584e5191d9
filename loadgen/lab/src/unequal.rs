//! Replicas of one service that are not treated alike, or are not alike: seen from the requests that each got and the time that
//! each took.

use crate::observation::ServiceObservation;

/// Workers that make fewer connections than this for each cycle keep them.
const FEW_CONNECTIONS: f64 = 0.1;

/// A replica that takes so many times as long as the others is slow.
const SLOW: f64 = 1.5;

/// Fewer visits than this say little of how long a replica takes.
const ENOUGH_VISITS: f64 = 20.0;

/// A replica that takes longer for a request than the others of its service.
#[derive(Clone, Debug, PartialEq)]
pub struct SlowReplica<'a> {
    /// Its name.
    pub replica: &'a str,
    /// Its mean service time, in seconds.
    pub service_time: f64,
    /// That of the fastest of the others, in seconds.
    pub others: f64,
}

impl ServiceObservation {
    /// Of several replicas the number that get requests, if the others get none because the workers' connections stay with
    /// those that they reached first.
    pub fn stuck_to(&self) -> Option<usize> {
        let visited = self.replicas.iter().filter(|replica| replica.visits >= 0.5).count();
        (self.keeps_connections() && (1..self.replicas.len()).contains(&visited)).then_some(visited)
    }

    /// Whether replicas get uneven shares over connections that are kept.
    pub fn is_sticky(&self) -> bool {
        self.keeps_connections() && self.evenness.is_some_and(|evenness| !evenness.is_even())
    }

    fn keeps_connections(&self) -> bool {
        self.connections_per_cycle.is_some_and(|made| made < FEW_CONNECTIONS)
    }

    /// The slowest replica, if it is slow beside the fastest.
    pub fn slow_replica(&self) -> Option<SlowReplica<'_>> {
        let visited = self.replicas.iter().filter(|it| it.visits >= ENOUGH_VISITS);
        let mut times: Vec<(f64, &str)> =
            visited.filter_map(|it| Some((it.service_time_seconds?, it.replica.as_str()))).collect();
        times.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let (&(others, _), &(service_time, replica)) = (times.first()?, times.last()?);
        (service_time > SLOW * others).then_some(SlowReplica { replica, service_time, others })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Service;
    use crate::observation::{CpuObservation, ReplicaObservation};
    use loadgen_engine::statistics::evenness::Evenness;

    fn replica(number: usize, visits: f64, millis: f64) -> ReplicaObservation {
        ReplicaObservation {
            replica: format!("rng-{number}"),
            visits,
            share: 0.5,
            service_time_seconds: (visits > 0.0).then_some(millis / 1e3),
            cpu: CpuObservation::default(),
            resident_bytes: 0.0,
        }
    }

    fn service(replicas: Vec<ReplicaObservation>, connections_per_cycle: f64) -> ServiceObservation {
        ServiceObservation {
            service: Service::Rng,
            utilisation: Some(0.5),
            slots: Some(2.0),
            service_time_seconds: Some(0.1),
            queueing_time_seconds: Some(0.1),
            cpu_cores: 0.0,
            evenness: Evenness::of(&[100, 20]),
            replicas,
            connections_per_cycle: Some(connections_per_cycle),
        }
    }

    #[test]
    fn the_replica_that_takes_longer_is_named_with_its_time_and_that_of_the_others() {
        let seen = service(vec![replica(1, 50.0, 100.0), replica(2, 50.0, 300.0)], 1.0);
        let expected = SlowReplica { replica: "rng-2", service_time: 0.3, others: 0.1 };
        assert_eq!(seen.slow_replica(), Some(expected));
    }

    #[test]
    fn times_that_differ_little_or_by_chance_make_no_replica_slow() {
        for (visits, millis) in [(50.0, 140.0), (10.0, 300.0), (0.0, 0.0)] {
            let seen = service(vec![replica(1, 50.0, 100.0), replica(2, visits, millis)], 1.0);
            assert_eq!(seen.slow_replica(), None, "{visits} visits of {millis} ms");
        }
    }

    #[test]
    fn uneven_shares_over_kept_connections_are_sticky_whoever_is_left_out() {
        let both = || vec![replica(1, 100.0, 100.0), replica(2, 20.0, 100.0)];
        assert!(service(both(), 0.0).is_sticky() && service(both(), 0.0).stuck_to().is_none());
        assert!(!service(both(), 1.0).is_sticky());
        let one = vec![replica(1, 100.0, 100.0), replica(2, 0.0, 100.0)];
        assert_eq!(service(one, 0.0).stuck_to(), Some(1));
    }
}
