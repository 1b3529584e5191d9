//! The end of a thread's part, whichever of several reasons comes first. Owns waiting for it at the cost of one comparison:
//! the thread looks every time an answer arrives.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Whether it has come.
#[derive(Debug, Default)]
pub(super) struct Ending {
    come: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Ending {
    /// It has come.
    pub(super) fn come(&self) {
        self.come.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Waits for it.
    pub(super) async fn wait(&self) {
        poll_fn(|cx| {
            if self.come.get() {
                return Poll::Ready(());
            }
            let mut known = self.waker.borrow_mut();
            if !known.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                *known = Some(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_goes_on_once_it_has_come() {
        let ending = Ending::default();
        let later = async {
            tokio::task::yield_now().await;
            ending.come();
        };
        tokio::join!(ending.wait(), later);
        ending.wait().await;
    }
}
