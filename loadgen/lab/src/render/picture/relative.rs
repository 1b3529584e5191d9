//! Figures as shares of another one, on both sides of it: a row for each, with its interval, and the single measurements below it.

use maud::{Markup, html};

use super::legend::Entry;
use super::mark::{colour, mark};
use super::steps::Rows;
use super::waits::interval;
use super::{Picture, Table, at};

/// What a picture shows.
#[derive(Clone, Debug)]
pub(crate) struct Relative {
    pub(crate) name: String,
    pub(crate) title: String,
    /// What the axis shows, with its unit.
    pub(crate) axis: String,
    pub(crate) description: String,
    pub(crate) rows: Rows,
    /// One for each row.
    pub(crate) lines: Vec<Line>,
    /// The share from which on it matters, and what to call it.
    pub(crate) threshold: (f64, String),
    /// What each series stands for.
    pub(crate) entries: Vec<(usize, String)>,
    pub(crate) table: Table,
}

/// What is in a row, as shares.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Its colour and shape.
    pub(crate) series: usize,
    pub(crate) value: f64,
    pub(crate) interval: Option<[f64; 2]>,
    /// Single measurements.
    pub(crate) dots: Vec<f64>,
    /// For whoever points at it.
    pub(crate) hint: String,
}

/// How far the mark is above the middle of its row, and dots below it.
const APART: f64 = 7.0;

const DOT: f64 = 3.0;

impl Relative {
    /// The picture of all rows; `None` if there are none.
    pub(crate) fn picture(self) -> Option<Picture> {
        if self.lines.is_empty() {
            return None;
        }
        let all =
            || self.lines.iter().flat_map(Line::all).chain([self.threshold.0]).map(|share| share * 100.0);
        let scale = self.rows.scale_across([all().fold(0.0, f64::min), all().fold(0.0, f64::max)]);
        let place = |share: f64| scale.at(share * 100.0);
        let drawing = html! {
            (self.rows.through(place(0.0), "axis"))
            (self.rows.through(place(self.threshold.0), THRESHOLD))
            @for (index, line) in self.lines.iter().enumerate() {
                (line.drawn(&place, self.rows.middle(index)))
            }
        };
        let entries = self.entries.iter().map(|(series, text)| {
            let series = *series;
            Entry::new(move |place| mark(series, place, ""), text.clone())
        });
        let threshold = Entry::new(
            |(x, y)| html! { path class=(THRESHOLD) d={ "M" (at(x)) " " (at(y - 9.0)) "v18" } {} },
            self.threshold.1.clone(),
        );
        let entries: Vec<Entry> = entries.chain([threshold]).collect();
        let (drawing, height) = self.rows.framed(Some((scale, &self.axis)), &drawing, &entries);
        let Self { name, title, description, table, .. } = self;
        Some(Picture { name, title, description, height, drawing, table })
    }
}

const THRESHOLD: &str = "axis dashed";

impl Line {
    /// Everything that must have room on the axis.
    fn all(&self) -> impl Iterator<Item = f64> {
        self.dots.iter().copied().chain([self.value]).chain(self.interval.into_iter().flatten())
    }

    fn drawn(&self, place: &dyn Fn(f64) -> f64, middle: f64) -> Markup {
        let y = if self.dots.is_empty() { middle } else { middle - APART };
        html! {
            @for dot in &self.dots {
                circle class={ "fill" (colour(self.series)) } cx=(at(place(*dot))) cy=(at(middle + APART)) r=(at(DOT)) {}
            }
            @if let Some(ends) = self.interval { (interval(ends.map(place), y, self.series)) }
            (mark(self.series, (place(self.value), y), &self.hint))
        }
    }
}
