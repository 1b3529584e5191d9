//! What limits throughput, from what was seen outside. A pure function.
//!
//! The step that is judged is the one with the most load at which every service is as it was at first. Two kinds of evidence
//! speak about it: at which service waits have grown, and what more replicas of each service, or more load, have bought. A
//! service of which more bought nothing is none that limits; one of which more bought throughput is. They must agree.

use super::elasticity::{Elasticity, Point, elasticities};
use super::growth::{Growth, grown};
use crate::laws::units::{Seconds, Throughput};

/// Everything that is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verdict {
    /// The step that it is about.
    pub(super) step: usize,
    /// A service, or the load, by its place among the names.
    pub(super) culprit: Option<usize>,
    /// Each a clause.
    pub(super) evidence: Vec<String>,
    /// Why there is no culprit, each a sentence that says what would help.
    pub(super) doubts: Vec<String>,
    pub(super) elasticities: Vec<Elasticity>,
    pub(super) growths: Vec<Growth>,
}

/// Which amounts there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    /// Services, and the load generator's amount behind them if it sends.
    pub(super) all: &'a [String],
    /// The place of the load among them.
    pub(super) load: Option<usize>,
    /// Whether it is that of a closed loop.
    pub(super) closed: bool,
    /// Services that are probed.
    pub(super) probed: &'a [bool],
}

/// Judges `points`, of which there is at least one.
pub(super) fn judge(points: &[Point], names: Names<'_>) -> Verdict {
    let phase = load_phase(points, names.load);
    let by_load = |index: &&usize| points[**index].load.unwrap_or_default();
    let heavy = *phase.iter().rev().max_by(|a, b| by_load(a).total_cmp(&by_load(b))).unwrap_or(&0);
    let light = *phase.iter().min_by(|a, b| by_load(a).total_cmp(&by_load(b))).unwrap_or(&0);
    let growth = |what: usize| Growth::of(points, &names.all[what], what, light, heavy);
    let growths = if light == heavy {
        Vec::new()
    } else {
        (0..names.probed.len()).filter(|what| Some(*what) != names.load).filter_map(growth).collect()
    };
    let verdict =
        Verdict { step: heavy, elasticities: elasticities(points, names.all), growths, ..Verdict::default() };
    Case { points, names, verdict: &verdict, light }.decide().into_verdict(verdict)
}

/// Steps at which all but the load is as at the first.
fn load_phase(points: &[Point], load: Option<usize>) -> Vec<usize> {
    let same = |point: &Point| {
        let pairs = point.amounts.iter().zip(&points[0].amounts).enumerate();
        pairs.filter(|(what, _)| Some(*what) != load).all(|(_, (one, other))| one == other)
    };
    (0..points.len()).filter(|index| same(&points[*index])).collect()
}

struct Case<'a> {
    points: &'a [Point],
    names: Names<'a>,
    verdict: &'a Verdict,
    light: usize,
}

enum Decision {
    Culprit { what: usize, evidence: Vec<String> },
    Doubt(String),
}

impl Decision {
    fn into_verdict(self, verdict: Verdict) -> Verdict {
        match self {
            Self::Culprit { what, evidence } => Verdict { culprit: Some(what), evidence, ..verdict },
            Self::Doubt(doubt) => Verdict { doubts: vec![doubt], ..verdict },
        }
    }
}

