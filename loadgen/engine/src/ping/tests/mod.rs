//! Pinging servers that answer, hang, refuse and queue: what a person reads, to the letter, times masked.

use std::future::pending;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, oneshot};

use super::*;

mod forms;
mod tls;
use crate::testing::{Behaviour, EMPTY, OK, Refusing, Server, serve};

fn args(flags: &str) -> PingArgs {
    testing::args(flags).unwrap()
}

/// The output with `a`, `b` for the ports and `_` for the times that vary.
fn masked(out: &[u8], ports: &[u16]) -> String {
    let mut text = String::from_utf8(out.to_vec()).unwrap();
    for (port, name) in ports.iter().zip(["a", "b"]) {
        text = text.replace(&format!(":{port}"), &format!(":{name}"));
    }
    for (before, after) in
        [("time=", " ms"), ("time>", " ms"), (", time ", "ms"), ("min/avg/max = ", " ms"), (">= ", " ms")]
    {
        text = mask(&text, before, after);
    }
    text
}

fn mask(text: &str, before: &str, after: &str) -> String {
    let mut pieces = text.split(before);
    let mut masked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = &piece[piece.find(after).expect(after)..];
        masked.extend([before, "_", rest]);
    }
    masked
}

async fn ping_until_done(flags: &str, ports: &[u16]) -> (PingStatus, String) {
    let mut out = Vec::new();
    let status = ping(args(flags), &mut out, Screen::default(), pending()).await.unwrap();
    (status, masked(&out, ports))
}

fn port(server: &Server) -> u16 {
    server.address.port()
}

#[tokio::test]
async fn an_answered_ping_reads_like_httping_and_shows_the_servers_times() {
    let server = serve(Behaviour::Answer(OK)).await;
    let flags = format!("-G -c 2 -i 0.01 127.0.0.1:{}/32", port(&server));
    let (status, text) = ping_until_done(&flags, &[port(&server)]).await;
    let bytes = OK.len();
    assert_eq!(
        text,
        format!(
            "PING 127.0.0.1:a (/32):\n\
             connected to 127.0.0.1:a ({bytes} bytes), seq=0 time=_ ms 200 OK queue=650.00 ms service=100.00 ms\n\
             connected to 127.0.0.1:a ({bytes} bytes), seq=1 time=_ ms 200 OK queue=650.00 ms service=100.00 ms\n\
             --- http://127.0.0.1:a/32 ping statistics ---\n\
             2 connects, 2 ok, 0.00% failed, time _ms\n\
             round-trip min/avg/max = _ ms\n"
        )
    );
    assert_eq!((status, status.exit_code()), (PingStatus::Succeeded, 0));
}

