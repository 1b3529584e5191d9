//! kubectl and a cluster without either, so that tests are instant: commands change lists of workloads and pods, and fail on cue.
//! Every pod has this machine's loopback address, where [`AdminServer`](crate::backend::admin_server::AdminServer) answers for all
//! of them.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use tokio::sync::mpsc;

use crate::backend::command::{Invocation, Output, RunError, Runner};

mod world;

pub(super) use world::World;

/// A handle to the fake cluster; clones share it.
#[derive(Clone, Debug)]
pub(super) struct FakeKubectl(pub(super) Rc<RefCell<World>>);

impl FakeKubectl {
    /// Whether somebody watches the pods.
    pub(super) fn is_watched(&self) -> bool {
        self.0.borrow().watch.as_ref().is_some_and(|watch| !watch.is_closed())
    }
}

impl Runner for FakeKubectl {
    async fn run(&self, command: &Invocation) -> Result<Output, RunError> {
        // A real one takes its time, in which whoever waits may be dropped.
        tokio::task::yield_now().await;
        let mut world = self.0.borrow_mut();
        if world.is_missing {
            return Err(RunError::NotRun(io::ErrorKind::NotFound.into()));
        }
        let typed = command.to_string();
        if let Some((_, stderr)) = world.failures.iter().find(|(part, _)| typed.contains(part)) {
            return Ok(Output { stderr: (*stderr).to_owned(), ..Output::default() });
        }
        let stdout = world.obey(&command.args);
        Ok(Output { success: stdout != "no\n", stdout, stderr: String::new() })
    }

    fn follow(&self, _: &Invocation) -> Result<mpsc::Receiver<String>, RunError> {
        let (sender, receiver) = mpsc::channel(1000);
        let mut world = self.0.borrow_mut();
        world.watch = Some(sender);
        for pod in world.pods.clone() {
            world.tell("ADDED", &pod);
        }
        Ok(receiver)
    }
}
