//! A name, looked up again and again: its addresses are the backends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::{MissedTickBehavior, interval};

use crate::backends::Backends;

/// A name, and where it led when it was last resolved.
pub(crate) struct Name {
    to: String,
    backends: Backends,
    failing: bool,
}

impl Name {
    /// `HOST:PORT`, not looked up yet.
    pub(crate) fn new(to: String) -> Self {
        Self { to, backends: Backends::new(), failing: false }
    }

    /// What it leads to, now and later.
    pub(crate) fn backends(&self) -> Backends {
        self.backends.clone()
    }

    /// Looks it up for as long as it is polled. A name that cannot be resolved keeps the addresses that it had.
    pub(crate) async fn keep_resolved(mut self, every: Duration) -> Infallible {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_vanishes_keeps_its_addresses() {
        let mut name = Name::new("localhost:80".into());
        name.look_up().await;
        let known = name.backends().counts();
        assert!(!known.is_empty());
        // A label of more than 63 characters fails without any name server being asked.
        name.to = format!("{}:80", "x".repeat(64));
        name.look_up().await;
        assert_eq!(name.backends().counts(), known);
    }
}
