//! What a person reads. Owns the words, which are httping's where httping has some.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use crate::answer::Answer;
use crate::call::Observation;
use crate::split::Split;
use crate::target::Target;

use super::lane::Pong;
use super::palette::Palette;
use super::plan::{Plan, Show};
use super::ranking::rank;
use super::reporter::Reporter;
use super::tally::{Speed, Tally};
use super::words::{millis, phrase, server_times};

/// A client that is late by more says so beside the steps, which leave that out.
const LATE: Duration = Duration::from_micros(100);

pub(super) struct Page<'a, W> {
    out: &'a mut W,
    targets: &'a [Target],
    show: Show,
    palette: Palette,
    started_at: SystemTime,
}

impl<'a, W: Write> Page<'a, W> {
    pub(super) fn new(out: &'a mut W, plan: &'a Plan, palette: Palette) -> Self {
        Self { out, targets: &plan.targets, show: plan.show, palette, started_at: SystemTime::now() }
    }
}

impl<W: Write> Reporter for Page<'_, W> {
    fn opening(&mut self) -> io::Result<()> {
        let style = self.palette.address;
        for target in self.targets {
            writeln!(self.out, "PING {style}{}{style:#} ({}):", target.endpoint(), target.path())?;
        }
        self.out.flush()
    }

    /// The line of one ping; among several targets it begins with its own.
    fn pong(&mut self, pong: &Pong) -> io::Result<()> {
        if self.show.timestamp {
            let due = self.started_at + pong.observation.sample.scheduled_at;
            write!(self.out, "{} ", humantime::format_rfc3339_millis(due))?;
        }
        if self.targets.len() > 1 {
            write!(self.out, "{}: ", self.targets[pong.lane])?;
        }
        writeln!(self.out, "{}", self.describe(pong.seq, &pong.observation))?;
        self.out.flush()
    }

    fn closing(&mut self, tallies: &[Tally], elapsed: Duration) -> io::Result<()> {
        for (target, tally) in self.targets.iter().zip(tallies) {
            writeln!(self.out, "--- {} ping statistics ---", target.url())?;
            self.statistics(tally, elapsed)?;
        }
        if self.targets.len() > 1 {
            self.ranking(tallies)?;
        }
        self.out.flush()
    }
}

impl<W: Write> Page<'_, W> {
    fn describe(&self, seq: usize, observation: &Observation) -> String {
        let (number, time) = (self.palette.number, self.time(observation));
        match &observation.answer {
            Ok(answer) => {
                let told = self.told(answer, observation);
                format!("{}, seq={number}{seq}{number:#} time={time} ms {told}", self.connected(answer))
            }
            Err(error) => format!("{error}, seq={number}{seq}{number:#} time{time} ms"),
        }
    }

    fn connected(&self, answer: &Answer) -> String {
        let (address, peer) = (self.palette.address, answer.peer);
        let bytes = answer.header_bytes + answer.body_bytes;
        let done = if self.show.persistent { "pinged host" } else { "connected to" };
        format!("{done} {address}{peer}{address:#} ({bytes} bytes)")
    }

    /// The time, behind its steps if they are shown; without an answer, whether it took that long or at least that.
    fn time(&self, observation: &Observation) -> String {
        let style = self.palette.time(observation.sample.outcome);
        let time = format!("{style}{:6.2}{style:#}", millis(observation.sample.response_time()));
        match &observation.answer {
            Ok(answer) if self.show.split => format!("{}={time}", steps(&answer.split, observation.close)),
            Ok(_) => time,
            Err(_) if observation.sample.outcome.is_censored() => format!(">{time}"),
            Err(_) => format!("={time}"),
        }
    }

    /// What stands behind the time.
    fn told(&self, answer: &Answer, observation: &Observation) -> String {
        let style = self.palette.status;
        let status = format!("{style}{}{style:#}", phrase(answer.status));
        let speed = Speed::of(observation).filter(|_| self.show.speed);
        let speed = speed.map_or_else(String::new, |Speed(speed)| format!(" {speed:.0}KB/s"));
        let reconnected = if observation.reconnected { " C" } else { "" };
        let lag = Some(observation.sample.lag()).filter(|lag| self.show.split && *lag >= LATE);
        let late = lag.map_or_else(String::new, |lag| format!(" late={:.2} ms", millis(lag)));
        format!("{status}{speed}{reconnected}{late}{}", server_times(&answer.server_timing))
    }

    fn statistics(&mut self, tally: &Tally, elapsed: Duration) -> io::Result<()> {
        let (connects, ok, failed) = (tally.connects(), tally.successes(), tally.failed_percent());
        let (style, time) = (self.palette.share(failed), elapsed.as_millis());
        writeln!(
            self.out,
            "{connects} connects, {ok} ok, {style}{failed:.2}%{style:#} failed, time {time}ms"
        )?;
        if let Some([min, avg, max]) = tally.round_trip().map(|times| times.map(millis)) {
            writeln!(self.out, "round-trip min/avg/max = {min:.1}/{avg:.1}/{max:.1} ms")?;
        }
        if let (true, Some([min, avg, max])) = (self.show.speed, tally.speeds()) {
            let (Speed(min), Speed(avg), Speed(max)) = (min, avg, max);
            writeln!(self.out, "Transfer speed: min/avg/max = {min:.1}/{avg:.1}/{max:.1} KB/s")?;
        }
        self.censored(tally)
    }

    fn censored(&mut self, tally: &Tally) -> io::Result<()> {
        let Some(mean) = tally.mean_at_least().map(millis) else { return Ok(()) };
        let (timed_out, waiting) = (tally.timed_out(), tally.in_flight());
        writeln!(self.out, "with {timed_out} timed out and {waiting} still waiting: avg >= {mean:.1} ms")
    }

    fn ranking(&mut self, tallies: &[Tally]) -> io::Result<()> {
        writeln!(self.out, "--- slowest first, ± 95 % ---")?;
        for (place, number) in rank(tallies).iter().zip(1..) {
            writeln!(self.out, "{}", place.line(number, &self.targets[place.target].to_string()))?;
        }
        Ok(())
    }
}

/// resolve + connect (+ TLS) + send + wait + receive + close
fn steps(split: &Split, close: Option<Duration>) -> String {
    let step = |time: Option<Duration>| {
        time.map_or_else(|| format!("{:>6}", "n/a"), |time| format!("{:6.2}", millis(time)))
    };
    let tls = split.tls.map(|tls| step(Some(tls)));
    let opening = [Some(step(split.resolve)), Some(step(split.connect)), tls].into_iter().flatten();
    let exchange = [split.send, split.wait, split.receive, close].map(step);
    opening.chain(exchange).collect::<Vec<_>>().join("+")
}
