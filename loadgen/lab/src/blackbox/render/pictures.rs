//! What the pictures of a plan show: throughput against everything that was scaled, how busy what has a capacity is, how long
//! probes wait.

use super::rows::{labels, probed};
use crate::blackbox::capacity::{Amounts, Prediction};
use crate::blackbox::report::{Report, StepReport};
use crate::render::picture::{
    Busy, COUNT, Column, Curves, Look, Picture, Point, Rows, Series, Table, Wait, Waits, alike,
};
use crate::render::words::{millis, or_blank, wait};

/// All pictures that there is something to show in.
pub(super) fn pictures(report: &Report) -> Vec<Picture> {
    let curves = labels(report).into_iter().filter_map(|of| curves(report, of));
    curves.map(|curves| curves.picture()).chain(busy(report)).chain(waits(report)).collect()
}

/// Throughput against `of`: the steps that differ by it only, if there are any.
fn curves(report: &Report, of: &str) -> Option<Curves> {
    let mut groups = groups(report, of);
    let alone = report.steps.len() == 1;
    groups.retain(|steps| alone || steps.len() > 1);
    let series: Vec<Series> = groups.iter().map(|steps| series(report, of, steps)).collect();
    let is_service = report.services.iter().any(|service| service == of);
    let noun = match of {
        of if is_service => format!("replicas of {of}"),
        "rate" => "requests/s sent".to_owned(),
        of => of.to_owned(),
    };
    (!series.is_empty()).then(|| Curves {
        name: file_name(of),
        noun,
        unit: report.unit.clone(),
        formula: "min(N/(Z+ΣD), m/D)",
        series,
    })
}

/// `name` without what is no part of a file's name: it may come out of a file that somebody else has written.
fn file_name(name: &str) -> String {
    let is_plain = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    name.chars().filter(is_plain).collect()
}

/// How much there is of it at a step; `None` also for what is no number, in a file that somebody else has written.
fn amount(step: &StepReport, of: &str) -> Option<f64> {
    step.labels().find(|(name, _)| *name == of)?.1.parse().ok().filter(|amount: &f64| amount.is_finite())
}

/// What else there is.
fn rest(step: &StepReport, of: &str) -> Vec<String> {
    let others = step.labels().filter(|(name, _)| *name != of);
    others.map(|(name, amount)| format!("{name}={amount}")).collect()
}

/// Steps that differ by `of` only, in its order.
fn groups<'a>(report: &'a Report, of: &str) -> Vec<Vec<&'a StepReport>> {
    let known = report.steps.iter().filter(|step| amount(step, of).is_some());
    alike(known, |step| rest(step, of), |step| amount(step, of).unwrap_or_default())
}

fn series(report: &Report, of: &str, steps: &[&StepReport]) -> Series {
    let same = rest(steps[0], of);
    let point = |step: &&StepReport| Point {
        step: step.name.clone(),
        at: amount(step, of).unwrap_or_default(),
        throughput: step.seen.throughput_per_second,
        half_width: step.seen.throughput_half_width_per_second,
        predicted: step.predicted_throughput_per_second,
        deviation: step.deviation_from_prediction,
        bound: step.predicted_throughput_per_second,
    };
    let points: Vec<Point> = steps.iter().map(point).collect();
    let most = points.last().map_or(1.0, |point| point.at);
    let bound = report.prediction.as_ref().map(|prediction| bound(report, prediction, of, steps[0], most));
    Series {
        label: if same.is_empty() { "nothing else changed".to_owned() } else { same.join(" ") },
        points,
        bound: bound.unwrap_or_default(),
    }
}

/// More points than this would not be told apart.
const MOST_POINTS: usize = 200;

