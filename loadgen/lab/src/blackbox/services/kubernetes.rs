//! An object that kubectl scales: a Deployment, a `StatefulSet`, anything with `spec.replicas`.

use crate::backend::command::{CommandError, Console, Invocation, Shell};
use crate::backend::kubernetes::error::KubernetesError;

/// What is asked of it, in the order of [`Status`].
const STATUS: &str = "jsonpath={.spec.replicas}/{.status.replicas}/{.status.readyReplicas}\
                      /{.metadata.generation}/{.status.observedGeneration}";

/// One such object.
#[derive(Debug)]
pub(super) struct Scalable {
    /// kubectl, with its context and namespace.
    base: Invocation,
    /// Kind and name.
    object: String,
}

/// How it is with its replicas. Zeros are left out by the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) wanted: usize,
    present: usize,
    pub(super) ready: usize,
    /// Whether the rest is about what is wanted now.
    is_current: bool,
}

impl Scalable {
    pub(super) fn new(object: &str, namespace: Option<&str>, context: Option<&str>) -> Self {
        let mut base = Invocation::new("kubectl", [""; 0]);
        for (flag, value) in [("--context", context), ("--namespace", namespace)] {
            base = base.and(value.into_iter().flat_map(|value| [flag, value]));
        }
        Self { base, object: object.to_owned() }
    }

    /// How many replicas it is to have; or what is wrong.
    pub(super) async fn count(&self, console: &Console<Shell>) -> Result<usize, String> {
        let command = self.base.clone().and(["get", &self.object, "--output", "jsonpath={.spec.replicas}"]);
        let number = console.read(command).await.map_err(said)?;
        number.trim().parse().map_err(|_| {
            let object = &self.object;
            format!("{object} has no number of replicas: `object` must be what `kubectl scale` can scale")
        })
    }

    /// The command after which it is to have `replicas`.
    pub(super) fn scale(&self, replicas: usize) -> Invocation {
        self.base.clone().and(["scale", &self.object]).and([format!("--replicas={replicas}")])
    }

    /// What [`Self::status`] runs.
    pub(super) fn look(&self) -> Invocation {
        self.base.clone().and(["get", &self.object, "--output", STATUS])
    }

    /// What tells more of it.
    pub(super) fn describe(&self) -> Invocation {
        self.base.clone().and(["describe", &self.object])
    }

    /// How it is now; the command is not told.
    pub(super) async fn status(&self, console: &Console<Shell>) -> Result<Status, String> {
        Ok(Status::read(&console.read_untold(self.look()).await.map_err(said)?))
    }
}

impl Status {
    fn read(text: &str) -> Self {
        let mut numbers = text.trim().split('/').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        let [wanted, present, ready] = [next(), next(), next()].map(Option::unwrap_or_default);
        let [generation, observed] = [next(), next()];
        // Not every controller says what it has observed.
        Self {
            wanted,
            present,
            ready,
            is_current: observed.is_none_or(|observed| Some(observed) >= generation),
        }
    }

    /// Whether there are `replicas`, all ready, and no others.
    pub(super) fn is_settled(self, replicas: usize) -> bool {
        self.is_current && [self.wanted, self.present, self.ready] == [replicas; 3]
    }
}

/// What is wrong, in the words of a plan.
pub(super) fn said(error: CommandError) -> String {
    match KubernetesError::from(error) {
        KubernetesError::Failed { command, said }
            if said.contains("(NotFound)") || said.contains("doesn't have a resource type") =>
        {
            format!("`{command}` failed, saying: {said}; correct `object`, `namespace` or `context`")
        }
        KubernetesError::Failed { command, said } => {
            format!("`{command}` failed, saying: {said}; run it by hand to see more")
        }
        // What is a flag elsewhere is a key here.
        error => error.to_string().replace("--context", "`context`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_settled_when_all_that_are_wanted_are_ready_and_none_else_is_there() {
        for (text, replicas, settled) in [
            ("3/3/3/7/7", 3, true),
            ("3/3/2/7/7", 3, false),
            ("1/3/3/8/8", 1, false),
            // The status of another number before.
            ("3/3/3/8/7", 3, false),
            ("0////", 0, true),
            ("0/0//4/4", 0, true),
            ("2/2/2/5/", 2, true),
        ] {
            assert_eq!(Status::read(text).is_settled(replicas), settled, "{text}");
        }
    }
}
