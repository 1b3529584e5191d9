//! Whether the server keeps up. While a backlog grows, no quantile is that of the rate: a longer trial would have a higher one.

use crate::bench::plan::Plan;
use crate::bench::report::{Report, SliceRow};

/// Requests at either end of what is measured, which may fall on this side of it or on that.
const ROUNDING: f64 = 2.0;

/// Of the standard normal distribution.
const TWO_SIDED_95: f64 = 1.959_964;

/// Fewer slices do not tell how much they vary.
const LEAST_SLICES: usize = 8;

/// By how many requests the backlog has grown while `report` of `plan` was measured, that is by how many more were due than
/// ended; 0 where that may be chance.
pub(super) fn growth(plan: &Plan, report: &Report) -> u64 {
    let cut = report.warm_up.cut;
    let slices: Vec<&SliceRow> = report.timeline.iter().filter(|slice| slice.from >= cut).collect();
    let due = due(plan, &slices);
    // What was never sent has not ended.
    let ended = |slice: &&SliceRow| slice.successes + slice.errors - slice.overflowed;
    let ended: Vec<u64> = slices.iter().map(ended).collect();
    let grown: Vec<f64> = due.iter().zip(&ended).map(|(due, ended)| *due as f64 - *ended as f64).collect();
    let (due, ended): (u64, u64) = (due.iter().sum(), ended.iter().sum());
    let variance = if grown.len() < LEAST_SLICES { ended as f64 } else { variance_of_sum(&grown) };
    let growth = due.saturating_sub(ended);
    if growth as f64 > ROUNDING + TWO_SIDED_95 * variance.sqrt() { growth } else { 0 }
}

/// How many requests were due in each slice. What is due does not depend on how many threads send it.
fn due(plan: &Plan, slices: &[&SliceRow]) -> Vec<u64> {
    let mut counts = vec![0; slices.len()];
    let mut at = 0;
    for due in (Plan { threads: 1, ..plan.clone() }).schedule(0) {
        while slices.get(at).is_some_and(|slice| slice.to <= due) {
            at += 1;
        }
        let Some(slice) = slices.get(at) else { break };
        if slice.from <= due {
            counts[at] += 1;
        }
    }
    counts
}

/// The variance of the sum of `steps` that may depend on those before them: a server that stalls and catches up makes large
/// steps whose sum hardly varies.
///
/// With n steps and their autocovariances γₖ it is n·(γ₀ + 2·Σ(1 − k/(L+1))·γₖ), k from 1 to L = ∛n.
///
/// Source: W. K. Newey and K. D. West, "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
/// Covariance Matrix", 1987.
fn variance_of_sum(steps: &[f64]) -> f64 {
    let n = steps.len() as f64;
    let mean = steps.iter().sum::<f64>() / n;
    let covariance = |lag: usize| {
        let pairs = steps.iter().zip(&steps[lag..]);
        pairs.map(|(one, other)| (one - mean) * (other - mean)).sum::<f64>() / n
    };
    let lags = (1..steps.len()).take_while(|lag| *lag as f64 <= n.cbrt().ceil());
    let most = n.cbrt().ceil() + 1.0;
    let correlated: f64 = lags.map(|lag| (1.0 - lag as f64 / most) * covariance(lag)).sum();
    (n * (covariance(0) + 2.0 * correlated)).max(0.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;
    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::bench::chunk::{Chunk, Grid};
    use crate::bench::collect::Collected;
    use crate::bench::goal::testing::{empty_run, plan};
    use crate::outcome::{Censoring, Outcome};
    use crate::sample::{Phases, Sample};

    const WARM_UP: Duration = Duration::from_secs(1);

    /// Of five seconds at so many requests a second, of a server with one slot that takes so many seconds for the next one.
    fn growth_at(rate: u64, flags: &str, mut service: impl FnMut(f64) -> f64) -> u64 {
        let plan = plan(&format!("h -q {rate} -z 6s --warmup 1s --threads 1 {flags}"));
        let mut run = empty_run(plan.duration.unwrap());
        let (mut chunk, grid) = (Chunk::at(Duration::ZERO, Grid(WARM_UP)), Grid(WARM_UP));
        run.collected = Collected::new(WARM_UP);
        let mut free_at = 0.0_f64;
        for scheduled_at in plan.schedule(0) {
            free_at = free_at.max(scheduled_at.as_secs_f64());
            free_at += service(free_at);
            let done_at = Duration::from_secs_f64(free_at);
            let ended = done_at < run.took;
            let outcome = if ended {
                Outcome::Answered(StatusCode::OK)
            } else {
                Outcome::Censored(Censoring::InFlight)
            };
            let (sent_at, done_at) = (scheduled_at, done_at.min(run.took));
            let sample = Sample { scheduled_at, sent_at, done_at, outcome, phases: Phases::default() };
            if chunk.is_over(done_at) {
                run.collected.add(&chunk);
                chunk.begin(done_at, grid);
            }
            chunk.record(&sample, Duration::ZERO);
        }
        run.collected.add(&chunk);
        growth(&plan, &Report::of(&plan, &run))
    }

    #[test]
    fn a_rate_above_what_the_server_can_do_grows_a_backlog_and_one_below_does_not() {
        for (rate, capacity) in [(50, 100.0), (97, 100.0), (100, 100.0), (1000, 1000.0)] {
            assert_eq!(growth_at(rate, "", |_| 1.0 / capacity), 0, "{rate} of {capacity}");
        }
        for (rate, over) in [(102, 2), (104, 4), (113, 13), (200, 100)] {
            let growth = growth_at(rate, "", |_| 0.01);
            assert!(growth.abs_diff(5 * over) <= 2, "{rate}: {growth}");
        }
    }

    /// It stalls for 50 ms every 300 ms, and catches up.
    #[test]
    fn stalls_hide_a_growing_backlog_no_more_than_they_make_one() {
        let stalling = |capacity: f64| {
            let mut next = 0.3;
            move |now: f64| {
                let stall = if now >= next { 0.05 } else { 0.0 };
                next += if now >= next { 0.3 } else { 0.0 };
                stall + 1.0 / capacity
            }
        };
        assert_eq!(growth_at(70, "", stalling(100.0)), 0);
        // Stalls leave 83 a second or so.
        assert!(growth_at(95, "", stalling(100.0)) > 30);
    }

    #[test]
    fn random_arrivals_and_services_are_seldom_taken_for_a_growing_backlog() {
        let grown = |rate: u64| {
            let runs = 0..20_u64;
            let of = |seed: u64| {
                let mut random = SmallRng::seed_from_u64(seed);
                let service = move |_| -0.01 * (-random.random::<f64>()).ln_1p();
                growth_at(rate, &format!("--arrivals poisson --seed {seed}"), service)
            };
            runs.filter(|seed| of(*seed) > 0).count()
        };
        let counts = [60, 85, 130].map(grown);
        assert!(counts[0] <= 4 && counts[1] <= 6 && counts[2] >= 14, "{counts:?}");
    }
}
