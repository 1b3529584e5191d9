//! From flags to plans.

use super::*;
use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: BenchArgs,
}

fn plan(line: &str) -> Result<Plan, String> {
    let words = std::iter::once("bench").chain(line.split_whitespace());
    let args = Cli::try_parse_from(words).map_err(|error| error.to_string())?.args;
    Plan::from_args(&args).map_err(|error| error.to_string())
}

#[test]
fn without_flags_it_is_what_hey_does() {
    let plan = plan("http://h:81/x").unwrap();
    assert_eq!((plan.request_limit, plan.connections, plan.duration), (Some(200), 50, None));
    assert_eq!(plan.load, Load::Closed { think_time: Duration::ZERO });
}

#[test]
fn a_duration_lifts_the_limit_on_requests_and_a_rate_that_on_connections() {
    let plan = plan("h -z 2s -q 100").unwrap();
    assert_eq!((plan.request_limit, plan.duration), (None, Some(Duration::from_secs(2))));
    assert_eq!(plan.connections, ANY_CONNECTIONS.min(descriptors::most_connections(1)));
    assert!(matches!(plan.load, Load::Open { arrivals: crate::Arrivals::Uniform, .. }));
}

#[test]
fn a_bare_timeout_is_in_seconds_and_known_methods_are_in_upper_case() {
    let timeout = |line| plan(line).unwrap().timeout;
    assert_eq!(
        (timeout("h -t 5"), timeout("h -t 0.5")),
        (Duration::from_secs(5), Duration::from_millis(500))
    );
    assert_eq!(timeout("h -t 5m"), Duration::from_secs(300));
    let method = |line| plan(line).unwrap().script.method().to_string();
    assert_eq!((method("h -m post"), method("h -m Purge")), ("POST".to_owned(), "Purge".to_owned()));
}

#[test]
fn stages_are_an_open_load_that_lasts_as_long_as_they_do() {
    let plan = plan("h --stage 2s:100 --stage 3s:100..0 --arrivals poisson").unwrap();
    assert_eq!((plan.request_limit, plan.duration), (None, Some(Duration::from_secs(5))));
    assert!(plan.connections > CONNECTIONS);
    let Load::Open { rate: Profile::Stages(stages), .. } = &plan.load else { panic!("{:?}", plan.load) };
    assert_eq!(stages.iter().map(crate::Stage::to_per_s).collect::<Vec<_>>(), [100.0, 0.0]);
}

/// Others send fewer, or peak above the rate.
#[test]
fn a_rate_over_some_time_is_rate_times_time_and_never_more_in_any_second() {
    for (line, requests, peak) in [
        ("-q 50 -z 10s", 500, 50),
        ("-q 134 -z 3s", 402, 134),
        ("-q 3 -z 7s", 21, 3),
        ("-q 0.5 -z 10s", 5, 1),
        ("-q 1000 -z 100ms", 100, 100),
        ("-q 100000 -z 1s", 100_000, 100_000),
        ("--stage 10s:50", 500, 50),
        ("--stage 1s:10 --stage 1s:0 --stage 1s:10..30", 30, 20),
    ] {
        for threads in [1, 3] {
            let plan = plan(&format!("h {line} --threads {threads}")).unwrap();
            let due: Vec<Duration> = (0..threads).flat_map(|thread| plan.schedule(thread)).collect();
            let mut seconds = std::collections::BTreeMap::new();
            for due in &due {
                *seconds.entry(due.as_secs()).or_insert(0) += 1;
            }
            assert_eq!(
                (due.len(), *seconds.values().max().unwrap()),
                (requests, peak),
                "{line} on {threads}"
            );
        }
    }
}

#[test]
fn a_start_that_is_over_is_refused_and_a_late_one_is_not() {
    assert!(plan("h -z 10s --start-at 1000").unwrap_err().contains("--start-at was"));
    assert!(plan("h --start-at 4000000000").unwrap().start_at.is_some());
    let just_now = SystemTime::now() - Duration::from_secs(5);
    let seconds = just_now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    assert!(plan(&format!("h --start-at {seconds} -q 10 -n 200")).is_ok());
    assert!(plan(&format!("h --start-at {seconds} -q 10 -n 20")).is_err());
}

