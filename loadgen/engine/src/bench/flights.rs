//! The requests in flight of one thread. Owns their timeouts, kept by one sweep over all of them in place of a timer each,
//! and what becomes of them when the run ends: none is forgotten.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// All requests in flight of a thread; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Rc<RefCell<Vec<Rc<Flight>>>>);

/// A request in flight, or a place for one. Instants are offsets from the start of the run.
#[derive(Debug, Default)]
pub(super) struct Flight {
    under_way: Cell<Option<UnderWay>>,
    expired: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    given_up: Cell<bool>,
}

/// The times of a request in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) scheduled_at: Duration,
    pub(super) sent_at: Duration,
    /// How late the client itself was.
    pub(super) lag: Duration,
    /// When nobody will wait for it any more.
    pub(super) deadline: Duration,
}

/// The deadline passed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expired;

impl Flights {
    /// A place for one request at a time; it goes with its last owner.
    pub(super) fn place(&self) -> Rc<Flight> {
        let flight = Rc::new(Flight::default());
        self.0.borrow_mut().push(flight.clone());
        flight
    }

    /// Ends the waiting of every request whose deadline is not after `now`, and forgets places that were given up.
    pub(super) fn sweep(&self, now: Duration) {
        let mut flights = self.0.borrow_mut();
        flights.retain(|flight| !flight.given_up.get());
        for flight in flights.iter() {
            if flight.under_way.get().is_some_and(|it| it.deadline <= now) {
                flight.expire();
            }
        }
    }

    /// How many requests are in flight now.
    pub(super) fn count(&self) -> usize {
        self.0.borrow().iter().filter(|flight| flight.under_way.get().is_some()).count()
    }

    /// The requests in flight now.
    pub(super) fn under_way(&self) -> Vec<UnderWay> {
        self.0.borrow().iter().filter_map(|flight| flight.under_way.get()).collect()
    }
}

impl Flight {
    /// Waits for `exchange`, but no longer than until the deadline is swept.
    pub(super) async fn within<F: Future>(
        &self,
        times: UnderWay,
        mut exchange: Pin<&mut F>,
    ) -> Result<F::Output, Expired> {
        self.under_way.set(Some(times));
        self.expired.set(false);
        let ended = poll_fn(|cx| {
            if let Poll::Ready(output) = exchange.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if self.expired.get() {
                return Poll::Ready(Err(Expired));
            }
            self.wake_with(cx.waker());
            Poll::Pending
        })
        .await;
        self.under_way.set(None);
        ended
    }

    /// Nobody will use the place again.
    pub(super) fn give_up(&self) {
        self.given_up.set(true);
        self.under_way.set(None);
    }

    fn expire(&self) {
        self.expired.set(true);
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    fn wake_with(&self, waker: &Waker) {
        let mut known = self.waker.borrow_mut();
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use std::pin::pin;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn due(deadline: Duration) -> UnderWay {
        UnderWay { scheduled_at: ms(0), sent_at: ms(1), lag: ms(1), deadline }
    }

    #[tokio::test]
    async fn a_request_is_given_up_at_its_deadline_and_not_before() {
        let flights = Flights::default();
        let place = flights.place();
        let mut never = pin!(pending::<()>());
        let waiting = place.within(due(ms(10)), never.as_mut());
        let sweeping = async {
            tokio::task::yield_now().await;
            flights.sweep(ms(9));
            tokio::task::yield_now().await;
            assert_eq!(flights.under_way(), [due(ms(10))]);
            flights.sweep(ms(10));
        };
        let (ended, ()) = tokio::join!(waiting, sweeping);
        assert_eq!((ended, flights.under_way().len()), (Err(Expired), 0));
    }

    #[tokio::test]
    async fn an_answer_in_time_is_one_and_a_place_can_be_used_again() {
        let flights = Flights::default();
        let place = flights.place();
        for answer in 1..3 {
            assert_eq!(place.within(due(ms(1)), pin!(async { answer })).await, Ok(answer));
            // A sweep that comes late finds nothing to end.
            flights.sweep(ms(100));
        }
    }

    #[tokio::test]
    async fn places_given_up_are_forgotten() {
        let flights = Flights::default();
        let (first, _second) = (flights.place(), flights.place());
        first.give_up();
        flights.sweep(ms(0));
        assert_eq!(flights.0.borrow().len(), 1);
    }
}
