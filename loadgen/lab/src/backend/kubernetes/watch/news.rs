//! The pods that are known, and the judgement what of that which happens to them is news.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::kubernetes::pod::Pod;
use crate::backend::kubernetes::trouble::ending;
use crate::backend::{Event, Service};
use crate::clock::unix_seconds;

/// What is known.
#[derive(Debug, Default)]
pub(super) struct State {
    /// By name.
    pub(super) pods: BTreeMap<String, Pod>,
    /// Whether all that there were at first are known.
    is_complete: bool,
    /// What the lab itself changes.
    pub(super) changing: BTreeSet<Service>,
    /// Pods that were ready once and are not.
    unready: BTreeSet<String>,
    pub(super) events: Vec<Event>,
}

impl State {
    /// `pods` are all that there are.
    pub(super) fn know(&mut self, pods: Vec<Pod>) {
        let listed: BTreeSet<String> = pods.iter().map(|pod| pod.name.clone()).collect();
        let gone: Vec<Pod> = self.pods.values().filter(|pod| !listed.contains(&pod.name)).cloned().collect();
        for pod in gone {
            self.take_in("DELETED", pod);
        }
        for pod in pods {
            self.take_in("MODIFIED", pod);
        }
        self.is_complete = true;
    }

    /// `pod` is as it is now, after what is called `kind`.
    pub(super) fn take_in(&mut self, kind: &str, pod: Pod) {
        let before = self.pods.get(&pod.name);
        // Lists and watches overtake each other.
        if before.is_some_and(|before| before.version > pod.version) {
            return;
        }
        let what = match before {
            _ if kind == "DELETED" => before.filter(|before| is_there(before)).map(|_| "is gone".to_owned()),
            None => is_there(&pod).then(|| "was added".to_owned()),
            Some(before) => change(before, &pod, &mut self.unready),
        };
        if let Some(what) = what.filter(|_| self.is_news(&pod)) {
            let what = format!("{} {what}", pod.name);
            self.events.push(Event { at_unix_seconds: unix_seconds(), replica: pod.name.clone(), what });
        }
        if kind == "DELETED" {
            self.unready.remove(&pod.name);
            self.pods.remove(&pod.name);
        } else {
            self.pods.insert(pod.name.clone(), pod);
        }
    }

    /// Whether what happens to `pod` is none of the lab's doing, and makes a difference.
    fn is_news(&self, pod: &Pod) -> bool {
        let service = pod.service().filter(|service| *service != Service::Webui);
        self.is_complete && service.is_some_and(|service| !self.changing.contains(&service))
    }
}

/// Neither over nor about to be.
fn is_there(pod: &Pod) -> bool {
    !pod.is_over() && !pod.terminating
}

/// What has happened to a pod in between.
fn change(before: &Pod, now: &Pod, unready: &mut BTreeSet<String>) -> Option<String> {
    if is_there(before) && !is_there(now) {
        let why = now.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        return Some(if now.is_over() { format!("has ended{why}") } else { "is being deleted".to_owned() });
    }
    if now.restarts > before.restarts {
        if before.ready && !now.ready {
            unready.insert(now.name.clone());
        }
        return Some(format!("was restarted{}", how_it_ended(now)));
    }
    match (before.ready, now.ready) {
        (true, false) if is_there(now) => {
            unready.insert(now.name.clone());
            Some("is no longer ready".to_owned())
        }
        (false, true) if unready.remove(&now.name) => Some("is ready again".to_owned()),
        _ => None,
    }
}

fn how_it_ended(pod: &Pod) -> String {
    match pod.containers.iter().find_map(|container| container.ended.as_ref()) {
        Some(ended) if ended.reason == "OOMKilled" => ": it used more memory than it may".to_owned(),
        Some(ended) => format!(": it ended {}", ending(ended.exit_code)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kubernetes::pod::{Container, Ended};

    fn pod(name: &str, version: u64, ready: bool) -> Pod {
        let labels = BTreeMap::from([("app".to_owned(), name.split('-').next().unwrap().to_owned())]);
        let (name, phase) = (name.to_owned(), "Running".to_owned());
        Pod { name, labels, phase, ready, version: Some(version), ..Pod::default() }
    }

    /// Of pods that are ready.
    fn knowing(names: &[&str]) -> State {
        let mut state = State::default();
        state.know(names.iter().map(|name| pod(name, 1, true)).collect());
        assert!(state.events.is_empty());
        state
    }

    fn news(state: &mut State) -> Vec<String> {
        std::mem::take(&mut state.events).into_iter().map(|event| event.what).collect()
    }

    #[test]
    fn pods_that_come_and_go_by_themselves_are_news() {
        let mut state = knowing(&["rng-a", "webui-a"]);
        state.take_in("ADDED", pod("rng-b", 2, false));
        state.take_in("MODIFIED", pod("rng-b", 3, true));
        state.take_in("MODIFIED", Pod { terminating: true, ..pod("rng-a", 4, true) });
        state.take_in("MODIFIED", Pod { terminating: true, ..pod("rng-a", 5, false) });
        state.take_in("DELETED", Pod { terminating: true, ..pod("rng-a", 6, false) });
        state.take_in("DELETED", pod("webui-a", 7, true));
        assert_eq!(news(&mut state), ["rng-b was added", "rng-a is being deleted"]);
        let failed =
            Pod { phase: "Failed".to_owned(), reason: Some("Evicted".to_owned()), ..pod("rng-b", 8, false) };
        state.take_in("MODIFIED", failed);
        assert_eq!(news(&mut state), ["rng-b has ended: Evicted"]);
    }

    #[test]
    fn restarts_and_lost_readiness_are_news_and_so_is_the_return() {
        let mut state = knowing(&["rng-a"]);
        let killed = Container {
            ended: Some(Ended { reason: "Error".to_owned(), exit_code: 137 }),
            ..Default::default()
        };
        state.take_in("MODIFIED", pod("rng-a", 2, false));
        state.take_in("MODIFIED", Pod { restarts: 1, containers: vec![killed], ..pod("rng-a", 3, false) });
        state.take_in("MODIFIED", Pod { restarts: 1, ..pod("rng-a", 4, true) });
        let expected =
            ["rng-a is no longer ready", "rng-a was restarted: it ended killed", "rng-a is ready again"];
        assert_eq!(news(&mut state), expected);
    }

    #[test]
    fn what_the_lab_does_itself_is_no_news_and_neither_is_what_was_there_at_first() {
        let mut state = State::default();
        state.take_in("ADDED", pod("rng-a", 1, true));
        state.know(vec![pod("rng-a", 1, true), pod("rng-b", 2, true)]);
        state.changing.insert(Service::Rng);
        state.take_in("ADDED", pod("rng-c", 3, false));
        state.take_in("DELETED", pod("rng-b", 4, true));
        assert!(news(&mut state).is_empty());
        assert_eq!(state.pods.keys().collect::<Vec<_>>(), ["rng-a", "rng-c"]);
    }

    #[test]
    fn an_older_state_that_comes_late_is_passed_over() {
        let mut state = State::default();
        state.know(vec![pod("rng-a", 10, true)]);
        state.take_in("ADDED", pod("rng-a", 9, false));
        assert!(state.pods["rng-a"].ready && news(&mut state).is_empty());
    }

    #[test]
    fn a_list_tells_what_went_unseen_while_nobody_watched() {
        let mut state = knowing(&["rng-a", "rng-b"]);
        state.know(vec![pod("rng-b", 5, true), pod("rng-c", 6, true)]);
        assert_eq!(news(&mut state), ["rng-a is gone", "rng-c was added"]);
    }
}
