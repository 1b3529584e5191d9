//! Leaving everything as it was found: what there was before the lab began, and the commands that put it back.

use std::collections::{BTreeMap, BTreeSet};

use super::commands::{Compose, Counts, NEEDED};
use super::containers::{Container, LABEL, inspect, list_of};
use super::error::ComposeError;
use crate::backend::command::{CommandError, Console, Invocation, Runner};

/// What there was before the lab changed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No container. Projects of these names had volumes.
    Nothing { with_volumes: BTreeSet<String> },
    /// Containers, by service.
    Project { name: String, services: BTreeMap<String, Count> },
}

/// The containers of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) running: usize,
    pub(super) stopped: usize,
}

impl Count {
    fn all(self) -> usize {
        self.running + self.stopped
    }
}

impl Found {
    /// `containers` are all that the project has; `with_volumes` names the projects that have volumes.
    pub(super) fn new(containers: &[Container], with_volumes: BTreeSet<String>) -> Self {
        match containers.first() {
            Some(first) => Self::Project { name: first.project.clone(), services: count(containers) },
            None => Self::Nothing { with_volumes },
        }
    }

    /// The services that the lab needs and that do not run: with as many containers as are there already, once otherwise.
    pub(super) fn missing(&self) -> Counts {
        let Self::Project { services, .. } = self else { return Vec::new() };
        let of = |service: &str| services.get(service).copied().unwrap_or_default();
        let still = NEEDED.into_iter().filter(|service| of(service).running == 0);
        still.map(|service| (service.to_owned(), of(service).stopped.max(1))).collect()
    }

    /// What makes the workers anew from the compose files, if there were any.
    pub(super) fn as_they_were(&self, compose: &Compose) -> Option<Invocation> {
        let Self::Project { services, .. } = self else { return None };
        let running = services.get("worker").map_or(0, |worker| worker.running);
        (running > 0).then(|| compose.make_anew("worker", running))
    }

    /// What puts it back whatever there is now.
    pub(super) fn by_hand(&self, compose: &Compose) -> Invocation {
        let Self::Project { services, .. } = self else { return compose.down(false) };
        let of = |service: &str| services.get(service).copied().unwrap_or_default();
        let counts = NEEDED.into_iter().map(|service| (service.to_owned(), of(service).running));
        compose.scale(&counts.collect())
    }
}

fn count(containers: &[Container]) -> BTreeMap<String, Count> {
    let mut services: BTreeMap<String, Count> = BTreeMap::new();
    for container in containers {
        let count = services.entry(container.service.clone()).or_default();
        *if container.runs { &mut count.running } else { &mut count.stopped } += 1;
    }
    services
}

/// Names the projects that have volumes; the first that is asked of Docker, and so what tells whether it answers.
pub(super) async fn projects_with_volumes<R: Runner>(
    console: &Console<R>,
) -> Result<BTreeSet<String>, ComposeError> {
    let label = format!("{LABEL}.project");
    let list = Invocation::new("docker", ["volume", "ls", "--filter"]).and([
        format!("label={label}"),
        "--format".to_owned(),
        format!("{{{{.Label \"{label}\"}}}}"),
    ]);
    Ok(console.read(list).await?.lines().map(|line| line.trim().to_owned()).collect())
}

/// Puts back what was `found`; `project` is the name, if it has become known since.
pub(super) async fn put_back<R: Runner>(
    console: &Console<R>,
    compose: &Compose,
    found: &Found,
    project: Option<String>,
) -> Result<(), ComposeError> {
    let commands = match found {
        Found::Nothing { with_volumes } => {
            let project = match project {
                Some(project) => Some(project),
                None => compose.containers(console).await?.first().map(|first| first.project.clone()),
            };
            // A volume that was there before the lab holds somebody's hashes.
            vec![compose.down(project.is_some_and(|project| !with_volumes.contains(&project)))]
        }
        Found::Project { name, services } => {
            undo(compose, services, &count(&inspect(console, list_of(name)).await?))
        }
    };
    for command in commands {
        put_back_with(console, &command).await?;
    }
    Ok(())
}

/// Runs a command that puts something back.
pub(super) async fn put_back_with<R: Runner>(
    console: &Console<R>,
    command: &Invocation,
) -> Result<(), ComposeError> {
    let not_restored = |cause: CommandError| ComposeError::NotRestored {
        cause: Box::new(cause.into()),
        command: command.to_string(),
    };
    console.change(command).await.map(drop).map_err(not_restored)
}

/// What turns `now` into what was `found`, as far as the services go that the lab uses: what became of others meanwhile is
/// somebody else's doing.
fn undo(
    compose: &Compose,
    found: &BTreeMap<String, Count>,
    now: &BTreeMap<String, Count>,
) -> Vec<Invocation> {
    let (mut scale, mut stop, mut remove) = (Counts::new(), Vec::new(), Vec::new());
    for service in NEEDED {
        let of = |counts: &BTreeMap<String, Count>| counts.get(service).copied().unwrap_or_default();
        let (before, now) = (of(found), of(now));
        if before == Count::default() {
            if now != before {
                remove.push(service.to_owned());
            }
        } else if before.running > 0 {
            // Also those that an interrupted experiment has stopped.
            if now.running != before.running || now.stopped > before.stopped {
                scale.push((service.to_owned(), before.running));
            }
        } else if now != before {
            if now.all() != before.stopped {
                scale.push((service.to_owned(), before.stopped));
            }
            stop.push(service.to_owned());
        }
    }
    let scaled = (!scale.is_empty()).then(|| compose.scale(&scale));
    let removed = (!remove.is_empty()).then(|| compose.remove(&remove));
    let stopped = (!stop.is_empty()).then(|| compose.stop(&stop));
    [scaled, removed, stopped].into_iter().flatten().collect()
}
