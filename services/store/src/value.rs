//! What a key may hold.

use std::collections::HashMap;

use bytes::Bytes;

use crate::moment::Moment;

/// A hash's fields.
pub(crate) type Hash = HashMap<Bytes, Bytes>;

/// The value of a key; both kinds are binary-safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Bytes),
    /// Never empty: a hash without fields is no key.
    Hash(Hash),
}

impl Value {
    /// The kind, as TYPE names it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Hash(_) => "hash",
        }
    }
}

/// A value and how long it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) value: Value,
    /// When the key goes by itself; none for never.
    pub(crate) deadline: Option<Moment>,
}

/// How long a newly written value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    Unlimited,
    Until(Moment),
    /// What the value before it had.
    Kept,
}
