//! The report's pictures, as SVG, and the table behind each. Owns what they have in common: their frame, their names, and that
//! what they show is told in words, too. What is drawn are pure functions of the report.
//!
//! [`curves`], [`waits`], [`busy`] and [`relative`] draw what any report can tell; the sweep's own [`against`], [`queue`] and [`utilisation`]
//! tell it to them, as `blackbox` does for plans and `interleave` for A/Bs.
//!
//! A picture is readable by itself: it needs no script and no font, has its colours for light and for dark, and what differs by
//! colour differs by shape or pattern as well.

use maud::{Markup, PreEscaped, html};

use crate::report::Report;
use crate::xml::clean;

mod against;
mod busy;
mod chart;
mod curves;
mod legend;
mod mark;
mod queue;
mod relative;
mod scale;
mod shares;
mod stages;
mod steps;
mod utilisation;
mod waits;

pub(crate) use busy::{Busy, Column};
pub(crate) use curves::{Curves, Point, Series, alike};
pub(crate) use relative::{Line, Relative};
pub(crate) use steps::{COUNT, Rows};
pub(crate) use waits::{Look, Wait, Waits};

/// How wide every picture is, in its own units; on a telephone such a unit is two thirds of a pixel.
const WIDTH: f64 = 520.0;

/// What pictures are called in all reports that have them; those of throughput are called after what there is more of.
const NAMES: [&str; 5] = ["utilisation", "stages", "queue", "shares", CHANGES];

/// What the names of pictures of throughput begin with.
pub(crate) const THROUGHPUT: &str = "throughput-";

/// What the picture of all changes of an A/B is called.
pub(crate) const CHANGES: &str = "changes";

/// What the names of pictures of its blocks begin with.
pub(crate) const BLOCKS: &str = "blocks-";

/// Whether a picture of some report may be called that.
pub(crate) fn is_ours(name: &str) -> bool {
    NAMES.contains(&name) || [THROUGHPUT, BLOCKS].iter().any(|begin| name.starts_with(begin))
}

/// The look of all pictures.
pub(super) const STYLE: &str = include_str!("style.css");

/// A picture, and what it shows in words and figures.
#[derive(Debug)]
pub(crate) struct Picture {
    /// What files and links call it.
    pub(super) name: String,
    /// What it shows, in a few words.
    pub(super) title: String,
    /// What it shows, for whoever does not see it.
    pub(super) description: String,
    /// How high it is.
    height: f64,
    drawing: Markup,
    /// The figures behind it.
    pub(super) table: Table,
}

/// Figures in rows under a header.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    /// Each of `rows` has as many cells as `header`.
    pub(crate) fn new(
        header: impl IntoIterator<Item: Into<String>>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        Self { header: header.into_iter().map(Into::into).collect(), rows: rows.into_iter().collect() }
    }
}

/// All pictures that there is something to show in.
pub(super) fn pictures(report: &Report) -> Vec<Picture> {
    let all = [
        against::workers(report),
        against::rng(report),
        utilisation::picture(report),
        stages::picture(report),
        queue::picture(report),
        shares::picture(report),
    ];
    all.into_iter().flatten().collect()
}

/// Each of `pictures` as a file of its own: its name without an ending, and the SVG.
pub(crate) fn files(pictures: Vec<Picture>) -> Vec<(String, String)> {
    let file = |picture: Picture| {
        let svg = clean(&(picture.svg(true).into_string() + "\n"));
        (picture.name, svg)
    };
    pictures.into_iter().map(file).collect()
}

impl Picture {
    /// The picture as part of a page, which has [`STYLE`] already.
    pub(super) fn inline(&self) -> Markup {
        self.svg(false)
    }

    fn svg(&self, is_file: bool) -> Markup {
        let [title, description] = ["title", "description"].map(|part| format!("{}-{part}", self.name));
        html! {
            svg class="picture" xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby={ (title) " " (description) }
                viewBox={ "0 0 " (WIDTH) " " (self.height) } width=[is_file.then_some(WIDTH)] height=[is_file.then_some(self.height)] {
                title id=(title) { (self.title) }
                desc id=(description) { (self.description) }
                @if is_file { style { (PreEscaped(STYLE)) } }
                rect class="paper" width=(WIDTH) height=(self.height) {}
                (self.drawing)
            }
        }
    }
}

/// A coordinate, to a tenth of a unit.
fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests;
