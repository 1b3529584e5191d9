//! How a request ended. Owns the kinds that reports count; the full story is in [`crate::error::ExchangeError`].

use std::fmt;

use http::StatusCode;

/// How a request ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A whole answer arrived, of whatever status.
    Answered(StatusCode),
    /// There will be no answer.
    Failed(Failure),
    /// Nobody waited for the end: the response time is at least what was measured.
    Censored(Censoring),
}

/// Why there will be no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// The name has no address.
    Unresolved,
    /// Nobody listens at the address.
    Refused,
    /// No connection, for another reason.
    Unreachable,
    /// No connection, since this side has no port or file descriptor left for it.
    Shortage,
    /// No connection within the time given for it.
    ConnectTimedOut,
    /// There was a connection, but no TLS on it.
    Tls,
    /// The peer reset the connection.
    Reset,
    /// The peer closed the connection before the answer was whole.
    Closed,
    /// The answer is not HTTP.
    Malformed,
    /// The exchange broke in another way.
    Broken,
    /// A redirect led on when as many had been followed as are allowed.
    TooManyRedirects,
    /// A redirect led to where no request can be sent.
    BadRedirect,
}

/// Why nobody waited for the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Censoring {
    /// The timeout passed.
    TimedOut,
    /// The run ended first.
    InFlight,
    /// The run ended before it was sent.
    Unsent,
}

impl Outcome {
    /// Whether the answer is one the client asked for: any status below 400.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Answered(status) if status.as_u16() < 400)
    }

    /// Whether the run ended first: nobody knows what would have come of it.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Censored(Censoring::InFlight | Censoring::Unsent))
    }

    /// Whether it was sent at all.
    pub fn was_sent(self) -> bool {
        self != Self::Censored(Censoring::Unsent)
    }

    /// Whether the response time is only a lower bound.
    pub fn is_censored(self) -> bool {
        matches!(self, Self::Censored(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(status) => f.pad(status.as_str()),
            Self::Failed(failure) => failure.fmt(f),
            Self::Censored(censoring) => censoring.fmt(f),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unresolved => "unresolved",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Shortage => "no socket left here",
            Self::ConnectTimedOut => "connect timed out",
            Self::Tls => "TLS handshake failed",
            Self::Reset => "reset",
            Self::Closed => "closed early",
            Self::Malformed => "not HTTP",
            Self::Broken => "broken",
            Self::TooManyRedirects => "too many redirects",
            Self::BadRedirect => "bad redirect",
        })
    }
}

impl fmt::Display for Censoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TimedOut => "timed out",
            Self::InFlight => "in flight at the end",
            Self::Unsent => "not sent by the end",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_successes_and_error_pages_are_not() {
        for (status, success) in
            [(200, true), (204, true), (302, true), (404, false), (503, false), (999, false)]
        {
            let outcome = Outcome::Answered(StatusCode::from_u16(status).unwrap());
            assert_eq!(outcome.is_success(), success, "{outcome}");
        }
        assert!(!Outcome::Failed(Failure::Reset).is_success());
        assert!(Outcome::Censored(Censoring::TimedOut).is_censored());
    }
}
