//! What the load generator itself needed, and whether it was what limited the run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bench::plan::{Load, Plan};
use crate::bench::usage::Usage;
use crate::distribution::Distribution;
use crate::times::Times;

use super::seconds;

/// What the load generator itself needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadGenerator {
    /// Of its busiest thread, 0 to 1.
    pub cpu_utilisation: f64,
    /// Of all its threads.
    #[serde(rename = "cpu_s", with = "seconds")]
    pub cpu: Duration,
    /// Time in which its threads wanted a CPU and had none.
    #[serde(rename = "run_queue_delay_s", with = "seconds")]
    pub run_queue_delay: Duration,
    /// Whether the figures are its own rather than the server's.
    pub was_the_limit: bool,
    /// Why it was.
    pub why: Option<String>,
}

/// A thread this busy has no time to be on time.
const BUSY: f64 = 0.9;

/// A thread that waits this share of the time for a CPU measures the scheduler.
const STARVED: f64 = 0.2;

/// Lateness that is not worth a word.
const SMALL_LAG: Duration = Duration::from_millis(1);

/// A shorter run is mostly start and end.
const SHORT: Duration = Duration::from_millis(200);

impl LoadGenerator {
    /// Of a run whose threads used so much, that was so late, and whose requests took so long.
    pub(super) fn of(plan: &Plan, usage: &[Usage], lag: &Distribution, response: &Times) -> Self {
        let busiest = usage.iter().max_by(|a, b| a.demand().total_cmp(&b.demand())).copied();
        let busiest = busiest.unwrap_or_default();
        let open = matches!(plan.load, Load::Open { .. });
        let why = limit(&busiest, open, lag, response);
        Self {
            cpu_utilisation: busiest.utilisation(),
            cpu: usage.iter().map(|thread| thread.cpu).sum(),
            run_queue_delay: usage.iter().map(|thread| thread.run_queue).sum(),
            was_the_limit: why.is_some(),
            why,
        }
    }
}

/// Why a load generator whose busiest thread used so much was the limit, if it was; how late it was matters in an open loop.
pub(in crate::bench) fn limit(
    busiest: &Usage,
    open: bool,
    lag: &Distribution,
    response: &Times,
) -> Option<String> {
    cpu_limit(busiest).or_else(|| if open { lag_limit(lag, response) } else { None })
}

fn cpu_limit(thread: &Usage) -> Option<String> {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let waited = thread.demand() - thread.utilisation();
    if thread.elapsed < SHORT {
        None
    } else if thread.utilisation() >= BUSY {
        Some(format!("its busiest thread used {} of a CPU", percent(thread.utilisation())))
    } else if thread.demand() >= BUSY || waited >= STARVED {
        Some(format!("one of its threads waited {} of the time for a CPU", percent(waited)))
    } else {
        None
    }
}

fn lag_limit(lag: &Distribution, response: &Times) -> Option<String> {
    let lag = lag.quantile(0.99)?;
    let response = response.quantile(0.99)?.time;
    let late = lag > SMALL_LAG && lag > response / 10;
    late.then(|| format!("1 % of its requests were sent more than {} late", brief(lag)))
}

fn brief(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn usage(cpu: u64, run_queue: u64) -> Usage {
        Usage { elapsed: ms(1000), cpu: ms(cpu), run_queue: ms(run_queue) }
    }

    #[test]
    fn a_busy_or_starved_thread_is_the_limit_and_an_idle_one_is_not() {
        assert_eq!(cpu_limit(&usage(500, 50)), None);
        assert!(cpu_limit(&usage(950, 0)).unwrap().contains("95 % of a CPU"));
        assert!(cpu_limit(&usage(300, 250)).unwrap().contains("waited 25 %"));
        assert!(cpu_limit(&usage(800, 150)).unwrap().contains("waited 15 %"));
        let moment = Usage { elapsed: ms(10), cpu: ms(10), run_queue: ms(0) };
        assert_eq!(cpu_limit(&moment), None);
    }

    #[test]
    fn lateness_counts_where_it_shows_in_the_response_times() {
        let of = |millis: u64| {
            let mut all = Distribution::new();
            all.record_many(ms(millis), 1000);
            all
        };
        let late = |lag, response| lag_limit(&of(lag), &Times::new(of(response), Distribution::new()));
        assert!(late(5, 20).unwrap().contains("5.0 ms"));
        assert_eq!(late(5, 80), None);
        assert_eq!(late(1, 1), None);
    }
}
