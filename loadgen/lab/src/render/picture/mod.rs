//! The report's pictures, as SVG, and the table behind each. Owns what they have in common: their frame, their names, and that
//! what they show is told in words, too. What is drawn are pure functions of the report.
//!
//! A picture is readable by itself: it needs no script and no font, has its colours for light and for dark, and what differs by
//! colour differs by shape or pattern as well.

use maud::{Markup, PreEscaped, html};

use crate::report::Report;
use crate::xml::clean;

mod chart;
mod legend;
mod mark;
mod queue;
mod scale;
mod shares;
mod stages;
mod steps;
mod throughput;
mod utilisation;

/// How wide every picture is, in its own units; on a telephone such a unit is two thirds of a pixel.
const WIDTH: f64 = 520.0;

/// What pictures are called, in their order; not every report has all of them.
pub const NAMES: [&str; 6] =
    ["throughput-workers", "throughput-rng", "utilisation", "stages", "queue", "shares"];

/// The look of all pictures.
pub(super) const STYLE: &str = include_str!("style.css");

/// A picture, and what it shows in words and figures.
#[derive(Debug)]
pub(super) struct Picture {
    /// What files and links call it.
    pub(super) name: &'static str,
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
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

/// All pictures that there is something to show in.
pub(super) fn pictures(report: &Report) -> Vec<Picture> {
    let all = [
        throughput::over_workers(report),
        throughput::over_rng(report),
        utilisation::picture(report),
        stages::picture(report),
        queue::picture(report),
        shares::picture(report),
    ];
    all.into_iter().flatten().collect()
}

/// Each picture as a file of its own: its name without an ending, and the SVG.
pub fn files(report: &Report) -> Vec<(&'static str, String)> {
    let file = |picture: Picture| (picture.name, clean(&(picture.svg(true).into_string() + "\n")));
    pictures(report).into_iter().map(file).collect()
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
