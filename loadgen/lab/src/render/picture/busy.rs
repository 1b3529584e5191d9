//! How busy everything is: a row for each step, a column for each thing of which there is only so much. A full cell has an edge, so
//! that it is not its colour alone that tells.

use maud::{Markup, html};

use super::steps::{BAR, ROW, Rows};
use super::{Picture, Table, WIDTH, at};
use crate::laws::units::Utilisation;
use crate::render::words::or_blank;

/// A share that says that there is nothing left to give.
const FULL: f64 = 0.95;

/// What a picture shows.
#[derive(Clone, Debug)]
pub(crate) struct Busy {
    pub(crate) rows: Rows,
    /// What each row is about.
    pub(crate) steps: Vec<String>,
    pub(crate) columns: Vec<Column>,
    /// What the shares are of, as a sentence.
    pub(crate) description: &'static str,
}

/// One thing.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) service: String,
    /// What of it.
    pub(crate) kind: &'static str,
    /// The part of it that was busy at each step; `None` where that is not known.
    pub(crate) shares: Vec<Option<f64>>,
}

impl Column {
    fn name(&self) -> String {
        format!("{} {}", self.service, self.kind)
    }
}

impl Busy {
    /// The map of all steps; `None` without a column.
    pub(crate) fn picture(&self) -> Option<Picture> {
        if self.columns.is_empty() {
            return None;
        }
        let width = (WIDTH - self.rows.left - 14.0) / self.columns.len() as f64;
        let middle = |column: usize| self.rows.left + (column as f64 + 0.5) * width;
        let drawing = html! {
            @for (index, column) in self.columns.iter().enumerate() {
                text class="middle" x=(at(middle(index))) y="22" { (column.service) }
                text class="soft middle" x=(at(middle(index))) y="44" { (column.kind) }
                @for (row, (busy, step)) in column.shares.iter().zip(&self.steps).enumerate() {
                    @if let Some(busy) = busy { (cell(*busy, (middle(index), self.rows.middle(row)), width, step)) }
                }
            }
        };
        let (drawing, height) = self.rows.framed(None, &drawing, &[]);
        Some(Picture {
            name: "utilisation".to_owned(),
            title: "How busy everything is".to_owned(),
            description: self.told(),
            height,
            drawing,
            table: self.table(),
        })
    }

    fn told(&self) -> String {
        let full = self.steps.iter().enumerate().filter_map(|(row, step)| {
            let full = |it: &&Column| it.shares[row].is_some_and(|busy| busy >= FULL);
            let names: Vec<String> = self.columns.iter().filter(full).map(Column::name).collect();
            (!names.is_empty()).then(|| format!("{} at {step}", names.join(" and ")))
        });
        let full: Vec<String> = full.collect();
        let full = if full.is_empty() { "nothing".to_owned() } else { full.join("; ") };
        format!("{} Full, at 95 % and more: {full}.", self.description)
    }

    fn table(&self) -> Table {
        let header = std::iter::once("step".to_owned()).chain(self.columns.iter().map(Column::name));
        let rows = self.steps.iter().enumerate().map(|(row, step)| {
            let cells = self.columns.iter();
            let cells = cells.map(|it| or_blank(it.shares[row], |busy| format!("{:.1} %", busy * 100.0)));
            std::iter::once(step.clone()).chain(cells).collect()
        });
        Table::new(header, rows)
    }
}

fn cell(busy: f64, (x, y): (f64, f64), width: f64, step: &str) -> Markup {
    let (width, height) = (width - 4.0, BAR.max(ROW - 4.0));
    let rect = |class: &str, opacity: Option<String>| {
        html! {
            rect class=(class) x=(at(x - width / 2.0)) y=(at(y - height / 2.0)) width=(at(width)) height=(at(height))
                fill-opacity=[opacity] { title { (step) ": " (Utilisation(busy)) } }
        }
    };
    html! {
        (rect("fill0", Some(format!("{:.2}", 0.05 + 0.5 * busy.clamp(0.0, 1.0)))))
        @if busy >= FULL { (rect("full", None)) }
        text class="middle small" x=(at(x)) y=(at(y + 5.0)) { (Utilisation(busy)) }
    }
}
