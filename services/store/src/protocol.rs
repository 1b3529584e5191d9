//! The dialects of RESP. They differ in how answers are written, never in how commands are sent.

/// What a client reads; each starts with RESP2, and HELLO changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Protocol {
    #[default]
    Resp2,
    /// Has types of its own for maps and for nothing.
    Resp3,
}

impl Protocol {
    /// The protocol of that number, if there is one.
    pub(crate) fn of_version(version: i64) -> Option<Self> {
        match version {
            2 => Some(Self::Resp2),
            3 => Some(Self::Resp3),
            _ => None,
        }
    }

    /// Its number, as HELLO takes and tells it.
    pub(crate) fn version(self) -> i64 {
        match self {
            Self::Resp2 => 2,
            Self::Resp3 => 3,
        }
    }
}
