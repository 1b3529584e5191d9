//! Where a client's next request comes from. Closed and open loop differ here and nowhere else: in the one a request is due
//! when the client has its answer and has thought, in the other when the schedule says so.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dockercoins_timer::Alarm;
use tokio::sync::Notify;

use crate::timeline::Timeline;

/// How many requests may still be sent, over all threads.
#[derive(Clone, Debug)]
pub(super) struct Quota(Option<Arc<AtomicU64>>);

impl Quota {
    /// `requests` of them; `None` for any number.
    pub(super) fn new(requests: Option<u64>) -> Self {
        Self(requests.map(|requests| Arc::new(AtomicU64::new(requests))))
    }

    /// Takes one; whether there was one left.
    pub(super) fn take(&self) -> bool {
        let Some(left) = &self.0 else { return true };
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// Where the clients of one thread get their requests from.
#[derive(Debug)]
pub(super) enum Source {
    /// Each client by itself.
    Closed {
        /// Time between an answer and the next request.
        think_time: Duration,
        quota: Quota,
    },
    /// One queue for all of them.
    Open(Queue),
}

/// One client's view of the source.
#[derive(Debug)]
pub(super) struct Turn {
    alarm: Option<Alarm>,
}

impl Turn {
    pub(super) fn new(source: &Source) -> Self {
        let thinks = matches!(source, Source::Closed { think_time, .. } if !think_time.is_zero());
        Self { alarm: thinks.then(Alarm::new) }
    }

    /// When the client's next request is due, which is now or was before; it has been free since `free_at`. `None` when
    /// there are no more.
    pub(super) async fn next(
        &mut self,
        source: &Source,
        timeline: Timeline,
        free_at: Duration,
    ) -> Option<Duration> {
        match source {
            Source::Closed { think_time, quota } => {
                if !quota.take() {
                    return None;
                }
                let due = free_at + *think_time;
                if let Some(alarm) = &mut self.alarm {
                    alarm.until(timeline.at(due)?).await;
                }
                Some(due)
            }
            Source::Open(queue) => queue.next().await,
        }
    }
}

/// Requests that are due, for whichever client is free first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    due: RefCell<VecDeque<Duration>>,
    idle: Cell<usize>,
    closed: Cell<bool>,
    changed: Notify,
}

impl Queue {
    /// Adds a request that was due at `due`; the number that then wait for a client.
    pub(super) fn push(&self, due: Duration) -> usize {
        self.due.borrow_mut().push_back(due);
        self.changed.notify_one();
        self.due.borrow().len().saturating_sub(self.idle.get())
    }

    /// Takes the latest request back; when it was due.
    pub(super) fn take_back(&self) -> Option<Duration> {
        self.due.borrow_mut().pop_back()
    }

    /// No request will come any more.
    pub(super) fn close(&self) {
        self.closed.set(true);
        self.changed.notify_waiters();
    }

    /// Those that no client has taken.
    pub(super) fn waiting(&self) -> Vec<Duration> {
        self.due.borrow().iter().copied().collect()
    }

    async fn next(&self) -> Option<Duration> {
        loop {
            if let Some(due) = self.due.borrow_mut().pop_front() {
                return Some(due);
            }
            // Registered before the last look, or a close in between would be missed.
            let changed = self.changed.notified();
            if self.closed.get() {
                return None;
            }
            self.idle.set(self.idle.get() + 1);
            changed.await;
            self.idle.set(self.idle.get() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[tokio::test]
    async fn a_client_without_thought_is_due_when_it_is_free_until_the_quota_is_used_up() {
        let source = Source::Closed { think_time: ms(0), quota: Quota::new(Some(2)) };
        let (mut turn, timeline) = (Turn::new(&source), Timeline::start());
        assert_eq!(turn.next(&source, timeline, ms(7)).await, Some(ms(7)));
        assert_eq!(turn.next(&source, timeline, ms(9)).await, Some(ms(9)));
        assert_eq!(turn.next(&source, timeline, ms(10)).await, None);
    }

    #[tokio::test]
    async fn a_thinking_client_is_due_after_its_thought() {
        let source = Source::Closed { think_time: ms(5), quota: Quota::new(None) };
        let (mut turn, timeline) = (Turn::new(&source), Timeline::start());
        assert_eq!(turn.next(&source, timeline, ms(1)).await, Some(ms(6)));
        assert!(timeline.now() >= ms(6));
    }

    #[tokio::test]
    async fn requests_go_to_whoever_is_free_in_the_order_in_which_they_were_due() {
        let queue = Queue::default();
        let ahead = async {
            tokio::task::yield_now().await;
            assert_eq!(queue.push(ms(1)), 0, "there is a client for it");
            assert_eq!(queue.push(ms(2)), 1, "there is none for this one");
        };
        let (first, ()) = tokio::join!(queue.next(), ahead);
        assert_eq!((first, queue.next().await), (Some(ms(1)), Some(ms(2))));
    }

    #[tokio::test]
    async fn a_closed_queue_lets_its_clients_go() {
        let queue = Queue::default();
        let closing = async {
            tokio::task::yield_now().await;
            queue.close();
        };
        let (next, ()) = tokio::join!(queue.next(), closing);
        assert_eq!(next, None);
    }
}
