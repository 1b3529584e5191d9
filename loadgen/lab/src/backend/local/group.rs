//! The replicas of one service and the forwarder in front of them. Owns how many there are.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dockercoins_forward::Forwarder;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::error::LocalError;
use super::keeper::{Keeper, Phase, Status, Surroundings};
use super::process::{Ending, Recipe};
use super::supervisor::ReplicaStatus;
use crate::backend::Service;

/// A replica that has failed to start so often is not waited for any longer.
const ATTEMPTS: u32 = 3;
/// Log lines that an error quotes.
const QUOTED: usize = 3;

/// How the replicas of a service are started.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) service: Service,
    pub(super) executable: std::path::PathBuf,
    pub(super) leading_args: Vec<String>,
    pub(super) args: Vec<String>,
}

impl Template {
    fn recipe(&self, number: usize) -> Recipe {
        let replica: Arc<str> = format!("{}-{number}", self.service).into();
        let any_port = "127.0.0.1:0";
        let contract =
            ["--supervised", "--listen", any_port, "--admin-listen", any_port, "--hostname", &replica];
        let mut args = self.leading_args.clone();
        args.push(self.service.to_string());
        args.extend(contract.map(str::to_owned));
        args.extend_from_slice(&self.args);
        Recipe { service: self.service, replica, executable: self.executable.clone(), args }
    }
}

/// One service.
#[derive(Debug)]
pub(super) struct Group {
    service: Service,
    template: Mutex<Template>,
    around: Surroundings,
    ready_within: Duration,
    address: Option<SocketAddr>,
    members: Mutex<Members>,
    /// One change of the number at a time.
    scaling: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Members {
    keepers: BTreeMap<usize, Keeper>,
    forwarder: Option<Forwarder>,
    /// Whether the service has been stopped for good.
    closed: bool,
}

impl Group {
    pub(super) fn new(
        template: Template,
        around: Surroundings,
        ready_within: Duration,
        forwarder: Option<Forwarder>,
    ) -> Self {
        let address = forwarder.as_ref().map(Forwarder::address);
        let members = Mutex::new(Members { forwarder, ..Members::default() });
        let (service, template) = (template.service, Mutex::new(template));
        let scaling = tokio::sync::Mutex::default();
        Self { service, template, around, ready_within, address, members, scaling }
    }

    /// Where the service is reached as a whole.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    pub(super) fn statuses(&self) -> Vec<ReplicaStatus> {
        let members = self.members();
        let status = |keeper: &Keeper| ReplicaStatus::new(self.service, &keeper.name, &keeper.status());
        members.keepers.values().map(status).collect()
    }

    /// Brings the service to `wanted` replicas; returns the number there was before. If new ones do not become ready, the
    /// ones that failed are withdrawn again.
    pub(super) async fn scale(&self, wanted: usize) -> Result<usize, LocalError> {
        let _one_at_a_time = self.scaling.lock().await;
        let (before, surplus) = {
            let mut members = self.members();
            (members.keepers.len(), members.keepers.split_off(&(wanted + 1)))
        };
        self.stop_all(surplus).await;
        let added = self.start_missing(wanted)?;
        let ready = self.all_ready().await;
        if ready.is_err() {
            self.withdraw_unready(&added).await;
        }
        ready.map(|()| before)
    }

    /// Replicas that are started from now on have the switch `flag`, or don't.
    pub(super) fn switch(&self, flag: &str, on: bool) {
        let mut template = self.template.lock().unwrap_or_else(PoisonError::into_inner);
        template.args.retain(|arg| arg != flag);
        template.args.extend(on.then(|| flag.to_owned()));
    }

    /// Replaces the replicas one after the other, with one more meanwhile, so that there are never fewer.
    pub(super) async fn roll(&self) -> Result<(), LocalError> {
        let count = self.members().keepers.len();
        self.scale(count + 1).await?;
        for number in 1..=count {
            let _one_at_a_time = self.scaling.lock().await;
            let old = self.members().keepers.remove_entry(&number);
            self.stop_all(old.into_iter().collect()).await;
            self.start_missing(count + 1)?;
            self.all_ready().await?;
        }
        self.scale(count).await.map(drop)
    }

