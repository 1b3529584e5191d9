//! Instants that survive a restart: the wall clock, to the millisecond.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch; negative ones are legal deadlines, long passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    /// Before every deadline: the clock stands here during a replay, when nothing may expire by itself.
    pub(crate) const DAWN: Self = Self(i64::MIN);

    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// The instant that many milliseconds later, if it can be told.
    pub(crate) fn after(self, millis: i64) -> Option<Self> {
        self.0.checked_add(millis).map(Self)
    }
}
