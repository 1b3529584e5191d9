//! How long one waits at each step: a row for each, and in it a mark for whoever waits.

use std::fmt::Display;

use maud::{Markup, html};

use super::legend::Entry;
use super::mark::{colour, hollow, mark};
use super::steps::{ROW, Rows};
use super::{Picture, Table, at};
use crate::render::words::millis;

/// What a picture shows.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    pub(crate) title: String,
    /// What the axis shows, with its unit.
    pub(crate) axis: String,
    pub(crate) description: String,
    pub(crate) rows: Rows,
    /// Those of each row.
    pub(crate) steps: Vec<Vec<Wait>>,
    /// What each look stands for.
    pub(crate) entries: Vec<(Look, String)>,
    pub(crate) table: Table,
}

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Its colour and shape.
    pub(crate) series: usize,
    pub(crate) is_predicted: bool,
    /// Its line within the row, and how many of them there are: marks of the same length would hide each other.
    pub(crate) lane: (usize, usize),
}

/// How long.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    look: Look,
    seconds: f64,
    half_width: Option<f64>,
    /// For whoever points at it.
    hint: String,
}

/// How far lines within a row are apart at most, and all of them together.
const LANE: f64 = 11.0;
const LANES: f64 = ROW - 12.0;

impl Waits {
    /// The picture of all rows; `None` if nobody waited.
    pub(crate) fn picture(self) -> Option<Picture> {
        let ends = self.steps.iter().flatten().map(|it| it.seconds + it.half_width.unwrap_or_default());
        let scale = self.rows.scale(ends.reduce(f64::max)? * 1e3);
        let drawing = html! {
            @for (index, waits) in self.steps.iter().enumerate() {
                @for wait in waits {
                    (wait.drawn(&|seconds| scale.at(seconds * 1e3), self.rows.middle(index)))
                }
            }
        };
        let entry = |(look, text): (Look, String)| Entry::new(move |place| look.mark(place, ""), text);
        let entries: Vec<Entry> = self.entries.into_iter().map(entry).collect();
        let (drawing, height) = self.rows.framed(Some((scale, &self.axis)), &drawing, &entries);
        Some(Picture {
            name: "queue".to_owned(),
            title: self.title,
            description: self.description,
            height,
            drawing,
            table: self.table,
        })
    }
}

impl Look {
    fn mark(self, place: (f64, f64), hint: &str) -> Markup {
        if self.is_predicted { hollow(self.series, place, hint) } else { mark(self.series, place, hint) }
    }

    /// How far its line is from the middle of the row.
    fn offset(self) -> f64 {
        let (lane, lanes) = self.lane;
        let apart = LANE.min(LANES / (lanes.max(2) - 1) as f64);
        (lane as f64 - (lanes.max(1) - 1) as f64 / 2.0) * apart
    }
}

impl Wait {
    /// So many seconds, and half of their interval, at `step`; `what` says who waits, as the beginning of a sentence.
    pub(crate) fn new(
        step: impl Display,
        look: Look,
        what: &str,
        (seconds, half_width): (f64, Option<f64>),
    ) -> Self {
        Self { look, seconds, half_width, hint: format!("{step}: {what} {} ms", millis(seconds)) }
    }

    fn drawn(&self, place: &dyn Fn(f64) -> f64, middle: f64) -> Markup {
        let y = middle + self.look.offset();
        let ends = self.half_width.map(|half| [place(self.seconds - half), place(self.seconds + half)]);
        html! {
            @if let Some(ends) = ends { (interval(ends, y, self.look.series)) }
            (self.look.mark((place(self.seconds), y), &self.hint))
        }
    }
}

/// From one end to the other.
pub(super) fn interval([from, to]: [f64; 2], y: f64, series: usize) -> Markup {
    let path = format!("M{l} {t}v12m0-6H{r}m0-6v12", l = at(from), r = at(to), t = at(y - 6.0));
    html! { path class={ "interval line" (colour(series)) } d=(path) {} }
}
