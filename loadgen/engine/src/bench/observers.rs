//! Several observers of one run.

use std::fmt;
use std::ops::ControlFlow;

use super::chunk::Chunk;
use super::run::{Observer, Watch};

/// All of them see everything; the run ends if any of them breaks off.
#[derive(Default)]
pub(super) struct Observers<'a>(Vec<&'a mut dyn Observer>);

impl<'a> Observers<'a> {
    /// One more, if it is there.
    pub(super) fn and<O: Observer>(mut self, observer: Option<&'a mut O>) -> Self {
        self.0.extend(observer.map(|it| it as &mut dyn Observer));
        self
    }
}

impl Observer for Observers<'_> {
    fn chunk(&mut self, chunk: &Chunk) {
        self.0.iter_mut().for_each(|observer| observer.chunk(chunk));
    }

    fn tick(&mut self, watch: &Watch<'_>) -> ControlFlow<()> {
        let mut flow = ControlFlow::Continue(());
        for observer in &mut self.0 {
            if observer.tick(watch).is_break() {
                flow = ControlFlow::Break(());
            }
        }
        flow
    }

    fn ended(&mut self) {
        self.0.iter_mut().for_each(|observer| observer.ended());
    }
}

impl fmt::Debug for Observers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Observers").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bench::chunk::Grid;
    use crate::bench::collect::Collected;
    use crate::bench::goal::testing::plan;

    /// Counts what it sees; breaks off after so many ticks, and has none left in the end.
    struct Counting(u32, u32);

    impl Observer for Counting {
        fn chunk(&mut self, _: &Chunk) {
            self.0 += 1;
        }

        fn tick(&mut self, _: &Watch<'_>) -> ControlFlow<()> {
            self.1 -= 1;
            if self.1 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }

        fn ended(&mut self) {
            self.1 = 0;
        }
    }

    #[test]
    fn all_see_everything_and_any_may_end_the_run() {
        let (mut one, mut other) = (Counting(0, 1), Counting(0, 3));
        let (plan, collected) = (plan("h"), Collected::default());
        let watch = Watch { plan: &plan, elapsed: Duration::ZERO, collected: &collected };
        let mut observers =
            Observers::default().and(Some(&mut one)).and(None::<&mut Counting>).and(Some(&mut other));
        observers.chunk(&Chunk::at(Duration::ZERO, Grid(Duration::ZERO)));
        assert!(observers.tick(&watch).is_break());
        observers.ended();
        assert_eq!((one.0, one.1, other.0, other.1), (1, 0, 1, 0));
    }
}