#[test]
fn threads_share_connections_and_the_schedule_without_rest() {
    let plan = plan("h -c 7 -q 10 -n 9 --threads 3").unwrap();
    let shares: Vec<usize> = (0..3).map(|thread| plan.most_clients_of(thread)).collect();
    assert_eq!(shares, [3, 2, 2]);
    let mut due: Vec<Duration> = (0..3).flat_map(|thread| plan.schedule(thread)).collect();
    due.sort_unstable();
    assert_eq!(due, (0..9).map(|k| Duration::from_millis(100 * k)).collect::<Vec<_>>());
}

#[test]
fn mistakes_are_named_with_their_flag() {
    for (line, flag) in [
        ("", "URL"),
        ("h -q 0", "--rate"),
        ("h -n 5 -z 1s", "--requests"),
        ("h -n 0", "--requests"),
        ("h -c 0", "--connections"),
        ("h -z 0s", "--duration"),
        ("h -t 0s", "--timeout"),
        ("h -D /no/such/file", "--body-file"),
        ("h -H x", "--header"),
        ("h -c 2 --threads 3", "--threads"),
        ("h -q 5 --think-time 1s", "--think-time"),
        ("http:///x", "no host"),
        ("h --stage 5s", "--stage"),
        ("h --stage 5s:0", "--stage"),
        ("h --stage 5s:10 -q 5", "--stage"),
        ("h --stage 5s:10 -n 5", "--stage"),
        ("h --stage 5s:10 -z 5s", "--stage"),
        ("h --stage 5s:10 --think-time 1s", "--think-time"),
        ("h --arrivals poisson", "--rate"),
        ("h --start-at noon", "--start-at"),
        ("h -d x --bodies-from y", "--bodies-from"),
        ("h -H host:a --host b", "--header host"),
        ("h -H Content-Type:a/b -T c/d", "--header content-type"),
        ("h -H accept:a/b -A c/d", "--header accept"),
        ("h -H authorization:x -a me:secret", "--header authorization"),
        ("h --trial 1s", "add --find-knee"),
        ("h --max-rate 5", "add --find-knee"),
        ("h --knee-tolerance 5%", "add --find-knee"),
        ("h --abort-on-fail", "add --expect"),
        ("h -p 2", "add --http2"),
        ("https://h --cert x", "add --key"),
        ("https://h --key x", "add --cert"),
    ] {
        let complaint = plan(line).unwrap_err();
        assert!(complaint.contains(flag), "{line}: {complaint}");
    }
}

#[test]
fn thousands_may_be_letters_and_anything_else_is_refused_with_what_is_expected() {
    let many = plan("h -n 10k -c 1k").unwrap();
    assert_eq!((many.request_limit, many.connections), (Some(10_000), 1000));
    assert!(plan("h -q 1.5k -n 1").is_ok());
    for (line, expected) in
        [("h -n 0", "from 1 on"), ("h -n ten", "10k"), ("h -c 1M", "100000"), ("h -q 1G", "up to")]
    {
        let complaint = plan(line).unwrap_err();
        assert!(complaint.contains(expected), "{line}: {complaint}");
    }
}

/// `-d` is the body for hey and oha, and the duration for wrk; `-m` is the method for them, and a number for h2load.
#[test]
fn what_other_fingers_mean_by_a_flag_is_not_sent_in_silence() {
    let complaint = plan("h -c 10 -d 30s").unwrap_err();
    assert!(complaint.contains("--duration 30s"), "{complaint}");
    assert!(plan("h -m POST -d 30s").is_ok() && plan("h -d 30").is_ok());
    let complaint = plan("h -m 10").unwrap_err();
    assert!(complaint.contains("--streams"), "{complaint}");
}
