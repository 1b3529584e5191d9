//! Scores pushed to whoever listens, as server-sent events: one a second, with the speed.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use dockercoins_kit::Shutdown;
use hyper::body::{Body, Frame};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use crate::scoreboard::{Score, Scoreboard};
use crate::speed::Speed;

const INTERVAL: Duration = Duration::from_secs(1);

/// The body of the answer; it ends when the shutdown drains, and dropping it ends the readings.
#[derive(Debug)]
pub(crate) struct Events(mpsc::Receiver<Bytes>);

/// The data of an event.
#[derive(Serialize)]
struct Event<'score> {
    #[serde(flatten)]
    score: &'score Score,
    /// Hashes per second; null until there are enough readings.
    speed: Option<f64>,
}

impl Events {
    /// Starts to read `scoreboard`.
    pub(crate) fn start(scoreboard: Scoreboard, shutdown: Shutdown) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            tokio::select! {
                () = shutdown.draining() => {}
                () = sender.closed() => {}
                () = push(&scoreboard, &sender) => {}
            }
        });
        Self(receiver)
    }
}

async fn push(scoreboard: &Scoreboard, sender: &mpsc::Sender<Bytes>) {
    let mut speed = Speed::default();
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let event = match scoreboard.read().await {
            Ok(score) => event(&score, &mut speed),
            Err(error) => {
                format!("event: outage\ndata: {}\n\n", serde_json::json!({ "error": error.to_string() }))
            }
        };
        if sender.send(event.into()).await.is_err() {
            return;
        }
    }
}

fn event(score: &Score, speed: &mut Speed) -> String {
    let hashes = score.hashes.as_deref().map_or(Some(0.0), |hashes| hashes.parse().ok());
    let speed = hashes.and_then(|hashes| speed.take(score.now, hashes));
    let data = serde_json::to_string(&Event { score, speed }).unwrap_or_default();
    format!("data: {data}\n\n")
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|event| event.map(|event| Ok(Frame::data(event))))
    }
}
