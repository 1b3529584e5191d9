//! What a run is for: what must hold of it, when to give it up, and the highest rate at which that holds.
//!
//! ```text
//! expectation ─→ metric: which figure    value: its unit         what is typed, and whether it holds of a report
//!      ├→ abort ─→ case, evidence: what speaks against it so far  ends it once an expectation cannot hold any more
//!      │    └→ silence: since when nothing succeeds
//!      └→ knee ─→ search: pure, over trials                      the highest rate at which all of them hold
//! ```

pub mod abort;
pub(super) mod args;
mod case;
mod evidence;
pub mod expectation;
pub(super) mod knee;
pub mod metric;
mod silence;
#[cfg(test)]
pub(super) mod testing;
pub mod value;

pub use abort::Abort;
pub use args::GoalArgs;
pub use expectation::{Expectation, ExpectationError};

use super::report::{Aborted, Report};

/// Holds `report` against `expectations`. The one that ended the run, if any did, has failed, whatever came of the little that
/// was measured until then.
pub(super) fn judge(report: &mut Report, expectations: &[Expectation], aborted: Option<Aborted>) {
    let mut judged: Vec<_> = expectations.iter().map(|it| it.of(report)).collect();
    for expected in &mut judged {
        expected.held &= aborted.as_ref().is_none_or(|it| it.expectation != expected.expectation);
    }
    report.expectations = judged;
    report.aborted = aborted;
}
