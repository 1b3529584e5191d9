//! Which part of a step is steady. Owns the cut of the warm-up; the rule is MSER-5's, its floor the plan's.

use crate::observation::Window;
use crate::tape::Tape;
use loadgen_engine::statistics::mser;

/// Parts of the step that the rule looks at: forty groups of five. With fewer it refuses more steady runs by chance.
const PARTS: usize = 200;

/// Means of the two halves that differ by less than this share count as the same: MSER-5 by itself refuses one steady
/// run in eight.
const LEVEL: f64 = 0.01;

/// A part of the window as large as this says as much as all of it.
const ENOUGH: f64 = 0.4;

/// The steady part of a step that began at `began_at`, at least `warm_up` seconds of which are cut; `None` if there are
/// no two cycles after that.
pub fn find(tape: &Tape, began_at: f64, warm_up: f64) -> Option<Window> {
    let (first, last) = tape.span()?;
    let floor = began_at + warm_up;
    let (start, end) = looked_at(tape, first.max(began_at), last);
    let cut = mser::warm_up(&tape.rates(start, end, PARTS).unwrap_or_default());
    let part = (end - start) / PARTS as f64;
    let from = cut.map_or(floor, |parts| floor.max(start + part * parts as f64));
    let (from, to) = known_of_each(tape, from, last);
    (from < to).then(|| Window {
        from_unix_seconds: from,
        to_unix_seconds: to,
        warm_up_seconds: from - began_at,
        steady: cut.is_some() || is_level(tape, from, to),
    })
}

/// The part of the time from `first` to `last` that the rule looks at: where each worker's own cycles are known, since
/// the stream of all of them together comes in rounds and is noisy; but all of it if that is less than half of it.
fn looked_at(tape: &Tape, first: f64, last: f64) -> (f64, f64) {
    let known = tape.complete_span().map(|(from, until)| (from.max(first), until.min(last)));
    known.filter(|(from, until)| until - from > 0.5 * (last - first)).unwrap_or((first, last))
}

/// The part of the time from `from` to `last` in which each worker's own cycles are known: there cycles that end in bursts don't
/// count for more, or less, than they are. All of it where that is too little, as with cycles longer than it.
fn known_of_each(tape: &Tape, from: f64, last: f64) -> (f64, f64) {
    let known = tape.complete_span().map(|(first, until)| (from.max(first), until));
    known.filter(|(first, until)| until - first > ENOUGH * (last - from)).unwrap_or((from, last))
}

fn is_level(tape: &Tape, from: f64, to: f64) -> bool {
    match tape.rates(from, to, 2).as_deref() {
        Some([early, late]) => (early - late).abs() <= LEVEL * early.max(*late),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Replica, Service};
    use crate::tape::Reading;

    /// One worker, read ten times a second for eight seconds, whose cycle takes `slow` seconds up to second 2 and 0.1
    /// from then on.
    fn tape(slow: f64) -> Tape {
        let replica = Replica {
            name: "worker-1".into(),
            service: Service::Worker,
            address: None,
            admin: ([127, 0, 0, 1], 1).into(),
            pid: None,
        };
        let mut ends = vec![1000.0];
        while let Some(&last) = ends.last().filter(|last| **last < 1008.0) {
            ends.push(last + if last < 1002.0 { slow } else { 0.1 });
        }
        let mut tape = Tape::default();
        for tenth in 1..80 {
            let at = 1000.0 + f64::from(tenth) / 10.0;
            let done: Vec<&f64> = ends.iter().filter(|end| **end <= at).collect();
            let last_cycle_at = done.last().map_or(0.0, |end| **end);
            tape.record(
                &replica,
                Reading { at, cycles: done.len() as f64, last_cycle_at, ..Reading::default() },
            );
            tape.end_round();
        }
        tape
    }

    #[test]
    fn a_transient_is_cut_off_and_the_rest_is_steady() {
        let window = find(&tape(0.5), 1000.0, 0.5).unwrap();
        assert!(window.steady);
        assert!((1.5..3.2).contains(&window.warm_up_seconds), "{window:?}");
    }

    #[test]
    fn a_steady_run_loses_only_the_least_warm_up() {
        let window = find(&tape(0.1), 1000.0, 1.0).unwrap();
        assert!(window.steady && (window.warm_up_seconds - 1.0).abs() < 0.5, "{window:?}");
    }

    #[test]
    fn without_cycles_there_is_no_window() {
        assert_eq!(find(&Tape::default(), 1000.0, 1.0), None);
    }
}
