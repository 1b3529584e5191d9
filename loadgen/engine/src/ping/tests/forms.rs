//! The forms of the output: split, speed, colours, numbers, JSON, a check, a ranking.

use serde_json::Value;

use super::*;

async fn ping_raw(flags: &str, screen: Screen) -> (PingStatus, String) {
    let mut out = Vec::new();
    let status = ping(args(flags), &mut out, screen, pending()).await.unwrap();
    (status, String::from_utf8(out).unwrap())
}

async fn ping_quietly(flags: &str) -> (PingStatus, String) {
    ping_raw(flags, Screen::default()).await
}

/// The line of the only ping.
fn line(text: &str) -> &str {
    text.lines().find(|line| line.contains("seq=0")).unwrap()
}

#[tokio::test]
async fn split_times_add_up() {
    let server = serve(Behaviour::Serial(Arc::default(), Duration::from_millis(10))).await;
    let (_, text) = ping_quietly(&format!("-S -c 1 127.0.0.1:{}", port(&server))).await;
    let times = line(&text).split_once("time=").unwrap().1.split_once(" ms").unwrap().0;
    let (steps, total) = times.split_once('=').unwrap();
    let steps: Vec<f64> = steps.split('+').map(|step| step.trim().parse().unwrap()).collect();
    let total: f64 = total.trim().parse().unwrap();
    assert_eq!(steps.len(), 6, "resolve, connect, send, wait, receive, close: {text}");
    assert!(steps[3] >= 10.0 && steps[..5].iter().sum::<f64>() <= total + 0.05, "{text}");
}

#[tokio::test]
async fn a_kept_connection_has_no_opening_and_a_new_one_in_its_place_is_marked() {
    let (kept, closing) =
        (serve(Behaviour::Answer(EMPTY)).await, serve(Behaviour::AnswerAndClose(EMPTY)).await);
    for (server, connections, opening) in [(&kept, 1, true), (&closing, 2, false)] {
        let (_, text) = ping_quietly(&format!("-Q -S -c 2 -i 0 127.0.0.1:{}", port(server))).await;
        let second = text.lines().find(|line| line.contains("seq=1")).unwrap();
        assert!(second.starts_with("pinged host 127.0.0.1:"), "{text}");
        assert_eq!(second.contains("seq=1 time=   n/a+   n/a+"), opening, "{text}");
        assert_eq!(second.contains(" 200 OK C"), !opening, "{text}");
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn speeds_are_shown_for_each_ping_and_in_the_end() {
    let server = serve(Behaviour::Answer(OK)).await;
    let (_, text) = ping_quietly(&format!("-G -b -c 2 -i 0 127.0.0.1:{}", port(&server))).await;
    assert!(line(&text).contains("KB/s queue="), "{text}");
    let speeds = text.lines().last().unwrap().strip_prefix("Transfer speed: min/avg/max = ").unwrap();
    let speeds: Vec<f64> =
        speeds.strip_suffix(" KB/s").unwrap().split('/').map(|speed| speed.parse().unwrap()).collect();
    assert!(speeds[0] > 0.0 && speeds.is_sorted() && speeds.len() == 3, "{text}");
}

#[tokio::test]
async fn colours_are_for_terminals_unless_nobody_wants_them_or_somebody_insists() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    for (flag, is_terminal, no_color, coloured) in [
        ("", false, false, false),
        ("", true, false, true),
        ("", true, true, false),
        ("-Y", false, true, true),
    ] {
        let flags = format!("{flag} -c 1 127.0.0.1:{}", port(&server));
        let (_, text) = ping_raw(&flags, Screen { is_terminal, no_color }).await;
        assert_eq!(text.contains("time=\u{1b}[32m"), coloured, "{flag} {is_terminal} {no_color}: {text}");
        assert_eq!(text.contains('\u{1b}'), coloured);
    }
}

#[tokio::test]
async fn lines_begin_with_when_the_ping_was_due_on_request() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    let before = std::time::SystemTime::now() - Duration::from_millis(1);
    let (_, text) = ping_quietly(&format!("--ts -c 1 127.0.0.1:{}", port(&server))).await;
    let (due, rest) = line(&text).split_once(' ').unwrap();
    let due = humantime::parse_rfc3339(due).unwrap();
    assert!(before <= due && due <= std::time::SystemTime::now(), "{text}");
    assert!(rest.starts_with("connected to "), "{text}");
}

#[tokio::test]
async fn an_address_of_the_wrong_family_is_no_address() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    let (status, text) = ping_quietly(&format!("-6 -c 1 127.0.0.1:{}", port(&server))).await;
    assert!(text.contains("127.0.0.1 has no IPv6 address, seq=0"), "{text}");
    assert_eq!(status, PingStatus::Failed);
    assert_eq!(ping_quietly(&format!("-4 -c 1 127.0.0.1:{}", port(&server))).await.0, PingStatus::Succeeded);
}

