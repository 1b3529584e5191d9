//! What happens to containers without the lab's doing: they die, come back, or somebody else starts more of them. Owns the
//! reading of `docker events`, and the judgement which of it is news.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::commands::NEEDED;
use super::containers::{Container, LABEL};
use crate::backend::Event;
use crate::backend::command::Invocation;
use crate::clock::unix_seconds;

/// An exit code above this tells of a signal.
const SIGNALLED: i32 = 128;

/// Watches the containers of a project; dropping it ends the watch.
#[derive(Debug)]
pub(super) struct Watch {
    record: Record,
    reader: JoinHandle<()>,
}

impl Watch {
    /// What [`Watch::start`] needs to be read.
    pub(super) fn command(project: &str) -> Invocation {
        let filters = [format!("label={LABEL}.project={project}"), "event=die".into(), "event=start".into()];
        let filters = filters.into_iter().flat_map(|filter| ["--filter".to_owned(), filter]);
        Invocation::new("docker", ["events"]).and(filters).and(["--format", "{{json .}}"])
    }

    /// Reads the `lines` that the command prints.
    pub(super) fn start(mut lines: mpsc::Receiver<String>) -> Self {
        let record = Record::default();
        let reading = record.clone();
        let reader = tokio::spawn(async move {
            while let Some(line) = lines.recv().await {
                if let Ok(happened) = serde_json::from_str(&line) {
                    reading.state().take_in(happened);
                }
            }
        });
        Self { record, reader }
    }

    /// Until the answer is dropped, what happens to `service` is the lab's own doing.
    pub(super) fn changing(&self, service: &str) -> Changing {
        self.record.state().changing.insert(service.to_owned());
        Changing { record: self.record.clone(), service: service.to_owned() }
    }

    /// `containers` are those that there are.
    pub(super) fn know(&self, containers: &[Container]) {
        self.record.state().know(containers);
    }

    /// Whether something happened since the last call that makes what is known of the containers doubtful.
    pub(super) fn take_doubt(&self) -> bool {
        std::mem::take(&mut self.record.state().doubt)
    }

