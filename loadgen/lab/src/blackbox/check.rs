//! From a file to a plan: whether its parts go together. Each complaint names the place and what would mend it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;

use super::file::{self, File, Time};
use super::location::{Located, Source};
use super::nearest::did_you_mean;
use super::plan::{Capacity, Clients, Plan, Probe, Service, Way};
use super::template::is_name;
use crate::laws::units::Seconds;
use crate::provenance::without_passwords;

mod counter;
mod places;
mod steps;

use places::Known;

#[cfg(test)]
mod tests;

const WARM_UP: Duration = Duration::from_secs(2);
const WINDOW: Duration = Duration::from_secs(10);
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
const PROBE_RATE: f64 = 10.0;

/// Words that mean something else in a plan.
const RESERVED: [&str; 8] =
    ["port", "index", "replicas", "loadgen", "connections", "rate", "load", "workers"];

/// The plan in `text`, the contents of the file at `path`.
pub(super) fn parse(path: &Path, text: &str) -> Result<Plan, Located> {
    let source = Source { path, text };
    let file = file::read(source)?;
    Checker { source, names: names(source, &file)? }.plan(file)
}

/// Services in the order of the file.
fn names(source: Source<'_>, file: &File) -> Result<Vec<String>, Located> {
    let mut keys: Vec<&Spanned<String>> = file.services.keys().collect();
    keys.sort_by_key(|key| key.span().start);
    let odd = |key: &&&Spanned<String>| !is_name(key.get_ref()) || RESERVED.contains(&key.get_ref().as_str());
    if let Some(key) = keys.iter().find(odd) {
        let name = key.get_ref();
        let message = format!(
            "`{name}` cannot be a service's name: take letters, digits, - and _, and none of {}",
            RESERVED.join(", ")
        );
        return Err(source.at(key.span().start, message));
    }
    Ok(keys.into_iter().map(|key| key.get_ref().clone()).collect())
}

type Services = BTreeMap<Spanned<String>, Spanned<file::Service>>;

/// What complaints need to know.
struct Checker<'a> {
    source: Source<'a>,
    names: Vec<String>,
}

