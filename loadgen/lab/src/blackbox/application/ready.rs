//! When a service is ready, and what is probed of it. Owns the URLs of probes and what counts as an answer.

use std::time::Duration;

use loadgen_engine::prober::ProbeTarget;
use loadgen_engine::target::{Scheme, Target};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::super::error::DriveError;
use super::super::fetch;
use super::super::plan::{Probe, Service, Way};
use super::super::services::shell;
use super::super::template::Template;
use super::{Application, Running, own};

/// What a service gets until its probe is answered.
const READY_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

impl Application<'_> {
    /// What probes of a service aim at now.
    pub(in crate::blackbox) async fn probe_targets(
        &self,
        index: usize,
    ) -> Result<Vec<ProbeTarget>, DriveError> {
        let service = &self.plan.services[index];
        let mut targets = Vec::new();
        for target in self.urls(index).await.map_err(|why| not_ready(service, why))? {
            let addresses = fetch::answering(&target).await.map_err(|why| not_ready(service, why))?;
            for (address, _) in addresses {
                let aimed = ProbeTarget::new(address, target.authority(), target.path());
                targets.push(aimed.map_err(|error| not_ready(service, error.to_string()))?);
            }
        }
        Ok(targets)
    }

    /// Waits until it answers.
    pub(super) async fn ready(&mut self, index: usize) -> Result<(), DriveError> {
        self.wait(index, false).await
    }

    /// Waits until those of its replicas that have been started take connections.
    pub(super) async fn listened_at(&mut self, index: usize) -> Result<(), DriveError> {
        self.wait(index, true).await
    }

    async fn wait(&mut self, index: usize, only_ports: bool) -> Result<(), DriveError> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            self.ended()?;
            let answer =
                if only_ports { self.ports(index).await.map(|()| None) } else { self.answers(index).await };
            let why = match answer {
                Err(why) => why,
                Ok(refusal) => break self.doubt(index, refusal),
            };
            if Instant::now() > deadline {
                return Err(not_ready(&self.plan.services[index], why));
            }
            sleep(BETWEEN_TRIES).await;
        }
        Ok(())
    }

    /// Says once of a service that its probe is answered by a `refusal`: whoever refuses may know nothing of its queue.
    fn doubt(&mut self, index: usize, refusal: Option<String>) {
        let name = &self.plan.services[index].name;
        if let Some(refusal) = refusal.filter(|_| self.doubted.insert(index)) {
            self.console.say(&format!("`{name}`: its probe {refusal}; is that the way through its queue?"));
        }
    }

    /// Whether everything that can be asked of a service answers: its probe, by a refusal perhaps, or else its ports.
    async fn answers(&self, index: usize) -> Result<Option<String>, String> {
        let service = &self.plan.services[index];
        if service.probe.is_some() {
            let mut refusal = None;
            for target in self.urls(index).await? {
                let answers = fetch::answering(&target).await?;
                let refused = answers.into_iter().find(|(_, status)| status.is_client_error());
                refusal = refusal.or(refused.map(|(_, status)| format!("{} answers {status}", target.url())));
            }
            return Ok(refusal);
        }
        self.ports(index).await.map(|()| None)
    }

    /// Whether each port of its children is listened at.
    async fn ports(&self, index: usize) -> Result<(), String> {
        let way = &self.plan.services[index].way;
        if let (Running::Children(processes), Way::Run(template)) = (&self.running[index], way)
            && template.places().any(|place| place == "port")
        {
            for replica in processes.replicas() {
                let connected = TcpStream::connect(replica.address()).await;
                connected.map_err(|error| format!("{} at {}: {error}", replica.name, replica.address()))?;
            }
        }
        Ok(())
    }

    /// The URLs that probes of a service aim at now, or why there are none.
    async fn urls(&self, index: usize) -> Result<Vec<Target>, String> {
        let service = &self.plan.services[index];
        let texts: Vec<String> = match &service.probe {
            None => Vec::new(),
            Some(Probe::Command(command)) => {
                let said = self.console.read_untold(shell(&self.fill(command))).await;
                let said = said.map_err(|error| DriveError::command(&service.name, error).to_string())?;
                let urls: Vec<String> = said.split_whitespace().map(str::to_owned).collect();
                if urls.is_empty() {
                    return Err(format!("`{command}` printed no URL to probe"));
                }
                urls
            }
            Some(Probe::Urls(urls)) => urls.iter().flat_map(|url| self.expanded(index, url)).collect(),
        };
        let read = |text: &String| match text.parse::<Target>() {
            Ok(target) if target.scheme() == Scheme::Http => Ok(target),
            Ok(_) => Err(format!("its probe {text}: only the load generator speaks https://")),
            Err(error) => Err(format!("its probe {text}: {error}")),
        };
        texts.iter().map(read).collect()
    }

    /// A URL, or one for each child.
    fn expanded(&self, index: usize, url: &Template) -> Vec<String> {
        let of_each = url.places().any(|place| place == "port" || place == "index");
        match &self.running[index] {
            Running::Children(processes) if of_each => {
                let one = |port, index| {
                    url.fill(|place| own(place, port, index).or_else(|| self.places.value(place)))
                };
                processes.replicas().iter().map(|replica| one(replica.port, replica.index)).collect()
            }
            _ => vec![self.fill(url)],
        }
    }
}

fn not_ready(service: &Service, why: String) -> DriveError {
    DriveError::NotReady { service: service.name.clone(), within: READY_WITHIN, why }
}