impl Case<'_> {
    fn decide(&self) -> Decision {
        let cycle = self.points[self.verdict.step].cycle;
        let grown = grown(&self.verdict.growths, cycle);
        let suspects: Vec<&Growth> = grown
            .iter()
            .copied()
            .filter(|it| !self.scaled(it.what).is_some_and(Elasticity::bought_nothing))
            .collect();
        let services = (0..self.names.probed.len()).filter(|what| Some(*what) != self.names.load);
        let proven: Vec<usize> =
            services.filter(|what| self.scaled(*what).is_some_and(Elasticity::bought)).collect();
        match (proven.as_slice(), suspects.as_slice()) {
            ([what], []) => self.culprit(*what, None),
            ([what], suspects) => match suspects.iter().find(|suspect| suspect.what == *what) {
                Some(suspect) => self.culprit(*what, Some(suspect)),
                None => Decision::Doubt(format!(
                    "more of {} bought throughput, and yet it is probes of {} that wait longer: measure longer windows",
                    self.name(*what),
                    list(suspects)
                )),
            },
            ([], [suspect]) => self.culprit(suspect.what, Some(suspect)),
            ([], []) => self.nobody_waits(),
            ([], several) => Decision::Doubt(format!(
                "probes of {} all wait longer under load: scale each of them alone in a further step, to tell which of \
                 them waits for another",
                list(several)
            )),
            (several, _) => {
                let names: Vec<&str> = several.iter().map(|what| self.name(*what)).collect();
                Decision::Doubt(format!(
                    "more of {} each bought throughput: measure longer windows, or take smaller steps",
                    names.join(" and ")
                ))
            }
        }
    }

    /// No service stands out: it is the load, or something that nobody looked at.
    fn nobody_waits(&self) -> Decision {
        match (self.names.load, self.loaded()) {
            (Some(what), Some(loaded)) if loaded.was_followed() => {
                let mut evidence = vec![bought(loaded)];
                if !self.verdict.growths.is_empty() {
                    evidence.push("no probe waits longer for it".to_owned());
                }
                Decision::Culprit { what, evidence }
            }
            (_, None) => Decision::Doubt(
                "there are no two steps with different load and the same services, and more of no service bought \
                 throughput: add steps"
                    .to_owned(),
            ),
            (_, Some(loaded)) => {
                let silent: Vec<&str> = (0..self.names.probed.len())
                    .filter(|what| !self.names.probed[*what] && Some(*what) != self.names.load)
                    .map(|what| self.name(what))
                    .collect();
                let whom = if silent.is_empty() {
                    "it may be something that the plan does not name".to_owned()
                } else {
                    format!("give {} a `probe`, or scale it in a step", silent.join(" and "))
                };
                Decision::Doubt(format!("{}, but no probed service makes anybody wait for that: {whom}", bought(loaded)))
            }
        }
    }

    fn culprit(&self, what: usize, growth: Option<&Growth>) -> Decision {
        let mut evidence = Vec::new();
        if let Some(growth) = growth {
            evidence.push(waits(growth));
            evidence.extend(self.others_stay(growth));
            evidence.extend(self.slope(what));
        }
        evidence.extend(self.loaded().filter(|it| it.bought_nothing()).map(bought));
        evidence.extend(self.scaled(what).filter(|it| it.bought()).map(bought));
        let others =
            (0..self.names.probed.len()).filter(|other| *other != what && Some(*other) != self.names.load);
        let nothing = others.filter_map(|other| self.scaled(other)).filter(|it| it.bought_nothing());
        evidence.extend(nothing.map(bought));
        Decision::Culprit { what, evidence }
    }

    fn others_stay(&self, growth: &Growth) -> Option<String> {
        let stay = |it: &&Growth| it.what != growth.what && it.seconds < 0.1 * growth.seconds;
        let names: Vec<&str> = self.verdict.growths.iter().filter(stay).map(|it| it.of.as_str()).collect();
        (!names.is_empty()).then(|| format!("probes of {} wait no longer than before", names.join(" and ")))
    }

    /// Beyond the knee each client adds S/m to the wait, whose inverse is all that the service can do.
    fn slope(&self, what: usize) -> Option<String> {
        let loaded = self.loaded().filter(|it| self.names.closed && it.bought_nothing())?;
        let [less, more] = loaded.between_steps.map(|step| &self.points[step]);
        let wait = |point: &Point| Some(point.waits.get(what).copied().flatten()?.mean);
        let each = (wait(more)? - wait(less)?) / (more.load? - less.load?);
        (each > 0.0).then(|| {
            let most = Throughput(1.0 / each);
            format!("each further client adds {} to that, so it does {most} at most", Seconds(each))
        })
    }

    /// What more of a service bought, from the step that is judged.
    fn scaled(&self, what: usize) -> Option<&Elasticity> {
        self.verdict
            .elasticities
            .iter()
            .find(|it| it.what == what && it.between_steps[0] == self.verdict.step)
    }

    /// What the last increase of the load bought.
    fn loaded(&self) -> Option<&Elasticity> {
        let load = self.names.load?;
        let mut found = self.verdict.elasticities.iter();
        found.find(|it| {
            it.what == load && it.between_steps[1] == self.verdict.step && self.light != self.verdict.step
        })
    }

    fn name(&self, what: usize) -> &str {
        &self.names.all[what]
    }
}

fn list(growths: &[&Growth]) -> String {
    growths.iter().map(|growth| growth.of.as_str()).collect::<Vec<_>>().join(" and ")
}

fn waits(growth: &Growth) -> String {
    let [before, after] = growth.wait_seconds.map(Seconds);
    let clause = format!("a probe of it waits {after} instead of {before}");
    match growth.share_of_cycle {
        Some(share) => format!("{clause}, {:.0} % of what everything takes longer", share * 100.0),
        None => clause,
    }
}

/// What more of something bought, as a clause.
pub(super) fn bought(it: &Elasticity) -> String {
    let interval = it.throughput_ratio_half_width.map(|half| format!(" ± {half:.2}")).unwrap_or_default();
    let [from, to] = it.amounts;
    let nothing = if it.bought_nothing() { ": next to nothing" } else { "" };
    format!("{} {from} → {to} buys {:.2}{interval} times the throughput{nothing}", it.of, it.throughput_ratio)
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