/// min(N/(Z + ΣD), m/D) from the least to `most` of what is changed, all else as at `step`.
fn bound(
    report: &Report,
    prediction: &Prediction,
    of: &str,
    step: &StepReport,
    most: f64,
) -> Vec<(f64, f64)> {
    let is_load = report.clients.as_deref() == Some(of);
    let at = |count: usize| {
        let mut replicas = step.replicas.clone();
        if let Some(replicas) = replicas.get_mut(of) {
            *replicas = count;
        }
        let load = if is_load { Some(count as f64) } else { step.load };
        let amounts = Amounts { replicas: &replicas, load };
        Some((count as f64, prediction.throughput(amounts)?))
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held to what can be drawn")]
    let most = most.clamp(1.0, 1e9) as usize;
    if is_load {
        let end = at(most);
        let knee = prediction.knee(step.amounts());
        return end.map(|end| Series::up_to_the_knee(knee, end)).unwrap_or_default();
    }
    let spaces = (most - 1).clamp(1, MOST_POINTS);
    (0..=spaces).filter_map(|space| at(1 + space * (most - 1) / spaces)).collect()
}

/// What a letter of a column's name takes.
const LETTER: f64 = 9.0;

/// Labels take no more than this; where they would, steps are counted.
const MOST_LEFT: f64 = 270.0;

/// A row for each step.
fn rows(report: &Report) -> Rows {
    let names = labels(report);
    let width = |name: &&str| COUNT.max(12.0 + name.chars().count() as f64 * LETTER);
    if names.iter().map(width).sum::<f64>() > MOST_LEFT {
        let numbers = (1..=report.steps.len()).map(|number| vec![number.to_string()]);
        return Rows::new(vec![("step".to_owned(), COUNT)], numbers.collect());
    }
    let of = |step: &StepReport| {
        names.iter().map(|name| or_blank(amount(step, name), |it| it.to_string())).collect()
    };
    let header = names.iter().map(|name| ((*name).to_owned(), width(name)));
    Rows::new(header.collect(), report.steps.iter().map(of).collect())
}

/// How busy services are whose capacity is given.
fn busy(report: &Report) -> Option<Picture> {
    let prediction = report.prediction.as_ref()?;
    let share = |service: &str, step: &StepReport| {
        Some(prediction.busy(service, step.amounts(), step.seen.throughput_per_second)?.0)
    };
    let columns = prediction.capacities.iter().map(|known| Column {
        service: known.of.clone(),
        kind: "slots",
        shares: report.steps.iter().map(|step| share(&known.of, step)).collect(),
    });
    let busy = Busy {
        rows: rows(report),
        steps: report.steps.iter().map(|step| step.name.clone()).collect(),
        columns: columns.collect(),
        description: "The part of the time in which slots were taken, by the capacities that the plan gives.",
    };
    busy.picture()
}

/// How long probes of each service wait, and the load generator's requests.
fn waits(report: &Report) -> Option<Picture> {
    let waiting = Waiting {
        probed: probed(report),
        answered: report.steps.iter().any(|step| step.seen.response.is_some()),
    };
    let picture = Waits {
        title: "How long one waits".to_owned(),
        axis: "ms until an answer".to_owned(),
        description: waiting.description(report),
        rows: rows(report),
        steps: report.steps.iter().map(|step| waiting.at(step)).collect(),
        entries: waiting.entries(),
        table: waiting.table(report),
    };
    picture.picture()
}

/// Who waits.
struct Waiting<'a> {
    /// Services that are probed, each with its place and its name.
    probed: Vec<(usize, &'a str)>,
    /// Whether the load generator sends.
    answered: bool,
}

impl Waiting<'_> {
    /// That of a probed service, or behind them that of the load.
    fn look(&self, lane: usize) -> Look {
        let lanes = self.probed.len() + usize::from(self.answered);
        Look { series: lane, is_predicted: false, lane: (lane, lanes) }
    }

    fn entries(&self) -> Vec<(Look, String)> {
        let names = self.probed.iter().map(|(_, service)| format!("a probe of {service}, ± 95 %"));
        let all = names.chain(self.answered.then(|| "an answer to the load".to_owned()));
        all.enumerate().map(|(lane, name)| (self.look(lane), name)).collect()
    }

    fn at(&self, step: &StepReport) -> Vec<Wait> {
        let wait = |lane: usize, what: &str, figures: (f64, Option<f64>)| {
            Wait::new(&step.name, self.look(lane), what, figures)
        };
        let of_service = |(lane, (index, service)): (usize, &(usize, &str))| {
            let probe = step.probe(*index)?;
            let what = format!("a probe of {service} waits");
            Some(wait(lane, &what, (probe.mean_seconds, probe.half_width_seconds)))
        };
        let answer = step.seen.response;
        let answer = answer.map(|it| wait(self.probed.len(), "an answer takes", (it.mean_seconds, None)));
        self.probed.iter().enumerate().filter_map(of_service).chain(answer).collect()
    }

    fn description(&self, report: &Report) -> String {
        let told = report.steps.iter().map(|step| {
            let waits = self.probed.iter().filter_map(|(index, service)| {
                Some(format!("{service} {} ms", millis(step.probe(*index)?.mean_seconds)))
            });
            format!("{}: {}", step.name, waits.collect::<Vec<_>>().join(", "))
        });
        let told: Vec<String> = told.collect();
        format!("How long a probe of each service waits at each step. {}.", told.join("; "))
    }

    fn table(&self, report: &Report) -> Table {
        let names = self.probed.iter().map(|(_, service)| format!("a probe of {service}"));
        let answer = self.answered.then(|| "an answer".to_owned());
        let header = std::iter::once("step".to_owned()).chain(names).chain(answer);
        let rows = report.steps.iter().enumerate().map(|(number, step)| {
            let waits = self.probed.iter().map(|(index, _)| or_blank(step.probe(*index), wait));
            let answer = || or_blank(step.seen.response, |it| format!("{} ms", millis(it.mean_seconds)));
            let name = format!("{}. {}", number + 1, step.name);
            std::iter::once(name).chain(waits).chain(self.answered.then(answer)).collect()
        });
        Table::new(header, rows)
    }
}
