//! What is shown of a run while it goes on. Owns when: a view that is redrawn in place where there is a terminal, and elsewhere a
//! line now and then for runs that are long enough to be wondered about.
//!
//! It lives in the thread that collects, so that the threads that send have nothing to do with it.

use std::io::{self, Stderr, Write};
use std::ops::ControlFlow;
use std::time::Duration;

use super::chunk::Chunk;
use super::run::{Observer, Watch};

mod canvas;
mod progress;
#[cfg(test)]
mod tests;
mod threads;
mod view;
mod words;

use canvas::Canvas;
use progress::Progress;
use threads::Threads;
use view::Picture;

/// What standard error is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Console {
    /// Whether it is a terminal that can move its cursor.
    pub is_terminal: bool,
    /// Whether the environment asks for no colours (`NO_COLOR`).
    pub no_color: bool,
}

/// A run that is over before that leaves no trace on the terminal.
const FIRST_AT: Duration = Duration::from_millis(500);

/// From one picture to the next, at least.
const REDRAW: Duration = Duration::from_millis(200);

/// From one line to the next.
const LINE: Duration = Duration::from_secs(10);

/// Shows a run, or one run after the other.
#[derive(Debug)]
pub(super) struct Live<W> {
    progress: Progress,
    threads: Threads,
    surface: Surface<W>,
    /// When to show something next, since the start of the run.
    due: Duration,
}

#[derive(Debug)]
enum Surface<W> {
    InPlace(Canvas<W>),
    Lines(W),
}

impl Live<Stderr> {
    /// On standard error; `in_place` if it may be drawn on.
    pub(super) fn on(console: Console, in_place: bool) -> Self {
        Self::with(if in_place && console.is_terminal {
            Surface::InPlace(Canvas::on(io::stderr(), !console.no_color))
        } else {
            Surface::Lines(io::stderr())
        })
    }
}

impl<W: Write> Live<W> {
    fn with(surface: Surface<W>) -> Self {
        let due = surface.first_at();
        Self { progress: Progress::default(), threads: Threads::default(), surface, due }
    }

    /// What cannot be shown is not worth ending the run.
    fn show(&mut self, watch: &Watch<'_>) {
        let picture = Picture { plan: watch.plan, elapsed: watch.elapsed, progress: &self.progress };
        match &mut self.surface {
            Surface::InPlace(canvas) => {
                let _ = canvas.draw(canvas::size(io::stderr()), |area, buffer| picture.render(area, buffer));
            }
            // The report is about to follow.
            Surface::Lines(_) if watch.plan.lasts().is_some_and(|lasts| watch.elapsed >= lasts) => {}
            Surface::Lines(out) => {
                let _ = writeln!(out, "{}", words::line(watch.elapsed, &self.progress));
            }
        }
    }
}

impl<W> Surface<W> {
    fn first_at(&self) -> Duration {
        match self {
            Self::InPlace(_) => FIRST_AT,
            Self::Lines(_) => LINE,
        }
    }

    fn step(&self) -> Duration {
        match self {
            Self::InPlace(_) => REDRAW,
            Self::Lines(_) => LINE,
        }
    }
}

impl<W: Write> Observer for Live<W> {
    fn chunk(&mut self, chunk: &Chunk) {
        self.progress.add(chunk);
    }

    fn tick(&mut self, watch: &Watch<'_>) -> ControlFlow<()> {
        if self.progress.pass(watch.elapsed) {
            let busiest = self.threads.busiest();
            self.progress.judge(watch.plan, busiest);
        }
        if watch.elapsed >= self.due {
            let step = self.surface.step();
            while self.due <= watch.elapsed {
                self.due += step;
            }
            self.show(watch);
        }
        ControlFlow::Continue(())
    }

    fn ended(&mut self) {
        if let Surface::InPlace(canvas) = &mut self.surface {
            let _ = canvas.clear(canvas::size(io::stderr()));
        }
        self.progress = Progress::default();
        self.due = self.surface.first_at();
    }
}
