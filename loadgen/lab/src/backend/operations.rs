//! What experiments do to an application beside scaling it. [`Backend::down`] puts back what they change.

use std::future::Future;

use super::{Backend, BackendError, Replica};

/// A backend whose application can be experimented with. Nothing here needs the backend for itself: it is read meanwhile.
pub trait Operations: Backend {
    /// Has `replica` die without warning; returns once all is done that is needed for another to take its place.
    fn kill(&self, replica: &Replica) -> impl Future<Output = Result<(), BackendError>>;
}
