//! Why the application in the cluster could not be found, scaled, read or put back.

use std::io;
use std::time::Duration;

use super::mishaps::explain;
use crate::backend::BackendError;
use crate::backend::command::{CommandError, Invocation};
use crate::backend::tunnel::TunnelError;

/// Each message is one line that ends with what would mend it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KubernetesError {
    #[error("there is no `kubectl` here: install Kubernetes' command line client")]
    NoKubectl,
    #[error("the cluster does not answer: {0}; start it, or choose another with --context or KUBECONFIG")]
    NoCluster(String),
    #[error(
        "kubectl cannot use its configuration: {0}; mend it, or choose another with --context or KUBECONFIG"
    )]
    NoConfiguration(String),
    #[error("the cluster does not know who you are: {0}; log in anew, or choose another user with --context")]
    Unauthorized(String),
    #[error(
        "the cluster does not allow it: {0}; ask for a Role that does, or choose another user with --context"
    )]
    Forbidden(String),
    #[error(
        "in the namespace {namespace} you may not {what}: ask for a Role that lets you, or choose another user with --context"
    )]
    NoRight { what: &'static str, namespace: String },
    #[error("there is no namespace {0}: `kubectl apply -k k8s/base` makes one, --namespace chooses another")]
    NoNamespace(String),
    #[error(
        "the namespace {namespace} has no {what} {app}: `kubectl apply -k k8s/base` makes it, --namespace chooses another"
    )]
    Missing { what: &'static str, app: &'static str, namespace: String },
    #[error("{one} and {other} both make pods of one service: delete one of them, or scale it to 0")]
    TwoWorkloads { one: String, other: String },
    #[error(
        "{app} is a DaemonSet: with one replica on each of its nodes it has {found} and cannot be scaled to {wanted}; \
         give {flag} {found}, or make it a Deployment"
    )]
    DaemonSet { app: &'static str, found: usize, wanted: String, flag: &'static str },
    #[error(
        "the HorizontalPodAutoscaler {autoscaler} would undo what the lab does to {workload}: delete it for the time being, \
         `{remedy}`, or give no other {flag} than {found}"
    )]
    Autoscaled {
        autoscaler: String,
        workload: String,
        remedy: Box<Invocation>,
        flag: &'static str,
        found: usize,
    },
    #[error("cannot run `{command}`: {source}; is it installed and executable?")]
    NotRun { command: String, source: io::Error },
    #[error(
        "`{command}` did not end within {}; does the cluster answer? --context or KUBECONFIG chooses another",
        humantime::format_duration(*.within)
    )]
    TimedOut { command: String, within: Duration },
    #[error("`{command}` failed: {said}; mend that, or see `kubectl get events`")]
    Failed { command: String, said: String },
    #[error("cannot make sense of what kubectl said: {0}; is that Kubernetes' own client?")]
    Unintelligible(String),
    #[error("{0}")]
    NotReady(String),
    #[error(
        "{pod} is ready but has no admin port {port}: the lab needs our images; `kubectl set image` chooses them"
    )]
    NoAdminPort { pod: String, port: u16 },
    #[error(
        "{app} has {found} pods, not {wanted}: somebody else scales it, see `kubectl get hpa`; leave it to the lab meanwhile"
    )]
    WrongCount { app: &'static str, found: usize, wanted: usize },
    #[error("no pod of webui, hasher, worker or rng is ready: the way to the admin ports leads through one")]
    NowhereToTunnel,
    #[error(
        "{0}; the way to the admin ports leads through a pod of our image: `kubectl set image` chooses it"
    )]
    Tunnel(#[from] TunnelError),
    #[error("{0}; close what this machine does not need, or raise `ulimit -n`")]
    NoLocalPort(TunnelError),
    #[error("redis runs once: it is the one place where hashes are counted; scale the others")]
    StoreScaled,
    #[error("the application is not running: start it first")]
    NotUp,
    #[error("what the lab found could not be put back: {cause}; do it yourself: {commands}")]
    NotRestored { cause: Box<KubernetesError>, commands: String },
}

impl From<CommandError> for KubernetesError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::NotRun { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Self::NoKubectl
            }
            CommandError::NotRun { command, source } => Self::NotRun { command: command.to_string(), source },
            CommandError::TimedOut { command } => {
                Self::TimedOut { command: command.to_string(), within: command.within }
            }
            CommandError::Failed { command, stderr } => explain(&command, &stderr),
        }
    }
}

impl From<KubernetesError> for BackendError {
    fn from(error: KubernetesError) -> Self {
        Self::new(error.to_string())
    }
}
