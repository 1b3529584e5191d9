//! Which compose project, and how its containers are reached. These are the flags of `loadgen lab --backend compose` as well.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;

/// What is handed to docker-compose with each command, and the way to the containers.
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

    /// How containers are reached
    #[arg(long, value_name = "WAY", value_enum, default_value_t)]
    pub reach: Reach,
}

impl ComposeConfig {
    /// The first of the flags that was given.
    pub fn given(&self) -> Option<&'static str> {
        let flags = [
            (self.project_name.is_some(), "--project-name"),
            (!self.files.is_empty(), "--file"),
            (self.project_directory.is_some(), "--project-directory"),
            (self.reach != Reach::Auto, "--reach"),
        ];
        flags.into_iter().find(|(given, _)| *given).map(|(_, flag)| flag)
    }
}

/// The way to the containers' addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Reach {
    /// Directly if they answer, else through a tunnel
    #[default]
    Auto,
    /// Directly, as on Linux
    Direct,
    /// Through `docker exec`, as with Docker Desktop or a remote engine
    Tunnel,
}
