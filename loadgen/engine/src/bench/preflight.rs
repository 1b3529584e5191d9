//! One connection before the run, where all of them may fail for a reason that the user has to mend: a certificate that
//! nobody knows makes no two hundred failures, but one line.

use std::future::Future;
use std::io;

use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::error::ExchangeError;
use crate::target::{Scheme, Target};

use super::connector::Connector;
use super::plan::Plan;

/// Whether connections to the target can come about at all; any other trouble is left for the run to count. Ends early
/// when `stopped` resolves.
pub(super) fn check(plan: &Plan, stopped: impl Future<Output = ()>) -> Result<(), ExchangeError> {
    let origins = plan.script.origins();
    let tls = origins.iter().all(|target| target.scheme() == Scheme::Https);
    if !tls && plan.transport.unix_socket.is_none() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Without a runtime there will be no run either, which says so.
    let Ok(runtime) = runtime else { return Ok(()) };
    LocalSet::new().block_on(&runtime, async {
        tokio::select! {
            tried = attempts(plan) => tried,
            () = stopped => Ok(()),
        }
    })
}

/// One that is not hopeless is enough for a run.
async fn attempts(plan: &Plan) -> Result<(), ExchangeError> {
    let mut tried = Ok(());
    for target in plan.script.origins() {
        tried = attempt(plan, target).await;
        if tried.is_ok() {
            break;
        }
    }
    tried
}

async fn attempt(plan: &Plan, target: &Target) -> Result<(), ExchangeError> {
    let connector = Connector::new(target, &plan.transport, 0);
    let patience = plan.transport.connect_timeout.unwrap_or(plan.timeout).min(plan.timeout);
    match timeout(patience, connector.open()).await {
        Ok(Err(error)) if is_certain(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Whether every other connection would fail as well.
fn is_certain(error: &ExchangeError) -> bool {
    match error {
        ExchangeError::Tls(error) => error.is_certain(),
        ExchangeError::ServerName(_) => true,
        ExchangeError::ConnectUnix { source, .. } => {
            matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}
