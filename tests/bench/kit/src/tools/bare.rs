//! The floor: a client that sends and receives and does nothing else. It makes the three calls that no client over sockets can do
//! without, knows how long an answer is because the first one was as long, and looks at the clock once a turn. What it costs, the
//! kernel costs.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::{RecvFlags, SendFlags};

use super::text::{after, count_after};
use super::{Load, Pace, Reading, Tool};

/// What one receive may bring.
const BUFFER: usize = 64 * 1024;

/// The benchmark's own program, told with [`FLAG`] to be the client.
#[derive(Clone, Copy, Debug)]
pub struct Bare;

/// What makes a benchmark the client, followed by what [`run`] takes.
pub const FLAG: &str = "--bare";

impl Tool for Bare {
    fn name(&self) -> &'static str {
        "bare"
    }

    fn program(&self) -> PathBuf {
        std::env::current_exe().unwrap_or_default()
    }

    fn command(&self, load: &Load) -> Option<Command> {
        let Pace::For(lasting) = load.pace else { return None };
        if load.fresh {
            return None;
        }
        let authority = load.url.strip_prefix("http://")?.split('/').next()?;
        let mut command = Command::new(self.program());
        command.args([FLAG, authority, &load.connections.to_string(), &lasting.as_secs().to_string()]);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let successes = count_after(output, "answers")?;
        let per_second = after(output, "a second")?;
        Ok(Reading { successes, errors: 0, per_second, quantiles: Vec::new() })
    }
}

/// Is the client: `arguments` are an authority, a number of connections and of seconds. What it prints, [`Bare`] reads.
pub fn run(arguments: &[String]) -> anyhow::Result<String> {
    let [authority, connections, seconds] = arguments else { anyhow::bail!("three arguments, please") };
    let request = format!("GET / HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    let lasting = Duration::from_secs(seconds.parse()?);
    let streams: Vec<TcpStream> =
        (0..connections.parse()?).map(|_| TcpStream::connect(authority)).collect::<Result<_, _>>()?;
    let length = length_of_an_answer(streams.first().context("no connection")?, &request)?;
    let began_at = Instant::now();
    let answers = exchange(&streams, request.as_bytes(), length, began_at + lasting)?;
    Ok(format!("answers {answers}\na second {:.1}\n", answers as f64 / began_at.elapsed().as_secs_f64()))
}

fn length_of_an_answer(mut stream: &TcpStream, request: &str) -> anyhow::Result<usize> {
    stream.write_all(request.as_bytes())?;
    let mut answer = vec![0; BUFFER];
    // One that comes in pieces would have the next exchange begin with the rest of it, and break off there.
    Ok(stream.read(&mut answer)?)
}

/// Keeps one request in flight on each of `streams` until `end`; how many were answered.
fn exchange(streams: &[TcpStream], request: &[u8], length: usize, end: Instant) -> anyhow::Result<u64> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    for (number, stream) in streams.iter().enumerate() {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        epoll::add(&epoll, stream, EventData::new_u64(number as u64), EventFlags::IN | EventFlags::ET)?;
        rustix::net::send(stream, request, SendFlags::NOSIGNAL)?;
    }
    let mut events: Vec<Event> = Vec::with_capacity(streams.len());
    let mut buffer = vec![0; BUFFER];
    let (mut answers, mut received) = (0, vec![0; streams.len()]);
    while Instant::now() < end {
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let number = usize::try_from(event.data.u64())?;
            let (stream, received) = (&streams[number], &mut received[number]);
            let (_, more) = rustix::net::recv(stream, &mut buffer[..], RecvFlags::empty())?;
            anyhow::ensure!(more > 0, "the server has closed a connection");
            *received += more;
            if *received >= length {
                anyhow::ensure!(*received == length, "answers differ in length");
                (answers, *received) = (answers + 1, 0);
                rustix::net::send(stream, request, SendFlags::NOSIGNAL)?;
            }
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Behaviour, Served, Server};

    #[test]
    fn it_counts_the_answers_that_the_server_gave() {
        let server = Server::start(0, Behaviour::Constant).unwrap();
        let load =
            Load { url: server.url(), connections: 3, pace: Pace::For(Duration::from_secs(1)), fresh: false };
        let arguments: Vec<String> = Bare
            .command(&load)
            .unwrap()
            .get_args()
            .skip(1)
            .map(|it| it.to_string_lossy().into_owned())
            .collect();
        let reading = Bare.read(&run(&arguments).unwrap()).unwrap();
        // One was to learn the length, and one a connection may be in flight.
        let answered = server.answered().unwrap();
        assert!((1..=1 + 3).contains(&(answered - reading.successes)), "{answered} {reading:?}");
    }

    #[test]
    fn it_takes_only_what_it_can_do() {
        let load = Load { url: "http://h/".into(), connections: 1, pace: Pace::Requests(1), fresh: false };
        assert!(Bare.command(&load).is_none());
        let load = Load { pace: Pace::For(Duration::from_secs(1)), fresh: true, ..load };
        assert!(Bare.command(&load).is_none());
    }
}
