//! `cargo bench --bench throughput`: how many hashes a second the application turns over with every delay set to zero, and
//! what share that is of the physical work: the same bytes over the same number of loopback round trips, without HTTP,
//! redis or a station; and the bare computation.
//!
//! Each round measures the application and the bare round trips in turn, so that a noisy machine disturbs both alike.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const WARM_UP: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(3);

/// Loops and processes that turned out to help most on two cores.
const WORKERS: usize = 2;
const CONCURRENCY: usize = 16;

/// What must be reached on two cores.
const TARGET: f64 = 20_000.0;

/// Bytes of a request and an answer of rng and of hasher, headers included.
const EXCHANGES: [(usize, usize); 2] = [(50, 250), (150, 280)];

fn main() {
    let mut rounds: Vec<(f64, f64)> =
        (0..ROUNDS).map(|_| (application(), round_trips() / EXCHANGES.len() as f64)).collect();
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!("hashes/s   bare round trips would allow   share");
    for (hashes, bare) in &rounds {
        println!("{hashes:8.0}   {bare:28.0}   {:4.0} %", 100.0 * hashes / bare);
    }
    let (median, bare) = rounds[ROUNDS / 2];
    let computed = computation();
    println!(
        "\nmedian: {median:.0} hashes/s with {WORKERS} workers of {CONCURRENCY} loops, one rng, one hasher, one store;"
    );
    println!("{:.2} of what bare round trips of the same bytes allow;", median / bare);
    println!("{:.5} of what the computation alone allows ({computed:.0}/s on one core);", median / computed);
    println!("{:.2} of the {TARGET:.0}/s aimed at on two cores.", median / TARGET);
}

/// A service that runs until it is dropped.
struct Running {
    child: Child,
    address: Option<SocketAddr>,
    admin: SocketAddr,
}

impl Running {
    fn start(service: &str, flags: &[String]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dockercoins"))
            .arg(service)
            .args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let first = lines.next().and_then(Result::ok).expect("the service says where it listens");
        // Nobody reads the rest; a full pipe would stop the service.
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address: after(&first, " on "),
            admin: after(&first, "admin on ").expect("an admin port"),
        }
    }

    fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address.expect("it listens"))
    }

    fn cycles(&self) -> f64 {
        let mut admin = TcpStream::connect(self.admin).expect("the admin port answers");
        admin
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .expect("it takes a request");
        let mut text = String::new();
        admin.read_to_string(&mut text).expect("it answers");
        let line = text.lines().find_map(|line| line.strip_prefix("dockercoins_worker_cycles_total "));
        line.and_then(|value| value.parse().ok()).expect("it counts cycles")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn after(line: &str, word: &str) -> Option<SocketAddr> {
    let rest = &line[line.find(word)? + word.len()..];
    rest.split([',', ' ']).next()?.parse().ok()
}

/// Hashes per second of the whole application without delays.
fn application() -> f64 {
    let flags = |flags: &[&str]| flags.iter().map(ToString::to_string).collect::<Vec<_>>();
    let store = Running::start("store", &[]);
    let rng = Running::start("rng", &flags(&["--service-time", "0"]));
    let hasher = Running::start("hasher", &flags(&["--service-time", "0"]));
    let (rng_url, hasher_url, redis_url) = (rng.url("http"), hasher.url("http"), store.url("redis"));
    let concurrency = CONCURRENCY.to_string();
    let settings =
        flags(&["--think-time", "0", "--keep-alive", "--concurrency", &concurrency, "--rng-url", &rng_url]);
    let more = flags(&["--hasher-url", &hasher_url, "--redis-url", &redis_url]);
    let workers: Vec<Running> =
        (0..WORKERS).map(|_| Running::start("worker", &[settings.clone(), more.clone()].concat())).collect();
    thread::sleep(WARM_UP);
    let cycles = || workers.iter().map(Running::cycles).sum::<f64>();
    let (began, before) = (Instant::now(), cycles());
    thread::sleep(WINDOW);
    (cycles() - before) / began.elapsed().as_secs_f64()
}

/// Round trips per second between two servers and as many clients as the application has loops, all of them doing nothing
/// but reading and writing the bytes of [`EXCHANGES`] in turn.
fn round_trips() -> f64 {
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let servers = EXCHANGES.map(|(request, answer)| echo_server(request, answer));
    let clients: Vec<_> = (0..WORKERS * CONCURRENCY)
        .map(|_| {
            let (stop, done) = (Arc::clone(&stop), Arc::clone(&done));
            thread::spawn(move || client(servers, &stop, &done))
        })
        .collect();
    thread::sleep(WARM_UP);
    let (began, before) = (Instant::now(), done.load(Ordering::Relaxed));
    thread::sleep(WINDOW);
    let rate = (done.load(Ordering::Relaxed) - before) as f64 / began.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("a client ends");
    }
    rate
}

fn echo_server(request: usize, answer: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    // Ends with the program: it waits in accept, and its connections end with their clients.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer_all(stream, request, answer));
        }
    });
    address
}

fn answer_all(mut stream: TcpStream, request: usize, answer: usize) {
    stream.set_nodelay(true).expect("an option");
    let (mut question, reply) = (vec![0; request], vec![b'x'; answer]);
    while stream.read_exact(&mut question).is_ok() && stream.write_all(&reply).is_ok() {}
}

fn client(servers: [SocketAddr; 2], stop: &AtomicBool, done: &AtomicU64) {
    let mut streams = servers.map(|server| TcpStream::connect(server).expect("a connection"));
    for stream in &streams {
        stream.set_nodelay(true).expect("an option");
    }
    while !stop.load(Ordering::Relaxed) {
        for (stream, (request, answer)) in streams.iter_mut().zip(EXCHANGES) {
            stream.write_all(&vec![b'x'; request]).expect("a request is sent");
            stream.read_exact(&mut vec![0; answer]).expect("an answer comes");
        }
        done.fetch_add(EXCHANGES.len() as u64, Ordering::Relaxed);
    }
}

/// 32 random bytes and their digest, over and over, on one core: per second.
fn computation() -> f64 {
    use rand::{Rng, SeedableRng};
    use sha2::{Digest, Sha256};
    const TIMES: u32 = 2_000_000;
    let mut random = rand::rngs::SmallRng::seed_from_u64(1);
    let (mut bytes, mut coins) = ([0; 32], 0_u32);
    let began = Instant::now();
    for _ in 0..TIMES {
        random.fill_bytes(&mut bytes);
        coins += u32::from(Sha256::digest(bytes)[0] < 16);
    }
    let elapsed = began.elapsed().as_secs_f64();
    assert!(std::hint::black_box(coins) > 0);
    f64::from(TIMES) / elapsed
}
