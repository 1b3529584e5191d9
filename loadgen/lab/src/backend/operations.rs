//! What experiments do to an application beside scaling it. [`Backend::down`] puts back what they change.

use std::future::Future;

use super::{Backend, BackendError, Replica, Service};
use crate::experiment::liveness::Liveness;

/// A backend whose application can be experimented with. Nothing here needs the backend for itself: it is read meanwhile.
pub trait Operations: Backend {
    /// Has `replica` die without warning; returns once all is done that is needed for another to take its place.
    fn kill(&self, replica: &Replica) -> impl Future<Output = Result<(), BackendError>>;

    /// Starts the workers anew, so that they keep their connections, or open one for each request; returns once all are ready.
    fn keep_alive(&self, on: bool) -> impl Future<Output = Result<(), BackendError>>;

    /// Replaces every replica of `service` by one of a new version, sparing requests as is usual here, unless they are no longer to
    /// be spared; returns once the last of the old ones is gone.
    fn roll_out(&self, service: Service) -> impl Future<Output = Result<(), BackendError>>;

    /// Goes back to what there was before the last [`Operations::roll_out`], likewise.
    fn roll_back(&self, service: Service) -> impl Future<Output = Result<(), BackendError>>;

    /// Takes away what spares requests when replicas of `service` are replaced; returns what that was, as a list.
    fn unprotect(&self, service: Service) -> impl Future<Output = Result<String, BackendError>>;

    /// The liveness probe of `service`, if it asks where requests queue.
    fn liveness(&self, service: Service) -> Option<Liveness>;

    /// How often replicas of `service` that are there now were started again.
    fn restarts(&self, service: Service) -> u64;

    /// The name of what scales `service` by its load, if anything does.
    fn autoscaler(&self, service: Service) -> impl Future<Output = Result<Option<String>, BackendError>>;
}
