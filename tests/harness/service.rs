//! One service of the application, on ports that the system picked. Owns reading them from its first log line.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::DOCKERCOINS;
use super::program::{Finished, Program};

const TO_START: Duration = Duration::from_secs(30);
const ANY_PORT: &str = "127.0.0.1:0";

/// A replica that has said that it runs.
pub(crate) struct Service {
    pub(crate) program: Program,
    pub(crate) name: String,
    pub(crate) admin: SocketAddr,
    listening: Option<SocketAddr>,
}

impl Service {
    /// Starts a service that listens.
    pub(crate) fn start(kind: &str, flags: &[&str]) -> Self {
        Self::on(ANY_PORT, kind, flags)
    }

    /// Starts a service that listens at that address.
    pub(crate) fn on(address: &str, kind: &str, flags: &[&str]) -> Self {
        Self::with(kind, &[&["--listen", address], flags].concat())
    }

    /// Starts a worker, which listens nowhere but at its admin port.
    pub(crate) fn worker(rng: SocketAddr, hasher: SocketAddr, store: SocketAddr, flags: &[&str]) -> Self {
        let (rng, hasher) = (format!("http://{rng}"), format!("http://{hasher}"));
        let redis = format!("redis://{store}");
        let to = ["--rng-url", &rng, "--hasher-url", &hasher, "--redis-url", &redis];
        Self::with("worker", &[&to, flags].concat())
    }

    /// Starts a service that listens, with settings from its environment.
    pub(crate) fn in_environment(kind: &str, variables: &[(&str, &str)], flags: &[&str]) -> Self {
        let mut command = Command::new(DOCKERCOINS);
        command.arg(kind).args(["--listen", ANY_PORT, "--admin-listen", ANY_PORT]).args(flags);
        command.envs(variables.iter().copied());
        Self::announced(kind, Program::start(&mut command))
    }

    fn with(kind: &str, flags: &[&str]) -> Self {
        let mut command = Command::new(DOCKERCOINS);
        command.arg(kind).args(["--admin-listen", ANY_PORT]).args(flags);
        Self::announced(kind, Program::start(&mut command))
    }

    fn announced(kind: &str, program: Program) -> Self {
        let start = format!("{kind} running as ");
        let announcement = |line: &str| line.split_once(&start).map(|(_, rest)| rest.to_owned());
        let line = program.stdout().find(&start, TO_START, announcement);
        let (head, admin) = line.split_once(", admin on ").expect("the admin address");
        let (name, listening) = match head.split_once(" on ") {
            Some((name, address)) => (name, Some(address.parse().expect("an address"))),
            None => (head, None),
        };
        let admin = admin.trim_end_matches(|after: char| !after.is_ascii_digit());
        Self { name: name.to_owned(), admin: admin.parse().expect("an address"), listening, program }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listening.unwrap_or_else(|| panic!("{} doesn't listen", self.name))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self, within: Duration) -> Finished {
        self.program.signal(Signal::TERM);
        self.program.finish(within)
    }
}
