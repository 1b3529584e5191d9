//! Why a pod is not ready, as `kubectl describe` would tell, and what would mend it.

use super::pod::{Container, Pod};
use crate::backend::command::{Invocation, shortened};

/// What is wrong with a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// A clause that follows the pod's name.
    pub(super) what: String,
    /// What would mend it.
    pub(super) remedy: Remedy,
    /// Whether waiting is not likely to help.
    pub(super) is_hopeless: bool,
}

/// What would mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    Image,
    Describe,
    Logs,
    Memory,
    Room,
}

impl Remedy {
    /// As a sentence without its full stop; `describe` and `logs` are the commands that tell more.
    pub(super) fn advice(self, describe: &Invocation, logs: &Invocation) -> String {
        match self {
            Self::Image => {
                "put the image where the nodes can get it, or choose another with `kubectl set image`"
                    .to_owned()
            }
            Self::Describe => format!("see `{describe}`"),
            Self::Logs => format!("mend what its log says, see `{logs}`"),
            Self::Memory => "raise resources.limits.memory".to_owned(),
            Self::Room => {
                "free or add nodes, ask for less in resources.requests, or measure fewer replicas".to_owned()
            }
        }
    }
}

/// Exit code of what the kernel has killed.
const KILLED: i32 = 137;

impl Trouble {
    /// What is wrong with `pod`; `None` if nothing speaks against its being ready.
    pub(super) fn of(pod: &Pod) -> Option<Self> {
        if let Some(why) = &pod.unscheduled {
            let what = format!("finds no node: {}", shortened(why));
            return Some(Self { what, remedy: Remedy::Room, is_hopeless: false });
        }
        if pod.is_over() {
            let what = format!("has ended: {}", pod.reason.as_ref().unwrap_or(&pod.phase));
            return Some(Self { what, remedy: Remedy::Describe, is_hopeless: true });
        }
        pod.containers.iter().find_map(Self::of_container)
    }

    fn of_container(container: &Container) -> Option<Self> {
        let (reason, message) = container.waiting.as_ref()?;
        let told = |what: &str| match message.as_str() {
            "" => format!("{what}: {reason}"),
            message => format!("{what}: {}", shortened(message)),
        };
        match reason.as_str() {
            // What it is anyway, at first.
            "ContainerCreating" | "PodInitializing" => None,
            "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
                let what = told("cannot get its image");
                Some(Self { what, remedy: Remedy::Image, is_hopeless: true })
            }
            "CrashLoopBackOff" => Some(Self::crash(container)),
            _ => {
                let what = told(&format!("cannot be started ({reason})"));
                Some(Self { what, remedy: Remedy::Describe, is_hopeless: true })
            }
        }
    }

    fn crash(container: &Container) -> Self {
        let ended = container.ended.clone().unwrap_or_default();
        if ended.reason == "OOMKilled" {
            let what = "is killed again and again, for it uses more memory than it may".to_owned();
            return Self { what, remedy: Remedy::Memory, is_hopeless: true };
        }
        let what = format!("ends again and again, {}", ending(ended.exit_code));
        Self { what, remedy: Remedy::Logs, is_hopeless: true }
    }
}

/// How something ended.
pub(super) fn ending(exit_code: i32) -> String {
    if exit_code == KILLED { "killed".to_owned() } else { format!("with exit code {exit_code}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn trouble(status: &Value) -> Option<Trouble> {
        let spec = json!({ "containers": [{ "name": "rng" }] });
        let pod = json!({ "kind": "Pod", "metadata": { "name": "p" }, "spec": spec, "status": status });
        Trouble::of(&Pod::parse(&pod).unwrap())
    }

    fn waiting(reason: &str, message: &str, last_state: &Value) -> Option<Trouble> {
        let state = json!({ "waiting": { "reason": reason, "message": message } });
        let container = json!({ "name": "rng", "state": state, "lastState": last_state });
        trouble(&json!({ "phase": "Pending", "containerStatuses": [container] }))
    }

    #[track_caller]
    fn assert_told(trouble: Option<Trouble>, what: &str, remedy: &str, is_hopeless: bool) {
        let trouble = trouble.unwrap();
        assert!(trouble.what.contains(what), "{trouble:?}");
        let [describe, logs] = ["describe", "logs"].map(|command| Invocation::new("kubectl", [command, "p"]));
        let advice = trouble.remedy.advice(&describe, &logs);
        assert!(advice.contains(remedy), "{advice}");
        assert_eq!(trouble.is_hopeless, is_hopeless, "{trouble:?}");
    }

    #[test]
    fn what_keeps_a_pod_from_running_is_told_with_its_remedy() {
        let nothing = json!({});
        let pull = "Back-off pulling image \"nope:1\"";
        assert_told(
            waiting("ImagePullBackOff", pull, &nothing),
            "image: Back-off pulling",
            "set image",
            true,
        );
        assert_told(waiting("ErrImageNeverPull", "", &nothing), "ErrImageNeverPull", "set image", true);
        let secret = "secret \"redis\" not found";
        let config = waiting("CreateContainerConfigError", secret, &nothing);
        assert_told(config, "CreateContainerConfigError): secret \"redis\"", "kubectl describe p", true);
        let crashed = json!({ "terminated": { "reason": "Error", "exitCode": 2 } });
        assert_told(waiting("CrashLoopBackOff", "back-off", &crashed), "exit code 2", "kubectl logs p", true);
        let memory = json!({ "terminated": { "reason": "OOMKilled", "exitCode": 137 } });
        assert_told(waiting("CrashLoopBackOff", "back-off", &memory), "more memory", "limits.memory", true);
    }

    #[test]
    fn a_pod_without_a_node_may_still_get_one_and_an_evicted_one_does_not_come_back() {
        let message = "0/1 nodes are available: 1 Insufficient cpu.";
        let conditions = json!([{ "type": "PodScheduled", "status": "False", "message": message }]);
        let pending = json!({ "phase": "Pending", "conditions": conditions });
        assert_told(
            trouble(&pending),
            "no node: 0/1 nodes are available: 1 Insufficient cpu",
            "fewer",
            false,
        );
        let evicted = json!({ "phase": "Failed", "reason": "Evicted" });
        assert_told(trouble(&evicted), "has ended: Evicted", "describe", true);
    }

    #[test]
    fn a_pod_that_is_being_made_or_runs_is_in_no_trouble() {
        assert_eq!(waiting("ContainerCreating", "", &json!({})), None);
        assert_eq!(trouble(&json!({ "phase": "Running" })), None);
    }
}
