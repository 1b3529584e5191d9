//! The last lines that a replica has logged.

use std::collections::VecDeque;

/// Keeps the last `capacity` items.
#[derive(Clone, Debug)]
pub(super) struct Ring<T> {
    items: VecDeque<T>,
    capacity: usize,
}

impl<T> Ring<T> {
    pub(super) const fn new(capacity: usize) -> Self {
        Self { items: VecDeque::new(), capacity }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.items.len() == self.capacity {
            self.items.pop_front();
        }
        self.items.push_back(item);
    }

    /// The last `count` items, oldest first.
    pub(super) fn last(&self, count: usize) -> impl Iterator<Item = &T> {
        self.items.iter().skip(self.items.len().saturating_sub(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_items_give_way() {
        let mut ring = Ring::new(3);
        for item in 1..=5 {
            ring.push(item);
        }
        assert_eq!(ring.last(10).collect::<Vec<_>>(), [&3, &4, &5]);
        assert_eq!(ring.last(2).collect::<Vec<_>>(), [&4, &5]);
        assert_eq!(ring.last(0).count(), 0);
    }
}
