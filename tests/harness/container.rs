//! A container as Docker describes it. Owns the reading of `docker inspect`; who started the container is no matter.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::Value;

use super::process::Process;
use super::program::run;

const TO_ANSWER: Duration = Duration::from_secs(20);
const ADMIN_PORT: u16 = 9090;

/// One container, as it was when it was looked at.
#[derive(Clone, Debug)]
pub(crate) struct Container(Value);

impl Container {
    /// The containers of a compose project, stopped ones included, in the order of their numbers.
    pub(crate) fn all(project: &str, service: &str) -> Vec<Self> {
        let project = format!("label=com.docker.compose.project={project}");
        let service = format!("label=com.docker.compose.service={service}");
        let listed = docker(&["ps", "-aq", "--filter", &project, "--filter", &service]);
        let mut containers: Vec<Self> = listed.lines().map(Self::of).collect();
        containers.sort_by_key(Self::number);
        containers
    }

    fn of(id: &str) -> Self {
        let described: Value = serde_json::from_str(&docker(&["inspect", id])).expect("JSON");
        Self(described[0].clone())
    }

    /// What `docker inspect` says at that JSON pointer.
    pub(crate) fn field(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {:#}", self.0))
    }

    /// Its identity.
    pub(crate) fn id(&self) -> &str {
        self.text("/Id")
    }

    /// When it was started for the last time.
    pub(crate) fn started_at(&self) -> &str {
        self.text("/State/StartedAt")
    }

    /// Whether it runs.
    pub(crate) fn runs(&self) -> bool {
        self.field("/State/Running").as_bool().expect("yes or no")
    }

    /// starting, healthy or unhealthy.
    pub(crate) fn health(&self) -> &str {
        self.text("/State/Health/Status")
    }

    /// Its main process.
    pub(crate) fn process(&self) -> Process {
        let pid = self.field("/State/Pid").as_i64().and_then(|pid| i32::try_from(pid).ok());
        pid.and_then(Process::of).unwrap_or_else(|| panic!("{} doesn't run", self.id()))
    }

    /// Its address in the project's network.
    pub(crate) fn address(&self) -> IpAddr {
        let networks = self.field("/NetworkSettings/Networks").as_object().expect("networks");
        let network = networks.values().next().expect("a network");
        network["IPAddress"].as_str().and_then(|address| address.parse().ok()).expect("an address")
    }

    /// Its admin port, which only this machine reaches.
    pub(crate) fn admin(&self) -> SocketAddr {
        SocketAddr::new(self.address(), ADMIN_PORT)
    }

    /// Everything that it has logged.
    pub(crate) fn logs(&self) -> String {
        docker(&["logs", self.id()])
    }

    fn number(&self) -> u32 {
        let number = self.field("/Config/Labels")["com.docker.compose.container-number"].as_str();
        number.and_then(|number| number.parse().ok()).expect("a number")
    }

    fn text(&self, pointer: &str) -> &str {
        self.field(pointer).as_str().unwrap_or_else(|| panic!("{pointer} is no text"))
    }
}

/// Runs `docker` to its end, which must be a good one, and returns its output.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let said = run("docker", arguments, TO_ANSWER);
    assert!(said.status.success(), "docker {arguments:?}: {said:?}");
    said.stdout
}
