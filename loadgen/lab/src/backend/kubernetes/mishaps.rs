//! What kubectl says when something is wrong, as one line with the remedy; whatever is not known is quoted.

use super::error::KubernetesError;
use crate::backend::command::{Invocation, shortened};

/// Why `command` failed, from what it wrote to stderr.
pub(super) fn explain(command: &Invocation, stderr: &str) -> KubernetesError {
    let said = complaint(stderr);
    let says = |any: &[&str]| any.iter().any(|part| said.contains(part));
    if says(&["(Forbidden)", "is forbidden"]) {
        KubernetesError::Forbidden(said)
    } else if says(&["(Unauthorized)", "provide credentials", "getting credentials", "Please enter Username"])
    {
        KubernetesError::Unauthorized(said)
    } else if says(&["context was not found", "does not exist", "loading config", "invalid configuration"]) {
        KubernetesError::NoConfiguration(said)
    } else if says(&["connection to the server", "Unable to connect", "(ServiceUnavailable)"]) {
        KubernetesError::NoCluster(said.replace(" - did you specify the right host or port?", ""))
    } else {
        KubernetesError::Failed { command: command.to_string(), said }
    }
}

/// The first line of `stderr` that tells a person what is wrong: what it tells developers comes before, advice after it.
pub(super) fn complaint(stderr: &str) -> String {
    let line = stderr.lines().find(|line| is_telling(line)).unwrap_or("it did not say why");
    let line = ["Error from server: ", "error: ", "Error in configuration: "]
        .iter()
        .find_map(|start| line.strip_prefix(start))
        .unwrap_or(line);
    shortened(line)
}

fn is_telling(line: &str) -> bool {
    // klog begins with the severity and the date, such as `E1121`, and indents what follows.
    let mut start = line.chars();
    let severity = start.next().is_some_and(|c| "EWIF".contains(c));
    let is_log = severity && start.take(4).filter(char::is_ascii_digit).count() == 4;
    let is_note = ["Warning: ", "Defaulted container"].iter().any(|note| line.starts_with(note));
    !(line.trim().is_empty() || line.starts_with(char::is_whitespace) || is_log || is_note)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(stderr: &str) -> String {
        explain(&Invocation::new("kubectl", ["get", "pods"]), stderr).to_string()
    }

    #[test]
    fn each_mishap_ends_with_its_remedy() {
        for (said, wrong, remedy) in [
            (
                "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
                "does not answer: The connection to the server localhost:8080 was refused; start it",
                "--context",
            ),
            (
                "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout",
                "i/o timeout",
                "KUBECONFIG",
            ),
            (
                "Error in configuration: context was not found for specified context: nope",
                "configuration: context was not found for specified context: nope",
                "--context",
            ),
            ("error: error loading config file \"bad.yaml\": yaml: line 1: what", "bad.yaml", "KUBECONFIG"),
            (
                "error: You must be logged in to the server (Unauthorized)",
                "You must be logged in",
                "log in anew",
            ),
            (
                "Unable to connect to the server: getting credentials: exec: executable x not found\n\nIt looks like",
                "executable x not found",
                "log in",
            ),
            (
                "Error from server (Forbidden): pods is forbidden: User \"u\" cannot list resource \"pods\"",
                "cannot list resource",
                "Role",
            ),
            (
                "Error from server (InternalError): odd",
                "`kubectl get pods` failed: Error from server",
                "get events",
            ),
            ("", "it did not say why", "get events"),
        ] {
            let message = explained(said);
            assert!(message.contains(wrong) && message.contains(remedy), "{message}");
        }
    }

    #[test]
    fn what_is_meant_for_developers_is_no_complaint() {
        let stderr = "E1121 19:50:33.682374   11909 memcache.go:265] \"Unhandled Error\" err=<\n\
                      \tcouldn't get current server API group list\n >\n\nWarning: old\n\
                      Unable to connect to the server: odd\n\nIt looks like you are trying something\n";
        assert_eq!(complaint(stderr), "Unable to connect to the server: odd");
        assert_eq!(complaint("Errors abound"), "Errors abound");
    }
}
