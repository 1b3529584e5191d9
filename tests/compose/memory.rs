//! What a container of ours keeps resident while ten workers are at it.

use std::time::Duration;

use crate::harness::compose::{OUR_SERVICES, Stack};
use crate::harness::figures::Figures;
use crate::harness::metrics::Metrics;
use crate::harness::wait::eventually;

const LOAD: Duration = Duration::from_secs(60);
const MOST_BYTES: u64 = 8_000_000;

#[test]
#[ignore = "needs Docker"]
fn after_work_with_ten_workers_no_container_of_ours_ever_needed_more_than_eight_megabytes() {
    let stack = Stack::new("memory");
    stack.up(&["worker=10"]);
    let webui = stack.webui();
    eventually("a hundred hashes", LOAD, || Figures::of(webui).filter(|figures| figures.hashes >= 100));
    for service in OUR_SERVICES {
        for container in stack.containers(service) {
            let peak = container.process().peak_resident_bytes();
            let now = Metrics::of(container.admin()).count("process_resident_memory_bytes", &[]);
            assert!(peak <= MOST_BYTES && (1..=MOST_BYTES).contains(&now), "{service}: {peak}, now {now}");
        }
    }
}
