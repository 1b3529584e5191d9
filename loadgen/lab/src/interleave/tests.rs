//! A/Bs of simulated builds: what they come to must be what was built in.

use std::time::Duration;

use super::block::Timing;
use super::concluded::Order;
use super::course::Pair;
use super::course::{Course, Taken, take};
use super::figures::changes;
use super::turns::Side;
use super::{Build, Settings, blame};
use crate::backend::fake::{App, FakeBackend, Fault};
use crate::backend::{Backend, Service};
use crate::compare::{Change, Comparison, Metric, Ruling, render};
use crate::measure::MeasureError;
use crate::progress::Progress;
use crate::render::fixture;
use crate::step::Step;
use crate::stop;

const THRESHOLD: f64 = 0.03;

const SECOND: Duration = Duration::from_secs(1);

fn step(workers: usize, rng: usize) -> Step {
    Step { workers, rng, hasher: 1 }
}

fn steps() -> Vec<Step> {
    vec![step(1, 1), step(10, 1), step(10, 2)]
}

fn course(seconds: u32) -> Course {
    let timing = Timing { warm_up: SECOND / 2, window: 2 * SECOND };
    Course { steps: steps(), timing, loops: 1, duration: SECOND * seconds }
}

/// An A/B of two applications, each with noise of its own.
async fn taken(base: App, new: App, seconds: u32) -> (Taken, [FakeBackend; 2]) {
    let mut backends = [App { seed: 1, ..base }, App { seed: 2, ..new }].map(FakeBackend::new);
    for backend in &mut backends {
        backend.up().await.unwrap();
    }
    let (_sender, stop) = stop::stop();
    let taken = take(&course(seconds), &mut backends, &stop, &mut Progress::new(true)).await;
    (taken, backends)
}

/// What an A/B of two applications comes to.
pub(super) async fn comparison(base: App, new: App, seconds: u32) -> Comparison {
    let (taken, backends) = taken(base, new, seconds).await;
    drop(backends);
    concluded(seconds, &taken)
}

fn concluded(seconds: u32, taken: &Taken) -> Comparison {
    let settings = Settings {
        duration_seconds: f64::from(seconds),
        window_seconds: 2.0,
        warm_up_seconds: 0.5,
        think_time_seconds: 0.1,
        rng_time_seconds: 0.1,
        hasher_time_seconds: 0.1,
        concurrency: 1,
    };
    let order = Order {
        course: course(seconds),
        builds: ["base/loadgen", "new/loadgen"].map(|path| Build::this(path.into())),
        settings,
        threshold: THRESHOLD,
        provenance: fixture::provenance("loadgen lab --interleave base/loadgen"),
    };
    let mut comparison = super::concluded::comparison(&order, 1_800_000_000.0, taken);
    // A machine that is the same everywhere.
    comparison.interleaved.as_mut().unwrap().cpus = 2;
    comparison
}

/// That of two equal ones.
pub(crate) async fn of_equals() -> Comparison {
    comparison(App::default(), App::default(), 40).await
}

pub(super) fn slower(of: Service) -> App {
    let longer = Duration::from_millis(105);
    match of {
        Service::Rng => App { rng_time: longer, ..App::default() },
        _ => App { hasher_time: longer, ..App::default() },
    }
}

/// How many pairs each step has.
fn counts(pairs: &[Pair]) -> [usize; 3] {
    let at = |step| pairs.iter().filter(|[base, _]| base.step == step).count();
    steps().try_into().map(|steps: [Step; 3]| steps.map(at)).unwrap()
}

fn ruling(changes: &[Change]) -> Ruling {
    changes.iter().map(|change| change.ruling).max().unwrap()
}

fn of(changes: &[Change], at: Step, metric: Metric) -> &Change {
    changes.iter().find(|it| it.step == at.into() && it.metric == metric).unwrap()
}

#[tokio::test]
async fn equal_builds_pass_and_both_had_as_many_turns() {
    let (taken, _) = taken(App::default(), App::default(), 120).await;
    assert!(taken.cut_short.is_none() && taken.events.is_empty());
    let counts = counts(&taken.pairs);
    assert!(counts.iter().all(|count| *count >= 5), "{counts:?}");
    assert!(taken.pairs.iter().all(|[base, new]| (base.side, new.side) == (Side::Base, Side::New)));
    let changes = changes(&taken.pairs, &steps(), THRESHOLD);
    assert_eq!((changes.len(), ruling(&changes)), (12, Ruling::Pass));
    assert!(changes.iter().all(|change| change.change.abs() < 0.01), "{changes:#?}");
    assert_eq!(blame::blame(&changes, &taken.pairs), None);
}

