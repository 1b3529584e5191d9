//! What Docker and docker-compose say when something is wrong, as one line with the remedy. Their wording differs between
//! versions; whatever is not known is quoted.

use std::net::IpAddr;

use super::error::ComposeError;
use crate::backend::command::{Invocation, shortened};

/// The host ports of our compose file: the variable that sets each, and what it is without.
const PORTS: [(&str, u16); 5] = [
    ("WEBUI_PORT", 8000),
    ("RNG_PORT", 8001),
    ("HASHER_PORT", 8002),
    ("PROMETHEUS_PORT", 9090),
    ("GRAFANA_PORT", 3000),
];

/// Why `command` failed, from what it wrote to stderr; `variable` gives the environment.
pub(super) fn explain(
    command: &Invocation,
    stderr: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> ComposeError {
    let said = complaint(stderr);
    let says = |any: &[&str]| any.iter().any(|part| said.contains(part));
    // docker-compose 1 asks the engine itself, and then shows what Python makes of it.
    if let Some((_, why)) = said.split_once("Error while fetching server API version: ") {
        let denied = why.contains("PermissionError");
        let error = if denied { ComposeError::DockerDenied } else { ComposeError::DockerDown };
        error(why.to_owned())
    } else if says(&["permission denied"]) && says(&["daemon socket", "docker API"]) {
        ComposeError::DockerDenied(said)
    } else if says(&[
        "Cannot connect to the Docker daemon",
        "docker daemon",
        "docker endpoint",
        "docker API",
        "error during connect",
    ]) {
        ComposeError::DockerDown(said.replace(". Is the docker daemon running?", ""))
    } else if says(&["port is already allocated", "address already in use", "Ports are not available"]) {
        taken(command, said, variable)
    } else if says(&[
        "/v2/",
        "pull access denied",
        "manifest",
        "No such image",
        "failed to resolve reference",
        "failed to build",
        "failed to solve",
    ]) {
        ComposeError::NoImage(said)
    } else if says(&["address pool"]) {
        ComposeError::NoNetwork(said)
    } else if ["suitable configuration file", "no configuration file"]
        .iter()
        .any(|part| stderr.contains(part))
    {
        ComposeError::NoFile
    } else if command.args.iter().any(|arg| arg == "config") {
        ComposeError::BadFile(everything(stderr))
    } else {
        ComposeError::Failed { command: command.to_string(), said }
    }
}

/// The last line of `stderr` that tells what is wrong.
pub(super) fn complaint(stderr: &str) -> String {
    let line = stderr.lines().rev().find(|line| is_telling(line)).map(str::trim);
    quoted(line.unwrap_or("it did not say why"))
}

/// All lines of `stderr` that tell something, in one: docker-compose 1 spreads what is wrong with a file over several.
fn everything(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().filter(|line| is_telling(line)).map(str::trim).collect();
    quoted(&lines.join(" "))
}

fn quoted(text: &str) -> String {
    shortened(text.strip_prefix("ERROR: ").unwrap_or(text))
}

fn is_telling(line: &str) -> bool {
    // docker-compose 1 begins lines of progress with the first few, Compose v2 indents its own.
    const PROGRESS: [&str; 9] = [
        "Creating ",
        "Starting ",
        "Stopping ",
        "Removing ",
        "Pulling ",
        "Building ",
        " Container ",
        " Network ",
        " Volume ",
    ];
    let is_progress = || PROGRESS.iter().any(|start| line.starts_with(start));
    let is_summary = || line.contains("Encountered errors while bringing up the project");
    !(line.trim().is_empty() || line.contains("level=warning") || is_summary() || is_progress())
}

fn taken(command: &Invocation, said: String, variable: &dyn Fn(&str) -> Option<String>) -> ComposeError {
    let Some(port) = said.split_whitespace().find_map(host_port) else {
        return ComposeError::Failed { command: command.to_string(), said };
    };
    let set = |name: &str, default| variable(name).map_or(Some(default), |value| value.parse().ok());
    let found = PORTS.into_iter().find(|(name, default)| set(name, *default) == Some(port));
    let remedy = match found {
        Some((name, _)) => format!("set {name} (0 for any free port)"),
        None => "publish another in the compose file".to_owned(),
    };
    ComposeError::PortTaken { port, remedy }
}

/// The port in a word such as `0.0.0.0:8000`, `[::]:8000/tcp:` or `0.0.0.0:8000:172.18.0.8:8000/tcp`.
fn host_port(word: &str) -> Option<u16> {
    let (host, rest) = match word.strip_prefix('[') {
        Some(rest) => rest.split_once("]:")?,
        None => word.split_once(':')?,
    };
    host.parse::<IpAddr>().ok()?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(stderr: &str) -> String {
        let command = Invocation::new("docker-compose", ["up", "-d"]);
        let variable = |name: &str| (name == "RNG_PORT").then(|| "9001".to_owned());
        explain(&command, stderr, &variable).to_string()
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_its_variable() {
        for (said, message) in [
            (
                "Error starting userland proxy: listen tcp4 0.0.0.0:8000: bind: address already in use",
                "port 8000 is taken: free it, or set WEBUI_PORT (0 for any free port)",
            ),
            (
                "Bind for 0.0.0.0:9001 failed: port is already allocated",
                "port 9001 is taken: free it, or set RNG_PORT (0 for any free port)",
            ),
            (
                "Ports are not available: exposing port TCP 127.0.0.1:8001 -> 0.0.0.0:0: listen tcp: bind: address already in use",
                "port 8001 is taken: free it, or publish another in the compose file",
            ),
            (
                "failed to bind host port for [::]:8002:172.18.0.8:8002/tcp: address already in use",
                "port 8002 is taken: free it, or set HASHER_PORT (0 for any free port)",
            ),
        ] {
            assert_eq!(explained(said), message);
        }
    }

    #[test]
    fn each_mishap_ends_with_its_remedy() {
        for (said, wrong, remedy) in [
            (
                "permission denied while trying to connect to the Docker daemon socket at unix:///x: dial unix",
                "lets nobody in",
                "group docker",
            ),
            (
                "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file'))",
                "Docker does not answer: ('Connection aborted.', FileNotFoundError(2, 'No such file'))",
                "DOCKER_HOST",
            ),
            (
                "docker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', PermissionError(13, 'Permission denied'))",
                "lets nobody in",
                "group docker",
            ),
            (
                "pull access denied for localhost/dockercoins, repository does not exist",
                "image",
                "build-local",
            ),
            (
                "Get \"http://localhost/v2/\": dial tcp 127.0.0.1:80: connection refused",
                "image",
                "build-local",
            ),
            ("Service 'rng' failed to build : Build failed", "image", "build-local"),
            (
                "could not find an available, non-overlapping IPv4 address pool",
                "address pool",
                "network prune",
            ),
            ("Container \"abc\" is unhealthy.", "`docker-compose up -d` failed: Container", "docker ps -a"),
            ("", "it did not say why", "docker ps -a"),
        ] {
            let message = explained(said);
            assert!(message.contains(wrong) && message.contains(remedy), "{message}");
        }
    }

    #[test]
    fn progress_warnings_and_summaries_are_no_complaint() {
        let stderr = "time=\"x\" level=warning msg=\"the attribute `version` is obsolete\"\n\
                      Creating p_redis_1 ... done\n\nERROR: for ports  it broke.\n\
                      Creating p_rng_1 ... done\nEncountered errors while bringing up the project.\n";
        assert_eq!(complaint(stderr), "for ports  it broke");
    }
}
