//! Colours. Owns which part of a line has which, which are httping's; without colours every style is empty.

use anstyle::{AnsiColor, Style};

use crate::outcome::Outcome;

/// The styles of the parts of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Palette {
    pub(super) address: Style,
    pub(super) number: Style,
    pub(super) status: Style,
    ok: Style,
    failed: Style,
    censored: Style,
}

impl Palette {
    pub(super) fn new(colours: bool) -> Self {
        if !colours {
            return Self::default();
        }
        let of = |colour: AnsiColor| colour.on_default();
        Self {
            address: of(AnsiColor::Yellow),
            number: of(AnsiColor::Blue),
            status: of(AnsiColor::Cyan),
            ok: of(AnsiColor::Green),
            failed: of(AnsiColor::Red).bold(),
            censored: of(AnsiColor::Magenta).bold(),
        }
    }

    /// The style of the time of a ping that ended so.
    pub(super) fn time(&self, outcome: Outcome) -> Style {
        match outcome {
            Outcome::Censored(_) => self.censored,
            outcome if outcome.is_success() => self.ok,
            _ => self.failed,
        }
    }

    /// The style of a share of failed pings.
    pub(super) fn share(&self, failed_percent: f64) -> Style {
        if failed_percent > 0.0 { self.failed } else { self.ok }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_nothing_is_written() {
        let Palette { address, number, status, ok, failed, censored } = Palette::new(false);
        let written = |style: Style| format!("{style}{style:#}");
        let written = [address, number, status, ok, failed, censored].map(written).concat();
        assert_eq!(written, "");
        assert_ne!(format!("{}", Palette::new(true).address), "");
    }
}
