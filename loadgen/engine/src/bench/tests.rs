//! What is sent and when, seen from the servers that it is sent to.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::outcome::Failure;

use super::testing::{Site, answer, bench, outcomes, total};

fn one(outcome: &str, count: u64) -> Vec<(String, u64)> {
    vec![(outcome.to_owned(), count)]
}

/// The paths of requests, without what is around them.
fn paths(site: &Site) -> Vec<String> {
    site.seen().iter().map(|text| text.split(' ').nth(1).unwrap().to_owned()).collect()
}

fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn urls_are_requested_in_turn_over_one_kept_connection_to_each_host() {
    let (a, b) = (Site::start(|_| answer(200, "")).await, Site::start(|_| answer(200, "")).await);
    let run = bench(&[&a.url("/1"), &b.url("/2"), &a.url("/3"), "-n", "30", "-c", "1"]).await;
    assert_eq!(outcomes(&run), one("200", 30));
    assert_eq!(paths(&a), ["/1", "/3"].repeat(10));
    assert_eq!(paths(&b), ["/2"; 10]);
    assert!(b.seen()[0].contains(&format!("\r\nhost: {}\r\n", b.address)));
    assert_eq!((a.connections(), b.connections(), run.tally.traffic.connections), (1, 1, 2));
}

#[tokio::test]
async fn placeholders_are_filled_in_once_for_each_request_over_all_threads() {
    let site = Site::start(|_| answer(200, "")).await;
    let url = site.url("/{{counter}}?{{uuid}}");
    let body_text = "{{counter 1000}}:{{hex 8}}";
    let flags =
        [&*url, "-m", "POST", "-d", body_text, "--template", "-n", "200", "-c", "6", "--threads", "2"];
    let run = bench(&flags).await;
    assert_eq!(outcomes(&run), one("200", 200));
    let mut seen = site.seen();
    seen.sort_by_key(|text| text["POST /".len()..].split('?').next().unwrap().parse::<u64>().unwrap());
    for (number, text) in seen.iter().enumerate() {
        assert!(text.starts_with(&format!("POST /{number}?")), "{text}");
        assert!(body(text).starts_with(&format!("{}:", 1000 + number)), "{text}");
    }
    let sent: usize = seen.iter().map(String::len).sum();
    assert_eq!(run.tally.traffic.sent_bytes, sent as u64);

    // The same seed sends the same requests, whoever is faster.
    let again = Site::start(|_| answer(200, "")).await;
    let url = again.url("/{{counter}}?{{uuid}}");
    bench(&[&*url, "-m", "POST", "-d", body_text, "--template", "-n", "200", "-c", "1"]).await;
    let bodies = |seen: &[String]| {
        let mut bodies: Vec<_> = seen.iter().map(|text| body(text).to_owned()).collect();
        bodies.sort_unstable();
        bodies
    };
    assert_eq!(bodies(&seen), bodies(&again.seen()));
}

#[tokio::test]
async fn bodies_of_a_file_are_sent_in_turn() {
    let site = Site::start(|_| answer(200, "")).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "one\n\nthree\n").unwrap();
    let file = file.path().to_str().unwrap();
    bench(&[&site.url("/"), "-m", "PUT", "--bodies-from", file, "-n", "6", "-c", "1"]).await;
    let seen = site.seen();
    assert_eq!(
        seen.iter().map(|text| body(text)).collect::<Vec<_>>(),
        ["one", "", "three", "one", "", "three"]
    );
}

fn led_on(request_line: &str) -> Option<String> {
    match request_line.split(' ').nth(1).unwrap_or_default() {
        "/one" => answer(302, "location: two?x\r\n"),
        "/two?x" => answer(307, "Location: /three\r\n"),
        "/nowhere" => answer(301, "location: mailto:me@here\r\n"),
        "/silent" => answer(303, "location: /hang\r\n"),
        "/hang" => None,
        "/bare" => answer(302, ""),
        _ => answer(200, ""),
    }
}

#[tokio::test]
async fn redirects_are_answers_unless_they_are_to_be_followed() {
    let site = Site::start(led_on).await;
    let run = bench(&[&site.url("/one"), "-n", "2", "-c", "1"]).await;
    assert_eq!(outcomes(&run), one("302", 2));
    assert_eq!(paths(&site), ["/one", "/one"]);
}

