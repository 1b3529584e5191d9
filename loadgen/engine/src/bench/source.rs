//! Where a client's next request comes from. Closed and open loop differ here and nowhere else: in the one a request is due
//! when the client has its answer and has thought, in the other when the schedule says so.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::iter::Peekable;
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
    /// Whether the queue counts it among those that are free.
    idle: bool,
}

impl Turn {
    /// Of a client that is free from now on.
    pub(super) fn new(source: &Source) -> Self {
        let thinks = matches!(source, Source::Closed { think_time, .. } if !think_time.is_zero());
        if let Source::Open(queue) = source {
            queue.idle.set(queue.idle.get() + 1);
        }
        Self { alarm: thinks.then(Alarm::new), idle: true }
    }

    /// Since when a new client has been free: in an open loop ever since, since a request that it was made for waited for
    /// the loop and for nothing else.
    pub(super) fn free_at(source: &Source, timeline: Timeline) -> Duration {
        match source {
            Source::Closed { .. } => timeline.now(),
            Source::Open(_) => Duration::ZERO,
        }
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
            Source::Open(queue) => {
                if !self.idle {
                    queue.idle.set(queue.idle.get() + 1);
                }
                let due = queue.next().await;
                queue.idle.set(queue.idle.get() - 1);
                self.idle = false;
                due
            }
        }
    }
}

/// Requests that are due, for whichever client is free first.
pub(super) struct Queue {
    schedule: RefCell<Peekable<Schedule>>,
    due: RefCell<VecDeque<Duration>>,
    idle: Cell<usize>,
    closed: Cell<bool>,
    changed: Notify,
}

/// When requests are due.
type Schedule = Box<dyn Iterator<Item = Duration>>;

impl Queue {
    /// An empty one, for the requests of `schedule`.
    pub(super) fn new(schedule: impl Iterator<Item = Duration> + 'static) -> Self {
        let schedule: Schedule = Box::new(schedule);
        Self {
            schedule: RefCell::new(schedule.peekable()),
            due: RefCell::default(),
            idle: Cell::default(),
            closed: Cell::default(),
            changed: Notify::new(),
        }
    }

    /// When the next request is due, which is not in the queue yet.
    pub(super) fn upcoming(&self) -> Option<Duration> {
        self.schedule.borrow_mut().peek().copied()
    }

    /// Takes the next request of the schedule into the queue; the number that then wait for a client.
    pub(super) fn admit(&self) -> usize {
        self.due.borrow_mut().extend(self.schedule.borrow_mut().next());
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

    /// How many no client has taken.
    pub(super) fn length(&self) -> usize {
        self.due.borrow().len()
    }

    /// Those that no client has taken.
    pub(super) fn waiting(&self) -> Vec<Duration> {
        self.due.borrow().iter().copied().collect()
    }

    /// Those that were due until `now` and have not even come into the queue, since the loop was late.
    pub(super) fn overdue(&self, now: Duration) -> Vec<Duration> {
        let mut schedule = self.schedule.borrow_mut();
        std::iter::from_fn(|| schedule.next_if(|due| *due <= now)).collect()
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
            changed.await;
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

    fn queue(due: &[u64]) -> Source {
        Source::Open(Queue::new(due.iter().copied().map(ms).collect::<Vec<_>>().into_iter()))
    }

    fn open(source: &Source) -> &Queue {
        let Source::Open(queue) = source else { panic!("it is open") };
        queue
    }

    #[tokio::test]
    async fn requests_go_to_whoever_is_free_in_the_order_in_which_they_were_due() {
        let source = queue(&[1, 2]);
        let (mut turn, timeline) = (Turn::new(&source), Timeline::start());
        assert_eq!(
            (open(&source).upcoming(), open(&source).admit()),
            (Some(ms(1)), 0),
            "there is a client for it"
        );
        assert_eq!(open(&source).admit(), 1, "there is none for this one");
        assert_eq!(turn.next(&source, timeline, ms(0)).await, Some(ms(1)));
        assert_eq!(turn.next(&source, timeline, ms(5)).await, Some(ms(2)));
        assert_eq!(open(&source).upcoming(), None);
    }

    #[tokio::test]
    async fn a_client_that_is_free_again_counts_for_the_next_request() {
        let source = queue(&[1, 2]);
        let (mut turn, timeline) = (Turn::new(&source), Timeline::start());
        assert_eq!(open(&source).admit(), 0);
        assert_eq!(turn.next(&source, timeline, ms(0)).await, Some(ms(1)));
        let ahead = async {
            tokio::task::yield_now().await;
            assert_eq!(open(&source).admit(), 0);
        };
        let (next, ()) = tokio::join!(turn.next(&source, timeline, ms(0)), ahead);
        assert_eq!(next, Some(ms(2)));
    }

    #[tokio::test]
    async fn what_was_due_is_not_lost_if_it_never_came_into_the_queue() {
        let source = queue(&[1, 2, 3]);
        open(&source).admit();
        assert_eq!((open(&source).waiting(), open(&source).overdue(ms(2))), (vec![ms(1)], vec![ms(2)]));
    }

    #[tokio::test]
    async fn a_closed_queue_lets_its_clients_go() {
        let source = queue(&[]);
        let (mut turn, timeline) = (Turn::new(&source), Timeline::start());
        let closing = async {
            tokio::task::yield_now().await;
            open(&source).close();
        };
        let (next, ()) = tokio::join!(turn.next(&source, timeline, ms(0)), closing);
        assert_eq!(next, None);
    }
}
