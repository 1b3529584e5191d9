//! A service of a compose project. docker-compose changes how many containers it has; how many of them run, their labels tell.

use std::path::Path;

use crate::backend::command::{Console, Invocation, Shell};
use crate::backend::compose::error::ComposeError;
use crate::backend::compose::{containers, program};

/// One such service.
#[derive(Debug)]
pub(super) struct Composed {
    /// docker-compose, with its project and files.
    base: Invocation,
    service: String,
}

impl Composed {
    /// `service` of `project` and `files`, which docker-compose would guess where they are not given; or what is wrong.
    pub(super) async fn find(
        console: &Console<Shell>,
        service: &str,
        project: Option<&str>,
        files: &[String],
    ) -> Result<Self, String> {
        if let Some(missing) = files.iter().find(|file| !Path::new(file).exists()) {
            return Err(format!(
                "there is no compose file {missing}: paths in `files` start where the lab is started"
            ));
        }
        let mut base = program::find(console).await.map_err(said)?;
        base = base.and(project.into_iter().flat_map(|project| ["-p", project]));
        base = base.and(files.iter().flat_map(|file| ["-f", file]));
        Ok(Self { base, service: service.to_owned() })
    }

    /// How many of its containers run; or what is wrong. A project of which nothing runs is the latter: to scale one service of
    /// it would start that one alone.
    pub(super) async fn count(&self, console: &Console<Shell>) -> Result<usize, String> {
        let list = self.base.clone().and(["ps", "-q"]);
        let running = async |list: Invocation| {
            let found = containers::inspect(console, list).await.map_err(said)?;
            Ok::<_, String>(found.iter().filter(|container| container.runs).count())
        };
        let count = running(list.clone().and([&self.service])).await?;
        if count == 0 && running(list).await? == 0 {
            let up = self.base.clone().and(["up", "-d"]);
            return Err(format!("nothing of its compose project runs: start it with `{up}`"));
        }
        Ok(count)
    }

    /// The command after which there are `replicas` of it.
    pub(super) fn scale(&self, replicas: usize) -> Invocation {
        let scale = format!("{}={replicas}", self.service);
        let up = ["up", "-d", "--no-deps", "--no-recreate", "--scale", &scale, &self.service];
        self.base.clone().and(up)
    }
}

/// What is wrong, in the words of a plan.
pub(super) fn said(error: impl Into<ComposeError>) -> String {
    match error.into() {
        ComposeError::NoFile => {
            "there is no compose file here: start the lab where there is one, or name it in `files`"
                .to_owned()
        }
        // Whose images they are is not known.
        ComposeError::NoImage(said) => format!("an image is missing and cannot be pulled or built: {said}"),
        ComposeError::Failed { command, said } => {
            format!("`{command}` failed, saying: {said}; run it by hand to see more")
        }
        error => error.to_string(),
    }
}
