//! Which compose files are meant, and the folder that they make a project of.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::config::ComposeConfig;
use super::error::ComposeError;

/// What docker-compose looks for.
const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// What it takes in addition.
const OVERRIDES: [&str; 4] = [
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// What docker-compose would not find by itself.
const OURS: &str = "compose/compose.yaml";

/// What decides beside the flags.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    pub(super) folder: PathBuf,
    /// `COMPOSE_FILE`.
    pub(super) compose_file: Option<OsString>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        Self {
            folder: std::env::current_dir().unwrap_or_default(),
            compose_file: std::env::var_os("COMPOSE_FILE").filter(|value| !value.is_empty()),
        }
    }
}

/// The compose files of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    /// Those to name; none where docker-compose finds them by itself.
    pub(super) named: Vec<PathBuf>,
    /// Those that are used; none where docker-compose takes what it finds in the folder.
    used: Vec<PathBuf>,
    /// What docker-compose calls the project's working directory, if that can be told.
    pub(super) folder: Option<PathBuf>,
}

impl Files {
    pub(super) fn find(config: &ComposeConfig, around: &Surroundings) -> Result<Self, ComposeError> {
        let missing = |file: &&PathBuf| !around.folder.join(file).is_file();
        if let Some(missing) = config.files.iter().find(missing) {
            return Err(ComposeError::FileMissing(missing.clone()));
        }
        let left_to_us = config.files.is_empty()
            && config.project_directory.is_none()
            && around.compose_file.is_none()
            && !holds_one(&around.folder);
        let ours = left_to_us && around.folder.join(OURS).is_file();
        let named = if ours { vec![PathBuf::from(OURS)] } else { config.files.clone() };
        let used = match &around.compose_file {
            Some(files) if named.is_empty() => std::env::split_paths(files).collect(),
            _ => named.clone(),
        };
        let folder = folder(config, &used, &around.folder).map(|it| resolved(&around.folder.join(it)));
        Ok(Self { named, used, folder })
    }

    /// All of them, also those that docker-compose finds by itself: whoever names one more must name these.
    pub(super) fn all(&self) -> Vec<PathBuf> {
        let Some(folder) = self.folder.as_ref().filter(|_| self.used.is_empty()) else {
            return self.used.clone();
        };
        let first = |names: &[&str]| names.iter().map(|name| folder.join(name)).find(|file| file.is_file());
        [first(&NAMES), first(&OVERRIDES)].into_iter().flatten().collect()
    }

    /// Those that are used, by name, if containers made from `theirs`, a list with commas, were not made from them.
    pub(super) fn unlike(&self, theirs: &str) -> Option<String> {
        let name = |file: &Path| file.file_name().map(|name| name.to_string_lossy().into_owned());
        let theirs: Vec<String> = theirs.split(',').filter_map(|file| name(Path::new(file))).collect();
        let ours: Vec<String> = self.used.iter().filter_map(|file| name(file)).collect();
        let by_itself = |file: &String| NAMES.contains(&file.as_str()) || file.contains(".override.");
        let alike = if ours.is_empty() { theirs.iter().all(by_itself) } else { ours == theirs };
        let default = || "what docker-compose finds by itself".to_owned();
        (!alike).then(|| if ours.is_empty() { default() } else { ours.join(",") })
    }
}

fn folder(config: &ComposeConfig, used: &[PathBuf], around: &Path) -> Option<PathBuf> {
    match (&config.project_directory, used.first()) {
        (Some(folder), _) => Some(folder.clone()),
        (None, Some(file)) => file.parent().map(Path::to_owned),
        (None, None) => around.ancestors().find(|folder| holds_one(folder)).map(Path::to_owned),
    }
}

fn holds_one(folder: &Path) -> bool {
    NAMES.iter().any(|name| folder.join(name).is_file())
}

/// Without links, so that two names of one folder are the same; as it is if there is none.
pub(super) fn resolved(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ground(tempfile::TempDir);

    impl Ground {
        fn with(files: &[&str]) -> Self {
            let ground = tempfile::tempdir().unwrap();
            for file in files {
                let path = ground.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "services: {}\n").unwrap();
            }
            Self(ground)
        }

        fn path(&self, path: &str) -> PathBuf {
            resolved(self.0.path()).join(path)
        }

        fn find(&self, folder: &str, config: &ComposeConfig, variable: Option<&str>) -> Files {
            let folder = self.path(folder);
            Files::find(config, &Surroundings { folder, compose_file: variable.map(OsString::from) }).unwrap()
        }
    }

    fn flags(files: &[&str], project_directory: Option<&str>) -> ComposeConfig {
        ComposeConfig {
            files: files.iter().map(PathBuf::from).collect(),
            project_directory: project_directory.map(PathBuf::from),
            ..ComposeConfig::default()
        }
    }

    #[test]
    fn ours_is_named_only_where_docker_compose_would_not_find_one() {
        let ground =
            Ground::with(&["a/compose/compose.yaml", "b/docker-compose.yml", "b/compose/compose.yaml"]);
        let none = ComposeConfig::default();
        let ours = ground.find("a", &none, None);
        assert_eq!(ours.named, [PathBuf::from(OURS)]);
        assert_eq!(ours.folder, Some(ground.path("a/compose")));
        assert!(ground.find("b", &none, None).named.is_empty());
        assert_eq!(ground.find("b", &none, None).folder, Some(ground.path("b")));
        assert!(ground.find("a", &none, Some("x.yaml")).named.is_empty());
        assert!(ground.find("a", &flags(&[], Some("compose")), None).named.is_empty());
    }

    #[test]
    fn the_folder_is_that_of_the_first_file_unless_it_is_given() {
        let ground = Ground::with(&["a/one.yaml", "b/two.yaml", "compose.yml"]);
        let both = ["a/one.yaml", "b/two.yaml"];
        assert_eq!(ground.find("", &flags(&both, None), None).folder, Some(ground.path("a")));
        assert_eq!(ground.find("", &flags(&both, Some("b")), None).folder, Some(ground.path("b")));
        let variable = ground.find("", &ComposeConfig::default(), Some("b/two.yaml:a/one.yaml"));
        assert_eq!(variable.folder, Some(ground.path("b")));
        assert_eq!(ground.find("a", &ComposeConfig::default(), None).folder, Some(ground.path("")));
    }

    #[test]
    fn containers_made_from_other_files_are_told() {
        let ground = Ground::with(&["compose/compose.yaml", "compose/overrides/k.yaml"]);
        let both = flags(&["compose/compose.yaml", "compose/overrides/k.yaml"], None);
        let (both, ours) = (ground.find("", &both, None), ground.find("", &ComposeConfig::default(), None));
        assert_eq!(both.unlike("compose.yaml,overrides/k.yaml"), None);
        assert_eq!(both.unlike("/a/compose.yaml").as_deref(), Some("compose.yaml,k.yaml"));
        assert_eq!(ours.unlike("/a/compose/compose.yaml"), None);
        assert_eq!(ours.unlike("compose.yaml,overrides/k.yaml").as_deref(), Some("compose.yaml"));
        let within = ground.find("compose", &ComposeConfig::default(), None);
        assert_eq!(within.unlike("docker-compose.yml,docker-compose.override.yml"), None);
        assert!(within.unlike("compose.yaml,overrides/k.yaml").is_some());
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let ground = Ground::with(&[]);
        let around = Surroundings { folder: ground.path(""), compose_file: None };
        let error = Files::find(&flags(&["x.yaml"], None), &around).unwrap_err().to_string();
        assert!(error.contains("x.yaml") && error.contains("--file"), "{error}");
    }
}
