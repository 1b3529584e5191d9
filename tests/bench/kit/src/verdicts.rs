//! Targets, held, missed or not told. Owns how they are printed, and the exit code.

use std::process::ExitCode;

/// What was aimed at, and what came of it.
#[derive(Debug, Default)]
pub struct Verdicts(Vec<(String, Verdict)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Held,
    NotTold,
    Missed,
}

impl Verdicts {
    /// Notes that `value` must be at least `target`.
    pub fn at_least(&mut self, what: &str, value: f64, target: f64) {
        self.note(format!("{what}: {value:.2}, target at least {target:.2}"), value >= target);
    }

    /// Notes that `value` must be at most `target`.
    pub fn at_most(&mut self, what: &str, value: f64, target: f64) {
        self.note(format!("{what}: {value:.2}, target at most {target:.2}"), value <= target);
    }

    /// Notes a target in words, and whether it was `held`.
    pub fn note(&mut self, what: String, held: bool) {
        self.0.push((what, if held { Verdict::Held } else { Verdict::Missed }));
    }

    /// Notes that this run cannot tell, and why.
    pub fn cannot_tell(&mut self, what: String) {
        self.0.push((what, Verdict::NotTold));
    }

    /// Prints them all; with `check`, the exit code is 1 if one was missed, and 3 if only some could not be told.
    #[expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]
    pub fn conclude(&self, check: bool) -> ExitCode {
        println!();
        for (what, verdict) in &self.0 {
            let word = match verdict {
                Verdict::Held => "held",
                Verdict::NotTold => "not told",
                Verdict::Missed => "MISSED",
            };
            println!("{word:8}  {what}");
        }
        if check { self.exit_code() } else { ExitCode::SUCCESS }
    }

    fn exit_code(&self) -> ExitCode {
        match self.worst() {
            None | Some(Verdict::Held) => ExitCode::SUCCESS,
            Some(Verdict::NotTold) => ExitCode::from(3),
            Some(Verdict::Missed) => ExitCode::FAILURE,
        }
    }

    fn worst(&self) -> Option<Verdict> {
        self.0.iter().map(|(_, verdict)| *verdict).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missed_target_is_a_failure_whatever_else_there_is() {
        let mut verdicts = Verdicts::default();
        assert_eq!(verdicts.worst(), None);
        verdicts.at_least("a", 1.1, 1.1);
        verdicts.at_most("b", 0.9, 0.9);
        assert_eq!(verdicts.worst(), Some(Verdict::Held));
        verdicts.cannot_tell("c".to_owned());
        assert_eq!(verdicts.worst(), Some(Verdict::NotTold));
        verdicts.at_most("d", 0.91, 0.9);
        verdicts.cannot_tell("e".to_owned());
        assert_eq!(verdicts.worst(), Some(Verdict::Missed));
    }
}
