//! Which rate to try next. Owns the search, and knows nothing of how a rate is tried.
//!
//! Rates double until one fails twice (once might be chance), or halve until one holds; then the gap is halved, in terms of
//! ratios, until it is within the tolerance. The highest rate that held is validated by a longer run; as long as that fails, the
//! rate steps down, by once, twice, four times … the tolerance, and then the last gap is halved again, by longer runs.

/// A way to try a rate.
pub(super) trait Trial {
    /// Why a rate could not be tried.
    type Error;

    /// Runs at `rate` per second, for longer if it is to validate.
    fn run(&mut self, rate: f64, validation: bool) -> Result<Tried, Self::Error>;
}

/// What came of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// Everything that was asked for was so.
    Held,
    /// Everything was so, and the load generator cannot send more.
    HeldAtItsLimit,
    /// Something was not so.
    Failed,
    /// Something was not so, but the load generator was the limit, so this says nothing of the service.
    FailedAtItsLimit,
    /// Nobody has ever answered.
    NoAnswer,
    /// It was stopped from outside.
    Interrupted,
}

/// Where to search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    /// The rate to begin with.
    pub(super) start: f64,
    /// The lowest one; a trial at less would hold too few requests.
    pub(super) least: f64,
    /// The highest one.
    pub(super) most: f64,
    /// How close to each other the rate that holds and the one that fails shall be, as a share of them.
    pub(super) tolerance: f64,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The highest rate that held.
    pub(super) rate: Option<f64>,
    /// Whether a longer run held, too.
    pub(super) validated: bool,
    /// Why it ended.
    pub(super) end: End,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Found,
    MostHeld,
    AtItsLimit,
    NothingHeld,
    NotValidated,
    Interrupted,
}

/// Longer runs at most.
const MOST_VALIDATIONS: u32 = 8;

/// Rates are multiplied by this as long as they hold.
const GROWTH: f64 = 2.0;

/// Searches `range` by trials.
pub(super) fn search<T: Trial>(range: Range, trial: &mut T) -> Result<Found, T::Error> {
    let mut bracket = Bracket::new(range);
    while let Some(rate) = bracket.next() {
        let tried = match trial.run(rate, false)? {
            Tried::Failed | Tried::FailedAtItsLimit if bracket.is_first_failure() => {
                trial.run(rate, false)?
            }
            tried => tried,
        };
        bracket.learn(rate, tried);
    }
    match (bracket.held, bracket.end()) {
        (Some(rate), end) if end != End::Interrupted => validate(range, rate, end, trial),
        (rate, end) => Ok(Found { rate, validated: false, end }),
    }
}

fn validate<T: Trial>(range: Range, held: f64, end: End, trial: &mut T) -> Result<Found, T::Error> {
    let mut validation =
        Validation { range, next: Some(held), step: range.tolerance, held: None, failed: None };
    let mut interrupted = false;
    for _ in 0..MOST_VALIDATIONS {
        let Some(rate) = validation.next else { break };
        match trial.run(rate, true)? {
            Tried::Held | Tried::HeldAtItsLimit => validation.hold(rate),
            Tried::Failed | Tried::FailedAtItsLimit | Tried::NoAnswer => validation.fail(rate),
            Tried::Interrupted => (interrupted, validation.next) = (true, None),
        }
    }
    let validated = validation.held.is_some();
    let end = match (validated, validation.failed) {
        _ if interrupted => End::Interrupted,
        (false, _) => End::NotValidated,
        (true, Some(_)) => End::Found,
        (true, None) => end,
    };
    // Without a longer run the trial is all that there is.
    let rate = validation.held.or(interrupted.then_some(held));
    Ok(Found { rate, validated, end })
}

/// What longer runs have shown.
#[derive(Clone, Copy, Debug)]
struct Validation {
    range: Range,
    next: Option<f64>,
    step: f64,
    held: Option<f64>,
    failed: Option<f64>,
}

impl Validation {
    fn hold(&mut self, rate: f64) {
        self.held = Some(rate);
        self.next = self.failed.and_then(|failed| between(rate, failed, self.range.tolerance));
    }

    fn fail(&mut self, rate: f64) {
        self.failed = Some(rate);
        let lower = rate / (1.0 + self.step);
        self.step *= 2.0;
        self.next = match self.held {
            Some(held) => between(held, rate, self.range.tolerance),
            None => Some(lower).filter(|lower| *lower >= self.range.least),
        };
    }
}

/// The rate in the middle, in terms of ratios; `None` if they are close enough to each other.
fn between(held: f64, failed: f64, tolerance: f64) -> Option<f64> {
    (failed > held * (1.0 + tolerance)).then(|| (held * failed).sqrt())
}

/// What is known so far.
#[derive(Clone, Copy, Debug)]
struct Bracket {
    range: Range,
    held: Option<f64>,
    failed: Option<f64>,
    at_its_limit: bool,
    hopeless: bool,
    interrupted: bool,
}

impl Bracket {
    fn new(range: Range) -> Self {
        Self { range, held: None, failed: None, at_its_limit: false, hopeless: false, interrupted: false }
    }

    /// The next rate to try; `None` when enough is known.
    fn next(&self) -> Option<f64> {
        let Range { start, least, most, tolerance } = self.range;
        if self.interrupted || self.hopeless {
            return None;
        }
        match (self.held, self.failed) {
            (None, None) => Some(start.clamp(least.min(most), most)),
            (Some(held), None) => {
                let next = (held * GROWTH).min(most);
                (!self.at_its_limit && next > held).then_some(next)
            }
            (None, Some(failed)) => (failed > least).then(|| (failed / GROWTH).max(least)),
            (Some(held), Some(failed)) => between(held, failed, tolerance),
        }
    }

    /// Whether nothing has failed yet, so that all of the search would follow from this.
    fn is_first_failure(&self) -> bool {
        self.failed.is_none()
    }

    fn learn(&mut self, rate: f64, tried: Tried) {
        match tried {
            Tried::Held => self.held = Some(rate),
            Tried::HeldAtItsLimit => (self.held, self.at_its_limit) = (Some(rate), self.failed.is_none()),
            Tried::Failed => (self.failed, self.at_its_limit) = (Some(rate), false),
            Tried::FailedAtItsLimit => (self.failed, self.at_its_limit) = (Some(rate), true),
            Tried::NoAnswer => (self.failed, self.hopeless) = (Some(rate), true),
            Tried::Interrupted => self.interrupted = true,
        }
    }

    fn end(&self) -> End {
        match (self.held, self.failed) {
            _ if self.interrupted => End::Interrupted,
            _ if self.at_its_limit => End::AtItsLimit,
            (None, _) => End::NothingHeld,
            (Some(_), None) => End::MostHeld,
            (Some(_), Some(_)) => End::Found,
        }
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
