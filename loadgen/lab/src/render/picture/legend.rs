//! What the colours, shapes and patterns of a picture stand for. Owns where it breaks its lines.

use maud::{Markup, html};

use super::{WIDTH, at};

/// No letter of a usual font is wider than this on average.
const LETTER: f64 = 9.8;

/// What a sample takes, with the space after it.
const SAMPLE: f64 = 30.0;

const BETWEEN: f64 = 14.0;

const LINE: f64 = 26.0;

/// A sample, drawn around a point, and what it stands for.
pub(super) struct Entry {
    pub(super) sample: Box<dyn Fn((f64, f64)) -> Markup>,
    pub(super) text: String,
}

impl Entry {
    pub(super) fn new(sample: impl Fn((f64, f64)) -> Markup + 'static, text: impl Into<String>) -> Self {
        Self { sample: Box::new(sample), text: text.into() }
    }

    fn width(&self) -> f64 {
        SAMPLE + self.text.chars().count() as f64 * LETTER
    }
}

/// A line in the colour of a series, as a sample.
pub(super) fn line(class: String) -> impl Fn((f64, f64)) -> Markup {
    move |(x, y)| html! { path class={ "line " (class) } d={ "M" (at(x - 11.0)) " " (at(y)) "h22" } {} }
}

/// A piece of a bar, as a sample.
pub(super) fn piece(draw: impl Fn((f64, f64, f64, f64)) -> Markup) -> impl Fn((f64, f64)) -> Markup {
    move |(x, y)| draw((x - 10.0, y - 8.0, 20.0, 16.0))
}

/// The entries in lines from `top` on, and how high they are together.
pub(super) fn legend(entries: &[Entry], top: f64) -> (Markup, f64) {
    let (mut x, mut y, mut placed) = (BETWEEN, top + LINE / 2.0, Vec::new());
    for entry in entries {
        if x > BETWEEN && x + entry.width() > WIDTH {
            (x, y) = (BETWEEN, y + LINE);
        }
        placed.push((entry, x, y));
        x += entry.width() + BETWEEN;
    }
    let drawing = html! {
        @for (entry, x, y) in placed {
            ((entry.sample)((x + 10.0, y)))
            text class="start" x=(at(x + SAMPLE)) y=(at(y + 5.5)) { (entry.text) }
        }
    };
    (drawing, y + LINE / 2.0 - top)
}
