//! What must hold of a run: its grammar, `METRIC OP VALUE`, and whether it did.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::bench::report::{Expected, Report};

use super::metric::{Measured, Metric};
use super::value::Value;

/// Something that must hold of a run, such as `p99<250ms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    text: String,
    metric: Metric,
    relation: Relation,
    bound: Value,
}

/// On which side of its bound a figure must lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// What was typed is no expectation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationError {
    /// There is nothing that compares.
    #[error("`{0}` compares nothing: expected METRIC<VALUE, or with <=, > or >=, such as 'p99<250ms'")]
    NoRelation(String),
    /// There is no such figure.
    #[error(
        "there is no metric `{0}`: expected p50, p99.9, mean, max or min, with uncorrected., lag., resolve., connect., tls., \
         head., body., queue. or service. before it if need be, or rate, errors, overflow or evenness, such as 'p99<250ms'"
    )]
    NoMetric(String),
    /// It is measured in something else.
    #[error("`{value}` is no value of {metric}: expected {expected}")]
    NoValue {
        /// The figure.
        metric: String,
        /// What it was to be held against.
        value: String,
        /// What would be possible.
        expected: &'static str,
    },
}

impl FromStr for Expectation {
    type Err = ExpectationError;

    fn from_str(text: &str) -> Result<Self, ExpectationError> {
        let relation = text.find(['<', '>']).ok_or_else(|| ExpectationError::NoRelation(text.to_owned()))?;
        let (name, rest) = text.split_at(relation);
        let (relation, value) = Relation::read(rest);
        let (name, value) = (name.trim(), value.trim());
        let metric = Metric::named(name).ok_or_else(|| ExpectationError::NoMetric(name.to_owned()))?;
        let bound = metric.unit().read(value).ok_or_else(|| ExpectationError::NoValue {
            metric: name.to_owned(),
            value: value.to_owned(),
            expected: metric.unit().example(),
        })?;
        Ok(Self { text: text.to_owned(), metric, relation, bound })
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Expectation {
    /// The figure it is about.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// On which side of the bound the figure must lie.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// What the figure is held against.
    pub fn bound(&self) -> Value {
        self.bound
    }

    /// Whether it holds of what `report` says. What cannot be told does not hold.
    pub fn of(&self, report: &Report) -> Expected {
        let measured = self.metric.of(report);
        Expected {
            expectation: self.text.clone(),
            held: self.holds_of(measured),
            measured: measured.to_string(),
        }
    }

    /// Whether it holds of a figure that is known.
    pub(super) fn allows(&self, value: Value) -> bool {
        self.relation.holds(value, self.bound)
    }

    fn holds_of(&self, measured: Measured) -> bool {
        match measured {
            Measured::Exactly(value) => self.allows(value),
            // A larger value would hold as well, but a smaller one may be meant to.
            Measured::AtLeast(value) => !self.relation.is_ceiling() && self.relation.holds(value, self.bound),
            Measured::Between { low, high, .. } => self.allows(low) && self.allows(high),
            Measured::Unknown(_) => false,
        }
    }
}

impl Relation {
    fn read(text: &str) -> (Self, &str) {
        let signs = [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Below), (">", Self::Above)];
        let read = |(sign, relation)| text.strip_prefix(sign).map(|rest| (relation, rest));
        signs.into_iter().find_map(read).unwrap_or((Self::Below, text))
    }

    /// Whether figures must be small.
    pub fn is_ceiling(self) -> bool {
        matches!(self, Self::Below | Self::AtMost)
    }

    fn holds(self, value: Value, bound: Value) -> bool {
        let ordering = value.against(bound);
        match self {
            Self::Below => ordering == Some(Ordering::Less),
            Self::AtMost => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
            Self::Above => ordering == Some(Ordering::Greater),
            Self::AtLeast => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(value) => value.fmt(f),
            Self::AtLeast(value) => write!(f, "at least {value}"),
            Self::Between { low, high, unanswered } => {
                write!(
                    f,
                    "between {low} and {high}: {unanswered} unanswered after longer than any success took"
                )
            }
            Self::Unknown(why) => write!(f, "unknown: {why}"),
        }
    }
}

#[cfg(test)]
#[path = "expectation_tests.rs"]
mod tests;
