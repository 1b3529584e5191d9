//! `SERVICE=N`: how many replicas a service should have.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::backend::Service;

/// More processes than this would not fit on one machine.
const MOST: usize = 10_000;

/// A service and the number of replicas it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The service; one that can be scaled.
    pub service: Service,
    /// The number, at most 10,000.
    pub replicas: usize,
}

/// What is wrong with a typed `SERVICE=N`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// There is no `=`.
    #[error("expected SERVICE=N, such as {}=10", if .0.is_empty() { "worker" } else { .0 })]
    NoNumber(String),
    /// There is no such service.
    #[error("unknown service `{0}`; known are {known}", known = scalable())]
    UnknownService(String),
    /// It is the one that counts.
    #[error("the store (redis) cannot be scaled: it is the one place where hashes are counted")]
    Store,
    /// N is no number of replicas.
    #[error("`{0}` is no number of replicas; write one from 0 to {MOST}, such as {1}=10")]
    BadNumber(String, Service),
    /// N is too large.
    #[error("{0} replicas are more than one machine can run; the most is {MOST}")]
    TooMany(usize),
}

impl FromStr for Assignment {
    type Err = AssignmentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((name, number)) = text.split_once('=') else {
            return Err(AssignmentError::NoNumber(text.to_owned()));
        };
        let service = match name {
            "store" | "redis" => return Err(AssignmentError::Store),
            other => Service::from_name(other),
        };
        let service = service.ok_or_else(|| AssignmentError::UnknownService(name.to_owned()))?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let bad = || AssignmentError::BadNumber(number.to_owned(), service);
        let replicas = if digits { number.parse().unwrap_or(usize::MAX) } else { return Err(bad()) };
        if replicas > MOST { Err(AssignmentError::TooMany(replicas)) } else { Ok(Self { service, replicas }) }
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.service, self.replicas)
    }
}

/// Parses a service's name as typed; `redis` is the store's name inside the application.
pub(super) fn service(text: &str) -> Result<Service, String> {
    match text {
        "redis" => Ok(Service::Store),
        other => Service::from_name(other)
            .ok_or_else(|| format!("unknown service; known are store, {}", scalable())),
    }
}

fn scalable() -> String {
    Service::SCALABLE.map(Service::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn complaint(text: &str) -> String {
        text.parse::<Assignment>().unwrap_err().to_string()
    }

    #[test]
    fn a_service_and_a_number_are_understood() {
        let ten = Assignment { service: Service::Worker, replicas: 10 };
        assert_eq!("worker=10".parse(), Ok(ten));
        assert_eq!(ten.to_string(), "worker=10");
        assert_eq!("rng=0".parse::<Assignment>().unwrap().replicas, 0);
        assert_eq!("webui=10000".parse::<Assignment>().unwrap().replicas, 10_000);
    }

    #[test]
    fn each_mistake_has_its_remedy() {
        assert_snapshot!(complaint("worker"), @"expected SERVICE=N, such as worker=10");
        assert_snapshot!(complaint("wroker=3"), @"unknown service `wroker`; known are rng, hasher, worker, webui");
        assert_snapshot!(complaint("worker=-1"), @"`-1` is no number of replicas; write one from 0 to 10000, such as worker=10");
        assert_snapshot!(complaint("rng=ten"), @"`ten` is no number of replicas; write one from 0 to 10000, such as rng=10");
        assert_snapshot!(complaint("rng="), @"`` is no number of replicas; write one from 0 to 10000, such as rng=10");
        assert_snapshot!(complaint("rng=+3"), @"`+3` is no number of replicas; write one from 0 to 10000, such as rng=10");
        assert_snapshot!(complaint("rng=10001"), @"10001 replicas are more than one machine can run; the most is 10000");
        assert_snapshot!(complaint("redis=2"), @"the store (redis) cannot be scaled: it is the one place where hashes are counted");
    }

    #[test]
    fn the_store_goes_by_two_names() {
        assert_eq!(service("redis"), service("store"));
        assert!(service("nginx").unwrap_err().contains("hasher"));
    }
}
