//! The stand-alone forwarder: its backends are all the addresses that a name has, looked up again and again.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use dockercoins_kit::Replica;
use dockercoins_kit::replica::Readiness;
use dockercoins_kit::settings::duration;
use tokio::net::{TcpListener, lookup_host};
use tokio::time::{MissedTickBehavior, interval};

use crate::backends::Backends;
use crate::forwarder::serve;

/// What to forward to.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    /// Where to forward: connections go to all addresses of HOST, in turn
    #[arg(long, env = "FORWARD_TO", value_name = "HOST:PORT", value_parser = parse_target)]
    pub to: String,
    /// How often to look the name up again
    #[arg(long, env = "RESOLVE_EVERY", value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub resolve_every: Duration,
}

/// Forwards until the replica closes, then lets the open connections finish, for 5 s at most. Ready once the name has been
/// resolved; clients that come before wait for the first try. A name that cannot be resolved is no error: the last known
/// addresses stay, and it is looked up again. So nothing makes it fail; it returns a result because every service does.
pub async fn run(listener: TcpListener, replica: Replica, settings: Settings) -> Result<(), Infallible> {
    let mut name =
        Name { to: settings.to, backends: Backends::new(), readiness: replica.readiness, failing: false };
    name.readiness.set(false);
    tokio::select! {
        () = name.look_up() => {}
        () = replica.shutdown.closing() => return Ok(()),
    }
    let backends = name.backends.clone();
    tokio::select! {
        never = name.keep_resolved(settings.resolve_every) => match never {},
        () = serve(listener, backends, replica.shutdown.closing()) => Ok(()),
    }
}

/// A name, and where it led when it was last resolved.
struct Name {
    to: String,
    backends: Backends,
    readiness: Readiness,
    failing: bool,
}

impl Name {
    async fn keep_resolved(&mut self, every: Duration) -> Infallible {
        let mut ticks = interval(every.max(Duration::from_millis(10)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look_up().await;
        }
    }

    async fn look_up(&mut self) {
        match lookup_host(&self.to).await {
            Ok(addresses) => {
                self.backends.set(&addresses.collect::<Vec<SocketAddr>>());
                self.readiness.set(true);
                self.failing = false;
            }
            // One line per outage, not one per look-up.
            Err(error) if !self.failing => {
                tracing::warn!(to = %self.to, %error, "cannot resolve the name; trying again");
                self.failing = true;
            }
            Err(_) => {}
        }
    }
}

fn parse_target(text: &str) -> Result<String, String> {
    let port =
        text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(1..)) => Ok(text.to_owned()),
        _ => Err("expected HOST:PORT, such as rng:80".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockercoins_kit::shutdown::shutdown;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    const DEADLINE: Duration = Duration::from_secs(10);

    #[test]
    fn a_target_needs_a_host_and_a_port() {
        assert!(parse_target("rng:80").is_ok());
        assert!(parse_target("[::1]:80").is_ok());
        for wrong in ["rng", ":80", "rng:", "rng:0", "rng:http", "rng:70000"] {
            assert!(parse_target(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn forwards_to_a_name_until_closed_and_finishes_what_is_open() {
        let replica = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = format!("localhost:{}", replica.local_addr().unwrap().port());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (trigger, shutdown) = shutdown();
        let settings = Settings { to, resolve_every: Duration::from_millis(10) };
        let forward = Replica::new("forward", "test", shutdown);
        let running = tokio::spawn(run(listener, forward.clone(), settings));
        // Nobody is turned away before the name is resolved.
        let connect = async { tokio::join!(TcpStream::connect(address), replica.accept()) };
        let (client, accepted) = timeout(DEADLINE, connect).await.unwrap();
        let (mut client, mut accepted) = (client.unwrap(), accepted.unwrap().0);
        assert!(forward.is_ready());
        trigger.close();
        accepted.write_all(b"late").await.unwrap();
        drop(accepted);
        let mut answer = String::new();
        timeout(DEADLINE, client.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert_eq!(answer, "late");
        drop(client);
        timeout(DEADLINE, running).await.unwrap().unwrap().unwrap();
    }
}
