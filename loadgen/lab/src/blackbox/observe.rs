//! One step as it is seen from outside: the counter's rate after the warm-up, and what probes of every service waited
//! meanwhile.

use std::time::Duration;

use loadgen_engine::bench::{Report as LoadReport, SliceRow};
use tokio::time::sleep;

use super::application::Application;
use super::counter::Meter;
use super::error::DriveError;
use super::load::{Amount, Load};
use super::machine::Machine;
use super::plan::{Clients, Counter, Plan, Step};
use super::readings::Readings;
use super::report::{Observation, Response};
use super::series::{LEVEL, Steady, steady};
use crate::backend::{HttpProbe, Probe, ProbeObservation};
use crate::clock::unix_seconds;
use crate::statistics::series::EventCount;

/// Readings of a counter in a window.
const READINGS: f64 = 200.0;
const SHORTEST_PAUSE: Duration = Duration::from_millis(25);

/// How often a step that has not settled is made longer by half a window.
const EXTENSIONS: u32 = 2;

const TOO_FEW: &str = "the counter hardly moved, so its rate has no interval: give a longer `window`";

const UNSETTLED: &str = "it has not settled: give a longer `warm_up`";

/// What is measured at a step.
struct Measured {
    from: f64,
    to: f64,
    throughput: f64,
    half_width: Option<f64>,
    settled: bool,
    response: Option<Response>,
    caveats: Vec<String>,
}

/// Measures `step`, which the application is at; tells the rate meanwhile.
pub(super) async fn observe(
    plan: &Plan,
    step: &Step,
    application: &Application<'_>,
    meter: Option<&mut Meter>,
    live: &mut dyn FnMut(f64),
) -> Result<Observation, DriveError> {
    let probed: Vec<bool> = (0..plan.services.len()).map(|index| plan.is_probed(index)).collect();
    let mut running = Vec::new();
    for (index, probed) in probed.iter().enumerate() {
        let targets = if *probed { application.probe_targets(index).await? } else { Vec::new() };
        running.push((!targets.is_empty()).then(|| HttpProbe::of(targets, plan.probe_rate)));
    }
    let (began_at, machine) = (unix_seconds(), Machine::now());
    let measured = match meter {
        Some(meter) => counted(plan, meter, live).await?,
        None => loaded(plan, step, application).await?,
    };
    let full = machine.zip(Machine::now()).and_then(|(then, now)| now.was_full_since(&then));
    let mut waits: Vec<Option<ProbeObservation>> = Vec::new();
    for probe in running {
        waits.push(match probe {
            Some(probe) => probe.finish(measured.from, measured.to).await,
            None => None,
        });
    }
    let mut caveats = measured.caveats;
    caveats.extend(full);
    let answers = plan.services.iter().zip(&probed).zip(&waits);
    caveats
        .extend(answers.filter_map(|((service, probed), seen)| lost(&service.name, *probed, seen.as_ref())));
    Ok(Observation {
        throughput_per_second: measured.throughput,
        throughput_half_width_per_second: measured.half_width,
        window_seconds: measured.to - measured.from,
        warm_up_seconds: measured.from - began_at,
        settled: measured.settled,
        probes: waits,
        response: measured.response,
        caveats,
    })
}

/// How many probes of a service were in vain, if any.
fn lost(name: &str, probed: bool, seen: Option<&ProbeObservation>) -> Option<String> {
    match seen {
        None => probed.then(|| format!("no probe of {name} was answered")),
        Some(seen) if seen.unanswered == 0 => None,
        Some(ProbeObservation { answered, unanswered, .. }) => {
            let sent = answered + unanswered;
            Some(format!("{unanswered} of {sent} probes of {name} were not answered, or with an error"))
        }
    }
}

