//! `loadgen lab --backend compose --experiment NAME` on real containers.

use serde_json::Value;

use crate::harness::compose::Stack;
use crate::harness::machine::in_a_few_tries;
use crate::harness::program::Finished;
use crate::harness::report::number;

/// What an experiment said, and what it found; the project is as it was, or gone.
fn tried(stack: &Stack, arguments: &[&str]) -> (Finished, Value) {
    let (said, report) = stack.measured(arguments);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let found = report["experiment"].clone();
    assert!(found.is_object(), "{said:?}");
    (said, found)
}

#[test]
#[ignore = "needs Docker"]
fn a_killed_container_is_brought_back_and_so_is_throughput() {
    in_a_few_tries(|| {
        let stack = Stack::new("kill");
        let (said, found) = tried(&stack, &["--experiment", "kill", "--window", "3s"]);
        assert!(number(&found["recovered_after_seconds"]) < 30.0, "{found}");
        assert!(number(&found["hashes_not_mined"]) > 1.0, "{found}");
        assert!(said.stderr.contains("$ docker kill "), "{said:?}");
        assert!(stack.leftovers().is_empty());
    });
}

#[test]
#[ignore = "needs Docker"]
fn kept_connections_stick_while_rng_scales_and_workers_are_as_they_were_afterwards() {
    in_a_few_tries(|| {
        let stack = Stack::new("sticky");
        stack.up(&["worker=10"]);
        let environment = |stack: &Stack| stack.containers("worker")[0].field("/Config/Env").clone();
        let before = environment(&stack);
        let (said, found) = tried(&stack, &["--experiment", "sticky", "--rng", "1,3", "--window", "3s"]);
        let rounds = found["rounds"].as_array().expect("rounds");
        let speeds: Vec<f64> = rounds.iter().map(|round| number(&round["throughput_per_second"])).collect();
        assert!(
            (9.0..11.0).contains(&speeds[1]) && (26.0..32.0).contains(&speeds[3]),
            "{speeds:?}: {said:?}"
        );
        assert_eq!(environment(&stack), before, "{said:?}");
        assert_eq!(stack.counts(["worker", "rng"]), [10, 1]);
    });
}

#[test]
#[ignore = "needs Docker"]
fn containers_that_are_ready_first_spare_requests() {
    in_a_few_tries(|| {
        let stack = Stack::new("rolling");
        let (said, found) = tried(&stack, &["--experiment", "rolling-update", "--window", "3s"]);
        let phases = found["phases"].as_array().expect("phases");
        let failed = |phase: &Value| number(&phase["worker_errors"]);
        assert!(failed(&phases[0]) <= failed(&phases[2]) && failed(&phases[2]) > 0.0, "{said:?}");
        assert!(said.stderr.contains("--force-recreate"), "{said:?}");
        assert!(stack.leftovers().is_empty());
    });
}

#[test]
#[ignore = "needs Docker"]
fn a_naive_probe_waits_too_long_from_thirteen_workers_on() {
    in_a_few_tries(|| {
        let stack = Stack::new("probes");
        let (said, found) = tried(&stack, &["--experiment", "probes", "--window", "3s"]);
        assert_eq!(found["predicted_workers"], 13, "{said:?}");
        let levels = found["levels"].as_array().expect("levels");
        assert!(
            number(&levels[0]["failing_share"]) < 0.1 && number(&levels[1]["failing_share"]) > 0.6,
            "{said:?}"
        );
        assert!(stack.leftovers().is_empty());
    });
}