#[tokio::test]
async fn a_slower_rng_is_found_in_its_own_time_and_where_it_is_full() {
    let (taken, _) = taken(App::default(), slower(Service::Rng), 120).await;
    let changes = changes(&taken.pairs, &steps(), THRESHOLD);
    for metric in [Metric::Throughput, Metric::ResponseTime, Metric::RngServiceTime] {
        let full = of(&changes, step(10, 1), metric);
        assert_eq!(full.ruling, Ruling::Regression, "{full:?}");
        assert!(full.evidence.as_ref().unwrap().sees_a_change(), "{full:?}");
    }
    let alone = of(&changes, step(1, 1), Metric::RngServiceTime);
    assert!((alone.change - 0.05).abs() < 1e-6 && alone.ruling == Ruling::Regression, "{alone:?}");
    assert_eq!(of(&changes, step(1, 1), Metric::HasherServiceTime).ruling, Ruling::Pass);
    let blamed = blame::blame(&changes, &taken.pairs);
    assert_eq!(blamed.as_deref(), Some("rng is to blame: its service time was 100.0 ms and is 105.0 ms"));
}

#[tokio::test]
async fn a_slower_hasher_is_found_though_nobody_waits_for_it() {
    let (taken, _) = taken(App::default(), slower(Service::Hasher), 120).await;
    let changes = changes(&taken.pairs, &steps(), THRESHOLD);
    assert_eq!(of(&changes, step(10, 1), Metric::Throughput).ruling, Ruling::Pass);
    assert_eq!(of(&changes, step(10, 1), Metric::HasherServiceTime).ruling, Ruling::Regression);
    assert!(blame::blame(&changes, &taken.pairs).unwrap().starts_with("hasher is to blame"));
}

#[tokio::test]
async fn what_takes_longer_outside_of_every_station_is_told_by_where_it_passes() {
    // Half of the overhead is on the way to rng and half on the way to hasher; the store's is its own.
    let store = App { store_time: Duration::from_millis(12), ..App::default() };
    let (taken, _) = taken(App::default(), store, 120).await;
    let changes = changes(&taken.pairs, &steps(), THRESHOLD);
    assert_eq!(of(&changes, step(1, 1), Metric::ResponseTime).ruling, Ruling::Regression);
    let blamed = blame::blame(&changes, &taken.pairs).unwrap();
    assert!(
        blamed.starts_with("store is to blame: at worker=1 rng=1 a unit of work was there for"),
        "{blamed}"
    );
}

#[tokio::test]
async fn the_time_is_kept_but_for_two_pairs_of_each_step() {
    let (long, _) = taken(App::default(), App::default(), 120).await;
    assert!((100.0..=120.0).contains(&long.seconds), "{}", long.seconds);
    let (short, _) = taken(App::default(), App::default(), 1).await;
    assert_eq!(counts(&short.pairs), [2, 2, 2]);
}

#[tokio::test]
async fn only_one_build_works_at_a_time() {
    let (taken, backends) = taken(App::default(), App::default(), 60).await;
    let mut working = Vec::new();
    for backend in &backends {
        working.push(backend.replicas(Service::Worker).await.unwrap().len());
    }
    working.sort_unstable();
    assert_eq!(working, [0, taken.pairs.last().unwrap()[0].step.workers]);
}

#[tokio::test]
async fn a_build_that_cannot_be_scaled_is_named_and_what_was_measured_is_kept() {
    let broken = App { faults: vec![Fault::ScaleFails(Service::Rng, 2)], ..App::default() };
    let (taken, _) = taken(App::default(), broken, 120).await;
    let cut = taken.cut_short.unwrap();
    assert!(!cut.is_interruption());
    assert!(cut.to_string().starts_with("the new build: rng-2 did not become ready"), "{cut}");
    assert_eq!(taken.pairs.len(), 4);
}

#[tokio::test]
async fn what_happens_to_a_replica_is_told() {
    let crash = Fault::Crash { replica: "rng-1", at: 10 * SECOND, down_for: SECOND, every: None };
    let (taken, _) = taken(App::default(), App { faults: vec![crash], ..App::default() }, 60).await;
    assert!(
        taken.events.len() == 1 && taken.events[0].starts_with("of the new build, rng-1"),
        "{:?}",
        taken.events
    );
}

#[tokio::test]
async fn whoever_interrupts_gets_what_there_is() {
    let mut backends = [App::default(), App::default()].map(FakeBackend::new);
    for backend in &mut backends {
        backend.up().await.unwrap();
    }
    let (sender, stop) = stop::stop();
    backends[0].stop_at(20 * SECOND, sender);
    let taken = take(&course(120), &mut backends, &stop, &mut Progress::new(true)).await;
    assert!(taken.cut_short.as_ref().is_some_and(super::course::CutShort::is_interruption));
    assert!((1..10).contains(&taken.pairs.len()), "{}", taken.pairs.len());
}

