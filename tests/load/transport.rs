//! How requests travel: Unix sockets, address families, redirects, and what of them arrives.

use std::fs;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::harness::bench::{Load, load, load_of_any_end, run};
use crate::harness::machine;
use crate::harness::scripted::{Scripted, Then};
use crate::harness::service::Service;
use crate::harness::unix_socket;

/// A server that writes down what came in, head and body.
struct Listening {
    server: Scripted,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Listening {
    fn start() -> Self {
        let heard = Arc::<Mutex<Vec<(String, String)>>>::default();
        let writing = Arc::clone(&heard);
        let server = Scripted::start(move |visit| {
            let body = String::from_utf8_lossy(&visit.body).into_owned();
            writing.lock().expect("no answer panics").push((visit.head.clone(), body));
            visit.answer("200 OK", "ok")
        });
        Self { server, heard }
    }

    /// Sends so many requests in turn, and returns the heads and bodies that arrived.
    #[track_caller]
    fn hear(&self, requests: &str, arguments: &[&str]) -> Vec<(String, String)> {
        let load = load(&[&["-n", requests, "-c", "1"], arguments].concat());
        assert_eq!(load.outcome("200").to_string(), requests, "{}", load.report);
        std::mem::take(&mut *self.heard.lock().expect("no answer panics"))
    }

    /// The paths of so many requests.
    #[track_caller]
    fn paths(&self, requests: &str, arguments: &[&str]) -> Vec<String> {
        let path = |(head, _): &(String, String)| head.split(' ').nth(1).expect("a path").to_owned();
        self.hear(requests, arguments).iter().map(path).collect()
    }

    fn url(&self, path: &str) -> String {
        self.server.url(path)
    }
}

/// The values of a header, whatever the case of its name.
fn header<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

fn echo() -> Service {
    Service::start("echo", &[])
}

#[test]
fn a_unix_socket_stands_in_for_the_host() {
    let (listening, folder) = (Listening::start(), tempfile::tempdir().expect("a folder"));
    let socket = folder.path().join("socket");
    unix_socket::front(&socket, listening.server.address);
    let socket = socket.to_str().expect("a path");
    let heard = listening.hear("4", &["--unix-socket", socket, "http://nowhere.invalid/path"]);
    assert_eq!(heard.len(), 4);
    assert!(heard.iter().all(|(head, _)| head.starts_with("GET /path ")), "{heard:?}");
    assert_eq!(header(&heard[0].0, "host"), ["nowhere.invalid"]);
}

#[test]
fn a_redirect_is_an_answer_unless_it_is_followed() {
    let server = Scripted::start(|visit| {
        let location = match visit.head.split(' ').nth(1) {
            Some("/a") => "/b",
            Some("/b") => "/c",
            Some("/loop") => "/loop",
            _ => return visit.answer("200 OK", "ok"),
        };
        visit.write(
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").as_bytes(),
        );
        Then::Keep
    });
    let outcomes = |redirects: &[&str], path: &str| {
        let load = load(&[&["-n", "10", "-c", "2"], redirects, &[&server.url(path)]].concat());
        [load.outcome("200"), load.outcome("302")]
    };
    assert_eq!(outcomes(&[], "/a"), [0, 10]);
    let before = server.requests();
    assert_eq!(outcomes(&["--redirects", "2"], "/a"), [10, 0]);
    assert_eq!(server.requests() - before, 30);
    assert_eq!(outcomes(&["--redirects", "5"], "/b"), [10, 0]);
}

#[test]
fn redirects_without_end_come_to_one() {
    let server = Scripted::start(|visit| {
        visit.write(b"HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
        Then::Keep
    });
    let load = load_of_any_end(&["-n", "10", "-c", "2", "--redirects", "3", &server.url("/loop")]);
    assert_eq!((server.requests(), load.count("requests.scheduled")), (40, 10));
    assert_eq!(load.outcomes().len(), 1, "{}", load.report);
}

#[test]
fn urls_are_requested_in_turn() {
    let listening = Listening::start();
    let urls = ["/a", "/b?x=1", "/c"].map(|path| listening.url(path));
    let arguments = urls.each_ref().map(String::as_str);
    assert_eq!(listening.paths("5", &arguments), ["/a", "/b?x=1", "/c", "/a", "/b?x=1"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("urls");
    fs::write(&file, format!("{}\n\n{}\r\n", urls[0], urls[1])).expect("a file");
    let from = ["--urls-from", file.to_str().expect("a path")];
    assert_eq!(listening.paths("3", &from), ["/a", "/b?x=1", "/a"]);
    assert_eq!(listening.paths("4", &[&from[..], &[&urls[2]]].concat()).len(), 4);
}

#[test]
fn bodies_are_sent_in_turn_or_as_they_are() {
    let (listening, folder) = (Listening::start(), tempfile::tempdir().expect("a folder"));
    let (file, url) = (folder.path().join("bodies"), listening.url("/"));
    fs::write(&file, "one\ntwo\n").expect("a file");
    let file = file.to_str().expect("a path");
    let bodies = |flags: &[&str]| {
        let heard = listening.hear("3", &[&["-m", "POST"], flags, &[url.as_str()]].concat());
        heard.into_iter().map(|(_, body)| body).collect::<Vec<_>>()
    };
    assert_eq!(bodies(&["--bodies-from", file]), ["one", "two", "one"]);
    assert_eq!(bodies(&["-D", file]), ["one\ntwo\n"; 3]);
    assert_eq!(bodies(&["-d", "Grüße"]), ["Grüße"; 3]);
}

#[test]
fn what_is_asked_for_arrives() {
    let listening = Listening::start();
    let flags = ["-m", "PUT", "-H", "X-A: 1", "-H", "x-b:two", "-d", "{}", "-T", "application/json"];
    let more = ["-A", "text/plain", "-a", "user:pass:word", "--host", "other.example"];
    let arrived = listening.hear("1", &[&flags[..], &more, &[&listening.url("/path?a=b%20c")]].concat());
    let (head, body) = &arrived[0];
    assert!(head.starts_with("PUT /path?a=b%20c HTTP/1.1\r\n"), "{head}");
    let expected = [
        ("x-a", "1"),
        ("x-b", "two"),
        ("content-type", "application/json"),
        ("accept", "text/plain"),
        ("host", "other.example"),
        ("content-length", "2"),
        ("authorization", "Basic dXNlcjpwYXNzOndvcmQ="),
    ];
    for (name, value) in expected {
        assert_eq!(header(head, name), [value], "{name} in {head}");
    }
    assert_eq!(body, "{}");
}

#[test]
fn a_header_that_is_given_takes_the_place_of_our_own() {
    let listening = Listening::start();
    let flags = [
        "-H",
        "Host: a.example",
        "-H",
        "User-Agent: me",
        "-H",
        "Accept: image/png",
        "-d",
        "x",
        "-H",
        "Content-Type: b/c",
    ];
    let heard = listening.hear("1", &[&flags[..], &[&listening.url("/")]].concat());
    for (name, value) in
        [("host", "a.example"), ("user-agent", "me"), ("accept", "image/png"), ("content-type", "b/c")]
    {
        assert_eq!(header(&heard[0].0, name), [value], "{name} in {}", heard[0].0);
    }
}

#[test]
fn head_has_no_body_whatever_its_length() {
    let server = Scripted::start(|visit| {
        visit.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        Then::Keep
    });
    let load = load(&["-n", "10", "-c", "1", "-m", "HEAD", "-t", "5s", &server.url("/")]);
    assert_eq!((load.outcome("200"), server.connections(), load.count("traffic.body_bytes")), (10, 1, 0));
}

#[test]
fn head_has_no_body_over_http2_either() {
    let echo = echo();
    for path in ["/", "/bytes/1000", "/bytes/0", "/chunked/1000", "/status/404", "/status/204"] {
        let url = format!("http://{}{path}", echo.address());
        let load = load(&["-n", "10", "-c", "1", "-m", "HEAD", "--http2", "-t", "5s", &url]);
        let answered = ["200", "204", "404"].map(|status| load.outcome(status)).iter().sum::<u64>();
        assert_eq!((answered, load.count("traffic.connections")), (10, 1), "{path}: {}", load.report);
        assert_eq!(load.count("traffic.body_bytes"), 0, "{path}");
    }
}

#[test]
fn placeholders_are_filled_in_for_each_request() {
    let (listening, folder) = (Listening::start(), tempfile::tempdir().expect("a folder"));
    let file = folder.path().join("words");
    fs::write(&file, "red\ngreen\n").expect("a file");
    let line = format!("{{{{line {}}}}}", file.to_str().expect("a path"));
    let url = listening.url("/{{counter}}/{{counter 100}}/{{hex 16}}/{{random 3..5}}/{{pick a|b}}");
    let header_line = format!("X-Word: {line}");
    let heard = listening.hear("6", &["--template", "-H", &header_line, "-d", "id={{uuid}}", &url]);
    let parts = |head: &str| {
        head.split(' ').nth(1).expect("a path").split('/').map(str::to_owned).collect::<Vec<_>>()
    };
    let all: Vec<Vec<String>> = heard.iter().map(|(head, _)| parts(head)).collect();
    let first: usize = all[0][1].parse().expect("a number");
    for (number, (parts, (head, body))) in all.iter().zip(&heard).enumerate() {
        assert_eq!([&parts[1], &parts[2]], [&(first + number).to_string(), &(100 + number).to_string()]);
        assert!(parts[3].len() == 16 && parts[3].bytes().all(|digit| digit.is_ascii_hexdigit()), "{parts:?}");
        assert!(
            ["3", "4", "5"].contains(&parts[4].as_str()) && ["a", "b"].contains(&parts[5].as_str()),
            "{parts:?}"
        );
        assert_eq!(header(head, "x-word"), [["red", "green"][number % 2]]);
        assert_eq!((body.len(), header(head, "content-length")), (39, vec!["39"]), "{body}");
    }
    assert!(all.iter().any(|parts| parts[3] != all[0][3]), "{all:?}");
}

#[test]
fn braces_without_the_flag_are_only_braces() {
    let listening = Listening::start();
    let heard = listening.hear("1", &["-d", "{{counter}}", &listening.url("/")]);
    assert_eq!(heard[0].1, "{{counter}}");
}

#[test]
fn an_address_family_can_be_left_out() {
    let server = Scripted::start(|visit| visit.answer("200 OK", "ok"));
    let url = format!("http://localhost:{}/", server.address.port());
    assert_eq!(load(&["-n", "4", "-c", "2", "-4", &url]).outcome("200"), 4);
    let other = run(&["-n", "4", "-c", "2", "-6", &url]);
    assert_eq!(other.status.code(), Some(4), "nobody listens at ::1: {other:?}");
    let said = run(&["-n", "4", "-c", "2", "-6", &server.url("/")]);
    assert!(matches!(said.status.code(), Some(2 | 4)), "an IPv4 address is no IPv6 address: {said:?}");
}

#[test]
fn ipv6_addresses_are_loaded() {
    if TcpListener::bind("[::1]:0").is_err() {
        return; // A machine without IPv6.
    }
    let echo = Service::on("[::1]:0", "echo", &[]);
    let url = format!("http://{}/", echo.address());
    for flags in [&[][..], &["-6"]] {
        assert_eq!(load(&[&["-n", "4", "-c", "2"], flags, &[&url]].concat()).outcome("200"), 4);
    }
}

#[test]
fn targets_may_be_written_short() {
    let listening = Listening::start();
    let port = listening.server.address.port();
    for target in [format!(":{port}"), format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        assert_eq!(listening.paths("1", &[&target]), ["/"], "{target}");
    }
    assert_eq!(listening.paths("1", &[&format!("127.0.0.1:{port}/a?b")]), ["/a?b"]);
}

#[test]
fn a_connection_is_replaced_as_often_as_told() {
    let connections = |flags: &[&str]| {
        let server = Scripted::start(|visit| visit.answer("200 OK", "ok"));
        let load = load(&[&["-n", "20", "-c", "1"], flags, &[&server.url("/")]].concat());
        assert_eq!(
            (load.outcome("200"), load.count("traffic.connections")),
            (20, server.connections() as u64)
        );
        server.connections()
    };
    assert_eq!(connections(&[]), 1);
    assert_eq!(connections(&["--connections-max-requests", "5"]), 4);
    assert_eq!(connections(&["--disable-keepalive"]), 20);
    assert_eq!(connections(&["-disable-keepalive"]), 20, "as hey writes it");
}

#[test]
fn two_thousand_connections_are_open_at_once() {
    let _turn = machine::busy();
    let echo = echo();
    let url = format!("http://{}/delay/1s", echo.address());
    let load: Load = load(&["-n", "2000", "-c", "2000", &url]);
    assert_eq!((load.outcomes(), load.count("traffic.connections")), (vec![("200", 2000)], 2000));
    assert!(load.number("took_s") < 15.0, "{}", load.report["took_s"]);
}
