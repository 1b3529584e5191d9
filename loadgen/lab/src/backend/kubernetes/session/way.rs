//! Through which pod the others are reached: one that holds our program and is not being measured, if there is one.

use std::net::SocketAddr;
use std::sync::PoisonError;

use super::Session;
use crate::backend::Service;
use crate::backend::command::{Console, Runner};
use crate::backend::kubernetes::error::KubernetesError;
use crate::backend::kubernetes::pod::Pod;
use crate::backend::tunnel::{Tunnel, TunnelError};
use crate::backend::way::{Reach, Way};

/// Services whose pods hold our program, the idlest first.
const THROUGH: [Service; 4] = [Service::Webui, Service::Hasher, Service::Worker, Service::Rng];

impl Session {
    /// Makes sure that there is a way: that there was may have ended together with the pod that it led through.
    pub(super) async fn find_way<R: Runner>(&self, console: &Console<R>) -> Result<(), KubernetesError> {
        if self
            .way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .is_some_and(|way| !way.has_ended())
        {
            return Ok(());
        }
        let way = match self.reach {
            Reach::Direct => Way::Direct,
            Reach::Auto | Reach::Tunnel => Way::Through(Box::new(self.through(console).await?)),
        };
        *self.way.lock().unwrap_or_else(PoisonError::into_inner) = Some(way);
        Ok(())
    }

    /// Where `target` is reached from here; `None` if there is no way any more, until another is found.
    pub(super) fn to(&self, target: SocketAddr) -> Result<Option<SocketAddr>, KubernetesError> {
        reached(self.way.lock().unwrap_or_else(PoisonError::into_inner).as_ref(), target)
    }

    async fn through<R: Runner>(&self, console: &Console<R>) -> Result<Tunnel, KubernetesError> {
        let mut first: Option<TunnelError> = None;
        for pod in candidates(&self.watch.pods()) {
            let command = self.kubectl.tunnel(&pod);
            console.say(&format!("$ {command}"));
            match Tunnel::open(command.program()).await {
                Ok(tunnel) => return Ok(tunnel),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.map_or(KubernetesError::NowhereToTunnel, KubernetesError::Tunnel))
    }
}

fn reached(way: Option<&Way>, target: SocketAddr) -> Result<Option<SocketAddr>, KubernetesError> {
    match way.map(|way| way.to(target)) {
        None | Some(Err(TunnelError::Ended { .. })) => Ok(None),
        Some(reached) => reached.map(Some).map_err(KubernetesError::NoLocalPort),
    }
}

/// One ready pod of each service, in the order in which to try them.
fn candidates(pods: &[Pod]) -> Vec<Pod> {
    let of = |service: Service| {
        pods.iter()
            .find(|pod| pod.service() == Some(service) && pod.ready && !pod.terminating && !pod.is_over())
    };
    THROUGH.into_iter().filter_map(of).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::tunnel::tests::lost;

    #[tokio::test]
    async fn a_way_that_has_ended_leads_nowhere_and_is_no_error() {
        let target = ([127, 0, 0, 1], 80).into();
        let way = Way::Through(Box::new(lost().await));
        assert!(way.has_ended());
        assert_eq!(reached(Some(&way), target).unwrap(), None);
        assert_eq!(reached(None, target).unwrap(), None);
        assert_eq!(reached(Some(&Way::Direct), target).unwrap(), Some(target));
    }

    fn pod(app: &str, ready: bool, terminating: bool) -> Pod {
        let labels = [("app".to_owned(), app.to_owned())].into();
        Pod { name: format!("{app}-1"), labels, ready, terminating, ..Pod::default() }
    }

    fn tried(pods: &[Pod]) -> Vec<String> {
        candidates(pods).into_iter().map(|pod| pod.name).collect()
    }

    #[test]
    fn webui_comes_first_and_what_is_not_ready_or_ends_not_at_all() {
        let pods = [pod("redis", true, false), pod("rng", true, false), pod("webui", true, false)];
        assert_eq!(tried(&pods), ["webui-1", "rng-1"]);
        let pods = [pod("webui", false, false), pod("hasher", true, true), pod("worker", true, false)];
        assert_eq!(tried(&pods), ["worker-1"]);
        assert!(tried(&[pod("redis", true, false)]).is_empty());
    }
}