#[tokio::test]
async fn refused_pings_and_error_pages_fail() {
    let sick = serve(Behaviour::AnswerAndClose("HTTP/1.1 503 Service Unavailable\r\n\r\n")).await;
    let refusing = Refusing::new();
    let ports = [port(&sick), refusing.address().port()];
    let flags = format!("-c 1 127.0.0.1:{} 127.0.0.1:{}", ports[0], ports[1]);
    let (status, text) = ping_until_done(&flags, &ports).await;
    for line in [
        "127.0.0.1:a: connected to 127.0.0.1:a (36 bytes), seq=0 time=_ ms 503 Service Unavailable\n",
        "127.0.0.1:b: cannot connect to 127.0.0.1:b: Connection refused (os error 111), seq=0 time=_ ms\n",
        "--- http://127.0.0.1:a/ ping statistics ---\n1 connects, 0 ok, 100.00% failed, time _ms\n--- ",
        "--- http://127.0.0.1:b/ ping statistics ---\n1 connects, 0 ok, 100.00% failed, time _ms\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert_eq!((status, status.exit_code()), (PingStatus::Failed, 1));
}

#[tokio::test]
async fn a_timeout_is_at_least_so_long_and_stays_in_the_statistics() {
    let server = serve(Behaviour::Hang).await;
    let flags = format!("-c 1 -t 30ms 127.0.0.1:{}", port(&server));
    let (status, text) = ping_until_done(&flags, &[port(&server)]).await;
    assert_eq!(
        text,
        "PING 127.0.0.1:a (/):\n\
         no answer within 30ms, seq=0 time>_ ms\n\
         --- http://127.0.0.1:a/ ping statistics ---\n\
         1 connects, 0 ok, 100.00% failed, time _ms\n\
         with 1 timed out and 0 still waiting: avg >= _ ms\n"
    );
    assert_eq!(status, PingStatus::Failed);
}

#[tokio::test]
async fn an_interrupt_prints_the_statistics_and_what_still_waits() {
    let server = serve(Behaviour::Hang).await;
    let (interrupt, interrupted) = oneshot::channel::<()>();
    let mut out = Vec::new();
    let flags = args(&format!("-i 10ms 127.0.0.1:{}", port(&server)));
    let stop = async { drop(interrupted.await) };
    let pinging = ping(flags, &mut out, Screen::default(), stop);
    let (status, ()) = tokio::join!(pinging, async {
        server.has_seen(1).await;
        interrupt.send(()).unwrap();
    });
    let status = status.unwrap();
    assert_eq!((status, status.exit_code()), (PingStatus::Interrupted, 130));
    let text = masked(&out, &[port(&server)]);
    assert!(text.contains("no answer yet, seq=0 time>_ ms\n"), "{text}");
    assert!(text.contains("0 connects, 0 ok, 0.00% failed, time _ms\nwith 0 timed out and "), "{text}");
    assert!(text.ends_with(" still waiting: avg >= _ ms\n"), "{text}");
}

#[tokio::test]
async fn several_urls_are_pinged_side_by_side() {
    let (quick, slow) = (serve(Behaviour::Answer(EMPTY)).await, serve(Behaviour::Hang).await);
    let ports = [port(&quick), port(&slow)];
    let flags = format!("-c 2 -i 5ms -t 2s 127.0.0.1:{} 127.0.0.1:{}/1", ports[0], ports[1]);
    let (status, text) = ping_until_done(&flags, &ports).await;
    let lines: Vec<_> = text.lines().skip(2).take(4).collect();
    let answered = |seq| {
        format!("127.0.0.1:a: connected to 127.0.0.1:a ({} bytes), seq={seq} time=_ ms 200 OK", EMPTY.len())
    };
    let timed_out = |seq| format!("127.0.0.1:b/1: no answer within 2s, seq={seq} time>_ ms");
    assert_eq!(lines, [answered(0), answered(1), timed_out(0), timed_out(1)]);
    assert_eq!(status, PingStatus::Succeeded);
}

/// Pings every 5 ms to one slot of 20 ms: each waits for all before it, all are sent in time, and the lines stay in order.
#[tokio::test]
async fn pings_queue_at_a_serial_server_and_not_in_the_client() {
    let server = serve(Behaviour::Serial(Arc::new(Mutex::new(())), Duration::from_millis(20))).await;
    let flags = format!("-c 8 -i 5ms 127.0.0.1:{}", port(&server));
    let mut out = Vec::new();
    ping(args(&flags), &mut out, Screen::default(), pending()).await.unwrap();
    let text = String::from_utf8(out).unwrap();
    let field = |line: &str, name: &str| -> f64 {
        let value = line.split_once(name).unwrap().1.trim_start();
        value[..value.find(' ').unwrap()].parse().unwrap()
    };
    let lines: Vec<_> = text.lines().filter(|line| line.contains("seq=")).collect();
    assert!(lines.iter().zip(0..8).all(|(line, seq)| line.contains(&format!("seq={seq} "))), "{text}");
    // The k-th is due at 5k ms and done at 20(k + 1) ms at the earliest.
    for (line, k) in lines.iter().zip(0..8) {
        assert!(field(line, "time=") >= 20.0 * f64::from(k + 1) - 5.0 * f64::from(k) - 1.0, "{text}");
    }
}

#[tokio::test]
async fn pings_do_not_drift() {
    let interval = Duration::from_millis(20);
    let server = serve(Behaviour::Serial(Arc::new(Mutex::new(())), Duration::from_millis(5))).await;
    let flags = args(&format!("-c 30 -i 20ms 127.0.0.1:{}", port(&server)));
    let started_at = Instant::now();
    ping(flags, &mut Vec::new(), Screen::default(), pending()).await.unwrap();
    let due = (0..30).map(|k| started_at + interval * k);
    let late: Vec<_> =
        server.arrivals().into_iter().zip(due).map(|(at, due)| at.checked_duration_since(due)).collect();
    assert!(late.iter().all(Option::is_some), "some were sent early: {late:?}");
    // If each answer delayed the next ping, the last ten would all be more than 100 ms late.
    assert!(late[20..].iter().min() < Some(&Some(Duration::from_millis(50))), "{late:?}");
}

#[tokio::test]
async fn a_flood_sends_each_ping_when_the_one_before_is_answered() {
    let server = serve(Behaviour::Serial(Arc::new(Mutex::new(())), Duration::from_millis(3))).await;
    let flags = format!("-c 20 -i 0 127.0.0.1:{}", port(&server));
    let (status, text) = ping_until_done(&flags, &[port(&server)]).await;
    assert_eq!(status, PingStatus::Succeeded);
    assert!(text.contains("20 connects, 20 ok"), "{text}");
    let together = server.arrivals().windows(2).any(|pair| pair[1] - pair[0] < Duration::from_millis(3));
    assert!(!together);
}

/// A terminal that goes away after the first line.
struct Closing(usize);

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.0.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
        self.0 = left;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_it_quietly() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    let flags = args(&format!("-i 1ms 127.0.0.1:{}", port(&server)));
    let started_at = Instant::now();
    let status = ping(flags, &mut Closing(9), Screen::default(), pending()).await.unwrap();
    assert_eq!(status, PingStatus::Succeeded);
    assert!(started_at.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn names_are_resolved() {
    let server = serve(Behaviour::Answer(EMPTY)).await;
    let (status, text) = ping_until_done(&format!("-c 1 :{}", port(&server)), &[port(&server)]).await;
    assert!(text.starts_with("PING localhost:a (/):\nconnected to 127.0.0.1:a "), "{text}");
    assert_eq!(status, PingStatus::Succeeded);
}
