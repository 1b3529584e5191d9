//! Docker and docker-compose without either, so that tests are instant: commands change a list of containers, and fail on cue.
//! Every container has this machine's loopback address, where [`AdminServer`] answers for all of them.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use tokio::sync::mpsc;

use crate::backend::command::{Invocation, Output, RunError, Runner};

mod world;

pub(super) use world::World;

/// A handle to the fake engine; clones share it.
#[derive(Clone, Debug)]
pub(super) struct FakeDocker(pub(super) Rc<RefCell<World>>);

impl FakeDocker {
    /// Tells of something that happened to a container, as `docker events` does.
    pub(super) async fn tell(&self, action: &str, service: &str, number: usize, exit_code: &str) {
        let (line, events) = {
            let world = self.0.borrow();
            let found = world.containers.iter().find(|it| it.service == service && it.number == number);
            let line = serde_json::json!({ "Action": action, "Actor": {
                "ID": found.map_or("unknown", |it| it.id.as_str()),
                "Attributes": {
                    "com.docker.compose.service": service,
                    "com.docker.compose.container-number": number.to_string(), "exitCode": exit_code,
                },
            } });
            (line.to_string(), world.events.clone().unwrap())
        };
        events.send(line).await.unwrap();
    }

    /// Whether somebody reads the events.
    pub(super) fn is_watched(&self) -> bool {
        self.0.borrow().events.as_ref().is_some_and(|events| !events.is_closed())
    }
}

impl Runner for FakeDocker {
    async fn run(&self, command: &Invocation) -> Result<Output, RunError> {
        // A real one takes its time, in which whoever waits may be dropped.
        tokio::task::yield_now().await;
        let mut world = self.0.borrow_mut();
        let is_plugin = command.program == "docker" && command.args[0] == "compose";
        if command.program == "docker-compose" && world.docker_compose.is_none() {
            return Err(RunError::NotRun(io::ErrorKind::NotFound.into()));
        }
        if is_plugin && world.plugin.is_none() {
            return Ok(Output { stderr: "docker: unknown command".into(), ..Output::default() });
        }
        let typed = command.to_string();
        let fails = world.failures.iter().find(|(part, _)| typed.contains(part)).copied();
        let stdout = world.obey(&command.program, &command.args);
        let stderr = fails.map_or("", |(_, stderr)| stderr).to_owned();
        Ok(Output { success: fails.is_none(), stdout, stderr })
    }

    fn follow(&self, _: &Invocation) -> Result<mpsc::Receiver<String>, RunError> {
        let (sender, receiver) = mpsc::channel(16);
        self.0.borrow_mut().events = Some(sender);
        Ok(receiver)
    }
}
