//! The confusion matrix: causes planted in the simulated application, against what the lab blames. To see it:
//! `cargo test -p loadgen-lab matrix -- --nocapture`. On real processes: `cargo bench --bench verdicts`.

use comfy_table::{Table, presets};

use super::*;
use crate::backend::fake::{Dispatch, Fault, Law};
use crate::verdict::{Limit, Misdirection};

/// A cause that is built in, and the name that it should get.
struct Planted {
    cause: &'static str,
    app: App,
    flags: Vec<&'static str>,
    /// Name of the limit; for dispatch, what misdirects requests after a colon.
    expected: &'static str,
}

fn planted(cause: &'static str, expected: &'static str, flags: &str, app: App) -> Planted {
    // Flags are few and tests short: what they are cut from may stay.
    let flags = flags.to_owned().leak().split_whitespace().collect();
    Planted { cause, app, flags, expected }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn faulty(faults: &[Fault]) -> App {
    App { faults: faults.to_vec(), ..App::default() }
}

fn slow(replica: &'static str, factor: f64) -> Fault {
    Fault::Slow { replica, factor }
}

fn throttled(replica: &'static str, share: f64) -> Fault {
    Fault::Throttled { replica, share }
}

/// Times of a few milliseconds, as services have that do something.
const SHORT: &str = "--think-time=5ms --rng-time=2ms --hasher-time=5ms --window=3s --rng=1";

fn stations() -> Vec<Planted> {
    let few_slots = |slots| App { hasher_slots: Some(slots), ..App::default() };
    let store = |millis, slots| App { store_time: ms(millis), store_slots: slots, ..App::default() };
    let law = |law| App { law, ..App::default() };
    vec![
        planted("rng has one slot", "rng", "--workers=1,10 --rng=1", App::default()),
        planted(
            "ten loops in one worker, one slot at rng",
            "rng",
            "--workers=1 --concurrency=10 --rng=1",
            App::default(),
        ),
        planted(
            "rng has two slots",
            "rng",
            "--workers=1,12 --rng=1",
            App { rng_slots: Some(2), ..App::default() },
        ),
        planted("two replicas of rng, twelve workers", "rng", "--workers=1,12 --rng=2", App::default()),
        planted("rng takes 300 ms", "rng", "--workers=1,6 --rng=1 --rng-time=300ms", App::default()),
        planted(
            "rng takes exponential times",
            "rng",
            "--workers=1,12 --rng=1 --window=20s",
            law(Law::Exponential),
        ),
        planted(
            "rng computes all the time",
            "rng",
            "--workers=1,10 --rng=1",
            App { rng_cores: 0.97, ..App::default() },
        ),
        planted("100 workers", "rng", "--workers=1,100 --rng=1", App::default()),
        planted(
            "hasher has one slot and takes 200 ms",
            "hasher",
            "--workers=1,8 --rng=1 --hasher-time=200ms",
            few_slots(1),
        ),
        planted(
            "hasher has two slots and takes 500 ms",
            "hasher",
            "--workers=1,10 --rng=1 --hasher-time=500ms",
            few_slots(2),
        ),
        planted(
            "hasher has 20 slots and takes 3 s",
            "hasher",
            "--workers=1,40 --rng=1 --hasher-time=3s --window=36s",
            few_slots(20),
        ),
        planted(
            "two hashers of one slot take 300 ms",
            "hasher",
            "--workers=1,12 --rng=1 --hasher=2 --hasher-time=300ms",
            few_slots(1),
        ),
        planted("the store takes 200 ms for each", "store", "--workers=1,3 --rng=2", store(200, None)),
        planted(
            "the store takes 120 ms, one at a time",
            "store",
            "--workers=1,10 --rng=3",
            store(120, Some(1)),
        ),
        planted(
            "the store computes 150 ms for each",
            "store",
            "--workers=1,8 --rng=3",
            App { store_cores: 1.0, ..store(150, Some(1)) },
        ),
    ]
}

fn workers() -> Vec<Planted> {
    let overhead = |millis| App { overhead: ms(millis), ..App::default() };
    vec![
        planted("one worker", "workers", "--workers=1 --rng=1", App::default()),
        planted("two workers", "workers", "--workers=1,2 --rng=1", App::default()),
        planted("five workers, two replicas of rng", "workers", "--workers=1,5 --rng=2", App::default()),
        planted(
            "ten workers that think 2 s",
            "workers",
            "--workers=1,10 --rng=1 --think-time=2s",
            App::default(),
        ),
        planted(
            "no limit on rng's slots",
            "workers",
            "--workers=1,10 --rng=1",
            App { rng_slots: None, ..App::default() },
        ),
        planted("two loops in one worker", "workers", "--workers=1 --concurrency=2 --rng=1", App::default()),
        planted("a slow network between all", "workers", "--workers=1,2 --rng=1", overhead(150)),
        planted(
            "a store of 20 ms",
            "workers",
            "--workers=1,2 --rng=1",
            App { store_time: ms(20), ..App::default() },
        ),
    ]
}

fn dispatch() -> Vec<Planted> {
    let by = |dispatch| App { dispatch, ..App::default() };
    let three = "--workers=1,10 --rng=3";
    let long = "--workers=1,10 --rng=2 --window=20s --warm-up=20s";
    vec![
        planted("random dispatch to three", "dispatch: unaware", three, by(Dispatch::Random)),
        planted(
            "random dispatch to four",
            "dispatch: unaware",
            "--workers=1,12 --rng=4",
            by(Dispatch::Random),
        ),
        planted(
            "live connections from before scaling",
            "dispatch: sticky",
            "--workers=10 --rng=1,3",
            by(Dispatch::Sticky),
        ),
        planted(
            "live connections, five workers",
            "dispatch: sticky",
            "--workers=5 --rng=1,2",
            by(Dispatch::Sticky),
        ),
        planted(
            "rng-2 takes three times as long",
            "dispatch: slow replica",
            long,
            faulty(&[slow("rng-2", 3.0)]),
        ),
        planted("rng-1 takes twice as long", "dispatch: slow replica", long, faulty(&[slow("rng-1", 2.0)])),
        planted(
            "rng-3 of three takes five times as long",
            "dispatch: slow replica",
            "--workers=1,8 --rng=3 --window=20s --warm-up=20s",
            faulty(&[slow("rng-3", 5.0)]),
        ),
    ]
}

fn machine() -> Vec<Planted> {
    let waiting = |millis| App { cpu_wait: ms(millis), cpu_pressure: 0.97, ..App::default() };
    let stolen = |millis| App { overhead: ms(millis), cpu_stolen: 0.5, ..App::default() };
    let lab = |lab_cores, lab_throttled| App { overhead: ms(40), lab_cores, lab_throttled, ..App::default() };
    let short = |flags: &str| format!("{SHORT} {flags}").leak() as &str;
    vec![
        planted("somebody else's processes on all CPUs", "host CPU", short("--workers=1,4"), waiting(30)),
        planted("the same, with long times", "host CPU", "--workers=1,3 --rng=2", waiting(300)),
        planted("a hypervisor gives half of the CPUs away", "host CPU", short("--workers=1,4"), stolen(30)),
        planted("the same, where it costs little", "workers", "--workers=1,2 --rng=1", stolen(1)),
        planted(
            "a quota of 10 % for rng",
            "throttling",
            short("--workers=1,6"),
            faulty(&[throttled("rng-1", 0.9)]),
        ),
        planted(
            "a quota of 50 % for hasher",
            "throttling",
            short("--workers=1,4"),
            faulty(&[throttled("hasher-1", 0.5)]),
        ),
        planted(
            "a quota of 20 % for the worker",
            "throttling",
            short("--workers=1"),
            faulty(&[throttled("worker-1", 0.8)]),
        ),
        planted(
            "a quota that costs little",
            "workers",
            "--workers=1,2 --rng=1",
            faulty(&[throttled("hasher-1", 0.3)]),
        ),
        planted(
            "a quota for hasher where rng is full",
            "rng",
            "--workers=1,10 --rng=1",
            faulty(&[throttled("hasher-1", 0.5)]),
        ),
        planted("the lab burns its CPU", "lab", short("--workers=1,4"), lab(0.98, 0.0)),
        planted("the lab has a quota", "lab", short("--workers=1,4"), lab(0.1, 0.9)),
        planted(
            "each worker slows all others down",
            "machine",
            "--workers=1,10 --rng=4",
            App { crowding: ms(20), ..App::default() },
        ),
        planted(
            "20 ms between cycles that nobody measures",
            "dark time",
            "--workers=1,2 --rng=1",
            App { dark_time: ms(20), ..App::default() },
        ),
        planted(
            "the same where rng is full",
            "dark time",
            "--workers=1,4 --rng=1",
            App { dark_time: ms(60), ..App::default() },
        ),
    ]
}

/// What the last step is limited by.
fn blamed(swept: &Swept) -> String {
    let limit = swept.report.steps.last().and_then(|step| Some(step.verdict.as_ref()?.limit));
    match limit {
        Some(Limit::Dispatch { cause }) => {
            let cause = match cause {
                Misdirection::SlowReplica => "slow replica",
                Misdirection::StickyConnections => "sticky",
                Misdirection::Unaware => "unaware",
            };
            format!("dispatch: {cause}")
        }
        Some(limit) => limit.name().to_owned(),
        None => "nothing".to_owned(),
    }
}

#[tokio::test]
async fn the_matrix_of_planted_causes_has_nothing_off_its_diagonal() {
    let cases: Vec<Planted> = [stations(), workers(), dispatch(), machine()].into_iter().flatten().collect();
    let (count, mut wrong) = (cases.len(), Vec::new());
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["planted cause", "expected", "verdict", ""]);
    for Planted { cause, app, mut flags, expected } in cases {
        flags.extend(["--no-confirm", "--probe-rate=0"]);
        let swept = swept(app, &flags).await;
        let blamed = blamed(&swept);
        let right = blamed == expected && told(&swept);
        table.add_row([cause, expected, &blamed, if right { "" } else { "WRONG" }]);
        if !right {
            wrong.push(format!("{cause}: {blamed}, not {expected}: {}", swept.sentence()));
        }
    }
    println!("{}\n{} of {count} right", table.trim_fmt(), count - wrong.len());
    assert!(count >= 30 && wrong.is_empty(), "{wrong:#?}");
}

/// Whether the verdict comes with evidence and with advice.
fn told(swept: &Swept) -> bool {
    let evidence =
        swept.report.steps.last().and_then(|step| step.verdict.as_ref()).map(|it| it.evidence.len());
    evidence.is_some_and(|clauses| clauses > 0) && !swept.advice().trim().is_empty()
}
