//! Which compose project. These are the flags of `loadgen lab --backend compose` as well.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

/// What is handed to docker-compose with each command.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Options for --backend compose")]
pub struct ComposeConfig {
    /// Name of the compose project [default: as docker-compose has it]
    #[arg(short, long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub project_name: Option<String>,

    /// Compose file, may be repeated [default: as docker-compose has it, or compose/compose.yaml]
    #[arg(short, long = "file", value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Folder that the paths in the compose files start from [default: that of the first file]
    #[arg(long, value_name = "DIRECTORY")]
    pub project_directory: Option<PathBuf>,
}

impl ComposeConfig {
    /// The first of the flags that was given.
    pub fn given(&self) -> Option<&'static str> {
        let flags = [
            (self.project_name.is_some(), "--project-name"),
            (!self.files.is_empty(), "--file"),
            (self.project_directory.is_some(), "--project-directory"),
        ];
        flags.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }
}