/// Reads the counter until the window is full and the warm-up is over.
async fn counted(plan: &Plan, meter: &mut Meter, live: &mut dyn FnMut(f64)) -> Result<Measured, DriveError> {
    let pause = plan.window.div_f64(READINGS).max(SHORTEST_PAUSE);
    let (warm_up, window) = (plan.warm_up.as_secs_f64(), plan.window.as_secs_f64());
    let began_at = unix_seconds();
    let mut ends_at = began_at + warm_up + window;
    let mut readings = Readings::default();
    let mut extensions = 0;
    let seen = loop {
        if readings.take(meter.read().await)? {
            live(recent(readings.count()));
        }
        if unix_seconds() >= ends_at {
            let seen = steady(readings.count(), began_at, warm_up);
            if extensions == EXTENSIONS || seen.is_some_and(|seen| is_enough(&seen, window)) {
                break seen;
            }
            extensions += 1;
            ends_at += window / 2.0;
        }
        sleep(pause).await;
    };
    let seen = seen.ok_or_else(|| readings.stood(unix_seconds() - began_at))?;
    let Steady { from, to, settled, rate, half_width } = seen;
    let mut caveats = readings.caveats();
    caveats.extend((!settled).then(|| UNSETTLED.to_owned()));
    caveats.extend(half_width.is_none().then(|| TOO_FEW.to_owned()));
    Ok(Measured { from, to, throughput: rate, half_width, settled, response: None, caveats })
}

fn is_enough(seen: &Steady, window: f64) -> bool {
    seen.settled && seen.half_width.is_some() && seen.to - seen.from >= 0.5 * window
}

/// Events a second over the last two seconds that are known.
fn recent(count: &EventCount) -> f64 {
    let Some((first, last)) = count.span() else { return 0.0 };
    count.rate_between(first.max(last - 2.0), last).map_or(0.0, |rate| rate.0)
}

/// Sends the load of the step.
async fn loaded(plan: &Plan, step: &Step, application: &Application<'_>) -> Result<Measured, DriveError> {
    let Counter::Load { url, method, body } = &plan.counter else {
        return Err(DriveError::Counter("there is nothing to read".to_owned()));
    };
    let amount = step.load.unwrap_or(1.0);
    let load = Load {
        url: application.fill(url),
        method: method.clone(),
        body: body.clone(),
        amount: if plan.clients == Clients::Rate {
            Amount::Rate(amount)
        } else {
            Amount::Connections(amount)
        },
        warm_up: plan.warm_up,
        lasts: plan.warm_up + plan.window,
    };
    let loaded = load.send().await?;
    let report = &loaded.report;
    let settled = has_settled(report);
    Ok(Measured {
        from: loaded.from,
        to: loaded.to,
        throughput: report.throughput_per_s.mean,
        half_width: report.throughput_per_s.half_width,
        settled,
        response: response(report),
        caveats: caveats(report, settled),
    })
}

fn response(report: &LoadReport) -> Option<Response> {
    let times = &report.response_time.times;
    Some(Response {
        mean_seconds: times.at_least().mean()?.as_secs_f64(),
        p99_seconds: times.quantile(0.99)?.time.as_secs_f64(),
    })
}

/// Whether as much was answered in the first half of what was measured as in the second one, but for chance.
fn has_settled(report: &LoadReport) -> bool {
    let measured: Vec<_> = report.timeline.iter().filter(|row| row.from >= report.warm_up.cut).collect();
    let (first, second) = measured.split_at(measured.len() / 2);
    let rate = |rows: &[&SliceRow]| {
        let seconds: f64 = rows.iter().map(|row| row.to.saturating_sub(row.from).as_secs_f64()).sum();
        (seconds > 0.0).then(|| rows.iter().map(|row| row.successes as f64).sum::<f64>() / seconds)
    };
    let Some((first, second)) = rate(first).zip(rate(second)) else { return true };
    let chance = report.throughput_per_s.half_width.unwrap_or_default();
    (first - second).abs() <= (LEVEL * first.max(second)).max(2.0 * chance)
}

fn caveats(report: &LoadReport, settled: bool) -> Vec<String> {
    let (scheduled, successes) = (report.requests.scheduled, report.requests.successes);
    let failed = report.requests.http_errors + report.requests.failed + report.requests.timed_out;
    let failures =
        (failed > 0).then(|| format!("{failed} of {scheduled} requests failed, {successes} did not"));
    let limit =
        report.load_generator.why.as_ref().map(|why| format!("the load generator was the limit: {why}"));
    let unsettled = (!settled).then(|| UNSETTLED.to_owned());
    failures.into_iter().chain(limit).chain(unsettled).collect()
}