    /// What is news since the last call.
    pub(super) fn take_events(&self) -> Vec<Event> {
        std::mem::take(&mut self.record.state().events)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// While it lives, the lab changes a service.
#[derive(Debug)]
pub(super) struct Changing {
    record: Record,
    service: String,
}

impl Drop for Changing {
    fn drop(&mut self) {
        self.record.state().changing.remove(&self.service);
    }
}

#[derive(Clone, Debug, Default)]
struct Record(Arc<Mutex<State>>);

impl Record {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    /// Ids of the containers that the lab knows.
    known: BTreeSet<String>,
    changing: BTreeSet<String>,
    /// Names of the replicas that died and have not come back.
    gone: BTreeSet<String>,
    doubt: bool,
    events: Vec<Event>,
}

/// A line of `docker events`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Happened {
    action: String,
    actor: Actor,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Actor {
    #[serde(rename = "ID")]
    id: String,
    attributes: BTreeMap<String, String>,
}

impl State {
    fn take_in(&mut self, happened: Happened) {
        let Actor { id, attributes } = happened.actor;
        let label = |name: &str| attributes.get(&format!("{LABEL}.{name}")).map_or("", String::as_str);
        let (service, number) = (label("service"), label("container-number"));
        if !NEEDED.contains(&service) || label("oneoff").eq_ignore_ascii_case("true") {
            return;
        }
        let replica = format!("{service}-{number}");
        let known = self.known.contains(&id);
        let what = match happened.action.as_str() {
            // An unknown one is a container that the lab has just removed.
            "die" if known => {
                self.gone.insert(replica.clone());
                ending(attributes.get("exitCode"))
            }
            "start" if self.gone.remove(&replica) => "is running again".to_owned(),
            // A known one is a container that the lab has just started.
            "start" if !known => "was started by somebody else".to_owned(),
            _ => return,
        };
        self.doubt = true;
        if !self.changing.contains(service) {
            let what = format!("{replica} {what}");
            self.events.push(Event { at_unix_seconds: unix_seconds(), replica, what });
        }
    }

    fn know(&mut self, containers: &[Container]) {
        self.known = containers.iter().map(|container| container.id.clone()).collect();
        // Those that the lab has just started are back, even if Docker has not told yet.
        for back in containers.iter().filter(|it| it.runs && self.changing.contains(&it.service)) {
            self.gone.remove(&back.replica_name());
        }
    }
}

fn ending(exit_code: Option<&String>) -> String {
    match exit_code.and_then(|code| code.parse::<i32>().ok()) {
        Some(code) if code > SIGNALLED => format!("was killed by signal {}", code - SIGNALLED),
        Some(code) => format!("ended with exit code {code}"),
        None => "ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(id: &str, service: &str, number: u32) -> Container {
        Container {
            id: id.to_owned(),
            name: format!("p_{service}_{number}"),
            project: "p".to_owned(),
            working_dir: None,
            config_files: None,
            service: service.to_owned(),
            number,
            runs: true,
            restarts: 0,
            hostname: String::new(),
            address: None,
        }
    }

    /// As Docker prints it.
    fn line(action: &str, id: &str, service: &str, number: u32, exit_code: &str) -> String {
        serde_json::json!({
            "status": action, "id": id, "from": "image", "Type": "container", "Action": action, "time": 1,
            "Actor": { "ID": id, "Attributes": {
                "com.docker.compose.service": service, "com.docker.compose.container-number": number.to_string(),
                "com.docker.compose.oneoff": "False", "exitCode": exit_code, "name": "x",
            } },
        })
        .to_string()
    }

    #[derive(Default)]
    struct Told(State);

    impl Told {
        fn tell(&mut self, line: &str) {
            self.0.take_in(serde_json::from_str(line).unwrap());
        }

        fn news(&mut self) -> Vec<String> {
            std::mem::take(&mut self.0.events).into_iter().map(|event| event.what).collect()
        }
    }

    #[test]
    fn a_death_and_the_return_after_it_are_news() {
        let mut told = Told::default();
        told.0.know(&[container("a", "rng", 1), container("b", "redis", 1)]);
        told.tell(&line("die", "a", "rng", 1, "137"));
        told.tell(&line("start", "a", "rng", 1, ""));
        told.tell(&line("die", "b", "redis", 1, "0"));
        assert_eq!(
            told.news(),
            ["rng-1 was killed by signal 9", "rng-1 is running again", "redis-1 ended with exit code 0"]
        );
        assert!(told.0.doubt);
    }

    #[test]
    fn what_the_lab_does_itself_is_no_news_even_if_docker_tells_it_late() {
        let mut told = Told::default();
        told.0.know(&[container("a", "rng", 1), container("b", "rng", 2)]);
        told.0.changing.insert("rng".into());
        told.tell(&line("die", "b", "rng", 2, "0"));
        told.0.know(&[container("a", "rng", 1)]);
        told.tell(&line("start", "c", "rng", 2, ""));
        told.0.know(&[container("a", "rng", 1), container("c", "rng", 2), container("d", "rng", 3)]);
        told.0.changing.clear();
        told.0.doubt = false;
        told.tell(&line("start", "d", "rng", 3, ""));
        told.tell(&line("die", "e", "rng", 4, "0"));
        assert!(told.news().is_empty());
        assert!(!told.0.doubt);
    }

    #[test]
    fn one_that_somebody_else_starts_is_news_unless_it_is_none_of_ours() {
        let mut told = Told::default();
        told.tell(&line("start", "a", "worker", 7, ""));
        told.tell(&line("start", "b", "prometheus", 1, ""));
        told.tell(&line("start", "c", "rng", 1, "").replace("False", "True"));
        assert_eq!(told.news(), ["worker-7 was started by somebody else"]);
    }
}