#[tokio::test]
async fn redirects_are_followed_as_far_as_they_may_be_over_the_same_connection() {
    let site = Site::start(led_on).await;
    let url = site.url("/one");
    let run = bench(&[&url, "-m", "POST", "-d", "x", "-n", "2", "-c", "1", "--redirects", "2"]).await;
    assert_eq!(outcomes(&run), one("200", 2));
    assert_eq!(paths(&site), ["/one", "/two?x", "/three"].repeat(2));
    assert_eq!(site.connections(), 1);
    // What was a POST arrives as a GET, without its body.
    let methods: Vec<_> = site.seen().iter().map(|text| text.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(methods[..3], ["POST", "GET", "GET"]);
    let head = answer(302, "location: two?x\r\n").unwrap().len()
        + answer(307, "Location: /three\r\n").unwrap().len();
    let whole = head + answer(200, "").unwrap().len();
    assert_eq!(run.tally.traffic.received_bytes, 2 * whole as u64);

    let run = bench(&[&url, "-n", "2", "-c", "1", "--redirects", "1"]).await;
    assert_eq!(outcomes(&run), one("too many redirects", 2));
    let reason = &run.tally.reasons[&Failure::TooManyRedirects];
    assert!(reason.starts_with("1 led to one more; let --redirects"), "{reason}");
}

#[tokio::test]
async fn redirects_to_nowhere_fail_and_ones_without_location_are_answers() {
    let site = Site::start(led_on).await;
    for (path, outcome) in [("/nowhere", "bad redirect"), ("/bare", "302"), ("/three", "200")] {
        let run = bench(&[&site.url(path), "-n", "1", "-c", "1", "--redirects", "5"]).await;
        assert_eq!(outcomes(&run), one(outcome, 1), "{path}");
        let reason =
            run.tally.reasons.get(&Failure::BadRedirect).is_some_and(|it| it.contains("can be sent to"));
        assert_eq!(reason, outcome == "bad redirect", "{:?}", run.tally.reasons);
    }
}

#[tokio::test]
async fn redirects_lead_to_other_hosts_and_the_timeout_is_that_of_the_whole_chain() {
    static OTHER: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let other = Site::start(led_on).await;
    OTHER.set(other.url("/there")).unwrap();
    let site = Site::start(|_| answer(308, &format!("location: {}\r\n", OTHER.get()?))).await;
    let flags = ["-n", "4", "-c", "2", "--redirects", "1", "-a", "me:secret"];
    let run = bench(&[&[&*site.url("/")], &flags[..]].concat()).await;
    assert_eq!(outcomes(&run), one("200", 4));
    assert_eq!((site.connections(), other.connections()), (2, 2));
    assert!(other.seen()[0].contains(&format!("host: {}\r\n", other.address)));
    assert!(site.seen()[0].contains("authorization: ") && !other.seen()[0].contains("authorization"));

    let flags = ["-n", "1", "-c", "1", "--redirects", "1", "-t", "60ms"];
    let run = bench(&[&[&*other.url("/silent")], &flags[..]].concat()).await;
    assert_eq!(outcomes(&run), one("timed out", 1));
    let waited = total(&run).censored().min();
    assert!(waited >= Some(Duration::from_millis(60)), "{waited:?}");
}

#[tokio::test]
async fn a_rate_sends_exactly_rate_times_time() {
    let site = Site::start(|_| answer(200, "")).await;
    for load in [&["-q", "400", "-z", "250ms"][..], &["-q", "1000", "-z", "100ms", "--threads", "3"]] {
        let run = bench(&[&[&*site.url("/")], load].concat()).await;
        assert_eq!(total(&run).count(), 100, "{load:?}");
    }
}

#[tokio::test]
async fn the_gap_after_the_last_of_so_many_requests_belongs_to_the_run() {
    let site = Site::start(|_| answer(200, "")).await;
    let run = bench(&[&site.url("/"), "-q", "10", "-n", "2"]).await;
    assert_eq!(outcomes(&run), one("200", 2));
    assert!(run.took >= Duration::from_millis(200), "two at 10/s take 200 ms: {:?}", run.took);
}

#[tokio::test]
async fn stages_send_what_they_hold_and_pause_in_between() {
    let site = Site::start(|_| answer(200, "")).await;
    let flags = ["--stage", "100ms:100..300", "--stage", "100ms:0", "--stage", "100ms:200"];
    let run = bench(&[&[&*site.url("/")], &flags[..]].concat()).await;
    assert_eq!(total(&run).count(), 40);
    assert!(run.took >= Duration::from_millis(300));
}

#[tokio::test]
async fn with_a_rate_connections_are_at_most_so_many_and_what_finds_no_place_is_counted() {
    let site = Site::start(|_| None).await;
    // A while without any leaves time for those that are late.
    let flags = ["--stage", "100ms:500", "--stage", "500ms:0", "-c", "2", "--backlog", "3"];
    let run = bench(&[&[&*site.url("/")], &flags[..]].concat()).await;
    let unanswered = [("in flight at the end".to_owned(), 2), ("not sent by the end".to_owned(), 3)];
    assert_eq!(outcomes(&run), unanswered);
    assert_eq!((total(&run).overflowed(), site.connections()), (45, 2));
    assert_eq!((total(&run).response().count(), total(&run).uncorrected().count()), (5, 2));
}

#[tokio::test]
async fn what_finds_no_place_in_the_warm_up_is_left_out_with_it() {
    let site = Site::start(|_| None).await;
    let flags = ["-q", "100", "-z", "1s", "-c", "2", "--backlog", "3", "--warmup", "900ms"];
    let run = bench(&[&[&*site.url("/")], &flags[..]].concat()).await;
    // Ten were due after it. A busy machine may get round to some that were due before only then.
    let overflowed = total(&run).overflowed();
    assert!((10..50).contains(&overflowed), "{overflowed}");
}

#[tokio::test]
async fn a_run_starts_when_it_was_told_to() {
    for load in [&["-n", "3", "-c", "1"][..], &["-n", "3", "-q", "100"]] {
        let site = Site::start(|_| answer(200, "")).await;
        let start = SystemTime::now() + Duration::from_millis(150);
        let seconds = format!("{:.9}", start.duration_since(UNIX_EPOCH).unwrap().as_secs_f64());
        let run = bench(&[&[&*site.url("/"), "--start-at", &seconds], load].concat()).await;
        assert_eq!(outcomes(&run), one("200", 3));
        // The clocks are read one after the other, and a double holds a time of day to a quarter of a microsecond.
        assert!(site.first_at() + Duration::from_micros(100) >= start, "{load:?}");
        assert!(run.started_at + Duration::from_micros(1) >= start);
        assert!(run.took < Duration::from_secs(5), "the wait before the start is no part of the run");
    }
}