impl Checker<'_> {
    fn plan(&self, mut file: File) -> Result<Plan, Located> {
        let runs = places::addresses(&file.services);
        let services = self.services(std::mem::take(&mut file.services), &runs)?;
        let counter = self.counter(&file.throughput, Known { runs: &runs, own: None })?;
        let clients = self.clients(file.clients.as_ref(), &services, &file)?;
        let warm_up = file.sweep.warm_up.as_ref().map_or(WARM_UP, |time| time.get_ref().0);
        let window = file.sweep.window.as_ref();
        if let Some(short) = window.filter(|time| time.get_ref().0 < SHORTEST_WINDOW) {
            return Err(self.at(short, "`window` is too short: give at least 1s"));
        }
        let mut plan = Plan {
            application: self.words(&file.application, "application")?,
            unit: file
                .unit
                .as_ref()
                .map_or_else(|| Ok("requests".to_owned()), |it| self.words(it, "unit"))?,
            services,
            clients,
            counter,
            steps: Vec::new(),
            warm_up,
            window: window.map_or(WINDOW, |time| time.get_ref().0),
            probe_rate: self.probe_rate(file.sweep.probe_rate.as_ref())?,
            bottleneck: None,
            text: without_passwords(self.source.text),
        };
        plan.steps = self.steps(&plan, &file.sweep.steps)?;
        plan.bottleneck = self.bottleneck(&plan, &file.expect)?;
        Ok(plan)
    }

    fn at<T>(&self, what: &Spanned<T>, message: impl Into<String>) -> Located {
        self.source.at(what.span().start, message)
    }

    fn service(&self, name: &Spanned<String>, key: &str) -> Result<usize, Located> {
        let found = self.names.iter().position(|known| known == name.get_ref());
        found.ok_or_else(|| self.no_service(name, key, &self.names))
    }

    /// That `name` is none of `known`, which are services and what else could stand there.
    fn no_service(&self, name: &Spanned<String>, key: &str, known: &[String]) -> Located {
        let message = format!(
            "`{key}` names no service: there is no `{}`; the services are {}{}",
            name.get_ref(),
            self.names.join(", "),
            did_you_mean(name.get_ref(), known.iter().map(String::as_str), str::to_owned)
        );
        self.at(name, message)
    }

    fn services(&self, mut file: Services, runs: &[String]) -> Result<Vec<Service>, Located> {
        let mut services = Vec::new();
        for name in &self.names {
            let Some((_, service)) = file.remove_entry(name.as_str()) else { continue };
            let start = service.span().start;
            let service = service.into_inner();
            let known = Known { runs, own: None };
            services.push(Service {
                name: name.clone(),
                capacity: service.capacity.as_ref().map(|it| self.capacity(it)).transpose()?,
                probe: self.probe(&service, known)?,
                way: self.way(name, start, service, known)?,
            });
        }
        Ok(services)
    }

    fn way(
        &self,
        name: &str,
        start: usize,
        service: file::Service,
        known: Known<'_>,
    ) -> Result<Way, Located> {
        let file::Service { run, scale, count, compose, kubernetes, .. } = service;
        if let Some(count) = count.as_ref().filter(|_| scale.is_none()) {
            return Err(self.at(count, "`count` belongs to `scale`: give that, too, or leave `count` out"));
        }
        Ok(match (run, scale, compose, kubernetes) {
            (None, None, None, None) => Way::None,
            (Some(run), None, None, None) => {
                Way::Run(self.template(&run, "run", known.and(&["port", "index"]))?)
            }
            (None, Some(scale), None, None) => {
                let template = self.template(&scale, "scale", known.and(&["replicas"]))?;
                if !template.places().any(|place| place == "replicas") {
                    return Err(
                        self.at(&scale, "`scale` has no {replicas} in it: write it where the number goes")
                    );
                }
                let count = count.map(|count| self.template(&count, "count", known)).transpose()?;
                Way::Shell { scale: template, count }
            }
            (None, None, Some(it), None) => {
                Way::Compose { service: it.service, project: it.project, files: it.files }
            }
            (None, None, None, Some(it)) => {
                if !it.object.get_ref().contains('/') {
                    let message = "`object` needs a kind and a name, such as \"deployment/web\"";
                    return Err(self.at(&it.object, message));
                }
                let object = it.object.into_inner();
                Way::Kubernetes { object, namespace: it.namespace, context: it.context }
            }
            _ => {
                let message = format!(
                    "`{name}` has several ways to be scaled: keep one of `run`, `scale`, `compose`, `kubernetes`"
                );
                return Err(self.source.at(start, message));
            }
        })
    }

    fn probe(&self, service: &file::Service, known: Known<'_>) -> Result<Option<Probe>, Located> {
        let Some(written) = &service.probe else { return Ok(None) };
        let known = if service.run.is_some() { known.and(&["port", "index"]) } else { known };
        let url = |text: &String| self.url(written, text, "probe", known);
        let probe = match written.get_ref() {
            file::Probe::Url(text) => Probe::Urls(vec![url(text)?]),
            file::Probe::Urls(texts) => Probe::Urls(texts.iter().map(url).collect::<Result<_, _>>()?),
            file::Probe::Command(it) => {
                let command = Spanned::new(written.span(), it.command.clone());
                Probe::Command(self.template(&command, "probe", Known { own: None, ..known })?)
            }
        };
        if matches!(&probe, Probe::Urls(urls) if urls.is_empty()) {
            return Err(self.at(written, "`probe` lists no URL: give one, or leave `probe` out"));
        }
        Ok(Some(probe))
    }

    fn capacity(&self, written: &file::Capacity) -> Result<Capacity, Located> {
        let Time(service_time) = *written.service_time.get_ref();
        if service_time.is_zero() {
            return Err(self.at(&written.service_time, "`service_time` must be longer than nothing"));
        }
        let slots = match &written.slots {
            None => 1,
            Some(slots) => self.count(slots, "slots")?,
        };
        let visits = match &written.visits {
            None => 1.0,
            Some(visits) if *visits.get_ref() > 0.0 && visits.get_ref().is_finite() => *visits.get_ref(),
            Some(visits) => return Err(self.at(visits, "`visits` must be a number above 0")),
        };
        Ok(Capacity { service_time: Seconds::from(service_time), slots, visits })
    }

    fn clients(
        &self,
        named: Option<&Spanned<String>>,
        services: &[Service],
        file: &File,
    ) -> Result<Clients, Located> {
        let load = file.throughput.get_ref().load.is_some();
        let Some(named) = named else {
            let rate = file.sweep.steps.get_ref().iter().any(|step| step.get_ref().rate.is_some());
            return Ok(match (load, rate) {
                (true, true) => Clients::Rate,
                (true, false) => Clients::Connections,
                (false, _) => Clients::Unknown,
            });
        };
        if load {
            return Err(self.at(named, "`clients` are the load generator's here: leave it out"));
        }
        let index = self.service(named, "clients")?;
        if matches!(services[index].way, Way::None) {
            let message = format!("`clients`: `{}` cannot be scaled: give it {WAYS}", named.get_ref());
            return Err(self.at(named, message));
        }
        Ok(Clients::Service(index))
    }

    fn probe_rate(&self, written: Option<&Spanned<f64>>) -> Result<f64, Located> {
        let Some(rate) = written else { return Ok(PROBE_RATE) };
        if !(0.0..=1000.0).contains(rate.get_ref()) {
            return Err(self.at(rate, "`probe_rate` must be a number from 0 to 1000"));
        }
        Ok(*rate.get_ref())
    }

    fn count(&self, written: &Spanned<i64>, key: &str) -> Result<usize, Located> {
        let count = usize::try_from(*written.get_ref()).ok().filter(|count| (1..=MOST).contains(count));
        count.ok_or_else(|| self.at(written, format!("`{key}` must be a whole number from 1 to {MOST}")))
    }

    /// `text` as a name that people read, in one line.
    fn words(&self, text: &Spanned<String>, key: &str) -> Result<String, Located> {
        let words = text.get_ref();
        if words.trim().is_empty() || words.contains(char::is_control) {
            return Err(self.at(text, format!("`{key}` must be a name in one line")));
        }
        Ok(words.clone())
    }
}

/// More of anything does not fit on one machine.
pub(crate) const MOST: usize = 10_000;

/// What makes a service scalable.
const WAYS: &str = "a `run`, `scale`, `compose` or `kubernetes`";
