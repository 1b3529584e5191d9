//! The two cores that all stories share. Those that measure time may run side by side, but none of them while another
//! burns CPU. A file lock keeps them apart, whether the runner starts a thread or a process for each test.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// A turn on the machine; until dropped.
pub(crate) struct Turn {
    _lock: File,
}

/// Waits until nobody burns CPU: for a story that measures time.
pub(crate) fn steady() -> Turn {
    turn(FlockOperation::LockShared)
}

/// Waits until nobody measures time: for a story that burns CPU.
pub(crate) fn busy() -> Turn {
    turn(FlockOperation::LockExclusive)
}

fn turn(operation: FlockOperation) -> Turn {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("machine.lock");
    let lock = File::create(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    flock(&lock, operation).expect("a lock");
    Turn { _lock: lock }
}
