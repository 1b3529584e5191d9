//! Replicas that are children of the lab, and the address in front of them that takes connections to each in turn. They end
//! with the lab, whatever becomes of it: each has a watch that ends its group when the lab is gone.

use std::collections::HashSet;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use dockercoins_forward::{Backends, Forwarder};
use rustix::process::Signal;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout_at};

use super::error::DriveError;
use super::log::Log;
use crate::backend::command::Group;

/// What replicas that end together get to do so in order.
const GRACE: Duration = Duration::from_secs(10);

/// Standard input is a pipe from the lab: when that is closed, so is everything that the command has started. The watch ignores
/// what it tells the others, to see to those that do so, too.
const WATCHED: &str = r#"exec 3<&0
{ trap '' TERM; cat <&3 >/dev/null; kill 0; sleep 5; kill -KILL 0; } &
exec 3<&-; exec sh -c "$0" </dev/null"#;

/// How often a free port is asked for, to get one that was not given out before.
const TRIES: usize = 100;

/// The replicas of one service.
#[derive(Debug)]
pub(super) struct Processes {
    name: String,
    front: Forwarder,
    backends: Backends,
    replicas: Vec<Replica>,
}

/// Ports that have been given out: nobody may listen at the last one yet, and the system would name it again.
#[derive(Debug, Default)]
pub(super) struct Ports(HashSet<u16>);

/// One of them.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) name: String,
    pub(super) index: usize,
    /// Nobody listened there when it was started.
    pub(super) port: u16,
    child: Child,
    group: Group,
    log: Log,
}

impl Processes {
    /// None yet; the address in front of them is there from now on.
    pub(super) async fn new(name: &str) -> Result<Self, DriveError> {
        let backends = Backends::new();
        let front = async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            Forwarder::start(listener, backends.clone())
        };
        let front = front.await.map_err(|source| DriveError::system("listen on 127.0.0.1", source))?;
        Ok(Self { name: name.to_owned(), front, backends, replicas: Vec::new() })
    }

    /// Where others reach the service as a whole.
    pub(super) fn address(&self) -> SocketAddr {
        self.front.address()
    }

    pub(super) fn replicas(&self) -> &[Replica] {
        &self.replicas
    }

    /// Starts what `command` says for one more replica, given its port and index.
    pub(super) fn start(
        &mut self,
        folder: &Path,
        ports: &mut Ports,
        command: impl FnOnce(u16, usize) -> String,
    ) -> Result<(), DriveError> {
        let index = self.replicas.len();
        let name = format!("{}-{}", self.name, index + 1);
        let port = ports.free().map_err(|source| DriveError::system("find a free port", source))?;
        let command = command(port, index);
        let spawned =
            Log::create(folder.join(&name)).and_then(|(log, file)| Ok((log, spawn(&command, file)?)));
        let (log, child) = spawned.map_err(|source| DriveError::system(format!("start {name}"), source))?;
        let group = Group::of(&child);
        self.replicas.push(Replica { name, index, port, child, group, log });
        Ok(())
    }

    /// Sends connections to all replicas, each in turn.
    pub(super) fn open(&self) {
        let addresses: Vec<SocketAddr> = self.replicas.iter().map(Replica::address).collect();
        self.backends.set(&addresses);
    }

    /// Ends all but the first `count`.
    pub(super) async fn keep(&mut self, count: usize) {
        let surplus = self.replicas.split_off(count.min(self.replicas.len()));
        for replica in &surplus {
            self.backends.remove(replica.address());
            self.backends.idle(replica.address()).await;
            replica.group.signal(Signal::TERM);
        }
        let deadline = Instant::now() + GRACE;
        for mut replica in surplus {
            // Dropping it kills what is left.
            let _ = timeout_at(deadline, replica.child.wait()).await;
        }
    }

    /// The first replica that has ended by itself.
    pub(super) fn ended(&mut self) -> Option<DriveError> {
        self.replicas.iter_mut().find_map(|replica| {
            let status = replica.child.try_wait().ok()??;
            let log = replica.log.last_line();
            Some(DriveError::Ended { replica: replica.name.clone(), status: status.to_string(), log })
        })
    }
}

impl Replica {
    pub(super) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.group.signal(Signal::KILL);
    }
}

fn spawn(command: &str, log: File) -> std::io::Result<Child> {
    Command::new("sh")
        .args(["-c", WATCHED, command])
        // The other end is in the child's handle.
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        // A terminal's ^C is for the lab, which decides when to stop what.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

impl Ports {
    /// One that nobody listens at, and that was not given out before.
    fn free(&mut self) -> std::io::Result<u16> {
        let free = || Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port());
        for _ in 0..TRIES {
            let port = free()?;
            if self.0.insert(port) {
                return Ok(port);
            }
        }
        // All of them have been given out, and most are free again.
        free()
    }
}
