//! What was typed about an A/B.

use std::path::PathBuf;
use std::time::Duration;

use crate::compare::share;

/// What an A/B has no use for.
const OTHERS: [&str; 6] = ["plan", "experiment", "expect", "no_confirm", "precision", "probe_rate"];

/// Flags of an A/B.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "A/B")]
pub struct InterleaveArgs {
    /// In place of a sweep: measure this build and `BASE_EXE`, the loadgen or dockercoins of another build, in turn, and tell
    /// whether this one is worse
    #[arg(long, value_name = "BASE_EXE", conflicts_with_all = OTHERS)]
    pub interleave: Option<PathBuf>,

    /// The build to judge, in place of this program itself
    #[arg(long, value_name = "NEW_EXE", requires = "interleave")]
    pub candidate: Option<PathBuf>,

    /// How long the A/B takes in all
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = in_all, requires = "interleave")]
    pub duration: Duration,

    /// The least change that matters, as a share of the base's figure
    #[arg(long, value_name = "PERCENT", default_value = "3%", value_parser = share, requires = "interleave")]
    pub threshold: f64,
}

/// A longer one is a slip of the pen.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

fn in_all(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err("longer than a day: give minutes or hours, such as 2m or 1h".to_owned()),
        Err(_) => Err("expected a number with its unit, such as 2m or 1h".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ab_may_go_on_for_hours_but_not_for_days() {
        assert_eq!(in_all("2h"), Ok(Duration::from_secs(7200)));
        assert!(in_all("25h").unwrap_err().contains("longer than a day"));
        assert!(in_all("soon").unwrap_err().contains("such as 2m"));
    }
}
