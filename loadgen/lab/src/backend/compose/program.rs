//! Which docker-compose there is: the program of that name, or Docker's plugin.

use super::error::ComposeError;
use super::mishaps::complaint;
use crate::backend::command::{Console, Invocation, Runner};

/// The first version that knows profiles and reads `.env` from the project's folder.
const OLDEST: (u32, u32) = (1, 28);

/// What stands before the arguments of docker-compose.
pub(crate) async fn find<R: Runner>(console: &Console<R>) -> Result<Invocation, ComposeError> {
    let program = Invocation::new("docker-compose", [""; 0]);
    let wrong = match probe(console, &program).await? {
        Ok(()) => return Ok(program),
        Err(wrong) => wrong,
    };
    let plugin = Invocation::new("docker", ["compose"]);
    match probe(console, &plugin).await? {
        Ok(()) => Ok(plugin),
        Err(_) => Err(wrong),
    }
}

/// Asks for its version; within the result, what is wrong with it.
async fn probe<R: Runner>(
    console: &Console<R>,
    program: &Invocation,
) -> Result<Result<(), ComposeError>, ComposeError> {
    let Some(output) = console.attempt(program.clone().and(["version", "--short"])).await? else {
        return Ok(Err(ComposeError::NoCompose(None)));
    };
    if !output.success {
        return Ok(Err(ComposeError::NoCompose(Some(complaint(&output.stderr)))));
    }
    Ok(match version(&output.stdout) {
        Some((number, version)) if number < OLDEST => Err(ComposeError::ComposeTooOld(version)),
        // One that cannot be told, such as that of a build of one's own, is given a chance.
        _ => Ok(()),
    })
}

/// The first version number in `text`: its first two parts, and all of it.
fn version(text: &str) -> Option<((u32, u32), String)> {
    text.split_whitespace().find_map(|word| {
        let word = word.trim_start_matches('v').trim_end_matches(',');
        let mut parts = word.split('.').map(|part| part.parse().ok());
        let major = parts.next()??;
        let minor = parts.next()??;
        Some(((major, minor), word.to_owned()))
    })
}
