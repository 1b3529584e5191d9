//! What a person reads. Owns the words, which are httping's where httping has some.

use std::io::{self, Write};
use std::time::Duration;

use http::StatusCode;

use crate::answer::Answer;
use crate::call::Observation;
use crate::server_timing::ServerTiming;
use crate::target::Target;

use super::lane::Pong;
use super::tally::Tally;

pub(super) struct Page<'a, W> {
    out: &'a mut W,
    targets: &'a [Target],
}

impl<'a, W: Write> Page<'a, W> {
    pub(super) fn new(out: &'a mut W, targets: &'a [Target]) -> Self {
        Self { out, targets }
    }

    pub(super) fn opening(&mut self) -> io::Result<()> {
        for target in self.targets {
            writeln!(self.out, "PING {} ({}):", target.endpoint(), target.path())?;
        }
        self.out.flush()
    }

    /// The line of one ping; among several targets it begins with its own.
    pub(super) fn line(&mut self, pong: &Pong) -> io::Result<()> {
        if self.targets.len() > 1 {
            write!(self.out, "{}: ", self.targets[pong.lane])?;
        }
        writeln!(self.out, "{}", describe(pong.seq, &pong.observation))?;
        self.out.flush()
    }

    pub(super) fn closing(&mut self, tallies: &[Tally], elapsed: Duration) -> io::Result<()> {
        for (target, tally) in self.targets.iter().zip(tallies) {
            writeln!(self.out, "--- {} ping statistics ---", target.url())?;
            self.statistics(tally, elapsed)?;
        }
        self.out.flush()
    }

    fn statistics(&mut self, tally: &Tally, elapsed: Duration) -> io::Result<()> {
        let (connects, ok, failed) = (tally.connects(), tally.successes(), tally.failed_percent());
        let time = elapsed.as_millis();
        writeln!(self.out, "{connects} connects, {ok} ok, {failed:.2}% failed, time {time}ms")?;
        if let Some([min, avg, max]) = tally.round_trip().map(|times| times.map(millis)) {
            writeln!(self.out, "round-trip min/avg/max = {min:.1}/{avg:.1}/{max:.1} ms")?;
        }
        if let Some(mean) = tally.mean_at_least().map(millis) {
            let (timed_out, in_flight) = (tally.timed_out(), tally.in_flight());
            writeln!(
                self.out,
                "with {timed_out} timed out and {in_flight} still waiting: avg >= {mean:.1} ms"
            )?;
        }
        Ok(())
    }
}

fn describe(seq: usize, observation: &Observation) -> String {
    let time = millis(observation.sample.response_time());
    match &observation.answer {
        Ok(answer) => {
            let Answer { peer, header_bytes, body_bytes, server_timing, .. } = answer;
            let (bytes, status) = (header_bytes + body_bytes, phrase(answer.status));
            let server = server_times(server_timing);
            format!("connected to {peer} ({bytes} bytes), seq={seq} time={time:6.2} ms {status}{server}")
        }
        Err(error) => {
            let sign = if observation.sample.outcome.is_censored() { ">" } else { "=" };
            format!("{error}, seq={seq} time{sign}{time:6.2} ms")
        }
    }
}

fn phrase(status: StatusCode) -> String {
    format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or_default()).trim_end().to_owned()
}

/// What the server says of its own time, so that it shows where one waits.
fn server_times(timing: &ServerTiming) -> String {
    let named = [("queue", timing.queue), ("service", timing.service)];
    let told = |(name, time): (&str, Option<Duration>)| Some(format!(" {name}={:.2} ms", millis(time?)));
    named.into_iter().filter_map(told).collect()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
