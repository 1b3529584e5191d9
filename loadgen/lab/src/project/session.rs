//! A session: the application from its start until it is stopped, and the order in which both happen.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use super::control::Control;
use super::detach::Starter;
use super::error::Error;
use super::output::{Prefix, Printer, missed};
use super::plan::Plan;
use super::state_dir::Held;
use super::up::welcome;
use crate::backend::Service;
use crate::backend::local::{Ending, Followed, Follower, Stopped, Supervisor};
use crate::signals::Signals;

/// The exit code of a session that was killed by a second ^C.
const KILLED: u8 = 130;

/// For whom a session runs.
#[derive(Debug)]
pub(super) enum Audience {
    /// Somebody reads the log as it comes.
    Reader(Printer),
    /// The process that has started this one waits until the application is ready, and then leaves.
    Starter(Starter),
}

impl Audience {
    fn say(&self, line: String) {
        match self {
            Self::Reader(printer) => printer.line(line),
            // Standard output is the log file then, and a full disk must not stop the application.
            Self::Starter(_) => drop(writeln!(io::stdout(), "{line}")),
        }
    }

    /// Waits until what was said has been written.
    pub(super) async fn finish(self) {
        if let Self::Reader(printer) = self {
            printer.finish().await;
        }
    }

    async fn ready(&self, welcome: Vec<String>) {
        if let Self::Starter(starter) = self {
            starter.announce_ready(&welcome).await;
        }
        for line in welcome {
            self.say(line);
        }
    }

    /// Resolves when nobody is left to run for.
    async fn gone(&self, ready: bool) -> &'static str {
        match self {
            Self::Reader(printer) => {
                printer.closed().await;
                "nobody reads its output"
            }
            Self::Starter(starter) if !ready => {
                starter.gone().await;
                "`loadgen up` was interrupted"
            }
            Self::Starter(_) => std::future::pending().await,
        }
    }
}

/// How a session ended.
#[derive(Debug)]
enum End {
    Stopped(Stopped),
    Killed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Stopped(Stopped { endings, took }) = self else {
            return f.write_str("killed at once, as a second signal asked for");
        };
        let plural = if endings.len() == 1 { "" } else { "s" };
        write!(f, "stopped {} replica{plural} in {:.1} s", endings.len(), took.as_secs_f64())?;
        let unclean = endings.iter().filter(|(_, ending)| *ending != Ending::Exited(0));
        unclean.into_iter().try_for_each(|(replica, ending)| write!(f, "; {replica} {ending}"))
    }
}

/// Runs the application that `plan` describes until it is asked to stop, in the directory `held`, which is gone
/// afterwards.
pub(super) async fn run(held: Held, plan: Plan, audience: &Audience) -> Result<ExitCode, Error> {
    match Session::open(&held, &plan).await {
        Ok(session) => session.run(held, &plan, audience).await,
        Err(error) => {
            held.release();
            Err(error)
        }
    }
}

struct Session {
    supervisor: Supervisor,
    control: Control,
    signals: Signals,
}

impl Session {
    async fn open(held: &Held, plan: &Plan) -> Result<Self, Error> {
        let system = |doing| move |source| Error::System { doing, source };
        let signals = Signals::install().map_err(system("handle signals"))?;
        let supervisor = Supervisor::bind(plan.config.clone()).await?;
        let control =
            Control::start(&held.dir, supervisor.clone()).map_err(system("open the control socket"))?;
        Ok(Self { supervisor, control, signals })
    }

    async fn run(mut self, held: Held, plan: &Plan, audience: &Audience) -> Result<ExitCode, Error> {
        let (_, mut log) = self.supervisor.logs(&Service::ALL, 0);
        let mut prefix = Prefix::for_stdout();
        let (failure, end) = tokio::select! {
            lived = self.live(plan, audience) => lived,
            never = show(&mut log, &mut prefix, audience) => match never {},
        };
        while let Some(line) = log.now() {
            show_one(line, &mut prefix, audience);
        }
        held.release();
        audience.say(end.to_string());
        self.control.finish(end.to_string()).await;
        match (failure, end) {
            (Some(error), _) => Err(error),
            (None, End::Stopped(_)) => Ok(ExitCode::SUCCESS),
            (None, End::Killed) => Ok(KILLED.into()),
        }
    }

    /// From the start to the end.
    async fn live(&mut self, plan: &Plan, audience: &Audience) -> (Option<Error>, End) {
        let supervisor = self.supervisor.clone();
        let started = tokio::select! {
            biased;
            reason = self.reason_to_stop(audience, false) => Err(reason),
            started = supervisor.up(&plan.counts) => Ok(started),
        };
        let (reason, failure) = match started {
            Ok(Ok(())) => {
                audience.ready(welcome(&addresses(&supervisor))).await;
                (self.reason_to_stop(audience, true).await, None)
            }
            Ok(Err(error)) => ("it could not be started", Some(error.into())),
            Err(reason) => (reason, None),
        };
        audience.say(format!("stopping: {reason}"));
        (failure, self.stop().await)
    }

    async fn reason_to_stop(&mut self, audience: &Audience, ready: bool) -> &'static str {
        tokio::select! {
            signal = self.signals.next() => signal,
            () = self.control.stop_requested() => "`loadgen down`",
            gone = audience.gone(ready) => gone,
        }
    }

    async fn stop(&mut self) -> End {
        tokio::select! {
            stopped = self.supervisor.down() => End::Stopped(stopped),
            _ = self.signals.next() => {
                self.supervisor.kill();
                End::Killed
            }
        }
    }
}

fn addresses(supervisor: &Supervisor) -> Vec<(Service, std::net::SocketAddr)> {
    Service::ALL.into_iter().filter_map(|service| Some((service, supervisor.address(service)?))).collect()
}

/// Shows the log as it comes to a reader; nobody else is interested.
async fn show(log: &mut Follower, prefix: &mut Prefix, audience: &Audience) -> std::convert::Infallible {
    loop {
        match log.next().await {
            Some(line) => show_one(line, prefix, audience),
            None => std::future::pending().await,
        }
    }
}

fn show_one(line: Followed, prefix: &mut Prefix, audience: &Audience) {
    if let Audience::Reader(printer) = audience {
        printer.line(match line {
            Followed::Line(line) => prefix.line(&line.replica, &line.text),
            Followed::Missed(lines) => missed(lines),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_end_names_those_that_did_not_end_well() {
        let endings = vec![
            ("worker-1".to_owned(), Ending::Exited(0)),
            ("worker-2".to_owned(), Ending::Killed(Duration::from_secs(10))),
            ("rng-1".to_owned(), Ending::Signalled(15)),
        ];
        let end = End::Stopped(Stopped { endings, took: Duration::from_millis(340) });
        insta::assert_snapshot!(end, @"stopped 3 replicas in 0.3 s; worker-2 did not stop within 10s and was killed; rng-1 was killed by signal 15");
    }
}
