//! Steps, and what must hold.

use toml::Spanned;

use super::{Checker, WAYS};
use crate::blackbox::file;
use crate::blackbox::location::Located;
use crate::blackbox::plan::{Clients, Counter, Expectation, Plan, Step, Way};

/// More requests a second than the load generator is asked for.
const FASTEST: f64 = 1e6;

impl Checker<'_> {
    pub(super) fn steps(
        &self,
        plan: &Plan,
        written: &Spanned<Vec<Spanned<file::Step>>>,
    ) -> Result<Vec<Step>, Located> {
        let first = plan.services.iter().map(|service| (!matches!(service.way, Way::None)).then_some(1));
        let mut step = Step { replicas: first.collect(), load: None, expectations: Vec::new() };
        let mut steps = Vec::new();
        for next in written.get_ref() {
            self.replicas(plan, next.get_ref(), &mut step)?;
            self.load(plan, next, &mut step)?;
            let expected = next.get_ref().expect.iter();
            step.expectations = expected.map(|it| self.expectation(plan, it)).collect::<Result<_, _>>()?;
            steps.push(step.clone());
        }
        if steps.is_empty() {
            return Err(self.at(written, "`steps` is empty: give one step at least"));
        }
        Ok(steps)
    }

    fn replicas(&self, plan: &Plan, written: &file::Step, step: &mut Step) -> Result<(), Located> {
        for (name, count) in &written.replicas {
            let index = self.service(name, "replicas")?;
            if matches!(plan.services[index].way, Way::None) {
                let message = format!("`{}` cannot be scaled: give it {WAYS}", name.get_ref());
                return Err(self.at(name, message));
            }
            step.replicas[index] = Some(self.count(count, name.get_ref())?);
        }
        Ok(())
    }

    fn load(&self, plan: &Plan, written: &Spanned<file::Step>, step: &mut Step) -> Result<(), Located> {
        let file::Step { connections, rate, .. } = written.get_ref();
        let generates = matches!(plan.counter, Counter::Load { .. });
        match (plan.clients, connections, rate) {
            (_, Some(connections), _) if !generates => {
                Err(self
                    .at(connections, "`connections` are the load generator's: give `throughput` a `load`"))
            }
            (_, _, Some(rate)) if !generates => {
                Err(self.at(rate, "`rate` is the load generator's: give `throughput` a `load`"))
            }
            (Clients::Rate, Some(connections), _) => {
                Err(self.at(connections, "`connections` and `rate` in one plan: keep one of them"))
            }
            (Clients::Connections, Some(connections), _) => {
                step.load = Some(self.count(connections, "connections")? as f64);
                Ok(())
            }
            (Clients::Rate, _, Some(rate)) => {
                if !(0.1..=FASTEST).contains(rate.get_ref()) {
                    return Err(self.at(rate, "`rate` must be a number from 0.1 to 1000000"));
                }
                step.load = Some(*rate.get_ref());
                Ok(())
            }
            _ if generates && step.load.is_none() => {
                Err(self.at(written, "the first step needs `connections` or a `rate` for the load generator"))
            }
            _ => Ok(()),
        }
    }

    fn expectation(&self, plan: &Plan, written: &Spanned<String>) -> Result<Expectation, Located> {
        let unknown = || {
            let message = format!(
                "`expect`: \"{}\" is none of a step: write \"throughput>=9.5\", \"p99<250ms\" or \"SERVICE.p99<1s\"",
                written.get_ref()
            );
            self.at(written, message)
        };
        let text = written.get_ref();
        if let Some(least) = text.strip_prefix("throughput>=") {
            let least = least.trim().trim_end_matches("/s").parse().ok();
            return least.filter(|least| *least > 0.0).map(Expectation::Throughput).ok_or_else(unknown);
        }
        let (what, below) = text.split_once('<').ok_or_else(unknown)?;
        let below = humantime::parse_duration(below.trim()).map_err(|_| unknown())?;
        let of = match what.trim().strip_suffix("p99").ok_or_else(unknown)?.strip_suffix('.') {
            None if !matches!(plan.counter, Counter::Load { .. }) => {
                let message =
                    "`expect`: a plain p99 is the load generator's: write \"SERVICE.p99<…\" for probes";
                return Err(self.at(written, message));
            }
            None => None,
            Some(name) => Some(self.probed(plan, written, name)?),
        };
        Ok(Expectation::P99 { of, below })
    }

    fn probed(&self, plan: &Plan, written: &Spanned<String>, name: &str) -> Result<usize, Located> {
        let index = self.service(&Spanned::new(written.span(), name.to_owned()), "expect")?;
        if !plan.is_probed(index) {
            let mend =
                if plan.services[index].probe.is_none() { "give it a `probe`" } else { "`probe_rate` is 0" };
            let message = format!("`expect`: `{name}` is not probed: {mend}");
            return Err(self.at(written, message));
        }
        Ok(index)
    }

    /// The one thing that can be expected of all steps together.
    pub(super) fn bottleneck(
        &self,
        plan: &Plan,
        written: &[Spanned<String>],
    ) -> Result<Option<String>, Located> {
        let mut expected = None;
        for it in written {
            let Some(name) = it.get_ref().strip_prefix("bottleneck=") else {
                let message = format!(
                    "`expect`: \"{}\" is none of the whole: write \"bottleneck=NAME\"; others belong into a step",
                    it.get_ref()
                );
                return Err(self.at(it, message));
            };
            let known: Vec<String> =
                self.names.iter().cloned().chain([plan.clients_name().to_owned()]).collect();
            if !known.iter().any(|known| known == name) {
                return Err(self.no_service(&Spanned::new(it.span(), name.to_owned()), "expect", &known));
            }
            if let Some(other) = expected.replace(name.to_owned()) {
                let message =
                    format!("`expect`: there is one bottleneck, {other} or {name}: keep one of them");
                return Err(self.at(it, message));
            }
        }
        Ok(expected)
    }
}
