//! The throughput counter, read while a step goes on. A reading is taken at the instant halfway between question and answer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use loadgen_engine::target::Target;
use redis::AsyncTypedCommands;
use redis::aio::MultiplexedConnection;
use tokio::time::timeout;

use super::application::Application;
use super::error::DriveError;
use super::plan::Counter;
use super::{exposition, fetch};

/// What Redis gets to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something that counts.
pub(super) enum Meter {
    Json { target: Target, pointer: String },
    Prometheus { target: Target, metric: String, labels: Vec<(String, String)> },
    Redis { connection: MultiplexedConnection, key: String },
}

/// Seconds since the Unix epoch.
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl Meter {
    /// Opens what `counter` says; `None` if the load generator counts.
    pub(super) async fn open(
        counter: &Counter,
        application: &Application<'_>,
    ) -> Result<Option<Self>, DriveError> {
        Ok(Some(match counter {
            Counter::Load { .. } => return Ok(None),
            Counter::Json { url, pointer } => {
                Self::Json { target: target(&application.fill(url))?, pointer: pointer.clone() }
            }
            Counter::Prometheus { url, metric, labels } => Self::Prometheus {
                target: target(&application.fill(url))?,
                metric: metric.clone(),
                labels: labels.clone(),
            },
            Counter::Redis { url, key } => {
                let url = application.fill(url);
                let failed = |why: String| DriveError::Counter(format!("{}: {why}", without_password(&url)));
                let client = redis::Client::open(url.as_str()).map_err(|error| failed(error.to_string()))?;
                let opened = timeout(PATIENCE, client.get_multiplexed_async_connection()).await;
                let opened = opened.map_err(|_| failed("no answer within 5 s".to_owned()))?;
                Self::Redis {
                    connection: opened.map_err(|error| failed(error.to_string()))?,
                    key: key.clone(),
                }
            }
        }))
    }

    /// The instant and what is counted then.
    pub(super) async fn read(&mut self) -> Result<(f64, f64), DriveError> {
        let asked_at = now();
        let read = match self {
            Self::Json { target, pointer } => {
                let text = fetch::document(target).await.map_err(DriveError::Counter)?;
                number_at(&text, pointer).map_err(|why| format!("{} {why}", target.url()))
            }
            Self::Prometheus { target, metric, labels } => {
                let text = fetch::document(target).await.map_err(DriveError::Counter)?;
                exposition::sum(&text, metric, labels)
                    .ok_or_else(|| format!("{} has no {metric} with those labels", target.url()))
            }
            Self::Redis { connection, key } => redis_integer(connection, key).await,
        };
        let count = read.map_err(DriveError::Counter)?;
        Ok((f64::midpoint(asked_at, now()), count))
    }
}

async fn redis_integer(connection: &mut MultiplexedConnection, key: &str) -> Result<f64, String> {
    let answer = timeout(PATIENCE, connection.get(key)).await.map_err(|_| "Redis is silent".to_owned())?;
    match answer.map_err(|error| format!("Redis: {error}"))? {
        // What has not been counted up yet.
        None => Ok(0.0),
        Some(text) => text.parse().map_err(|_| format!("the key {key} in Redis holds \"{text}\", no number")),
    }
}

/// The number there; one in quotes is one, too, and null is nothing counted yet.
fn number_at(text: &str, pointer: &str) -> Result<f64, String> {
    let document: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    let value = document.pointer(pointer).ok_or_else(|| format!("has nothing at {pointer}"))?;
    let number = match value {
        serde_json::Value::Null => Some(0.0),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    number.ok_or_else(|| format!("has no number at {pointer} but {value}"))
}

fn target(url: &str) -> Result<Target, DriveError> {
    url.parse().map_err(|error| DriveError::Counter(format!("{url}: {error}")))
}

/// `url` as it may be shown.
fn without_password(url: &str) -> String {
    match url.split_once('@') {
        Some((_, host)) => format!("redis://…@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_json_also_in_quotes() {
        let text = r#"{"hashes": "12", "list": [{"n": 3.5}], "none": null, "word": "x"}"#;
        assert_eq!(number_at(text, "/hashes"), Ok(12.0));
        assert_eq!(number_at(text, "/list/0/n"), Ok(3.5));
        assert_eq!(number_at(text, "/none"), Ok(0.0));
        assert!(number_at(text, "/word").unwrap_err().contains("\"x\""));
        assert!(number_at(text, "/nothing").unwrap_err().contains("/nothing"));
        assert!(number_at("<html>", "/x").unwrap_err().contains("no JSON"));
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(without_password("redis://:secret@h:1"), "redis://…@h:1");
    }
}
