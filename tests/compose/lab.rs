//! `loadgen lab --backend compose`: the main job, on containers.

use crate::harness::compose::Stack;
use crate::harness::machine::in_a_few_tries;
use crate::harness::program::Finished;
use crate::harness::report::{all_small, deviations, deviations_of_the_proof, limited_by_rng};

fn tells(said: &Finished, command: &str, arguments: &str) -> bool {
    said.stderr.lines().any(|line| line.starts_with(command) && line.contains(arguments))
}

#[test]
#[ignore = "needs Docker"]
fn the_default_lab_finds_rng_within_three_percent_tells_its_commands_and_leaves_nothing() {
    in_a_few_tries(|| {
        let shortcomings = shortcomings();
        assert!(shortcomings.is_empty(), "{shortcomings:#?}");
    });
}

fn shortcomings() -> Vec<String> {
    let stack = Stack::new("lab");
    let (said, json) = stack.measured(&[]);
    let scales = ["--scale worker=10", "--scale rng=3"];
    let held = [
        ("ends well", said.status.code() == Some(0)),
        ("says where it measured", json["backend"] == "compose"),
        ("names rng", json["conclusion"]["bottleneck"] == "rng"),
        ("names the limits", limited_by_rng(&json) == [false, false, true, true, true, true]),
        ("predicts each step within 3 %", all_small(&deviations(&json), 0.03)),
        ("predicts the proof within 3 %", all_small(&deviations_of_the_proof(&json), 0.03)),
        ("confirms", json["confirmation"]["confirmed"] == true),
        ("tells how it scales", scales.iter().all(|scale| tells(&said, "$ docker-compose ", scale))),
        ("tells how it ends", tells(&said, "$ docker-compose ", " down")),
        ("leaves nothing", stack.leftovers().is_empty()),
    ];
    let broken = held.into_iter().filter(|(_, holds)| !holds);
    broken.map(|(what, _)| format!("not so: it {what}\n{}\n{}", said.stdout, said.stderr)).collect()
}
