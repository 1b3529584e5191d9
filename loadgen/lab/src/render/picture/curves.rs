//! Throughput against how much there is of one thing: what was measured with its interval, the bound, and where it differs from
//! that, what was predicted.

use maud::{Markup, html};

use super::chart::Chart;
use super::legend::{Entry, line};
use super::mark::{colour, hollow, mark};
use super::{Picture, THROUGHPUT, Table};
use crate::render::words::{or_blank, per_second, percent, plus_minus};

/// A prediction this near to the bound, as a share of it, is the bound.
const SAME: f64 = 1e-3;

/// What a picture shows.
#[derive(Clone, Debug)]
pub(crate) struct Curves {
    /// What the picture's name ends with.
    pub(crate) name: String,
    /// What there is more of to the right.
    pub(crate) noun: String,
    /// What is counted.
    pub(crate) unit: String,
    /// The bound as a formula, where a series has one.
    pub(crate) formula: &'static str,
    pub(crate) series: Vec<Series>,
}

/// Steps that differ only by what the picture goes along, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// What they have in common.
    pub(crate) label: String,
    pub(crate) points: Vec<Point>,
    /// The corners of the bound, drawn as far as anything was measured; none if it is not known.
    pub(crate) bound: Vec<(f64, f64)>,
}

/// A step.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) step: String,
    /// How much there was of it.
    pub(crate) at: f64,
    pub(crate) throughput: f64,
    pub(crate) half_width: Option<f64>,
    pub(crate) predicted: Option<f64>,
    /// (measured − predicted) / predicted.
    pub(crate) deviation: Option<f64>,
    pub(crate) bound: Option<f64>,
}

/// `steps` in groups that have the `rest` in common, each in the order of what they differ `by`.
pub(crate) fn alike<'a, Step, Rest: PartialEq>(
    steps: impl IntoIterator<Item = &'a Step>,
    rest: impl Fn(&Step) -> Rest,
    by: impl Fn(&Step) -> f64,
) -> Vec<Vec<&'a Step>> {
    let mut groups: Vec<Vec<&Step>> = Vec::new();
    for step in steps {
        match groups.iter_mut().find(|group| rest(group[0]) == rest(step)) {
            Some(group) => group.push(step),
            None => groups.push(vec![step]),
        }
    }
    for group in &mut groups {
        group.sort_by(|one, other| by(one).total_cmp(&by(other)));
    }
    groups
}

impl Curves {
    /// The picture of all series.
    pub(crate) fn picture(&self) -> Picture {
        let chart = self.chart();
        let drawing = html! {
            @for (index, series) in self.series.iter().enumerate() { (series.lines(&chart, index)) }
            @for (index, series) in self.series.iter().enumerate() { (series.marks(&chart, index, &self.unit)) }
        };
        let (drawing, height) = chart.framed(&drawing, &self.entries());
        Picture {
            name: format!("{THROUGHPUT}{}", self.name),
            title: format!("Throughput against {}", self.noun),
            description: self.description(),
            height,
            drawing,
            table: self.table(),
        }
    }

    fn points(&self) -> impl Iterator<Item = &Point> {
        self.series.iter().flat_map(|series| &series.points)
    }

    fn chart(&self) -> Chart {
        let bounds = || self.series.iter().flat_map(|it| &it.bound);
        let most = self.points().map(|point| point.at).chain(bounds().map(|(at, _)| *at)).fold(1.0, f64::max);
        let reached = self.points().map(|it| {
            (it.throughput + it.half_width.unwrap_or_default()).max(it.predicted.unwrap_or_default())
        });
        let highest = reached.chain(bounds().map(|(_, bound)| *bound)).fold(0.0, f64::max);
        Chart::new((most, highest), (self.noun.clone(), format!("{}/s", self.unit)))
    }

    fn entries(&self) -> Vec<Entry> {
        let measured = self
            .series
            .iter()
            .enumerate()
            .map(|(index, series)| Entry::new(move |place| mark(index, place, ""), series.label.clone()));
        let mut entries: Vec<Entry> = measured.collect();
        if self.series.iter().any(|series| !series.bound.is_empty()) {
            entries.push(Entry::new(line("line0".to_owned()), format!("bound {}", self.formula)));
        }
        if self.series.iter().any(|series| !series.predicted().is_empty()) {
            let dashed = line("line0 dashed".to_owned());
            entries
                .push(Entry::new(move |place| html! { (dashed(place)) (hollow(0, place, "")) }, "predicted"));
        }
        entries
    }

    fn description(&self) -> String {
        let told = self.series.iter().map(|series| {
            let points = series.points.iter();
            let points = points.map(|point| format!("{} at {}", per_second(point.throughput), point.at));
            format!("With {}: {}.", series.label, points.collect::<Vec<_>>().join(", "))
        });
        let told: Vec<String> = told.collect();
        format!("Throughput in {}/s by the number of {}. {}", self.unit, self.noun, told.join(" "))
    }

    fn table(&self) -> Table {
        let unit = format!("{}/s", self.unit);
        let row = |point: &Point| {
            vec![
                point.step.clone(),
                per_second(point.throughput),
                or_blank(point.half_width, plus_minus),
                or_blank(point.predicted, per_second),
                or_blank(point.deviation, percent),
                or_blank(point.bound, per_second),
            ]
        };
        Table::new(["step", &unit, "95 %", "predicted", "off", "bound"], self.points().map(row))
    }
}

impl Series {
    /// The corners of a bound that goes straight up to the `knee`, and is level from there to `end`.
    pub(crate) fn up_to_the_knee(knee: Option<f64>, end: (f64, f64)) -> Vec<(f64, f64)> {
        let bend = knee.filter(|knee| *knee < end.0).map(|knee| (knee, end.1));
        [Some((0.0, 0.0)), bend, Some(end)].into_iter().flatten().collect()
    }

    /// What was predicted, where it is not the bound.
    fn predicted(&self) -> Vec<(f64, f64)> {
        let differs = |it: &Point| {
            let both = it.predicted.zip(it.bound);
            both.is_some_and(|(predicted, bound)| (predicted / bound - 1.0).abs() > SAME)
        };
        if !self.points.iter().any(differs) {
            return Vec::new();
        }
        self.points.iter().filter_map(|it| Some((it.at, it.predicted?))).collect()
    }

    fn lines(&self, chart: &Chart, index: usize) -> Markup {
        let predicted = self.predicted();
        let line = format!("line{}", colour(index));
        html! {
            @if !self.bound.is_empty() { (chart.line(&self.bound, &line)) }
            @if predicted.len() > 1 { (chart.line(&predicted, &format!("{line} dashed"))) }
            @for point in &predicted { (hollow(index, chart.place(*point), "predicted")) }
        }
    }

    fn marks(&self, chart: &Chart, index: usize, unit: &str) -> Markup {
        let line = format!("line{}", colour(index));
        html! {
            @for measured in &self.points {
                @let point = (measured.at, measured.throughput);
                @if let Some(half) = measured.half_width { (chart.interval(point, half, &line)) }
                (mark(index, chart.place(point), &measured.hint(unit)))
            }
        }
    }
}

impl Point {
    /// `worker=4 rng=1: 10.00 ± 0.01 hashes/s, predicted 10.00`.
    fn hint(&self, unit: &str) -> String {
        let half = or_blank(self.half_width, |half| format!(" {}", plus_minus(half)));
        let predicted = or_blank(self.predicted, |it| format!(", predicted {it:.2}"));
        format!("{}: {}{half} {unit}/s{predicted}", self.step, per_second(self.throughput))
    }
}
