//! Who is told of the pings. Owns what a form of output has to be able to say.

use std::io;
use std::time::Duration;

use super::lane::Pong;
use super::tally::Tally;

/// What the person in front of it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// The end, as if the last ping had been sent.
    Quit,
    /// The end at once, as after ^C.
    Interrupt,
}

/// A form of output.
pub(super) trait Reporter {
    /// Before the first ping.
    fn opening(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// One result, in the order in which its target's pings were sent.
    fn pong(&mut self, pong: &Pong) -> io::Result<()>;

    /// Whether it wants to be ticked.
    fn is_live(&self) -> bool {
        false
    }

    /// Some times a second, if it is live: what the pings add up to so far, and the time since the start.
    fn tick(&mut self, _tallies: &[Tally], _now: Duration) -> io::Result<Option<Wish>> {
        Ok(None)
    }

    /// After the last one, with what the pings of each target add up to.
    fn closing(&mut self, tallies: &[Tally], elapsed: Duration) -> io::Result<()>;
}
