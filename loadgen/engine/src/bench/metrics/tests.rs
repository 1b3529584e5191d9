use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http::StatusCode;

use crate::bench::chunk::{Grid, Standing};
use crate::outcome::{Censoring, Outcome};
use crate::sample::{Phases, Sample};

use super::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn chunk(took: &[(u64, Outcome)]) -> Chunk {
    let mut chunk = Chunk::at(Duration::ZERO, Grid(Duration::ZERO));
    for (millis, outcome) in took {
        let (done_at, outcome) = (ms(*millis), *outcome);
        let due = Duration::ZERO;
        let sample = Sample { scheduled_at: due, sent_at: due, done_at, outcome, phases: Phases::default() };
        chunk.record(&sample, ms(1));
    }
    chunk.stand(Standing { thread: 0, in_flight: 3, waiting: 2, connections: 7, overflowed: 0 });
    chunk
}

fn get(metrics: &Metrics, path: &str) -> String {
    let mut stream = TcpStream::connect(metrics.server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn serve(address: &str) -> Result<Metrics, MetricsError> {
    Metrics::serve(&address.parse().unwrap())
}

#[test]
fn a_scrape_has_every_figure_and_the_next_one_more() {
    let mut metrics = serve("127.0.0.1:0").unwrap();
    let ok = Outcome::Answered(StatusCode::OK);
    let nothing = get(&metrics, "/metrics");
    assert!(nothing.contains("loadgen_response_time_seconds_count 0\n"), "{nothing}");
    metrics.chunk(&chunk(&[(1, ok), (15, ok), (30, Outcome::Censored(Censoring::TimedOut))]));
    let page = get(&metrics, "/metrics");
    for line in [
        "HTTP/1.1 200 OK",
        "content-type: text/plain; version=0.0.4; charset=utf-8",
        "# TYPE loadgen_requests_total counter",
        "loadgen_requests_total{outcome=\"200\"} 2\n",
        "loadgen_requests_total{outcome=\"timed out\"} 1\n",
        "# TYPE loadgen_response_time_seconds histogram",
        "loadgen_response_time_seconds_bucket{le=\"0.001\"} 1\n",
        "loadgen_response_time_seconds_bucket{le=\"0.02\"} 2\n",
        "loadgen_response_time_seconds_bucket{le=\"100\"} 3\n",
        "loadgen_response_time_seconds_bucket{le=\"+Inf\"} 3\n",
        "loadgen_response_time_seconds_sum 0.046\n",
        "loadgen_response_time_seconds_count 3\n",
        "loadgen_lag_seconds_count 3\n",
        "loadgen_connections_total 7\n",
        "loadgen_overflowed_requests_total 0\n",
        "loadgen_in_flight_requests 3\n",
        "loadgen_waiting_requests 2\n",
        "loadgen_throughput_per_second 0\n",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    metrics.chunk(&chunk(&[(1, ok)]));
    let later = get(&metrics, "/metrics");
    assert!(later.contains("loadgen_requests_total{outcome=\"200\"} 3\n"), "{later}");
    assert!(later.contains("loadgen_connections_total 7\n"), "{later}");
}

#[test]
fn another_path_is_none() {
    let answer = get(&serve("127.0.0.1:0").unwrap(), "/");
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("there is /metrics"), "{answer}");
}

#[test]
fn a_taken_port_is_told_with_what_would_work_and_freed_in_the_end() {
    let first = serve("127.0.0.1:0").unwrap();
    let address = first.server.address().to_string();
    let complaint = serve(&address).unwrap_err().to_string();
    assert!(complaint.contains(&address) && complaint.contains("--prometheus"), "{complaint}");
    drop(first);
    serve(&address).unwrap();
}
