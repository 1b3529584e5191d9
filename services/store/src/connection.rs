//! One client's connection. It reads while it writes, as Redis does: a client may send a pipeline of any length before
//! it looks at the first answer, so waiting for it to take an answer must not stop the reading.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::journal::Error;
use crate::request::Parser;
use crate::server::Shared;
use crate::session::{Answer, Session};

/// With this much unsent, nothing more is read or executed until the client takes some, in bytes.
const MAX_UNSENT: usize = 64 << 20;
/// Room for answers beyond this is given back once they are sent, in bytes.
const KEEP: usize = 1 << 20;
/// Long enough for the runtime to hear of what the kernel has received already.
const LAST_CALL: Duration = Duration::from_millis(1);

/// How far a connection is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// More requests may come.
    Open,
    /// No more is read; what was received is yet to be executed.
    Finishing,
    /// No more is executed; what was answered is yet to be sent.
    Leaving,
}

/// Why a connection ends early.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    Socket(#[from] io::Error),
    #[error(transparent)]
    Journal(#[from] Error),
}

struct Connection {
    stream: TcpStream,
    shared: Arc<Shared>,
    parser: Parser,
    session: Session,
    phase: Phase,
    /// Answers, of which the first `sent` bytes are sent.
    answers: Vec<u8>,
    sent: usize,
}

/// Serves one client until it leaves or the store stops.
pub(crate) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Answers are already gathered into one write; a socket without the option is slower, not broken.
    let _ = stream.set_nodelay(true);
    let mut connection = Connection {
        session: Session::new(shared.next_client(), shared.access()),
        stream,
        shared,
        parser: Parser::for_clients(),
        phase: Phase::Open,
        answers: Vec::new(),
        sent: 0,
    };
    let end = connection.converse().await;
    connection.shared.database().leave(&mut connection.session);
    match end {
        Ok(()) => {}
        Err(End::Socket(error)) => tracing::debug!("client {} is gone: {error}", connection.session.id()),
        Err(End::Journal(error)) => connection.shared.fail(error),
    }
}

impl Connection {
    async fn converse(&mut self) -> Result<(), End> {
        let shared = Arc::clone(&self.shared);
        let mut stopping = pin!(shared.stopping());
        loop {
            let starved = self.execute()?;
            self.send()?;
            if self.phase == Phase::Leaving && self.unsent() == 0 {
                return Ok(self.stream.shutdown().await?);
            }
            if !starved && self.unsent() == 0 {
                continue;
            }
            tokio::select! {
                biased;
                () = &mut stopping, if self.phase == Phase::Open => {
                    // What has arrived by now counts as received in time.
                    let _ = timeout(LAST_CALL, self.stream.readable()).await;
                    self.receive()?;
                    self.finish();
                }
                ready = self.stream.ready(self.interest()) => {
                    if ready?.is_readable() {
                        self.receive()?;
                    }
                }
            }
        }
    }

    /// What to wait for; never nothing, since an open connection reads unless it has something to send.
    fn interest(&self) -> Interest {
        let reading = self.phase == Phase::Open && self.unsent() < MAX_UNSENT;
        match (reading, self.unsent() > 0) {
            (true, true) => Interest::READABLE | Interest::WRITABLE,
            (true, false) => Interest::READABLE,
            (false, _) => Interest::WRITABLE,
        }
    }

    /// Executes the complete requests received, as long as there is room for answers; whether none is left.
    fn execute(&mut self) -> Result<bool, Error> {
        let shared = Arc::clone(&self.shared);
        let mut database = shared.database();
        while self.phase != Phase::Leaving && self.unsent() < MAX_UNSENT {
            match self.parser.next() {
                Ok(Some(words)) => {
                    let answer = database.execute(&mut self.session, &words);
                    self.answer(&answer);
                }
                Ok(None) if self.phase == Phase::Open => break,
                Ok(None) => self.phase = Phase::Leaving,
                Err(error) => self.answer(&Answer::Farewell(Failure::Protocol(error).into())),
            }
        }
        let starved = self.phase == Phase::Leaving || self.unsent() < MAX_UNSENT;
        database.commit()?;
        Ok(starved)
    }

    fn answer(&mut self, answer: &Answer) {
        match answer {
            Answer::Reply(reply) => reply.encode(self.session.protocol(), &mut self.answers),
            Answer::Farewell(reply) => {
                reply.encode(self.session.protocol(), &mut self.answers);
                self.phase = Phase::Leaving;
            }
            Answer::Shutdown => {
                self.phase = Phase::Leaving;
                self.shared.stop();
            }
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        match self.stream.try_read_buf(self.parser.buffer()) {
            Ok(0) => self.finish(),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn finish(&mut self) {
        if self.phase == Phase::Open {
            self.phase = Phase::Finishing;
        }
    }

    /// Sends as much as the socket takes at once.
    fn send(&mut self) -> io::Result<()> {
        while self.unsent() > 0 {
            match self.stream.try_write(&self.answers[self.sent..]) {
                Ok(length) => self.sent += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.drop_sent();
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        self.answers.clear();
        self.answers.shrink_to(KEEP);
        self.sent = 0;
        Ok(())
    }

    /// Makes room for more answers, but not so often that moving the rest would cost more than sending it.
    fn drop_sent(&mut self) {
        if self.sent > self.unsent() {
            self.answers.drain(..self.sent);
            self.sent = 0;
        }
    }

    fn unsent(&self) -> usize {
        self.answers.len() - self.sent
    }
}
