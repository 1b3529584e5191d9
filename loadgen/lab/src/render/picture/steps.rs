//! A chart with a row for each step, or for each replica at a step: whatever their number, its width is the same. Owns the rows'
//! labels and the axis above them.

use maud::{Markup, html};

use super::legend::{Entry, legend};
use super::scale::Scale;
use super::{WIDTH, at};
use crate::report::Report;
use crate::step::{Step, counts};

/// How far it is from a row to the next.
pub(super) const ROW: f64 = 36.0;

/// How high a bar in it is.
pub(super) const BAR: f64 = 24.0;

/// What a count takes.
pub(crate) const COUNT: f64 = 62.0;

/// The middle of the line that says what is in the columns; its figures, if any, are a line lower.
const HEADER: f64 = 22.0;

/// Rows with their labels.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    header: Vec<(String, f64)>,
    labels: Vec<Vec<String>>,
    /// Where the labels end.
    pub(super) left: f64,
    top: f64,
}

impl Rows {
    /// A row for each of `labels`, which has one for each column of `header`: its name and its width.
    pub(crate) fn new(header: Vec<(String, f64)>, labels: Vec<Vec<String>>) -> Self {
        let left = header.iter().map(|(_, width)| width).sum::<f64>() + 14.0;
        Self { labels, header, left, top: HEADER + 20.0 }
    }

    /// A row for each of `steps`, and more labels in it, each in a column of that name and width.
    pub(super) fn of_sweep(
        report: &Report,
        steps: impl IntoIterator<Item = (Step, Vec<String>)>,
        more: &[(&'static str, f64)],
    ) -> Self {
        let counts = counts(report.steps.iter().map(|measured| measured.step));
        let header = counts.iter().map(|(name, _)| (*name, COUNT)).chain(more.iter().copied());
        let header = header.map(|(name, width)| (name.to_owned(), width)).collect();
        let labels = steps.into_iter().map(|(step, more)| {
            counts.iter().map(|(_, count)| count(&step).to_string()).chain(more).collect()
        });
        Self::new(header, labels.collect())
    }

    /// A row for each step of a sweep.
    pub(super) fn of_steps(report: &Report) -> Self {
        Self::of_sweep(report, report.steps.iter().map(|measured| (measured.step, Vec::new())), &[])
    }

    /// The axis for figures up to `largest`, beside the labels.
    pub(super) fn scale(&self, largest: f64) -> Scale {
        Scale::up_to(largest, 0.0, (self.left, WIDTH - 26.0))
    }

    /// The axis for figures on both sides of 0, likewise.
    pub(super) fn scale_across(&self, ends: [f64; 2]) -> Scale {
        Scale::across(ends, (self.left, WIDTH - 26.0))
    }

    /// A line through all rows.
    pub(super) fn through(&self, x: f64, class: &str) -> Markup {
        html! { path class=(class) d={ "M" (at(x)) " " (at(self.top + 18.0)) "V" (at(self.bottom())) } {} }
    }

    /// The middle of the `index`-th row.
    pub(super) fn middle(&self, index: usize) -> f64 {
        self.top + 22.0 + (index as f64 + 0.5) * ROW
    }

    fn bottom(&self) -> f64 {
        self.middle(self.labels.len()) - ROW / 2.0
    }

    /// The labels, the axis that shows `name` with its unit, `drawing`, and the legend; and how high they are together.
    pub(super) fn framed(
        &self,
        axis: Option<(Scale, &str)>,
        drawing: &Markup,
        entries: &[Entry],
    ) -> (Markup, f64) {
        let (legend, height) = legend(entries, self.bottom() + 10.0);
        let framed = html! {
            (self.header())
            @if let Some((scale, name)) = axis {
                text class="start" x=(at(self.left)) y=(at(HEADER)) { (name) }
                @for (figure, x) in scale.ticks() {
                    (self.through(x, "rule"))
                    text class="soft middle" x=(at(x)) y=(at(self.top + 10.0)) { (figure) }
                }
            }
            @for (index, labels) in self.labels.iter().enumerate() { (self.label(index, labels)) }
            (drawing)
            (legend)
        };
        let legend = if entries.is_empty() { 0.0 } else { height };
        (framed, self.bottom() + 18.0 + legend)
    }

    fn header(&self) -> Markup {
        html! {
            @for (right, name) in self.rights().zip(self.header.iter().map(|(name, _)| name)) {
                text class="soft end" x=(at(right)) y=(at(HEADER)) { (name) }
            }
        }
    }

    fn label(&self, index: usize, labels: &[String]) -> Markup {
        html! {
            @for (right, label) in self.rights().zip(labels) {
                text class="end" x=(at(right)) y=(at(self.middle(index) + 5.5)) { (label) }
            }
        }
    }

    /// Where each column of labels ends.
    fn rights(&self) -> impl Iterator<Item = f64> {
        self.header.iter().scan(0.0, |right, (_, width)| {
            *right += width;
            Some(*right)
        })
    }
}
