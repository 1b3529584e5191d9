//! forward: a TCP forwarder in front of a service.

use crate::harness::http::get;
use crate::harness::service::Service;

#[test]
fn forward_passes_requests_on_and_the_replica_answers() {
    let rng = Service::start("rng", &["--service-time", "0ms", "--hostname", "rng-3"]);
    let forward = Service::start("forward", &["--to", &rng.address().to_string()]);
    let answer = get(forward.address(), "/32");
    assert_eq!((answer.status, answer.body.len()), (200, 32));
    assert_eq!(answer.header("x-served-by"), Some("rng-3"));
}
