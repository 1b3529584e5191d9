//! Waiting until pods are ready: first by what the cluster says, then by what they say themselves at their admin ports.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Session;
use crate::backend::command::{Console, Runner};
use crate::backend::kubernetes::error::KubernetesError;
use crate::backend::kubernetes::pod::Pod;
use crate::backend::kubernetes::scaling::Scaling;
use crate::backend::kubernetes::trouble::Trouble;
use crate::backend::readiness::{Silence, readiness};
use crate::backend::{Replica, Service};

/// The pause between two looks, unless a pod changes before.
const PAUSE: Duration = Duration::from_millis(100);

/// What a person waits for without being told why.
const TO_BE_TOLD: Duration = Duration::from_secs(4);

/// A wait under way.
struct Wait<'a> {
    scaling: &'a Scaling,
    service: Service,
    began: Instant,
    /// What a person was told last.
    told: String,
    /// Whether the workload was asked why there are too few pods.
    asked: bool,
}

impl<'a> Wait<'a> {
    fn new(scaling: &'a Scaling, service: Service) -> Self {
        Self { scaling, service, began: Instant::now(), told: String::new(), asked: false }
    }
}

impl Session {
    /// Waits until the cluster says that `service` has as many pods as `scaling` says, all ready, and no other is left.
    pub(super) async fn wait_for_cluster<R: Runner>(
        &self,
        console: &Console<R>,
        scaling: &Scaling,
        service: Service,
    ) -> Result<(), KubernetesError> {
        let mut wait = Wait::new(scaling, service);
        while !self.is_settled(&wait) {
            self.give_up_or_pause(console, &mut wait).await?;
        }
        Ok(())
    }

    /// Waits until all of them say so themselves as well.
    pub(in crate::backend::kubernetes) async fn wait<R: Runner>(
        &self,
        console: &Console<R>,
        scaling: &Scaling,
        service: Service,
    ) -> Result<(), KubernetesError> {
        let mut wait = Wait::new(scaling, service);
        loop {
            if self.is_settled(&wait) {
                self.find_way(console).await?;
                match self.first_silent(&wait).await? {
                    None => return Ok(()),
                    Some((pod, Silence::Nobody))
                        if pod.restarts == 0 && wait.began.elapsed() > self.patience.listens =>
                    {
                        return Err(KubernetesError::NoAdminPort { port: pod.admin_port(), pod: pod.name });
                    }
                    Some(_) => {}
                }
            }
            self.give_up_or_pause(console, &mut wait).await?;
        }
    }

    fn is_settled(&self, wait: &Wait<'_>) -> bool {
        let pods = self.pods(wait.scaling, wait.service);
        pods.len() == wait.scaling.count(wait.service) && pods.iter().all(|pod| pod.ready && !pod.terminating)
    }

    /// Redis has no admin port to ask.
    async fn first_silent(&self, wait: &Wait<'_>) -> Result<Option<(Pod, Silence)>, KubernetesError> {
        if wait.service == Service::Store {
            return Ok(None);
        }
        for pod in self.pods(wait.scaling, wait.service) {
            if let Err(silence) = self.ready(wait.service, &pod).await? {
                return Ok(Some((pod, silence)));
            }
        }
        Ok(None)
    }

    async fn give_up_or_pause<R: Runner>(
        &self,
        console: &Console<R>,
        wait: &mut Wait<'_>,
    ) -> Result<(), KubernetesError> {
        let pods = self.pods(wait.scaling, wait.service);
        let troubled = pods.iter().find_map(|pod| Some((pod, Trouble::of(pod)?)));
        let waited = wait.began.elapsed();
        if waited > self.patience.hopeless {
            if let Some((pod, trouble)) = troubled.as_ref().filter(|(_, trouble)| trouble.is_hopeless) {
                return Err(self.in_trouble(console, pod, trouble).await);
            }
            if pods.len() < wait.scaling.count(wait.service) && !wait.asked {
                wait.asked = true;
                self.refused(console, wait.scaling, wait.service).await?;
            }
        }
        if waited > self.patience.ready {
            return Err(self.not_ready(console, wait.scaling, wait.service).await);
        }
        if let Some((pod, trouble)) = troubled.filter(|_| waited > TO_BE_TOLD) {
            let what = format!("waiting for {}, which {}", pod.name, trouble.what);
            if wait.told != what {
                console.say(&what);
                wait.told = what;
            }
        }
        self.keep_watching(console).await?;
        // Also without a change: a pod may have something else to say at its admin port.
        let _ = timeout(PAUSE, self.watch.changed()).await;
        Ok(())
    }

    /// The replica in `pod`, if it is ready; else in what way it is not.
    pub(super) async fn ready(
        &self,
        service: Service,
        pod: &Pod,
    ) -> Result<Result<Replica, Silence>, KubernetesError> {
        let Some(ip) = pod.address.filter(|_| pod.ready && !pod.terminating) else {
            return Ok(Err(Silence::NotYet));
        };
        let Some(admin) = self.to((ip, pod.admin_port()).into())? else { return Ok(Err(Silence::NotYet)) };
        if let Err(silence) = readiness(&self.scraper, admin).await {
            return Ok(Err(silence));
        }
        let serves = (service != Service::Worker).then(|| self.to((ip, pod.serving_port()).into()));
        let address = serves.transpose()?.flatten();
        Ok(Ok(Replica { name: pod.name.clone(), service, address, admin, pid: None }))
    }
}
