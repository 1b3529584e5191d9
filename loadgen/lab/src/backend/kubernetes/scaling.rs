//! Changing how many replicas there are, and putting back how many there were.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::error::KubernetesError;
use super::kubectl::Kubectl;
use super::workload::Workload;
use crate::backend::Service;
use crate::backend::command::{Console, Invocation, Runner};

/// What was found, and what has been made of it.
#[derive(Debug)]
pub(super) struct Scaling {
    kubectl: Kubectl,
    found: BTreeMap<Service, Workload>,
    /// What was last asked for; kept before it is, so that also what is interrupted is put back.
    set: RefCell<BTreeMap<Service, usize>>,
    /// What puts back what else was changed, by what that is.
    other: RefCell<BTreeMap<String, Invocation>>,
}

impl Scaling {
    pub(super) fn new(kubectl: Kubectl, found: BTreeMap<Service, Workload>) -> Self {
        Self { kubectl, found, set: RefCell::default(), other: RefCell::default() }
    }

    /// What makes the pods of `service`, as it was found.
    pub(super) fn workload(&self, service: Service) -> Option<&Workload> {
        self.found.get(&service)
    }

    /// How many replicas `service` was last brought to, or had from the beginning.
    pub(super) fn count(&self, service: Service) -> usize {
        let set = self.set.borrow().get(&service).copied();
        set.or(self.workload(service).map(|workload| workload.replicas)).unwrap_or(0)
    }

    /// Asks for `count` replicas of `service`.
    pub(super) async fn scale<R: Runner>(
        &self,
        console: &Console<R>,
        service: Service,
        count: usize,
    ) -> Result<(), KubernetesError> {
        let Some(workload) = self.workload(service) else { return Ok(()) };
        self.set.borrow_mut().insert(service, count);
        console.change(&self.kubectl.scale(workload, count)).await?;
        Ok(())
    }

    /// `what` is about to be changed, and `command` puts it back; what was noted of it before stays.
    pub(super) fn note(&self, what: String, command: Invocation) {
        self.other.borrow_mut().entry(what).or_insert(command);
    }

    /// `what` is as it was found.
    pub(super) fn forget(&self, what: &str) {
        self.other.borrow_mut().remove(what);
    }

    /// Puts back what was found; goes on where one cannot be, and tells of the first.
    pub(super) async fn put_back<R: Runner>(&self, console: &Console<R>) -> Result<(), KubernetesError> {
        let mut first = None;
        for (service, command) in self.undo() {
            match console.change(&command).await {
                Ok(_) => {
                    self.set.borrow_mut().remove(&service);
                }
                Err(error) => first = first.or(Some(error)),
            }
        }
        let other = self.other.borrow().clone();
        for (what, command) in other {
            match console.change(&command).await {
                Ok(_) => self.forget(&what),
                Err(error) => first = first.or(Some(error)),
            }
        }
        match first {
            Some(cause) => {
                let (cause, commands) = (Box::new(cause.into()), self.by_hand().unwrap_or_default());
                Err(KubernetesError::NotRestored { cause, commands })
            }
            None => Ok(()),
        }
    }

    /// What puts it back; `None` if there is nothing to put back.
    pub(super) fn by_hand(&self) -> Option<String> {
        let mut commands: Vec<String> = self.undo().iter().map(|(_, command)| command.to_string()).collect();
        commands.extend(self.other.borrow().values().map(Invocation::to_string));
        (!commands.is_empty()).then(|| commands.join(" && "))
    }

    fn undo(&self) -> Vec<(Service, Invocation)> {
        let set = self.set.borrow();
        let changed = self
            .found
            .iter()
            .filter(|(service, found)| set.get(service).is_some_and(|count| *count != found.replicas));
        changed.map(|(service, found)| (*service, self.kubectl.scale(found, found.replicas))).collect()
    }
}
