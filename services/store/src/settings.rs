//! What can be chosen about the store.

use std::path::PathBuf;

/// The store's flags and environment variables.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Settings {
    /// Keep the data in this append-only file, so that it outlives the store (without it, nothing is kept)
    #[arg(long, env = "APPENDONLY", value_name = "PATH")]
    pub appendonly: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    #[test]
    fn the_journal_is_named_by_a_flag() {
        let line = Line::try_parse_from(["store", "--appendonly", "data/journal"]).unwrap();
        assert_eq!(line.settings.appendonly, Some(PathBuf::from("data/journal")));
    }
}
