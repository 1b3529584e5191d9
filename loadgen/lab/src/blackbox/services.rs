//! Services that somebody else runs, scaled by a command: a person's own, docker-compose's, kubectl's.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::DriveError;
use super::plan::Way;
use super::template::Template;
use crate::backend::command::{CommandError, Console, Invocation, Shell, shortened};

mod composed;
mod kubernetes;

use composed::Composed;
use kubernetes::Scalable;

/// What a service gets to have as many replicas as it was told to.
const READY_WITHIN: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// One such service.
#[derive(Debug)]
pub(super) struct External {
    name: String,
    control: Control,
    /// How many there were before the lab changed it, if that can be told; and how many it was told to have.
    found: Option<usize>,
    told: Option<usize>,
    /// Whether it has done what it was told.
    done: bool,
}

#[derive(Debug)]
enum Control {
    Shell { scale: Template, count: Option<Invocation> },
    Compose(Composed),
    Kubernetes(Scalable),
}

impl External {
    /// The service called `name` with `way`; `None` if it is not scaled, or by children of the lab. `fill` fills in places
    /// that do not depend on the number of replicas.
    pub(super) async fn find(
        console: &Console<Shell>,
        name: &str,
        way: &Way,
        fill: impl Fn(&Template) -> String,
    ) -> Result<Option<Self>, DriveError> {
        let control = match way {
            Way::None | Way::Run(_) => return Ok(None),
            Way::Shell { scale, count } => {
                Control::Shell { scale: scale.clone(), count: count.as_ref().map(|it| shell(&fill(it))) }
            }
            Way::Compose { service, project, files } => {
                let found = Composed::find(console, service, project.as_deref(), files).await;
                Control::Compose(found.map_err(|why| wrong(name, why))?)
            }
            Way::Kubernetes { object, namespace, context } => {
                Control::Kubernetes(Scalable::new(object, namespace.as_deref(), context.as_deref()))
            }
        };
        let mut external = Self { name: name.to_owned(), control, found: None, told: None, done: true };
        external.found = external.count(console).await?;
        Ok(Some(external))
    }

    /// Brings it to `replicas`, unless it was told so before; `fill` fills in everything but that.
    pub(super) async fn scale(
        &mut self,
        console: &Console<Shell>,
        replicas: usize,
        fill: impl Fn(&Template, usize) -> String,
    ) -> Result<(), DriveError> {
        if self.done && self.told == Some(replicas) || (self.told.is_none() && self.found == Some(replicas)) {
            return Ok(());
        }
        // Noted first, so that what is interrupted is put back as well.
        (self.told, self.done) = (Some(replicas), false);
        let command = match &self.control {
            Control::Shell { scale, .. } => shell(&fill(scale, replicas)),
            Control::Compose(composed) => composed.scale(replicas),
            Control::Kubernetes(scalable) => scalable.scale(replicas),
        };
        console.change(&command).await.map_err(|error| self.failed(error))?;
        match &self.control {
            Control::Kubernetes(scalable) => self.settle(console, scalable, replicas).await?,
            Control::Shell { count: Some(count), .. } => self.counts(console, count, replicas).await?,
            _ => {}
        }
        self.done = true;
        Ok(())
    }

    /// What to tell a person of it if it is not put back now, unless it is as it was found.
    pub(super) fn left(&self) -> Option<String> {
        let (name, told) = (&self.name, self.told?);
        if !self.done {
            return Some(format!(
                "{name} may not have {told} replicas: that was not waited for, or has failed"
            ));
        }
        match self.found {
            None => Some(format!("{name} stays at {told}: without a `count` it is not known what it was")),
            Some(found) if found == told => None,
            Some(found) => Some(format!("{name} is left at {told}: it was {found}")),
        }
    }