    /// Stops all replicas, for good.
    pub(super) async fn close(&self) -> Vec<(String, Ending)> {
        let keepers = {
            let mut members = self.members();
            members.closed = true;
            std::mem::take(&mut members.keepers)
        };
        self.stop_all(keepers).await
    }

    /// Frees the port.
    pub(super) async fn close_forwarder(&self) {
        let forwarder = self.members().forwarder.take();
        if let Some(forwarder) = forwarder {
            forwarder.close().await;
        }
    }

    /// Kills all replicas, for good.
    pub(super) fn kill(&self) {
        let mut members = self.members();
        *members = Members { closed: true, ..Members::default() };
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts those of the numbers 1 to `wanted` that are missing; returns them.
    fn start_missing(&self, wanted: usize) -> Result<Vec<usize>, LocalError> {
        let mut members = self.members();
        if members.closed {
            return Err(LocalError::NotRunning(self.service));
        }
        let missing: Vec<usize> =
            (1..=wanted).filter(|number| !members.keepers.contains_key(number)).collect();
        let template = self.template.lock().unwrap_or_else(PoisonError::into_inner);
        for number in &missing {
            let keeper = Keeper::start(template.recipe(*number), self.around.clone());
            members.keepers.insert(*number, keeper);
        }
        Ok(missing)
    }

    /// Waits until all replicas are ready.
    pub(super) async fn all_ready(&self) -> Result<(), LocalError> {
        let deadline = Instant::now() + self.ready_within;
        let watches: Vec<_> =
            self.members().keepers.values().map(|keeper| (keeper.name.clone(), keeper.watch())).collect();
        for (name, watch) in watches {
            self.ready(&name, watch, deadline).await?;
        }
        Ok(())
    }

    async fn ready(
        &self,
        name: &str,
        mut watch: watch::Receiver<Status>,
        deadline: Instant,
    ) -> Result<(), LocalError> {
        let decided = |status: &Status| status.phase == Phase::Running || status.failed_starts >= ATTEMPTS;
        let log = || self.around.logs.last(name, QUOTED);
        let status = match timeout_at(deadline, watch.wait_for(decided)).await {
            Ok(Ok(status)) => status.clone(),
            Ok(Err(_)) => return Err(LocalError::NotRunning(self.service)),
            Err(_) => {
                let (replica, within) = (name.to_owned(), self.ready_within);
                return Err(LocalError::NotReady { replica, within, log: log() });
            }
        };
        if status.phase == Phase::Running {
            return Ok(());
        }
        let (replica, attempts, last) = (name.to_owned(), status.failed_starts, status.last_end);
        Err(LocalError::FailedToStart { replica, attempts, last, log: log() })
    }

    async fn withdraw_unready(&self, added: &[usize]) {
        let failed = {
            let mut members = self.members();
            let unready = |(number, keeper): (&usize, &Keeper)| {
                (added.contains(number) && keeper.status().phase != Phase::Running).then_some(*number)
            };
            let numbers: Vec<usize> = members.keepers.iter().filter_map(unready).collect();
            numbers.into_iter().filter_map(|number| members.keepers.remove_entry(&number)).collect()
        };
        self.stop_all(failed).await;
    }

    /// Stops `keepers` side by side; tells how those ended that were running.
    async fn stop_all(&self, keepers: BTreeMap<usize, Keeper>) -> Vec<(String, Ending)> {
        let mut stopping = JoinSet::new();
        for keeper in keepers.into_values().rev() {
            let name = keeper.name.clone();
            stopping.spawn(async move { (name, keeper.stop().await) });
        }
        let mut endings = Vec::new();
        while let Some(stopped) = stopping.join_next().await {
            let Ok((name, ending)) = stopped else { continue };
            self.around.logs.forget(&name);
            endings.extend(ending.map(|ending| (name.to_string(), ending)));
        }
        endings
    }
}
