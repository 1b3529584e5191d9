//! Waiting until containers are ready, asked over HTTP at their admin ports; and what it says of one that is not.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Session, log};
use crate::backend::command::{Console, Runner};
use crate::backend::compose::containers::Container;
use crate::backend::compose::error::ComposeError;
use crate::backend::readiness::{Silence, readiness};
use crate::backend::{Replica, Service};

/// Where our services serve, inside.
const PORT: u16 = 80;

/// The pause between two rounds of asking.
const PAUSE: Duration = Duration::from_millis(50);

/// Where admin ports are, inside, and how long they may take.
#[derive(Clone, Copy, Debug)]
pub(in crate::backend::compose) struct AdminPorts {
    pub(in crate::backend::compose) port: u16,
    /// What a container gets to listen there.
    pub(in crate::backend::compose) listens_within: Duration,
    /// What a container gets to be ready.
    pub(in crate::backend::compose) ready_within: Duration,
}

impl Default for AdminPorts {
    fn default() -> Self {
        Self { port: 9090, listens_within: Duration::from_secs(5), ready_within: Duration::from_secs(30) }
    }
}

impl Session {
    /// Waits until `count` of `service` are ready and no other is there.
    pub(super) async fn wait<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        count: usize,
    ) -> Result<(), ComposeError> {
        let began = Instant::now();
        loop {
            self.read_if_in_doubt(console).await?;
            let running = self.running(service);
            let late = self.first_late(service, &running).await?;
            match late {
                None if running.len() == count => return Ok(()),
                Some((container, Silence::Nobody))
                    if container.restarts == 0 && began.elapsed() > self.admin_ports.listens_within =>
                {
                    let (replica, port) = (container.replica_name(), self.admin_ports.port);
                    return Err(ComposeError::NoAdminPort { replica, port });
                }
                late if began.elapsed() > self.admin_ports.ready_within => {
                    let culprit = late.map(|(container, _)| container.clone());
                    return Err(self.not_ready(console, service, count, culprit).await);
                }
                _ => sleep(PAUSE).await,
            }
        }
    }

    async fn first_late<'a>(
        &self,
        service: Service,
        running: &'a [Container],
    ) -> Result<Option<(&'a Container, Silence)>, ComposeError> {
        for container in running {
            if let Err(silence) = self.ready(service, container).await? {
                return Ok(Some((container, silence)));
            }
        }
        Ok(None)
    }

    /// Why `count` of `service` are not ready; `culprit` is one that runs and is not.
    async fn not_ready<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        count: usize,
        culprit: Option<Container>,
    ) -> ComposeError {
        let ended = || self.all(service).into_iter().find(|container| !container.runs);
        let Some(culprit) = culprit.or_else(ended) else {
            let found = self.running(service).len();
            return ComposeError::WrongCount { service: service.app(), found, wanted: count };
        };
        let said = log(console, &culprit, 1).await.ok().and_then(|lines| lines.last().cloned());
        let within = self.admin_ports.ready_within;
        ComposeError::NotReady { replica: culprit.replica_name(), within, said }
    }

    /// The replica in `container`, if it is ready; else in what way it is not.
    pub(super) async fn ready(
        &self,
        service: Service,
        container: &Container,
    ) -> Result<Result<Replica, Silence>, ComposeError> {
        let Some(ip) = container.address else { return Ok(Err(Silence::NotYet)) };
        let to = |port| self.way.to((ip, port).into()).map_err(ComposeError::TunnelLost);
        let admin = to(self.admin_ports.port)?;
        if let Err(silence) = readiness(&self.scraper, admin).await {
            return Ok(Err(silence));
        }
        let address = (service != Service::Worker).then(|| to(PORT)).transpose()?;
        Ok(Ok(Replica { name: container.replica_name(), service, address, admin, pid: None }))
    }
}
