//! All services of a plan, as they run. Owns the order of things: everything is told first, and then waited for.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use loadgen_engine::prober::ProbeTarget;
use loadgen_engine::target::Target;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::error::DriveError;
use super::fetch;
use super::plan::{Plan, Probe, Service, Step, Way};
use super::processes::Processes;
use super::services::{External, shell};
use super::template::Template;
use crate::backend::command::{Console, Shell};
use crate::narrator::Narrator;

/// What a service gets until its probe is answered.
const READY_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// The application.
#[derive(Debug)]
pub(super) struct Application<'a> {
    plan: &'a Plan,
    places: Places<'a>,
    console: Console<Shell>,
    /// Of each service.
    running: Vec<Running>,
    /// What children write.
    folder: TempDir,
}

/// What places in commands and URLs stand for.
#[derive(Debug)]
struct Places<'a> {
    plan: &'a Plan,
    loadgen: PathBuf,
    /// Of each service, if it is one of the lab's.
    addresses: Vec<Option<SocketAddr>>,
}

impl Places<'_> {
    fn value(&self, place: &str) -> Option<String> {
        if place == "loadgen" {
            return Some(quoted(&self.loadgen.to_string_lossy()));
        }
        let index = self.plan.services.iter().position(|service| service.name == place)?;
        Some(self.addresses.get(index).copied().flatten()?.to_string())
    }

    fn fill(&self, template: &Template) -> String {
        template.fill(|place| self.value(place))
    }
}

#[derive(Debug)]
enum Running {
    /// Nothing of the lab's.
    AsIs,
    Children(Processes),
    External(External),
}

impl<'a> Application<'a> {
    /// Looks at what is there; changes nothing.
    pub(super) async fn find(
        plan: &'a Plan,
        loadgen: PathBuf,
        narrator: Narrator,
    ) -> Result<Self, DriveError> {
        let folder = tempfile::Builder::new().prefix("loadgen-plan-").tempdir();
        let folder = folder.map_err(|source| DriveError::system("make a folder for logs", source))?;
        let console = Console::new(Shell::default(), narrator);
        let mut places = Places { plan, loadgen, addresses: Vec::new() };
        let mut running = Vec::new();
        // Addresses first: they are what the others' commands are about.
        for service in &plan.services {
            let children = match service.way {
                Way::Run(_) => Some(Processes::new(&service.name).await?),
                _ => None,
            };
            places.addresses.push(children.as_ref().map(Processes::address));
            running.push(children.map_or(Running::AsIs, Running::Children));
        }
        for (service, running) in plan.services.iter().zip(&mut running) {
            let fill = |template: &Template| places.fill(template);
            if let Some(it) = External::find(&console, &service.name, &service.way, fill).await? {
                *running = Running::External(it);
            }
        }
        Ok(Self { plan, places, console, running, folder })
    }

    /// Brings every service to what `step` says, and waits until all of them answer.
    pub(super) async fn scale(&mut self, step: &Step) -> Result<(), DriveError> {
        for (index, count) in step.replicas.iter().enumerate() {
            if let Some(count) = count {
                self.tell(index, *count).await?;
            }
        }
        for index in 0..self.plan.services.len() {
            self.ready(index).await?;
        }
        Ok(())
    }

    /// What probes of a service aim at now.
    pub(super) async fn probe_targets(&self, index: usize) -> Result<Vec<ProbeTarget>, DriveError> {
        let service = &self.plan.services[index];
        let mut targets = Vec::new();
        for target in self.urls(index).await? {
            let addresses = fetch::answering(&target).await.map_err(|why| not_ready(service, why))?;
            for address in addresses {
                let aimed = ProbeTarget::new(address, target.authority(), target.path());
                targets.push(aimed.map_err(|error| not_ready(service, error.to_string()))?);
            }
        }
        Ok(targets)
    }

    /// The text with the places of services filled in.
    pub(super) fn fill(&self, template: &Template) -> String {
        self.places.fill(template)
    }

    /// The first child that has ended by itself.
    pub(super) fn ended(&mut self) -> Result<(), DriveError> {
        let ended = self.running.iter_mut().find_map(|running| match running {
            Running::Children(processes) => processes.ended(),
            _ => None,
        });
        ended.map_or(Ok(()), Err)
    }

