//! Why the application under docker-compose could not be found, started, scaled, read or put back.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::mishaps::explain;
use crate::backend::BackendError;
use crate::backend::command::CommandError;
use crate::backend::tunnel::TunnelError;

/// Each message is one line that ends with what would mend it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComposeError {
    #[error("there is no `docker` here: install Docker's command line client")]
    NoDocker,
    #[error("Docker does not answer: {0}; start it, or set DOCKER_HOST")]
    DockerDown(String),
    #[error("Docker lets nobody in here: {0}; join the group docker, or use sudo")]
    DockerDenied(String),
    #[error("there is no docker-compose here, nor `docker compose`{}: install 1.28 or later, or Compose v2", because(.0.as_ref()))]
    NoCompose(Option<String>),
    #[error("docker-compose {0} is too old: 1.28 or later, or Compose v2, is needed")]
    ComposeTooOld(String),
    #[error("there is no compose file here: change to a folder that has one, or give it with --file")]
    NoFile,
    #[error("there is no compose file {}: give another with --file", .0.display())]
    FileMissing(PathBuf),
    #[error("docker-compose cannot use the compose file: {0}; mend it, or give another with --file")]
    BadFile(String),
    #[error("the compose file has no service {0}: the lab needs redis, rng, hasher and worker")]
    ServiceMissing(&'static str),
    #[error(
        "a project that isn't ours: {project} belongs to {}, not to {}; choose another name with --project-name",
        theirs.display(),
        ours.display()
    )]
    Foreign { project: String, theirs: PathBuf, ours: PathBuf },
    #[error("port {port} is taken: free it, or {remedy}")]
    PortTaken { port: u16, remedy: String },
    #[error(
        "an image is missing and cannot be pulled or built: {0}; make the images with compose/build-local (--redis for Redis)"
    )]
    NoImage(String),
    #[error("Docker has no network left to give: {0}; remove unused ones with `docker network prune`")]
    NoNetwork(String),
    #[error("cannot run `{command}`: {source}; is it installed and executable?")]
    NotRun { command: String, source: std::io::Error },
    #[error("`{command}` did not end within {}; see what it waits for with `docker ps -a`", humantime::format_duration(*.within))]
    TimedOut { command: String, within: Duration },
    #[error("`{command}` failed: {said}; mend that, or see `docker ps -a`")]
    Failed { command: String, said: String },
    #[error("cannot make sense of what `{command}` said: {said}; is that Docker's own client?")]
    Unintelligible { command: String, said: String },
    #[error(
        "{replica} has no admin port {port}: the lab needs our images, without the override original-images.yaml"
    )]
    NoAdminPort { replica: String, port: u16 },
    #[error("cannot write a compose file of our own: {0}; set TMPDIR to a folder where you can")]
    Override(#[source] io::Error),
    #[error("{0} is not running any more; see `docker ps -a`")]
    Gone(String),
    #[error("{replica} was not ready within {}{}; see `docker-compose logs`", humantime::format_duration(*.within), because(.said.as_ref()))]
    NotReady { replica: String, within: Duration, said: Option<String> },
    #[error(
        "{service} runs {found} times, not {wanted}: somebody else scales it; leave it to the lab meanwhile"
    )]
    WrongCount { service: &'static str, found: usize, wanted: usize },
    #[error(
        "the containers cannot be reached from here ({0}): leave out --reach direct, and the lab goes through a tunnel"
    )]
    Unreachable(String),
    #[error("no container of this project runs our image: the tunnel needs one; see `docker-compose ps`")]
    NowhereToTunnel,
    #[error("{0}; the lab needs our images, without the override original-images.yaml")]
    Tunnel(#[from] TunnelError),
    #[error("{0}; see with `docker ps -a` whether its container runs, then run the lab again")]
    TunnelLost(TunnelError),
    #[error(
        "the containers cannot be reached, neither directly ({directly}) nor otherwise ({tunnel}); \
         the lab needs our images, without the override original-images.yaml"
    )]
    NoWay { directly: String, tunnel: TunnelError },
    #[error("redis runs once: it is the one place where hashes are counted; scale the others")]
    StoreScaled,
    #[error("the application is not running: start it first")]
    NotUp,
    #[error("what the lab found could not be put back: {cause}; do it yourself: {command}")]
    NotRestored { cause: Box<ComposeError>, command: String },
}

fn because(reason: Option<&String>) -> String {
    reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
}

impl From<CommandError> for ComposeError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotRun { command, source } => {
                let missing = source.kind() == io::ErrorKind::NotFound && command.program == "docker";
                if missing { Self::NoDocker } else { Self::NotRun { command: command.to_string(), source } }
            }
            CommandError::TimedOut { command } => {
                Self::TimedOut { command: command.to_string(), within: command.within }
            }
            CommandError::Failed { command, stderr } => {
                explain(&command, &stderr, &|name| std::env::var(name).ok())
            }
        }
    }
}

impl From<ComposeError> for BackendError {
    fn from(error: ComposeError) -> Self {
        Self::new(error.to_string())
    }
}
