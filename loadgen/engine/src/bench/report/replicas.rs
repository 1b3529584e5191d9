//! Which replicas answered, and whether they got equal shares.

use serde::{Deserialize, Serialize};

use crate::bench::tally::Tally;
use crate::distribution::Distribution;
use crate::statistics::evenness::Evenness;

use super::hdr;
use super::seconds::millis;

/// The replicas that answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replicas {
    /// The header that names them.
    pub header: String,
    /// How likely chance alone would share requests out so unevenly; `None` of one replica, of too few requests, or where
    /// not all are told apart.
    pub evenness_p: Option<f64>,
    /// By their names.
    pub by_name: Vec<ReplicaRow>,
    /// Answers of replicas that are not told apart, since there are too many of them; no name has them.
    #[serde(default)]
    pub others: u64,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReplicaRow {
    /// As it calls itself.
    pub name: String,
    /// Requests that it answered.
    pub requests: u64,
    /// Of all that were answered with a name, 0 to 1.
    pub share: f64,
    /// Of them, those with a status of 400 and more.
    pub errors: u64,
    /// The median of its successes.
    pub p50_ms: Option<f64>,
    /// The 99th percentile of its successes.
    pub p99_ms: Option<f64>,
    /// The response times of its successes.
    #[serde(rename = "hdr", with = "hdr", default)]
    pub times: Distribution,
}

impl Replicas {
    pub(super) fn of(header: &str, tally: &Tally) -> Option<Self> {
        let rows = tally.replicas.iter().map(|(name, served)| ReplicaRow {
            name: name.clone(),
            requests: served.requests(),
            share: 0.0,
            errors: served.errors(),
            p50_ms: None,
            p99_ms: None,
            times: served.times(),
        });
        Self::from_rows(header, rows.collect(), tally.other_replicas)
    }

    /// With shares, evenness and quantiles as the rows' requests and times tell them; `None` of no answers.
    pub(in crate::bench) fn from_rows(header: &str, mut rows: Vec<ReplicaRow>, others: u64) -> Option<Self> {
        let total = rows.iter().map(|row| row.requests).sum::<u64>() + others;
        for row in &mut rows {
            row.share = row.requests as f64 / total.max(1) as f64;
            row.p50_ms = row.times.quantile(0.5).map(millis);
            row.p99_ms = row.times.quantile(0.99).map(millis);
        }
        let replicas = Self { header: header.to_owned(), evenness_p: None, by_name: rows, others };
        let evenness_p = replicas.evenness().map(|evenness| evenness.p_value);
        (total > 0).then_some(Self { evenness_p, ..replicas })
    }

    /// The rows of the `most` that answered most often, these first; in the order of their names if there are no more.
    pub fn busiest(&self, most: usize) -> Vec<&ReplicaRow> {
        let mut rows: Vec<_> = self.by_name.iter().collect();
        if rows.len() > most {
            rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
            rows.truncate(most);
        }
        rows
    }

    /// Whether shares are as even as chance makes them; `None` where that cannot be told.
    pub fn is_even(&self) -> Option<bool> {
        self.evenness().map(|evenness| evenness.is_even())
    }

    fn evenness(&self) -> Option<Evenness> {
        let requests: Vec<u64> = self.by_name.iter().map(|row| row.requests).collect();
        if self.others > 0 { None } else { Evenness::of(&requests) }
    }
}
