//! The live graph: takes the terminal while the pings last, and leaves the usual statistics behind. What it looks like is
//! `view`'s.

use std::io::{self, Write};
use std::time::Duration;

use crate::terminal::{FullScreen, Key};

use super::lane::Pong;
use super::page::Page;
use super::plan::Plan;
use super::reporter::{Reporter, Wish};
use super::tally::Tally;

mod history;
mod scale;
#[cfg(test)]
mod tests;
mod view;

use history::History;
use view::Picture;

pub(super) struct Graph<'a, W> {
    screen: Option<FullScreen>,
    /// Has the last word.
    page: Page<'a, W>,
    names: Vec<String>,
    histories: Vec<History>,
    window: Duration,
    halted: bool,
    colours: bool,
}

impl<'a, W: Write> Graph<'a, W> {
    pub(super) fn new(page: Page<'a, W>, plan: &Plan, colours: bool) -> Self {
        let names: Vec<_> = plan.targets.iter().map(ToString::to_string).collect();
        let histories = vec![History::default(); names.len()];
        Self { screen: None, page, names, histories, window: plan.graph_window(), halted: false, colours }
    }

    /// Obeys the keys typed since the last time.
    fn obey(&mut self) -> Option<Wish> {
        while let Some(key) = self.screen.as_mut()?.key() {
            match key {
                Key::Quit => return Some(Wish::Quit),
                Key::Interrupt => return Some(Wish::Interrupt),
                Key::Character('h') => self.halted = !self.halted,
                Key::Character(_) => {}
            }
        }
        None
    }
}

impl<W: Write> Reporter for Graph<'_, W> {
    fn opening(&mut self) -> io::Result<()> {
        self.screen = Some(FullScreen::take()?);
        Ok(())
    }

    fn pong(&mut self, pong: &Pong) -> io::Result<()> {
        self.histories[pong.lane].add(&pong.observation.sample);
        Ok(())
    }

    fn is_live(&self) -> bool {
        true
    }

    fn tick(&mut self, tallies: &[Tally], now: Duration) -> io::Result<Option<Wish>> {
        let (was_halted, wish) = (self.halted, self.obey());
        // The first picture after a halt says so.
        if let (Some(screen), false) = (&mut self.screen, was_halted && self.halted) {
            let Self { names, histories, window, halted, colours, .. } = self;
            let (window, halted, colours) = (*window, *halted, *colours);
            screen.draw(|frame| {
                view::draw(frame, &Picture { names, tallies, histories, now, window, halted, colours });
            })?;
        }
        Ok(wish)
    }

    fn closing(&mut self, tallies: &[Tally], elapsed: Duration) -> io::Result<()> {
        self.screen = None;
        self.page.closing(tallies, elapsed)
    }
}
