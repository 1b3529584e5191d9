//! What was changed, told as commands that change the same again: no clock, no condition, no arithmetic is left in
//! them. They are grouped into units, and a unit of several commands is wrapped in MULTI and EXEC, so that whoever reads
//! them back takes all of a unit or nothing.

use crate::reply::encode_command;

/// The changes not yet written down.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Without a journal nobody asks, and nothing is kept.
    wanted: bool,
    /// Complete units, encoded.
    sealed: Vec<u8>,
    /// The commands of the unit in progress, encoded.
    unit: Vec<u8>,
    commands: usize,
}

impl Effects {
    /// Starts to keep what is noted.
    pub(crate) fn enable(&mut self) {
        self.wanted = true;
    }

    /// Adds a command to the unit in progress.
    pub(crate) fn note(&mut self, command: &[&[u8]]) {
        if self.wanted {
            encode_command(&mut self.unit, command.iter().copied());
            self.commands += 1;
        }
    }

    /// Ends the unit in progress.
    pub(crate) fn seal(&mut self) {
        match self.commands {
            0 => return,
            1 => self.sealed.append(&mut self.unit),
            _ => {
                encode_command(&mut self.sealed, [&b"MULTI"[..]].into_iter());
                self.sealed.append(&mut self.unit);
                encode_command(&mut self.sealed, [&b"EXEC"[..]].into_iter());
            }
        }
        self.commands = 0;
    }

    /// The complete units noted so far.
    pub(crate) fn sealed(&self) -> &[u8] {
        &self.sealed
    }

    /// Forgets the complete units.
    pub(crate) fn forget(&mut self) {
        self.sealed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_of_several_commands_is_wrapped_and_a_single_one_is_not() {
        let mut effects = Effects::default();
        effects.enable();
        effects.seal();
        effects.note(&[b"DEL", b"a"]);
        effects.seal();
        effects.note(&[b"DEL", b"b"]);
        effects.note(&[b"DEL", b"c"]);
        effects.seal();
        let del = |key: &str| format!("*2\r\n$3\r\nDEL\r\n$1\r\n{key}\r\n");
        let wrapped = format!("*1\r\n$5\r\nMULTI\r\n{}{}*1\r\n$4\r\nEXEC\r\n", del("b"), del("c"));
        assert_eq!(String::from_utf8_lossy(effects.sealed()), del("a") + &wrapped);
    }

    #[test]
    fn nothing_is_kept_unless_wanted() {
        let mut effects = Effects::default();
        effects.note(&[b"DEL", b"a"]);
        effects.seal();
        assert!(effects.sealed().is_empty());
    }
}
