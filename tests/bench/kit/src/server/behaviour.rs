//! When an answer is due. Owns what is known beforehand of the response times.

use std::time::Duration;

/// Every answer: as short as one can be that all tools take; ab keeps no connection without being told.
pub(super) const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 6\r\n\r\nhello\n";

/// How a server behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It answers at once, and sleeps when there is nothing to do.
    Constant,
    /// It answers at once, never sleeps, and notes when each request came.
    Noting,
    /// Every `slow_every`-th answer is due `slow` after its request came, the others `fast`. It never sleeps.
    Bimodal {
        /// How long most answers take.
        fast: Duration,
        /// How long the others take.
        slow: Duration,
        /// One in so many is slow.
        slow_every: u64,
    },
    /// In the middle of each period it does nothing at all for some time.
    Stalling {
        /// The period P.
        every: Duration,
        /// The length L of a stall.
        lasting: Duration,
    },
}

impl Behaviour {
    /// Whether it looks for requests all the time: waking up would add tens of microseconds to what it is known for.
    pub(super) fn spins(self) -> bool {
        matches!(self, Self::Noting | Self::Bimodal { .. })
    }

    /// How long after its coming the request of this number, counted from 1, is answered; `None` for at once.
    pub(super) fn delay(self, number: u64) -> Option<Duration> {
        match self {
            Self::Bimodal { slow, slow_every, .. } if number.is_multiple_of(slow_every) => Some(slow),
            Self::Bimodal { fast, .. } => Some(fast),
            _ => None,
        }
    }

    /// How much is left of the stall at `now`, if there is one. A stall lies in the middle of its period, so that a run of
    /// whole periods that begins with the server neither begins nor ends in one.
    pub(super) fn stall_left(self, now: Duration) -> Option<Duration> {
        let Self::Stalling { every, lasting } = self else { return None };
        let into = Duration::from_nanos(u64::try_from(now.as_nanos() % every.as_nanos()).unwrap_or_default());
        let into_stall = into.checked_sub(every / 2)?;
        lasting.checked_sub(into_stall).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_lies_in_the_middle_of_each_period() {
        let secs = Duration::from_secs_f64;
        let stalling = Behaviour::Stalling { every: secs(10.0), lasting: secs(1.0) };
        let left = [0.0, 4.9, 5.0, 5.75, 6.0, 15.5].map(|now| stalling.stall_left(secs(now)));
        assert_eq!(left, [None, None, Some(secs(1.0)), Some(secs(0.25)), None, Some(secs(0.5))]);
        assert_eq!(Behaviour::Constant.stall_left(secs(5.5)), None);
    }
}
