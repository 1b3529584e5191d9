//! What can be made to go wrong in one replica, through the admin port.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt;
use serde::{Deserialize, Serialize};

/// The faults in force; all off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the keys of a JSON object, each a fault of its own")]
pub struct FaultSettings {
    /// Added before each answer, outside the station.
    pub added_delay_ms: f64,
    /// Share of requests answered with 503, from 0 to 1.
    pub error_share: f64,
    /// Requests are accepted and never answered.
    pub hang: bool,
    /// The process aborts, as soon as this is answered.
    pub crash: bool,
    /// `/healthz` fails.
    pub fail_liveness: bool,
    /// `/readyz` fails.
    pub fail_readiness: bool,
}

/// What a fault makes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Serve it.
    Serve,
    /// Answer that the service is unavailable.
    Refuse,
}

/// The faults of a replica; clones share them.
#[derive(Clone, Debug)]
pub struct Faults {
    enabled: bool,
    settings: Arc<Mutex<FaultSettings>>,
}

impl Faults {
    /// No faults; `enabled` says whether any may be set later.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, settings: Arc::default() }
    }

    /// The faults in force.
    pub fn settings(&self) -> FaultSettings {
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the faults in force by those that `json` names; the error is one line with the remedy.
    pub fn replace(&self, json: &[u8]) -> Result<FaultSettings, String> {
        if !self.enabled {
            return Err("faults are off; start the service with --enable-faults (ENABLE_FAULTS=true)".into());
        }
        let settings: FaultSettings = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if !(0.0..=1.0).contains(&settings.error_share) {
            return Err(format!("error_share is {}, but must lie between 0 and 1", settings.error_share));
        }
        if !(0.0..=3_600_000.0).contains(&settings.added_delay_ms) {
            return Err(format!(
                "added_delay_ms is {}, but must lie between 0 and 3600000",
                settings.added_delay_ms
            ));
        }
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings;
        if settings.crash {
            tokio::spawn(crash_soon());
        }
        Ok(settings)
    }

    /// Does to one request what the faults in force ask for.
    pub async fn strike(&self) -> Verdict {
        if !self.enabled {
            return Verdict::Serve;
        }
        let faults = self.settings();
        if faults.hang {
            std::future::pending::<()>().await;
        }
        if faults.added_delay_ms > 0.0 {
            tokio::time::sleep(Duration::from_secs_f64(faults.added_delay_ms / 1e3)).await;
        }
        let refuse = faults.error_share > 0.0 && rand::rng().random::<f64>() < faults.error_share;
        if refuse { Verdict::Refuse } else { Verdict::Serve }
    }
}

/// Whoever asked for it gets an answer first.
async fn crash_soon() {
    tracing::error!("crashing, as the admin port asked for");
    tokio::time::sleep(Duration::from_millis(20)).await;
    std::process::abort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_must_be_enabled_first() {
        let error = Faults::new(false).replace(b"{}").unwrap_err();
        assert!(error.contains("--enable-faults"), "{error}");
    }

    #[test]
    fn a_wrong_fault_is_named_and_leaves_the_others_alone() {
        let faults = Faults::new(true);
        faults.replace(br#"{"error_share": 0.5}"#).unwrap();
        for (json, key) in
            [(&br#"{"eror_share": 1}"#[..], "eror_share"), (br#"{"error_share": 2}"#, "error_share")]
        {
            assert!(faults.replace(json).unwrap_err().contains(key));
        }
        assert!((faults.settings().error_share - 0.5).abs() < f64::EPSILON);
    }

    #[tokio::test]
    async fn the_error_share_is_kept() {
        let faults = Faults::new(true);
        faults.replace(br#"{"error_share": 0.5}"#).unwrap();
        let mut refused = 0;
        for _ in 0..2000 {
            refused += i32::from(faults.strike().await == Verdict::Refuse);
        }
        assert!((850..1150).contains(&refused), "{refused}");
    }
}
