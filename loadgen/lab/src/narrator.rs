//! Telling a person what is done on their behalf. Where the lines go is the caller's.

use std::fmt;
use std::sync::Arc;

/// Takes lines for a person; clones share where they go.
#[derive(Clone)]
pub struct Narrator(Arc<dyn Fn(&str) + Send + Sync>);

impl Narrator {
    /// Has `tell` take each line.
    pub fn new(tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Tells `line`, which has no line break at its end.
    pub fn say(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for Narrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Narrator")
    }
}
