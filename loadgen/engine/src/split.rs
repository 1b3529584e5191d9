//! The steps of one exchange. Owns where the client's time went between the name and the last byte.

use std::time::Duration;

use crate::sample::Phases;

/// How long each step took, one after the other; `None` for a step that was not needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// From name to addresses.
    pub resolve: Option<Duration>,
    /// Until one of the addresses accepted.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// Until the request was handed to the kernel.
    pub send: Option<Duration>,
    /// Until the first byte of the answer.
    pub wait: Option<Duration>,
    /// Until the last byte of the answer.
    pub receive: Option<Duration>,
}

impl Split {
    /// From sending the request to the last byte of the answer.
    pub fn exchange(&self) -> Duration {
        [self.send, self.wait, self.receive].into_iter().flatten().sum()
    }
}

impl From<Split> for Phases {
    fn from(split: Split) -> Self {
        let first_byte = split.wait.map(|wait| split.send.unwrap_or_default() + wait);
        Self { resolve: split.resolve, connect: split.connect, first_byte }
    }
}
