//! What can be chosen about the store.

use std::path::PathBuf;

use crate::access::Password;

/// The store's flags and environment variables.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Settings {
    /// Keep the data in this append-only file, so that it outlives the store (without it, nothing is kept)
    #[arg(long, env = "APPENDONLY", value_name = "PATH")]
    pub appendonly: Option<PathBuf>,

    /// The password that clients have to tell before anything else (without it, none is asked for)
    #[arg(long, env = "REQUIREPASS", value_name = "PASSWORD", hide_env_values = true)]
    pub requirepass: Option<Password>,
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
    fn an_empty_password_is_refused_with_flag_and_remedy() {
        let error = Line::try_parse_from(["store", "--requirepass", ""]).err().unwrap().to_string();
        for piece in ["--requirepass", "REQUIREPASS", "leave out"] {
            assert!(error.contains(piece), "`{error}` lacks `{piece}`");
        }
    }

    #[test]
    fn the_journal_is_named_by_a_flag() {
        let line = Line::try_parse_from(["store", "--appendonly", "data/journal"]).unwrap();
        assert_eq!(line.settings.appendonly, Some(PathBuf::from("data/journal")));
    }
}
