//! The two cores that all stories share. Those that measure time may run side by side, but none of them while another
//! burns CPU. A file lock keeps them apart, whether the runner starts a thread or a process for each test.

use std::fs::{self, File};
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::thread;

use rustix::fs::{FlockOperation, flock};

const TRIES: usize = 3;

/// A turn on the machine; until dropped.
pub(crate) struct Turn {
    _lock: File,
}

/// Tells a story that measures time, while nobody else here burns CPU. What else the machine does cannot be kept away: such a
/// story fails only if it fails every time, which a fault of ours does.
pub(crate) fn steadily(story: impl Fn()) {
    in_a_few_tries(|| {
        let _turn = turn(FlockOperation::LockShared);
        story();
    });
}

/// The same for a story that burns CPU itself, while nobody else here measures time.
pub(crate) fn busily(story: impl Fn()) {
    in_a_few_tries(|| {
        let _turn = busy();
        story();
    });
}

/// The same for a story that measures time, and waits for its turn itself.
pub(crate) fn in_a_few_tries(story: impl Fn()) {
    if !(1..TRIES).any(|_| panic::catch_unwind(AssertUnwindSafe(&story)).is_ok()) {
        story();
    }
}

/// Waits until nobody measures time: for a story that burns CPU.
pub(crate) fn busy() -> Turn {
    turn(FlockOperation::LockExclusive)
}

/// Whether others want so much of the machine that nobody can measure anything on it: more than three threads for each CPU, over
/// the last minute.
pub(crate) fn is_overrun() -> bool {
    let load = fs::read_to_string("/proc/loadavg").ok();
    let load: Option<f64> = load.and_then(|text| text.split(' ').next()?.parse().ok());
    let cpus = thread::available_parallelism().map_or(1, NonZero::get);
    load.is_some_and(|load| load > 3.0 * cpus as f64)
}

fn turn(operation: FlockOperation) -> Turn {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("machine.lock");
    let lock = File::create(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    flock(&lock, operation).expect("a lock");
    Turn { _lock: lock }
}
