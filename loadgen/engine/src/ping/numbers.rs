//! What a machine reads line by line. Owns httping's parseable output: the time in ms, or -1 without success.

use std::io::{self, Write};
use std::time::Duration;

use crate::target::Target;

use super::lane::Pong;
use super::plan::Plan;
use super::reporter::Reporter;
use super::tally::Tally;
use super::words::millis;

pub(super) struct Numbers<'a, W> {
    out: &'a mut W,
    targets: &'a [Target],
    status: bool,
}

impl<'a, W: Write> Numbers<'a, W> {
    pub(super) fn new(out: &'a mut W, plan: &'a Plan) -> Self {
        Self { out, targets: &plan.targets, status: plan.show.status }
    }
}

impl<W: Write> Reporter for Numbers<'_, W> {
    /// `TIME`, with status codes `TIME STATUS`; among several targets the line begins with the URL.
    fn pong(&mut self, pong: &Pong) -> io::Result<()> {
        let sample = &pong.observation.sample;
        if self.targets.len() > 1 {
            write!(self.out, "{} ", self.targets[pong.lane].url())?;
        }
        if sample.outcome.is_success() {
            write!(self.out, "{:.6}", millis(sample.response_time()))?;
        } else {
            write!(self.out, "-1")?;
        }
        if self.status {
            write!(self.out, " {}", sample.outcome.to_string().replace(' ', "-"))?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }

    fn closing(&mut self, _: &[Tally], _: Duration) -> io::Result<()> {
        Ok(())
    }
}
