//! What the stand-alone forwarder is told, from flags and environment.

use std::time::Duration;

use dockercoins_kit::settings::duration;

use crate::route::{Route, route, target};

/// What to forward to.
#[derive(Clone, Debug, clap::Args)]
pub struct Settings {
    #[command(flatten)]
    pub(crate) destination: Destination,

    /// How often to look the names up again
    #[arg(long, env = "RESOLVE_EVERY", value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub(crate) resolve_every: Duration,
}

/// Either of the two.
#[derive(Clone, Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Destination {
    /// Where to forward what comes in at --listen: to all addresses of HOST, in turn
    #[arg(long, env = "FORWARD_TO", value_name = "HOST:PORT", value_parser = target)]
    pub(crate) to: Option<String>,

    /// A port of every address, 0 for any free one, and where to forward what comes in there; may be repeated
    #[arg(
        long = "route",
        env = "FORWARD_ROUTES",
        value_name = "PORT=HOST:PORT",
        value_delimiter = ',',
        value_parser = route
    )]
    pub(crate) routes: Vec<Route>,
}

impl Settings {
    /// Whether the ports to listen on are those of the routes.
    pub fn has_routes(&self) -> bool {
        !self.destination.routes.is_empty()
    }
}
