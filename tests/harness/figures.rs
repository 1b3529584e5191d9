//! What the page shows: how much has been hashed, and when that was.

use std::net::SocketAddr;

use serde_json::Value;

use super::http::get;

/// The page's figures at an instant of its own clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) hashes: u64,
    now: f64,
}

impl Figures {
    /// What `/json` says; `None` while nobody answers, or nothing was counted yet.
    pub(crate) fn of(webui: SocketAddr) -> Option<Self> {
        let answer = get(webui, "/json");
        let json = (answer.status == 200).then(|| answer.json())?;
        Self::parse(&json)
    }

    /// An answer of `/json` that somebody else has got; `None` if nothing was counted yet.
    pub(crate) fn parse(json: &Value) -> Option<Self> {
        let hashes = json["hashes"].as_str()?.parse().ok()?;
        Some(Self { hashes, now: json["now"].as_f64()? })
    }

    /// Hashes a second since then.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub(crate) fn speed_since(self, then: Self) -> f64 {
        (self.hashes - then.hashes) as f64 / (self.now - then.now)
    }
}
