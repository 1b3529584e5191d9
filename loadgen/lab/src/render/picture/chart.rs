//! A chart with two axes: how one figure goes with another. Owns its frame; what is drawn in it is its caller's.

use maud::{Markup, html};

use super::legend::{Entry, legend};
use super::scale::Scale;
use super::{WIDTH, at};

/// The edges of the part in which lines are drawn.
const LEAST_LEFT: f64 = 58.0;
const RIGHT: f64 = WIDTH - 22.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 320.0;

/// A frame with an axis to the right and one upwards.
pub(super) struct Chart {
    x: Scale,
    y: Scale,
    left: f64,
    /// What the axes show, with units.
    names: (String, String),
}

/// What a figure beside an axis takes.
const DIGIT: f64 = 9.4;

impl Chart {
    /// Axes on which counts up to `most.0` and figures up to `most.1` have room.
    pub(super) fn new(most: (f64, f64), names: (String, String)) -> Self {
        let y = Scale::up_to(most.1, 0.0, (BOTTOM, TOP));
        let digits = y.ticks().iter().map(|(figure, _)| figure.chars().count()).max().unwrap_or(0);
        let left = LEAST_LEFT.max(16.0 + digits as f64 * DIGIT);
        Self { x: Scale::up_to(most.0, 1.0, (left, RIGHT)), y, left, names }
    }

    /// Where a point is.
    pub(super) fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.at(x), self.y.at(y))
    }

    /// A line through `points`.
    pub(super) fn line(&self, points: &[(f64, f64)], class: &str) -> Markup {
        let places = points.iter().map(|point| self.place(*point));
        let path: Vec<String> = places.map(|(x, y)| format!("{} {}", at(x), at(y))).collect();
        html! { path class={ "line " (class) } d={ "M" (path.join("L")) } {} }
    }

    /// From `y` − `half` to `y` + `half`.
    pub(super) fn interval(&self, (x, y): (f64, f64), half: f64, class: &str) -> Markup {
        let [(x, low), (_, high)] = [y - half, y + half].map(|y| self.place((x, y)));
        let path = format!("M{l} {b}h12m-6 0V{t}m-6 0h12", l = at(x - 6.0), b = at(low), t = at(high));
        html! { path class={ "interval " (class) } d=(path) {} }
    }

    /// The frame around `drawing`, the legend under it, and how high they are together.
    pub(super) fn framed(&self, drawing: &Markup, entries: &[Entry]) -> (Markup, f64) {
        let (legend, height) = legend(entries, BOTTOM + 58.0);
        let framed = html! {
            @for (figure, y) in self.y.ticks() {
                path class="rule" d={ "M" (at(self.left)) " " (at(y)) "H" (at(RIGHT)) } {}
                text class="soft end" x=(at(self.left - 8.0)) y=(at(y + 5.5)) { (figure) }
            }
            @for (figure, x) in self.x.ticks() {
                path class="axis" d={ "M" (at(x)) " " (at(BOTTOM)) "v6" } {}
                text class="soft middle" x=(at(x)) y=(at(BOTTOM + 24.0)) { (figure) }
            }
            path class="axis" d={ "M" (at(self.left)) " " (at(BOTTOM)) "H" (at(RIGHT)) } {}
            text class="start" x="10" y="20" { (self.names.1) }
            text class="middle" x=(at(f64::midpoint(self.left, RIGHT))) y=(at(BOTTOM + 47.0)) { (self.names.0) }
            (drawing)
            (legend)
        };
        (framed, BOTTOM + 58.0 + height + 8.0)
    }
}
