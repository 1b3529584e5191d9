//! What cannot work, told before anything is changed.

use super::{CALLED, Cluster, SCALED};
use crate::backend::Service;
use crate::backend::command::{Invocation, Runner};
use crate::backend::kubernetes::error::KubernetesError;
use crate::backend::kubernetes::inventory::{Inventory, autoscalers};
use crate::backend::kubernetes::workload::{Kind, Workload};
use crate::backend::way::Reach;

impl<R: Runner> Cluster<R> {
    /// Whether the plan can be carried out on what was `found`.
    pub(super) async fn check(&self, found: &Inventory) -> Result<(), KubernetesError> {
        self.check_presence(found).await?;
        for workload in found.workloads.values() {
            self.check_kind(workload)?;
        }
        self.check_autoscalers(found).await?;
        self.check_rights(found).await
    }

    async fn check_presence(&self, found: &Inventory) -> Result<(), KubernetesError> {
        let workloads = SCALED.into_iter().filter(|service| !found.workloads.contains_key(service));
        let doors = CALLED.into_iter().filter(|service| !found.doors.contains_key(service));
        let mut missing =
            workloads.map(|service| ("Deployment", service)).chain(doors.map(|it| ("Service", it)));
        let Some((what, service)) = missing.next() else { return Ok(()) };
        let namespace = self.kubectl.namespace.clone();
        let looked = self.console.attempt(self.kubectl.find_namespace()).await?;
        // Who may not look is not told.
        if looked.is_some_and(|output| output.stderr.contains("(NotFound)")) {
            return Err(KubernetesError::NoNamespace(namespace));
        }
        Err(KubernetesError::Missing { what, app: service.app(), namespace })
    }

    /// A `DaemonSet` has as many replicas as it has nodes.
    fn check_kind(&self, workload: &Workload) -> Result<(), KubernetesError> {
        if workload.kind != Kind::DaemonSet {
            return Ok(());
        }
        let (app, found) = (workload.service.app(), workload.replicas);
        let wanted = self.counts.get(&workload.service).into_iter().flatten();
        let wanted: Vec<String> = wanted.filter(|count| **count != found).map(usize::to_string).collect();
        if wanted.is_empty() {
            self.console
                .say(&format!("{app} is a DaemonSet: it keeps its {found}, one on each of its nodes"));
            return Ok(());
        }
        let (wanted, flag) = (wanted.join(" or "), flag(workload.service));
        Err(KubernetesError::DaemonSet { app, found, wanted, flag })
    }

    /// Two that set the same count undo each other's work.
    async fn check_autoscalers(&self, found: &Inventory) -> Result<(), KubernetesError> {
        let listed = self.console.attempt(self.kubectl.autoscalers()).await?;
        let Some(json) = listed.filter(|output| output.success).map(|output| output.stdout) else {
            self.console
                .say("whether a HorizontalPodAutoscaler interferes cannot be told: they may not be listed");
            return Ok(());
        };
        for autoscaler in autoscalers(&json)? {
            let scaled = SCALED.iter().filter_map(|service| found.workloads.get(service));
            for workload in scaled.filter(|workload| autoscaler.scales(workload)) {
                let (name, reference) = (autoscaler.name.clone(), workload.reference());
                if self.changes(workload) {
                    return Err(KubernetesError::Autoscaled {
                        remedy: Box::new(self.kubectl.with(["delete", "hpa", &name])),
                        autoscaler: name,
                        workload: reference,
                        flag: flag(workload.service),
                        found: workload.replicas,
                    });
                }
                self.console
                    .say(&format!("the HorizontalPodAutoscaler {name} may scale {reference} meanwhile"));
            }
        }
        Ok(())
    }

    async fn check_rights(&self, found: &Inventory) -> Result<(), KubernetesError> {
        let mut kinds: Vec<Kind> = Vec::new();
        for workload in SCALED.iter().filter_map(|service| found.workloads.get(service)) {
            if self.changes(workload) && !kinds.contains(&workload.kind) {
                kinds.push(workload.kind);
            }
        }
        for kind in kinds {
            let what = if kind == Kind::StatefulSet { "scale StatefulSets" } else { "scale Deployments" };
            self.check_right(self.kubectl.may_scale(kind), what).await?;
        }
        if self.reach == Reach::Direct {
            return Ok(());
        }
        self.check_right(self.kubectl.may_exec(), "run programs in pods (create pods/exec)").await
    }

    async fn check_right(&self, question: Invocation, what: &'static str) -> Result<(), KubernetesError> {
        let answer = self.console.attempt(question).await?;
        let no = answer.is_some_and(|answer| answer.stdout.lines().any(|line| line.starts_with("no")));
        if no {
            return Err(KubernetesError::NoRight { what, namespace: self.kubectl.namespace.clone() });
        }
        Ok(())
    }

    /// Whether the plan asks for another count of `workload` than it has.
    fn changes(&self, workload: &Workload) -> bool {
        let mut counts = self.counts.get(&workload.service).into_iter().flatten();
        workload.kind != Kind::DaemonSet && counts.any(|count| *count != workload.replicas)
    }
}

/// What sets the counts of `service`.
fn flag(service: Service) -> &'static str {
    match service {
        Service::Hasher => "--hasher",
        Service::Worker => "--workers",
        _ => "--rng",
    }
}