#[tokio::test]
async fn machines_get_a_number_a_line() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    let sick = serve(Behaviour::Answer("HTTP/1.1 503 Sorry\r\nContent-Length: 0\r\n\r\n")).await;
    let (status, text) = ping_quietly(&format!("-m -c 2 -i 0 127.0.0.1:{}", port(&server))).await;
    assert_eq!((status, text.lines().count()), (PingStatus::Succeeded, 2));
    assert!(text.lines().all(|line| line.parse::<f64>().unwrap() > 0.0), "{text}");
    let (status, text) = ping_quietly(&format!("-m -s -c 1 127.0.0.1:{}", port(&sick))).await;
    assert_eq!((status, text.as_str()), (PingStatus::Failed, "-1 503\n"));
    let (_, text) = ping_quietly(&format!("-m -c 1 127.0.0.1:{0} 127.0.0.1:{0}/b", port(&sick))).await;
    assert!(text.contains(&format!("http://127.0.0.1:{}/b -1\n", port(&sick))), "{text}");
}

#[tokio::test]
async fn json_is_one_document_with_every_ping() {
    let (server, refusing) = (serve(Behaviour::Answer(OK)).await, Refusing::new());
    let flags = format!("-M -G -c 2 -i 0 127.0.0.1:{} {}", port(&server), refusing.address());
    let (status, text) = ping_quietly(&flags).await;
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &document["schema"]), (PingStatus::Succeeded, &"loadgen-ping/1".into()));
    let pings = document["pings"].as_array().unwrap();
    assert_eq!(pings.len(), 4);
    let good = pings.iter().find(|ping| ping["success"] == true).unwrap();
    assert_eq!((&good["status"], &good["body_bytes"]), (&200.into(), &6.into()));
    assert_eq!((&good["served_by"], &good["server_timing"]["queue_ms"]), (&"rng-1".into(), &650.0.into()));
    assert!(good["steps"]["wait_ms"].is_f64() && good["steps"]["tls_ms"].is_null(), "{good}");
    let bad = pings.iter().find(|ping| ping["success"] == false).unwrap();
    assert!(bad["outcome"] == "refused" && bad["status"].is_null(), "{bad}");
    assert_eq!(document["targets"][0]["successes"], 2);
    assert_eq!(document["slowest_first"][1]["mean_ms"], Value::Null);
}

#[tokio::test]
async fn json_is_whole_after_an_interrupt_and_without_any_ping() {
    let server = serve(Behaviour::Hang).await;
    let mut out = Vec::new();
    let flags = args(&format!("-M 127.0.0.1:{}", port(&server)));
    let stop = async { server.has_seen(1).await };
    let status = ping(flags, &mut out, Screen::default(), stop).await.unwrap();
    let document: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((status, &document["pings"][0]["censored"]), (PingStatus::Interrupted, &true.into()));
    assert_eq!(document["targets"][0]["in_flight_at_end"], 1);
}

#[tokio::test]
async fn a_check_is_one_line_with_its_exit_code() {
    let (server, refusing) = (serve(Behaviour::Answer(EMPTY)).await, Refusing::new());
    let cases = [
        (format!("-n 10000,20000 -c 2 -i 0 127.0.0.1:{}", port(&server)), 0, "OK - average httping-time is "),
        (format!("-n 0,20000 -c 1 127.0.0.1:{}", port(&server)), 1, "WARNING - average httping-time is "),
        (format!("-n 0,0 -c 1 127.0.0.1:{}", port(&server)), 2, "CRITICAL - average httping-time is "),
        (
            format!("-n 1,2 -c 1 {}", refusing.address()),
            2,
            "CRITICAL - no ping succeeded: cannot connect to ",
        ),
    ];
    for (flags, code, start) in cases {
        let (status, text) = ping_quietly(&flags).await;
        assert_eq!((status.exit_code(), text.lines().count()), (code, 1), "{text}");
        assert!(text.starts_with(start), "{text}");
        assert_eq!(text.contains("|ping="), code < 2 || flags.contains("0,0"), "{text}");
    }
}

#[tokio::test]
async fn several_targets_are_ranked_with_an_interval() {
    let quick = serve(Behaviour::Answer(EMPTY)).await;
    let slow = serve(Behaviour::Serial(Arc::default(), Duration::from_millis(200))).await;
    let flags = format!("-c 4 -i 60ms 127.0.0.1:{} 127.0.0.1:{}", port(&quick), port(&slow));
    let (_, text) = ping_quietly(&flags).await;
    let ranking: Vec<_> = text.lines().skip_while(|line| !line.starts_with("--- slowest first")).collect();
    assert!(ranking[1].starts_with(&format!("1. 127.0.0.1:{}: avg ", port(&slow))), "{text}");
    assert!(ranking[2].starts_with(&format!("2. 127.0.0.1:{}: avg ", port(&quick))), "{text}");
    assert!(ranking[2].contains(" ± ") && ranking[2].contains(" ms less"), "{text}");
}

#[tokio::test]
async fn a_graph_needs_a_terminal() {
    let error = ping(args("-K :1"), &mut Vec::new(), Screen::default(), pending()).await.unwrap_err();
    assert_eq!((error.exit_code(), error.to_string().contains("-K")), (2, true));
}
