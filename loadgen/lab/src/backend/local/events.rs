//! What happened to replicas by itself: their crashes and restarts.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::backend::Event;

/// Events kept for readers that come late.
const KEPT: usize = 200;

/// The record of events; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Events(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    total: usize,
    last: VecDeque<Event>,
}

impl Events {
    pub(super) fn push(&self, event: Event) {
        let mut record = self.record();
        record.total += 1;
        if record.last.len() == KEPT {
            record.last.pop_front();
        }
        record.last.push_back(event);
    }

    /// The events after the first `seen`, as far as they are kept, and how many there have been in all.
    pub(super) fn after(&self, seen: usize) -> (Vec<Event>, usize) {
        let record = self.record();
        let new = record.total.saturating_sub(seen);
        let passed_over = record.last.len().saturating_sub(new);
        (record.last.iter().skip(passed_over).cloned().collect(), record.total)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_sees_what_came_since() {
        let events = Events::default();
        let push = |what: &str| {
            events.push(Event { at_unix_seconds: 0.0, replica: "rng-1".into(), what: what.into() });
        };
        push("a");
        push("b");
        let (first, seen) = events.after(0);
        assert_eq!((first.len(), seen), (2, 2));
        push("c");
        let (second, seen) = events.after(seen);
        assert_eq!((second[0].what.as_str(), second.len(), seen), ("c", 1, 3));
        assert!(events.after(seen).0.is_empty());
        (0..KEPT).for_each(|_| push("d"));
        assert_eq!(events.after(0).0.len(), KEPT);
    }
}
