//! HTTP/1.x as a client reads it, without a socket and without a clock.
//!
//! - [`head`]: the status line and the headers that matter to a measurement;
//! - [`memory`]: the last head, which is often the next one, too;
//! - [`body`]: where a body ends;
//! - [`reader`]: one answer after the other, from whatever pieces the kernel hands out.
//!
//! Everything here is pure, so that it can be fuzzed and timed by itself. The hot path allocates nothing: an answer that
//! arrived in one piece is parsed where it lies.

pub mod body;
pub mod head;
pub mod memory;
pub mod reader;

pub use body::{Body, Framing};
pub use head::{Head, Malformed};
pub use memory::Memory;
pub use reader::{Ended, Event, Reader};
