//! What the documents below `k8s` tell people to type: every file and every object that they name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::combinations::rendered;
use super::object::{id, pod_labels, workloads};
use crate::harness::kustomize::{folders, manifests, render};

const DOCUMENTS: [&str; 3] = ["README.md", "components/README.md", "jobs/README.md"];

/// Kinds by the words that kubectl knows them by.
const KINDS: [(&str, &[&str]); 9] = [
    ("ConfigMap", &["configmap", "configmaps", "cm"]),
    ("DaemonSet", &["daemonset", "daemonsets", "ds"]),
    ("Deployment", &["deployment", "deployments", "deploy"]),
    ("HorizontalPodAutoscaler", &["hpa"]),
    ("Job", &["job", "jobs"]),
    ("Namespace", &["namespace", "ns"]),
    ("NetworkPolicy", &["networkpolicy", "netpol"]),
    ("ResourceQuota", &["quota"]),
    ("Service", &["service", "services", "svc"]),
];

fn text(document: &str) -> String {
    let path = manifests().join(document);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words of a document's commands: of the lines that a prompt or an indentation marks, without what comes after them.
fn commands(document: &str) -> Vec<Vec<String>> {
    let lines = text(document);
    let typed = lines.lines().filter_map(|line| line.strip_prefix("$ ").or(line.strip_prefix("    ")));
    let words =
        |line: &str| line.split(" #").next().unwrap_or(line).split_whitespace().map(str::to_owned).collect();
    typed.map(words).collect()
}

fn kind(word: &str) -> Option<&'static str> {
    KINDS.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind)
}

/// A name of an object: not a flag, a placeholder or something to be filled in.
fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// `KIND/NAME` of all that a command names, as one word or as two; of two, kubectl wants the second to be a name.
fn named(command: &[String]) -> impl Iterator<Item = String> {
    let one = command.iter().flat_map(|word| word.split(',')).filter_map(|word| word.split_once('/'));
    let two = command.windows(2).map(|pair| (pair[0].as_str(), pair[1].as_str()));
    one.chain(two)
        .filter(|(_, name)| is_name(name))
        .filter_map(|(word, name)| Some(format!("{}/{name}", kind(word)?)))
}

/// Every object that there may be, and every `app=NAME`.
fn there_are() -> BTreeSet<String> {
    let jobs = render("jobs", &[]);
    let objects = || rendered().flat_map(|(_, objects)| objects).chain(&jobs);
    let labels = workloads(&jobs).chain(rendered().flat_map(|(_, objects)| workloads(objects)));
    let apps =
        labels.map(|workload| format!("app={}", pod_labels(workload)["app"].as_str().unwrap_or_default()));
    objects().map(id).chain(apps.collect::<BTreeSet<_>>()).collect()
}

#[test]
fn every_file_that_the_documents_name_is_there() {
    let root = manifests().parent().expect("a folder").to_owned();
    for document in DOCUMENTS {
        let text = text(document);
        let of_links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        let links = of_links.filter(|link| !link.starts_with("http") && !link.starts_with('#'));
        let folder = manifests().join(document).parent().expect("a folder").to_owned();
        let paths = text.split(|c: char| c.is_whitespace() || "`'\"(),|".contains(c));
        // A kustomization of somebody's own lies beside the folder `k8s`.
        let paths = paths.map(|word| word.strip_prefix("../").unwrap_or(word).trim_end_matches(']'));
        let ours = paths.filter(|word| word.starts_with("k8s/") || word.starts_with("compose/"));
        let trimmed = ours.map(|word| root.join(word.trim_end_matches(['.', ':', ';'])));
        let files: Vec<PathBuf> = links.map(|link| folder.join(link)).chain(trimmed).collect();
        assert!(!files.is_empty(), "{document}");
        for file in files {
            assert!(file.exists(), "{document}: {}", file.display());
        }
    }
}

#[test]
fn the_list_of_components_has_all_of_them() {
    let text = text("components/README.md");
    for component in folders("components") {
        assert!(text.contains(&format!("`{component}`")), "{component}");
    }
}

#[test]
#[ignore = "needs kubectl"]
fn every_object_that_a_command_names_is_there_or_was_made_before() {
    let mut there = there_are();
    for document in DOCUMENTS {
        let mut seen = 0;
        for command in commands(document) {
            let makes =
                ["create", "autoscale", "expose"].iter().any(|verb| command.iter().any(|word| word == verb));
            if makes {
                there.extend(named(&command));
                continue;
            }
            for object in named(&command) {
                seen += 1;
                assert!(there.contains(&object), "{document}: {object} in {command:?}");
            }
            for label in command.iter().filter(|word| word.starts_with("app=") && is_name(&word[4..])) {
                assert!(there.contains(label), "{document}: {label} in {command:?}");
            }
        }
        assert!(seen > 0 || document.starts_with("components"), "{document}");
    }
}
