//! What the pictures of an A/B show: how much worse each figure has become, and the blocks behind it.

use crate::compare::{Change, Comparison, Metric, Place, Ruling, mean_of_blocks, render as compared};
use crate::interleave::{Block, Side, figures};
use crate::render::picture::{BLOCKS, CHANGES, COUNT, Line, Picture, Relative, Rows, Table};
use crate::render::words::{or_blank, percent};
use crate::step::Step;

/// What the names of figures take beside a step's labels.
const NAME: f64 = 132.0;

/// What those of builds take.
const BUILD: f64 = 66.0;

/// All pictures that there is something to show in.
pub(super) fn pictures(comparison: &Comparison) -> Vec<Picture> {
    let blocks = Metric::INTERLEAVED.into_iter().filter_map(|metric| blocks(comparison, metric));
    changes(comparison).into_iter().chain(blocks).collect()
}

/// Short enough to stand in a row.
fn short(metric: Metric) -> &'static str {
    match metric {
        Metric::Throughput => "throughput",
        Metric::ResponseTime => "response time",
        Metric::ProbeWait => "wait",
        Metric::RngServiceTime => "rng's time",
        Metric::HasherServiceTime => "hasher's time",
    }
}

fn step(change: &Change) -> Option<Step> {
    match change.step {
        Place::Sweep(step) => Some(step),
        Place::Plan(_) => None,
    }
}

/// Rows under the labels of a step, and one more of that name and width.
fn rows(last: (&str, f64), steps: impl Iterator<Item = (Step, String)>) -> Rows {
    let header = [("worker", COUNT), ("rng", COUNT), last].map(|(name, width)| (name.to_owned(), width));
    let labels = steps.map(|(step, last)| vec![step.workers.to_string(), step.rng.to_string(), last]);
    Rows::new(header.to_vec(), labels.collect())
}

/// How much worse each figure has become: to the right is worse, whichever figure it is.
fn changes(comparison: &Comparison) -> Option<Picture> {
    let all: Vec<(Step, &Change)> =
        comparison.changes.iter().filter_map(|it| Some((step(it)?, it))).collect();
    let told = all.iter().map(|(_, change)| compared::said(change, comparison));
    let table = all.iter().map(|(step, change)| {
        let interval = change.change_from.zip(change.change_to);
        let interval = or_blank(interval, |(from, to)| format!("{} to {}", percent(from), percent(to)));
        let word = compared::word(change, comparison);
        vec![step.to_string(), change.name(), percent(change.change), interval, word]
    });
    let picture = Relative {
        name: CHANGES.to_owned(),
        title: "How much worse it is".to_owned(),
        axis: "% worse than the base".to_owned(),
        description: format!(
            "How much worse each figure is than the base's. {}.",
            told.collect::<Vec<_>>().join("; ")
        ),
        rows: rows(
            ("figure", NAME),
            all.iter().map(|(step, change)| (*step, short(change.metric).to_owned())),
        ),
        lines: all.iter().map(|(_, change)| worse(change, comparison)).collect(),
        threshold: (
            comparison.threshold,
            format!("{} worse: the threshold", compared::share(comparison.threshold)),
        ),
        entries: [Ruling::Pass, Ruling::Inconclusive, Ruling::Regression]
            .map(|it| (series(it), ruled(it)))
            .to_vec(),
        table: Table::new(["step", "figure", "change", "95 %", ""], table),
    };
    picture.picture()
}

fn series(ruling: Ruling) -> usize {
    match ruling {
        Ruling::Pass => 0,
        Ruling::Regression => 1,
        Ruling::Inconclusive => 3,
    }
}

fn ruled(ruling: Ruling) -> String {
    let word = match ruling {
        Ruling::Pass => "passed",
        Ruling::Inconclusive => "cannot tell",
        Ruling::Regression => "a regression",
    };
    format!("{word}, 95 %")
}

fn worse(change: &Change, comparison: &Comparison) -> Line {
    let loss = |share: f64| change.metric.loss(share);
    let ends = change.change_from.zip(change.change_to).map(|(from, to)| [loss(from), loss(to)]);
    Line {
        series: series(change.ruling),
        value: loss(change.change),
        interval: ends.map(|[one, other]| [one.min(other), one.max(other)]),
        dots: Vec::new(),
        hint: compared::said(change, comparison),
    }
}

/// The blocks of each build at each step, as shares of the base's mean there.
fn blocks(comparison: &Comparison, metric: Metric) -> Option<Picture> {
    let all = &comparison.interleaved.as_ref()?.blocks;
    let steps = comparison.changes.iter().filter(|it| it.metric == metric).filter_map(step);
    let sides: Vec<Blocks> =
        steps.flat_map(|step| Side::BOTH.map(|side| Blocks::of(all, step, side, metric))).collect();
    let lines = sides.chunks(2).flat_map(|pair| {
        let base = mean_of_blocks(&pair[0].figures).0;
        pair.iter().map(move |blocks| blocks.line(base))
    });
    let worst = -comparison.threshold * metric.loss(-1.0);
    let told: Vec<String> = sides.iter().map(Blocks::told).collect();
    let picture = Relative {
        name: format!("{BLOCKS}{}", short(metric).replace("'s time", "").replace(' ', "-")),
        title: format!("Blocks of {}", metric.name()),
        axis: "% above the base's mean".to_owned(),
        description: format!("{} of the blocks of each build. {}.", metric.name(), told.join("; ")),
        rows: rows(("build", BUILD), sides.iter().map(|it| (it.step, it.side.name().to_owned()))),
        lines: lines.collect(),
        threshold: (worst, format!("{} worse than the base", compared::share(comparison.threshold))),
        entries: Side::BOTH
            .map(|side| (look(side), format!("{} build: mean, 95 %, blocks", side.name())))
            .to_vec(),
        table: Table::new(["step", "build", "mean", "95 %", "blocks"], sides.iter().map(Blocks::row)),
    };
    picture.picture()
}

fn look(side: Side) -> usize {
    match side {
        Side::Base => 0,
        Side::New => 1,
    }
}

/// A figure of the blocks of a build at a step.
struct Blocks {
    step: Step,
    side: Side,
    metric: Metric,
    figures: Vec<f64>,
}

impl Blocks {
    fn of(all: &[Block], step: Step, side: Side, metric: Metric) -> Self {
        let here = all.iter().filter(|block| block.step == step && block.side == side);
        Self { step, side, metric, figures: here.map(|block| figures::figure(block, metric)).collect() }
    }

    fn line(&self, base: f64) -> Line {
        let share = |figure: f64| figure / base - 1.0;
        let (mean, ends) = mean_of_blocks(&self.figures);
        Line {
            series: look(self.side),
            value: share(mean),
            interval: ends.map(|ends| ends.map(share)),
            dots: self.figures.iter().copied().map(share).collect(),
            hint: self.told(),
        }
    }

    fn told(&self) -> String {
        let (mean, _) = mean_of_blocks(&self.figures);
        format!("{}, {} build: {}", self.step, self.side.name(), compared::figure(self.metric, mean))
    }

    fn row(&self) -> Vec<String> {
        let (mean, ends) = mean_of_blocks(&self.figures);
        let figure = |value: f64| compared::figure(self.metric, value);
        let blocks: Vec<String> = self.figures.iter().copied().map(figure).collect();
        let ends = or_blank(ends, |[from, to]| format!("{} to {}", figure(from), figure(to)));
        vec![self.step.to_string(), self.side.name().to_owned(), figure(mean), ends, blocks.join(", ")]
    }
}
