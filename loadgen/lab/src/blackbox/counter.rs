//! The throughput counter, read while a step goes on. A reading is taken at the instant halfway between question and answer.

use std::time::Duration;

use loadgen_engine::target::Target;
use redis::AsyncTypedCommands;
use redis::aio::MultiplexedConnection;
use tokio::time::timeout;

use super::application::Application;
use super::error::DriveError;
use super::fetch;
use super::plan::Counter;
use crate::backend::command::shortened;
use crate::clock::unix_seconds;
use crate::exposition;

/// What Redis gets to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Something that counts.
pub(super) struct Meter {
    source: Source,
    /// What is counted from, known from the first reading on.
    origin: Option<i128>,
}

enum Source {
    Json { target: Target, pointer: String },
    Prometheus { target: Target, metric: String, labels: Vec<(String, String)> },
    Redis { client: redis::Client, shown: String, connection: Option<MultiplexedConnection>, key: String },
}

/// A count as it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Number {
    Whole(i128),
    Fraction(f64),
}

/// Beyond it floats have gaps.
const EXACT: i128 = 1 << 53;

impl Meter {
    /// What `counter` says, not read yet; `None` if the load generator counts.
    pub(super) fn open(counter: &Counter, application: &Application<'_>) -> Result<Option<Self>, DriveError> {
        let source = match counter {
            Counter::Load { .. } => return Ok(None),
            Counter::Json { url, pointer } => {
                Source::Json { target: target(&application.fill(url))?, pointer: pointer.clone() }
            }
            Counter::Prometheus { url, metric, labels } => Source::Prometheus {
                target: target(&application.fill(url))?,
                metric: metric.clone(),
                labels: labels.clone(),
            },
            Counter::Redis { url, key } => {
                let url = application.fill(url);
                let shown = without_password(&url);
                let client = redis::Client::open(url.as_str());
                let client = client.map_err(|error| DriveError::Counter(format!("{shown}: {error}")))?;
                Source::Redis { client, shown, connection: None, key: key.clone() }
            }
        };
        Ok(Some(Self { source, origin: None }))
    }

    /// The instant and what is counted then.
    pub(super) async fn read(&mut self) -> Result<(f64, f64), DriveError> {
        let asked_at = unix_seconds();
        let number = self.source.read().await.map_err(DriveError::Counter)?;
        let origin = *self.origin.get_or_insert(number.origin());
        Ok((f64::midpoint(asked_at, unix_seconds()), number.since(origin)))
    }
}

impl Source {
    async fn read(&mut self) -> Result<Number, String> {
        match self {
            Self::Json { target, pointer } => {
                let text = fetch::document(target).await?;
                number_at(&text, pointer).map_err(|why| format!("{} {why}", target.url()))
            }
            Self::Prometheus { target, metric, labels } => {
                let text = fetch::document(target).await?;
                let sum = exposition::sum(&text, metric, labels)
                    .ok_or_else(|| format!("{} has no {metric} with those labels", target.url()))?;
                Number::finite(sum).ok_or_else(|| format!("{metric} at {} is {sum}, no number", target.url()))
            }
            Self::Redis { client, shown, connection, key } => {
                let read = redis_number(client, connection, key).await;
                // Redis may have been restarted: the next reading connects anew.
                read.inspect_err(|_| *connection = None).map_err(|why| format!("{shown}: {why}"))
            }
        }
    }
}

impl Number {
    /// `None` for infinities, and for what is no number.
    fn finite(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self::Fraction(value))
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        text.parse().map(Self::Whole).ok().or_else(|| text.parse().ok().and_then(Self::finite))
    }

    /// What to count from to tell this number and the next ones apart.
    fn origin(self) -> i128 {
        match self {
            Self::Whole(count) if count.abs() > EXACT / 2 => count,
            _ => 0,
        }
    }

    fn since(self, origin: i128) -> f64 {
        match self {
            Self::Whole(count) => count.saturating_sub(origin) as f64,
            Self::Fraction(count) => count - origin as f64,
        }
    }
}

async fn redis_number(
    client: &redis::Client,
    connection: &mut Option<MultiplexedConnection>,
    key: &str,
) -> Result<Number, String> {
    let silent = |_| format!("no answer within {} s", PATIENCE.as_secs());
    if connection.is_none() {
        let opened = timeout(PATIENCE, client.get_multiplexed_async_connection()).await;
        *connection = Some(opened.map_err(silent)?.map_err(|error| error.to_string())?);
    }
    let Some(connection) = connection else { return Ok(Number::Whole(0)) };
    let answer = timeout(PATIENCE, connection.get(key)).await.map_err(silent)?;
    match answer.map_err(|error| error.to_string())? {
        // What has not been counted up yet.
        None => Ok(Number::Whole(0)),
        Some(text) => {
            Number::parse(&text).ok_or_else(|| format!("the key {key} holds \"{text}\", no number"))
        }
    }
}

/// The number there; one in quotes is one, too, and null is nothing counted yet.
fn number_at(text: &str, pointer: &str) -> Result<Number, String> {
    let document: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
    let value = document.pointer(pointer).ok_or_else(|| format!("has nothing at {pointer}"))?;
    let number = match value {
        serde_json::Value::Null => Some(Number::Whole(0)),
        serde_json::Value::String(text) => Number::parse(text),
        serde_json::Value::Number(number) => Number::parse(&number.to_string()),
        _ => None,
    };
    number.ok_or_else(|| format!("has no number at {pointer} but {}", shortened(&value.to_string())))
}

fn target(url: &str) -> Result<Target, DriveError> {
    url.parse().map_err(|error| DriveError::Counter(format!("{url}: {error}")))
}

/// `url` as it may be shown.
fn without_password(url: &str) -> String {
    // The host begins after the last one: a password may hold some.
    match url.rsplit_once('@') {
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
        assert_eq!(number_at(text, "/hashes"), Ok(Number::Whole(12)));
        assert_eq!(number_at(text, "/list/0/n"), Ok(Number::Fraction(3.5)));
        assert_eq!(number_at(text, "/none"), Ok(Number::Whole(0)));
        assert!(number_at(text, "/word").unwrap_err().contains("\"x\""));
        assert!(number_at(text, "/nothing").unwrap_err().contains("/nothing"));
        assert!(number_at("<html>", "/x").unwrap_err().contains("no JSON"));
    }

    #[test]
    fn what_is_no_number_is_none_although_it_parses_as_a_float() {
        for text in [r#"{"n": "NaN"}"#, r#"{"n": "inf"}"#, r#"{"n": true}"#, r#"{"n": [1]}"#] {
            assert!(number_at(text, "/n").unwrap_err().contains("no number"), "{text}");
        }
    }

    #[test]
    fn large_counts_are_told_apart_to_the_last_digit() {
        let number = |text: &str| number_at(&format!(r#"{{"n": {text}}}"#), "/n").unwrap();
        for (first, then, since) in [
            ("18446744073709551614", "18446744073709551615", 1.0),
            ("\"36893488147419103232\"", "\"36893488147419103239\"", 7.0),
            ("5", "7", 7.0),
            ("0.5", "2.5", 2.5),
        ] {
            let counted = number(then).since(number(first).origin());
            assert!((counted - since).abs() < 1e-9, "{then}: {counted}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        for url in ["redis://:secret@h:1", "redis://me:sec@ret@h:1"] {
            assert_eq!(without_password(url), "redis://…@h:1", "{url}");
        }
    }
}