#[tokio::test]
async fn an_ab_is_told_as_a_comparison_with_its_evidence_and_whom_to_blame() {
    let comparison = comparison(App::default(), slower(Service::Rng), 120).await;
    insta::assert_snapshot!(render::text(&comparison), @r"
    before  base/loadgen (loadgen 0.1.0, 2027-01-15T08:00:00Z)
    now     new/loadgen (loadgen 0.1.0, 2027-01-15T08:00:00Z)
    23 pairs of blocks in 117 s, in turn; some process waited for a CPU for 0 % of the time

     worker  rng                           before       now  change     95 % interval  pairs           medians        p
          1    1  throughput               3.32/s    3.27/s  -1.6 %  -1.7 % to -1.6 %      8  -1.7 % to -1.6 %  < 0.001
          1    1  response time          201.0 ms  206.0 ms  +2.5 %  +2.5 % to +2.5 %      8  +2.5 % to +2.5 %  < 0.001
          1    1  rng's service time     100.0 ms  105.0 ms  +5.0 %  +5.0 % to +5.0 %      8  +5.0 % to +5.0 %  < 0.001  WORSE
          1    1  hasher's service time  100.0 ms  100.0 ms  +0.0 %  +0.0 % to +0.0 %      8  +0.0 % to +0.0 %    0.874
         10    1  throughput              10.00/s    9.52/s  -4.8 %  -4.8 % to -4.8 %      8  -4.8 % to -4.8 %  < 0.001  WORSE
         10    1  response time          900.0 ms  950.0 ms  +5.6 %  +5.6 % to +5.6 %      8  +5.6 % to +5.6 %  < 0.001  WORSE
         10    1  rng's service time     100.0 ms  105.0 ms  +5.0 %  +5.0 % to +5.0 %      8  +5.0 % to +5.0 %  < 0.001  WORSE
         10    1  hasher's service time  100.0 ms  100.0 ms  +0.0 %  +0.0 % to +0.0 %      8  +0.0 % to +0.0 %    0.022
         10    2  throughput              19.96/s   19.51/s  -2.3 %  -5.9 % to +1.5 %      7  -4.8 % to +3.6 %    0.209  cannot tell
         10    2  response time          400.9 ms  412.5 ms  +2.9 %  -1.9 % to +7.9 %      7  -4.3 % to +6.3 %    0.209  cannot tell
         10    2  rng's service time     100.0 ms  105.0 ms  +5.0 %  +5.0 % to +5.0 %      7  +5.0 % to +5.0 %    0.002  WORSE
         10    2  hasher's service time  100.0 ms  100.0 ms  +0.0 %  +0.0 % to +0.0 %      7  +0.0 % to +0.0 %    0.158

    REGRESSION: response time at worker=10 rng=1 changed by +5.6 % (+5.6 % to +5.6 %), which is worse by more than 3 %; 5 figures in all. rng is to blame: its service time was 100.0 ms and is 105.0 ms.
    ");
    let markdown = render::markdown(&comparison);
    assert!(markdown.starts_with("### REGRESSION") && markdown.contains("rng is to blame"), "{markdown}");
    let junit = render::junit(&comparison);
    assert!(junit.contains(r#"<testsuites name="loadgen interleave" tests="12""#), "{junit}");
    assert!(junit.contains("<failure message=\"rng's service time at worker=1 rng=1"), "{junit}");
}

#[tokio::test]
async fn what_was_cut_short_says_why_before_anything_else() {
    let broken = App { faults: vec![Fault::ScaleFails(Service::Rng, 2)], ..App::default() };
    let text = render::text(&comparison(App::default(), broken, 120).await);
    assert!(
        text.contains("CUT SHORT (the new build: rng-2 did not become ready within 30 s): until then, No"),
        "{text}"
    );
}

#[tokio::test]
async fn a_run_that_is_cut_short_is_an_error_for_ci_whatever_passed_until_then() {
    let broken = App { faults: vec![Fault::ScaleFails(Service::Rng, 2)], ..App::default() };
    let junit = render::junit(&comparison(App::default(), broken, 120).await);
    assert!(junit.contains(r#"errors="1""#) && junit.contains(r#"name="outcome""#), "{junit}");
    assert!(
        junit.contains("<error message=\"CUT SHORT: the new build: rng-2 did not become ready"),
        "{junit}"
    );
    assert!(!render::junit(&of_equals().await).contains("<error"));
}

#[tokio::test]
async fn an_interruption_is_no_builds_fault() {
    let taken = Taken::failed(Side::Base, MeasureError::Stopped);
    let comparison = concluded(10, &taken);
    assert!(!render::markdown(&comparison).contains('|'), "a table of nothing");
    let text = render::text(&comparison);
    assert!(!text.contains("95 %") && text.contains("no pair of blocks was measured\n\nCUT SHORT"), "{text}");
    assert!(comparison.interleaved.unwrap().host_cpu_pressure_share.is_sign_positive());
    assert!(
        text.contains("CUT SHORT (interrupted): until then, INCONCLUSIVE: nothing was measured."),
        "{text}"
    );
}

#[tokio::test]
async fn a_figure_of_nothing_is_left_out_and_said_to_be() {
    let idle = || App { hasher_time: Duration::ZERO, ..App::default() };
    let comparison = comparison(idle(), idle(), 40).await;
    assert!(comparison.changes.iter().all(|change| change.metric != Metric::HasherServiceTime));
    let note = "hasher's service time at worker=1 rng=1 is not compared: a block has none above 0";
    assert_eq!((comparison.notes.len(), comparison.notes[0].as_str()), (3, note));
}
