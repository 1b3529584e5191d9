//! A request's body as it streams in, up to a limit; what becomes of its bytes is the service's.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::{Response, StatusCode};

use crate::serve::{Body, text};

/// How long the rest of a refused body is read, so that its sender gets to see the answer instead of a reset.
const LINGER: Duration = Duration::from_secs(2);

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is longer than this limit, in bytes.
    TooLong(u64),
    /// It ended before it was complete.
    BrokenOff,
}

impl Refused {
    /// What its sender is told: one line with the remedy, which is `--max-body`.
    pub fn answer(self) -> Response<Body> {
        match self {
            Self::TooLong(limit) => text(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "the body is over the limit of {limit} bytes: send less, or raise --max-body (MAX_BODY)\n"
                ),
            ),
            Self::BrokenOff => text(StatusCode::BAD_REQUEST, "the body broke off\n"),
        }
    }
}

/// Hands the bytes of `body` to `take` as they come in, unless there are more than `limit`.
pub async fn each(mut body: Incoming, limit: u64, mut take: impl FnMut(&Bytes)) -> Result<(), Refused> {
    if body.size_hint().lower() > limit {
        linger(body);
        return Err(Refused::TooLong(limit));
    }
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refused::BrokenOff)?.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            linger(body);
            return Err(Refused::TooLong(limit));
        }
        take(&data);
    }
    Ok(())
}

fn linger(mut body: Incoming) {
    tokio::spawn(tokio::time::timeout(LINGER, async move { while let Some(Ok(_)) = body.frame().await {} }));
}
