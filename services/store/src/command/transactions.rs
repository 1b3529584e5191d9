//! MULTI and its kin; the session carries them out.

use super::Arity::{AtLeast, Exactly};
use super::{Command, Control};

pub(super) const COMMANDS: &[Command] = &[
    Command::control("multi", Exactly(0), Control::Multi),
    Command::control("exec", Exactly(0), Control::Exec),
    Command::control("discard", Exactly(0), Control::Discard),
    Command::control("watch", AtLeast(1), Control::Watch),
    Command::control("unwatch", Exactly(0), Control::Unwatch),
];