    /// The number to put it back to, if that is another one. What kubectl was refused it has not changed; docker-compose may have made
    /// containers that do not run yet.
    pub(super) async fn find_changed(&mut self, console: &Console<Shell>) -> Option<usize> {
        let told = |found: &usize| self.told.is_some_and(|told| told != *found || !self.done);
        let found = self.found.filter(told)?;
        if let Control::Kubernetes(scalable) = &self.control
            && scalable.count(console).await == Ok(found)
        {
            (self.told, self.done) = (Some(found), true);
            return None;
        }
        Some(found)
    }

    /// Waits until `count` prints the number that is wanted: who was told to scale may only have begun to.
    async fn counts(
        &self,
        console: &Console<Shell>,
        count: &Invocation,
        replicas: usize,
    ) -> Result<(), DriveError> {
        console.say(&format!("$ {count}"));
        self.wait(async || {
            let said = console.read_untold(count.clone()).await.map_err(|error| self.failed(error))?;
            let why = || format!("`{count}` prints \"{}\", not \"{replicas}\"", shortened(said.trim()));
            Ok((said.trim().parse() != Ok(replicas)).then(why))
        })
        .await
    }

    /// Waits until all replicas of `scalable` are ready.
    async fn settle(
        &self,
        console: &Console<Shell>,
        scalable: &Scalable,
        replicas: usize,
    ) -> Result<(), DriveError> {
        console.say(&format!("$ {}", scalable.look()));
        self.wait(async || {
            let status = scalable.status(console).await.map_err(|why| wrong(&self.name, why))?;
            if status.is_settled(replicas) {
                return Ok(None);
            }
            let (found, ready) = (status.wanted, status.ready);
            if found != replicas {
                let why = format!(
                    "it was told to have {replicas} replicas and has {found}: somebody else scales it, see `kubectl get hpa`"
                );
                return Err(wrong(&self.name, why));
            }
            Ok(Some(format!("{ready} of {replicas} replicas are ready; see `{}`", scalable.describe())))
        })
        .await
    }

    /// Waits until `look` says nothing more against it.
    async fn wait(
        &self,
        look: impl AsyncFn() -> Result<Option<String>, DriveError>,
    ) -> Result<(), DriveError> {
        let deadline = Instant::now() + READY_WITHIN;
        while let Some(why) = look().await? {
            if Instant::now() > deadline {
                return Err(DriveError::NotReady { service: self.name.clone(), within: READY_WITHIN, why });
            }
            sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    }

    /// How many replicas there are, if that can be told.
    async fn count(&self, console: &Console<Shell>) -> Result<Option<usize>, DriveError> {
        let counted = match &self.control {
            Control::Shell { count: None, .. } => return Ok(None),
            Control::Shell { count: Some(count), .. } => return self.printed(console, count).await.map(Some),
            Control::Compose(composed) => composed.count(console).await,
            Control::Kubernetes(scalable) => scalable.count(console).await,
        };
        counted.map(Some).map_err(|why| wrong(&self.name, why))
    }

    /// The number that `command` prints.
    async fn printed(&self, console: &Console<Shell>, command: &Invocation) -> Result<usize, DriveError> {
        let said = console.read(command.clone()).await.map_err(|error| self.failed(error))?;
        let why =
            || format!("`{command}` printed no number but \"{}\"; mend `count`", shortened(said.trim()));
        said.trim().parse().map_err(|_| wrong(&self.name, why()))
    }

    fn failed(&self, error: CommandError) -> DriveError {
        match &self.control {
            Control::Shell { .. } => DriveError::command(&self.name, error),
            Control::Compose(_) => wrong(&self.name, composed::said(error)),
            Control::Kubernetes(_) => wrong(&self.name, kubernetes::said(error)),
        }
    }
}

fn wrong(service: &str, why: String) -> DriveError {
    DriveError::Command { service: service.to_owned(), why }
}

/// What `sh` makes of a line.
pub(super) fn shell(line: &str) -> Invocation {
    Invocation::new("sh", ["-c", line])
}