    /// Puts replicas back as they were found, and ends all children.
    pub(super) async fn restore(&mut self) -> Result<(), DriveError> {
        let mut outcome = Ok(());
        for index in (0..self.running.len()).rev() {
            let restored = self.restore_one(index).await;
            outcome = outcome.and(restored);
        }
        outcome
    }

    async fn restore_one(&mut self, index: usize) -> Result<(), DriveError> {
        match &mut self.running[index] {
            Running::AsIs => {}
            Running::Children(processes) => processes.keep(0).await,
            Running::External(it) => {
                if let Some((name, told)) = it.is_left_changed() {
                    self.console.say(&format!(
                        "{name} stays at {told}: without a `count` it is not known what it was"
                    ));
                }
                if let Some(found) = it.to_restore() {
                    return self.tell(index, found).await;
                }
            }
        }
        Ok(())
    }

    async fn tell(&mut self, index: usize, count: usize) -> Result<(), DriveError> {
        let Self { plan, places, console, running, folder } = self;
        match &mut running[index] {
            Running::AsIs => Ok(()),
            Running::External(it) => {
                let fill = |template: &Template, replicas: usize| {
                    template.fill(|place| match place {
                        "replicas" => Some(replicas.to_string()),
                        _ => places.value(place),
                    })
                };
                it.scale(console, count, fill).await
            }
            Running::Children(processes) => {
                let Way::Run(template) = &plan.services[index].way else { return Ok(()) };
                processes.keep(count).await;
                while processes.replicas().len() < count {
                    processes.start(folder.path(), |port, index| {
                        let command =
                            template.fill(|place| own(place, port, index).or_else(|| places.value(place)));
                        console.say(&format!("$ {command}"));
                        command
                    })?;
                }
                processes.open();
                Ok(())
            }
        }
    }

    async fn ready(&mut self, index: usize) -> Result<(), DriveError> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            self.ended()?;
            let Err(why) = self.answers(index).await else { return Ok(()) };
            if Instant::now() > deadline {
                return Err(not_ready(&self.plan.services[index], why));
            }
            sleep(BETWEEN_TRIES).await;
        }
    }

    /// Whether everything that can be asked of a service answers: its probe, or else its ports.
    async fn answers(&self, index: usize) -> Result<(), String> {
        let service = &self.plan.services[index];
        if service.probe.is_some() {
            for target in self.urls(index).await.map_err(|error| error.to_string())? {
                fetch::answering(&target).await?;
            }
            return Ok(());
        }
        if let (Running::Children(processes), Way::Run(template)) = (&self.running[index], &service.way)
            && template.places().any(|place| place == "port")
        {
            for replica in processes.replicas() {
                let connected = TcpStream::connect(replica.address()).await;
                connected.map_err(|error| format!("{} at {}: {error}", replica.name, replica.address()))?;
            }
        }
        Ok(())
    }

    /// The URLs that probes of a service aim at now.
    async fn urls(&self, index: usize) -> Result<Vec<Target>, DriveError> {
        let service = &self.plan.services[index];
        let texts = match &service.probe {
            None => Vec::new(),
            Some(Probe::Command(command)) => {
                let command = shell(&self.fill(command));
                let said = self.console.read_untold(command).await;
                let said = said.map_err(|error| DriveError::command(&service.name, error))?;
                said.split_whitespace().map(str::to_owned).collect()
            }
            Some(Probe::Urls(urls)) => urls.iter().flat_map(|url| self.expanded(index, url)).collect(),
        };
        let read = |text: &String| {
            let wrong = |error| not_ready(service, format!("its probe {text}: {error}"));
            text.parse().map_err(wrong)
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

fn own(place: &str, port: u16, index: usize) -> Option<String> {
    match place {
        "port" => Some(port.to_string()),
        "index" => Some(index.to_string()),
        _ => None,
    }
}

fn not_ready(service: &Service, why: String) -> DriveError {
    DriveError::NotReady { service: service.name.clone(), within: READY_WITHIN, why }
}

/// As one word of a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
