//! Why a pod is not ready, in one line, with what the cluster and the pod have to say about it.

use super::Session;
use crate::backend::Service;
use crate::backend::command::{Console, Runner, shortened};
use crate::backend::kubernetes::error::KubernetesError;
use crate::backend::kubernetes::inventory::items;
use crate::backend::kubernetes::pod::Pod;
use crate::backend::kubernetes::scaling::Scaling;
use crate::backend::kubernetes::trouble::{Remedy, Trouble};
use crate::backend::kubernetes::workload::Workload;

impl Session {
    /// `pod` will hardly get over its `trouble`.
    pub(super) async fn in_trouble<R: Runner>(
        &self,
        console: &Console<R>,
        pod: &Pod,
        trouble: &Trouble,
    ) -> KubernetesError {
        let mut what = format!("{} {}", pod.name, trouble.what);
        if trouble.remedy == Remedy::Logs
            && let Some(last) = self.last_words(console, pod).await
        {
            what = format!("{what}; it said last: {last}");
        }
        let (describe, logs) = (self.kubectl.describe(pod), self.kubectl.last_words(pod));
        KubernetesError::NotReady(format!("{what}; {}", trouble.remedy.advice(&describe, &logs)))
    }

    /// An error if what makes the pods of `service` is not allowed to.
    pub(super) async fn refused<R: Runner>(
        &self,
        console: &Console<R>,
        scaling: &Scaling,
        service: Service,
    ) -> Result<(), KubernetesError> {
        let Some(workload) = scaling.workload(service) else { return Ok(()) };
        let json = console.read(self.kubectl.workload(workload)).await?;
        let now = serde_json::from_str(&json).ok().and_then(|object| Workload::parse(&object));
        let Some(trouble) = now.and_then(|now| now.trouble) else { return Ok(()) };
        Err(KubernetesError::NotReady(format!(
            "{} cannot make its pods: {}; raise the quota or mend the pod template, or measure fewer replicas",
            workload.reference(),
            shortened(&trouble)
        )))
    }

    /// Why `service` is not what it should be, its time being over.
    pub(super) async fn not_ready<R: Runner>(
        &self,
        console: &Console<R>,
        scaling: &Scaling,
        service: Service,
    ) -> KubernetesError {
        let pods = self.pods(scaling, service);
        if let Some((pod, trouble)) = pods.iter().find_map(|pod| Some((pod, Trouble::of(pod)?))) {
            return self.in_trouble(console, pod, &trouble).await;
        }
        let within = humantime::format_duration(self.patience.ready);
        let wanted = scaling.count(service);
        let late = pods.iter().find(|pod| !pod.ready && !pod.terminating);
        let lingering = || pods.iter().find(|pod| pod.terminating);
        // All of them are ready for the cluster: it is their admin ports that say otherwise.
        let silent = || pods.first().filter(|_| pods.len() == wanted);
        let (pod, what) = match (late, lingering()) {
            (Some(pod), _) => (pod, "was not ready"),
            (None, Some(pod)) => (pod, "has not ended"),
            (None, None) => match silent() {
                Some(pod) => (pod, "did not say at its admin port that it is ready"),
                None => {
                    return KubernetesError::WrongCount { app: service.app(), found: pods.len(), wanted };
                }
            },
        };
        let why = self.last_warning(console, pod).await;
        let why = why.map_or_else(String::new, |why| format!(" ({why})"));
        let describe = self.kubectl.describe(pod);
        KubernetesError::NotReady(format!("{} {what} within {within}{why}; see `{describe}`", pod.name))
    }

    /// The last that went wrong with `pod`, if anything did and may be read.
    async fn last_warning<R: Runner>(&self, console: &Console<R>, pod: &Pod) -> Option<String> {
        let json = console.read(self.kubectl.warnings(pod)).await.ok()?;
        let events = items(&json).ok()?;
        let time = |event: &serde_json::Value| {
            let times =
                ["lastTimestamp", "eventTime"].map(|key| event[key].as_str().unwrap_or_default().to_owned());
            times.into_iter().max()
        };
        let last = events.iter().max_by_key(|event| time(event))?;
        last["message"].as_str().map(|message| shortened(message.lines().next().unwrap_or_default()))
    }

    /// The last line that `pod` logged before it ended.
    async fn last_words<R: Runner>(&self, console: &Console<R>, pod: &Pod) -> Option<String> {
        let log = console.read(self.kubectl.last_words(pod)).await.ok()?;
        log.lines().last().map(|line| shortened(line.trim()))
    }
}
