//! Services that somebody else runs, scaled by a command: a person's own, docker-compose's, kubectl's.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::DriveError;
use super::plan::Way;
use super::template::Template;
use crate::backend::command::{Console, Invocation, Shell};
use crate::backend::compose::program;

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
}

#[derive(Debug)]
enum Control {
    Shell { scale: Template, count: Option<Invocation> },
    Compose { base: Invocation, service: String },
    Kubernetes { base: Invocation, object: String },
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
                let found = program::find(console).await;
                let mut base = found
                    .map_err(|why| DriveError::Command { service: name.to_owned(), why: why.to_string() })?;
                if let Some(project) = project {
                    base = base.and(["-p", project]);
                }
                for file in files {
                    base = base.and(["-f", file]);
                }
                Control::Compose { base, service: service.clone() }
            }
            Way::Kubernetes { object, namespace, context } => {
                let mut base = Invocation::new("kubectl", [""; 0]);
                for (flag, value) in [("--context", context), ("--namespace", namespace)] {
                    base = base.and(value.iter().flat_map(|value| [flag, value]));
                }
                Control::Kubernetes { base, object: object.clone() }
            }
        };
        let mut external = Self { name: name.to_owned(), control, found: None, told: None };
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
        if self.told == Some(replicas) || (self.told.is_none() && self.found == Some(replicas)) {
            return Ok(());
        }
        // Noted first, so that what is interrupted is put back as well.
        self.told = Some(replicas);
        let command = match &self.control {
            Control::Shell { scale, .. } => shell(&fill(scale, replicas)),
            Control::Compose { base, service } => base.clone().and([
                "up".to_owned(),
                "-d".to_owned(),
                "--no-deps".to_owned(),
                "--no-recreate".to_owned(),
                "--scale".to_owned(),
                format!("{service}={replicas}"),
                service.clone(),
            ]),
            Control::Kubernetes { base, object } => {
                base.clone().and(["scale", object]).and([format!("--replicas={replicas}")])
            }
        };
        console.change(&command).await.map_err(|error| DriveError::command(&self.name, error))?;
        self.settle(console, replicas).await
    }

    /// Whether it may be otherwise than it was found, and cannot be put back.
    pub(super) fn is_left_changed(&self) -> Option<(&str, usize)> {
        self.told.filter(|_| self.found.is_none()).map(|told| (self.name.as_str(), told))
    }

    /// The number to put it back to, if that is another one.
    pub(super) fn to_restore(&self) -> Option<usize> {
        self.found.filter(|found| self.told.is_some_and(|told| told != *found))
    }

    async fn settle(&self, console: &Console<Shell>, replicas: usize) -> Result<(), DriveError> {
        let Control::Kubernetes { base, object } = &self.control else { return Ok(()) };
        let wanted = format!("{replicas} {replicas}");
        let path = "jsonpath={.status.replicas} {.status.readyReplicas}";
        let look = base.clone().and(["get", object, "--output", path]);
        console.say(&format!("$ {look}"));
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let said = console.read_untold(look.clone()).await;
            let said = said.map_err(|error| DriveError::command(&self.name, error))?;
            if said.trim() == wanted {
                return Ok(());
            }
            if Instant::now() > deadline {
                let why = format!("replicas and ready ones are \"{}\", not \"{wanted}\"", said.trim());
                return Err(DriveError::NotReady { service: self.name.clone(), within: READY_WITHIN, why });
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// How many replicas there are, if that can be told.
    async fn count(&self, console: &Console<Shell>) -> Result<Option<usize>, DriveError> {
        let (command, lines) = match &self.control {
            Control::Shell { count: None, .. } => return Ok(None),
            Control::Shell { count: Some(count), .. } => (count.clone(), false),
            Control::Compose { base, service } => (base.clone().and(["ps", "-q", service]), true),
            Control::Kubernetes { base, object } => {
                (base.clone().and(["get", object, "--output", "jsonpath={.spec.replicas}"]), false)
            }
        };
        let said = console.read(command.clone()).await;
        let said = said.map_err(|error| DriveError::command(&self.name, error))?;
        if lines {
            return Ok(Some(said.lines().filter(|line| !line.trim().is_empty()).count()));
        }
        let why = || format!("`{command}` printed no number but \"{}\"", said.trim());
        let number =
            said.trim().parse().map_err(|_| DriveError::Command { service: self.name.clone(), why: why() });
        number.map(Some)
    }
}

/// What `sh` makes of a line.
pub(super) fn shell(line: &str) -> Invocation {
    Invocation::new("sh", ["-c", line])
}
