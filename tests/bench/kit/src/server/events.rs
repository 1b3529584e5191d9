//! The server's loop. Owns its connections, and the answers that are not due yet.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use super::Shared;
use super::behaviour::Behaviour;
use super::connection::Connection;

/// How often it looks whether it shall stop, when there is nothing to do.
const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
const NO_NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// Events taken from the kernel at once.
const EVENTS: usize = 1024;

/// The loop.
pub(super) struct Events {
    epoll: OwnedFd,
    listener: TcpListener,
    listening: usize,
    behaviour: Behaviour,
    shared: Arc<Shared>,
    started_at: Instant,
    /// By the numbers of their sockets.
    connections: Vec<Option<Connection>>,
    accepted: u64,
    requests: u64,
    /// When, on which connection: number and generation.
    due: BinaryHeap<Reverse<(Duration, usize, u64)>>,
    arrivals: Vec<Duration>,
    buffer: Box<[u8]>,
}

impl Events {
    pub(super) fn new(
        listener: TcpListener,
        behaviour: Behaviour,
        shared: Arc<Shared>,
    ) -> anyhow::Result<Self> {
        listener.set_nonblocking(true).context("cannot listen without blocking")?;
        let epoll = epoll::create(CreateFlags::CLOEXEC).context("no epoll")?;
        let listening = number(&listener);
        epoll::add(&epoll, &listener, EventData::new_u64(listening as u64), EventFlags::IN)
            .context("cannot wait for connections")?;
        Ok(Self {
            epoll,
            listener,
            listening,
            behaviour,
            shared,
            started_at: Instant::now(),
            connections: Vec::new(),
            accepted: 0,
            requests: 0,
            due: BinaryHeap::new(),
            arrivals: Vec::new(),
            buffer: vec![0; 64 * 1024].into_boxed_slice(),
        })
    }

    /// Serves until it shall stop; when requests came, if that was asked for.
    pub(super) fn run(mut self) -> anyhow::Result<Vec<Duration>> {
        let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
        while !self.shared.stop.load(Ordering::Relaxed) {
            let nap = if self.behaviour.spins() { NO_NAP } else { NAP };
            epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&nap)).context("epoll failed")?;
            self.stall();
            for event in events.drain(..) {
                self.serve(event);
            }
            self.answer_due();
        }
        Ok(self.arrivals)
    }

    fn stall(&self) {
        if let Some(left) = self.behaviour.stall_left(self.started_at.elapsed()) {
            std::thread::sleep(left);
        }
    }

    fn serve(&mut self, event: Event) {
        let data = event.data;
        let Ok(number) = usize::try_from(data.u64()) else { return };
        if number == self.listening { self.accept() } else { self.take_requests(number) }
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            let number = number(&stream);
            self.accepted += 1;
            let Ok(connection) = Connection::new(stream, self.accepted) else { continue };
            let data = EventData::new_u64(number as u64);
            if epoll::add(&self.epoll, &connection.stream, data, EventFlags::IN).is_err() {
                continue;
            }
            if self.connections.len() <= number {
                self.connections.resize_with(number + 1, || None);
            }
            self.connections[number] = Some(connection);
        }
    }

    fn take_requests(&mut self, number: usize) {
        let Some(connection) = &mut self.connections[number] else { return };
        let Some(requests) = connection.requests(&mut self.buffer) else {
            // Closing a socket takes it out of the epoll, too.
            self.connections[number] = None;
            return;
        };
        let generation = connection.generation;
        match self.behaviour {
            Behaviour::Constant | Behaviour::Stalling { .. } => self.answer(number, requests),
            Behaviour::Noting => {
                let now = self.started_at.elapsed();
                self.arrivals.extend((0..requests).map(|_| now));
                self.answer(number, requests);
            }
            Behaviour::Bimodal { .. } => self.delay(number, generation, requests),
        }
    }

    fn delay(&mut self, number: usize, generation: u64, requests: u64) {
        let now = self.started_at.elapsed();
        for _ in 0..requests {
            self.requests += 1;
            let delay = self.behaviour.delay(self.requests).unwrap_or_default();
            self.due.push(Reverse((now + delay, number, generation)));
        }
    }

    fn answer_due(&mut self) {
        while let Some(Reverse((due, number, generation))) = self.due.peek().copied() {
            if due > self.started_at.elapsed() {
                break;
            }
            self.due.pop();
            if self.connections[number].as_ref().is_some_and(|it| it.generation == generation) {
                self.answer(number, 1);
            }
        }
    }

    fn answer(&mut self, number: usize, times: u64) {
        let Some(connection) = &mut self.connections[number] else { return };
        // Counted first: whoever has read an answer may look at the count at once.
        self.shared.answers.fetch_add(times, Ordering::Release);
        if !connection.answer(times) {
            self.shared.answers.fetch_sub(times, Ordering::Release);
            self.connections[number] = None;
        }
    }
}

/// What epoll knows it by.
fn number(socket: &impl AsRawFd) -> usize {
    usize::try_from(socket.as_raw_fd()).unwrap_or_default()
}
