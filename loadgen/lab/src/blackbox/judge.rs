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

/// A slope is as inexact as two waits are.
const SLACK: f64 = 0.95;

/// Probes whose wait has grown by less than this share of what the bottleneck's has count as waiting no longer than before.
const STAYS: f64 = 0.1;

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
        let services = (0..self.names.probed.len()).filter(|what| Some(*what) != self.names.load);
        let proven: Vec<usize> =
            services.filter(|what| self.scaled(*what).is_some_and(Elasticity::bought)).collect();
        let suspects = self.suspects();
        match (proven.as_slice(), suspects.as_slice()) {
            ([what], []) => self.culprit(*what, None),
            ([what], suspects) => match suspects.iter().find(|suspect| suspect.what == *what) {
                Some(suspect) => self.culprit(*what, Some(suspect)),
                None => Decision::Doubt(format!(
                    "more of {} bought throughput, and yet it is probes of {} that wait longer: measure longer windows, or \
                     scale that in a step",
                    self.name(*what),
                    list(suspects)
                )),
            },
            ([], suspects) => self.by_waits(suspects),
            (several, _) => {
                let names: Vec<&str> = several.iter().map(|what| self.name(*what)).collect();
                Decision::Doubt(format!(
                    "more of {} each bought throughput: measure longer windows, or take smaller steps",
                    names.join(" and ")
                ))
            }
        }
    }

    /// Services that make one wait longer, but for those of which more bought nothing.
    fn suspects(&self) -> Vec<&Growth> {
        let judged = &self.points[self.verdict.step];
        let open = |growth: &&Growth| !self.scaled(growth.what).is_some_and(Elasticity::bought_nothing);
        grown(self.verdict.growths.iter().filter(open), judged.cycle, judged.throughput.mean)
    }

    /// No service has been scaled to any avail.
    fn by_waits(&self, suspects: &[&Growth]) -> Decision {
        match (suspects, self.loaded().filter(|it| it.bought())) {
            (_, Some(loaded)) if loaded.was_followed() => self.by_load(loaded, suspects),
            ([], _) => self.nobody_waits(),
            (_, Some(loaded)) => Decision::Doubt(format!(
                "{}, so that the limit is not reached yet, although probes of {} wait longer: add a step with more of it",
                bought(loaded),
                list(suspects)
            )),
            ([suspect], None) if suspect.explains_the_cycle() => self.culprit(suspect.what, Some(suspect)),
            ([suspect], None) => Decision::Doubt(format!(
                "{}, and the rest is not explained: scale {} alone in a further step, and probe what else there is",
                waits(&suspect.of, suspect),
                suspect.of
            )),
            (several, None) => Decision::Doubt(format!(
                "probes of {} all wait longer under load: scale each of them alone in a further step, to tell which of \
                 them waits for another",
                list(several)
            )),
        }
    }

    /// Throughput follows the load: whoever sends it is the limit, not who answers.
    fn by_load(&self, loaded: &Elasticity, suspects: &[&Growth]) -> Decision {
        let whole = Elasticity::of(self.points, self.names.all, loaded.what, [self.light, self.verdict.step]);
        if !whole.is_some_and(|whole| whole.bought()) {
            return Decision::Doubt(format!(
                "{}, and a lighter load bought less, which no queue does: measure longer windows, on a machine that does \
                 nothing else",
                bought(loaded)
            ));
        }
        let mut evidence = vec![bought(loaded)];
        if !suspects.is_empty() {
            evidence.push(format!("probes of {} wait longer, but nobody gets less for it", list(suspects)));
        } else if !self.verdict.growths.is_empty() {
            evidence.push("no probe waits longer for it".to_owned());
        }
        Decision::Culprit { what: loaded.what, evidence }
    }

    /// No service stands out: it is something that nobody looked at, or that could not be told.
    fn nobody_waits(&self) -> Decision {
        let Some(loaded) = self.loaded() else {
            return Decision::Doubt(
                "there are no two steps with different load and the same services, and more of no service bought \
                 throughput: add steps"
                    .to_owned(),
            );
        };
        let cycle = self.points[self.verdict.step].cycle;
        let (certain, unsure): (Vec<&Growth>, Vec<&Growth>) =
            self.verdict.growths.iter().filter(|it| it.matters(cycle)).partition(|it| it.is_certain());
        let bought = bought(loaded);
        Decision::Doubt(match (certain.as_slice(), unsure.as_slice()) {
            ([], []) if loaded.is_vague() => {
                format!("{bought}, which tells too little: measure longer windows")
            }
            ([], []) => {
                format!("{bought}, but no probed service makes anybody wait for that: {}", self.unseen())
            }
            ([], unsure) => format!(
                "{bought}, and probes of {} wait longer, but too few of them to tell: measure longer windows, or raise \
                 `probe_rate`",
                list(unsure)
            ),
            (shared, _) => format!(
                "probes of {} wait longer, and yet more of it buys nothing: its replicas may share what limits them, or \
                 wait for it; {}",
                list(shared),
                self.unseen()
            ),
        })
    }

    /// What to look at that was not looked at.
    fn unseen(&self) -> String {
        let silent: Vec<&str> = (0..self.names.probed.len())
            .filter(|what| !self.names.probed[*what] && Some(*what) != self.names.load)
            .map(|what| self.name(what))
            .collect();
        if silent.is_empty() {
            "it may be something that the plan does not name".to_owned()
        } else {
            format!("give {} a `probe`, or scale it in a step", silent.join(" and "))
        }
    }

    fn culprit(&self, what: usize, growth: Option<&Growth>) -> Decision {
        let mut evidence = Vec::new();
        if let Some(growth) = growth {
            evidence.push(waits("it", growth));
            evidence.extend(self.others_stay(growth));
            evidence.extend(self.slope(growth));
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
        let stay = |it: &&Growth| it.what != growth.what && it.seconds < STAYS * growth.seconds;
        let names: Vec<&str> = self.verdict.growths.iter().filter(stay).map(|it| it.of.as_str()).collect();
        (!names.is_empty()).then(|| format!("probes of {} wait no longer than before", names.join(" and ")))
    }

    /// Beyond the knee each client adds S/m to the wait, whose inverse is all that the service can do.
    fn slope(&self, growth: &Growth) -> Option<String> {
        // Where others make one wait for most of the time, the slope is theirs.
        let gathers = self.names.closed && growth.explains_the_cycle();
        let loaded = self.loaded().filter(|it| gathers && it.bought_nothing())?;
        let [less, more] = loaded.between_steps.map(|step| &self.points[step]);
        let wait = |point: &Point| Some(point.waits.get(growth.what).copied().flatten()?.mean);
        let each = (wait(more)? - wait(less)?) / (more.load? - less.load?);
        let most = 1.0 / each;
        // What it does in fact is no more than that, or one of the steps was not beyond the knee.
        (each > 0.0 && most > SLACK * more.throughput.mean).then(|| {
            let most = Throughput(most);
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

fn waits(whose: &str, growth: &Growth) -> String {
    let [before, after] = growth.wait_seconds.map(Seconds);
    let clause = format!("a probe of {whose} waits {after} instead of {before}");
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
