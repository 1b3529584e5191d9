//! The containers of a project, as `docker inspect` tells of them. The labels are the same with docker-compose 1 and Compose v2.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::error::ComposeError;
use crate::backend::command::{Console, Invocation, Runner};

/// What every label of docker-compose starts with.
pub(super) const LABEL: &str = "com.docker.compose";

/// One container of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Container {
    pub(super) id: String,
    /// Docker's name for it.
    pub(super) name: String,
    pub(super) project: String,
    /// The folder of the compose files that it was made from.
    pub(super) working_dir: Option<PathBuf>,
    /// Those compose files, as they were named then, with commas.
    pub(super) config_files: Option<String>,
    pub(super) service: String,
    pub(super) number: u32,
    /// Whether it runs, or is about to again.
    pub(crate) runs: bool,
    /// How often Docker started it again.
    pub(super) restarts: u32,
    pub(super) hostname: String,
    /// On the network that most of the project's containers share, while it runs.
    pub(super) address: Option<IpAddr>,
}

impl Container {
    /// What the lab calls it, such as `rng-1`.
    pub(super) fn replica_name(&self) -> String {
        format!("{}-{}", self.service, self.number)
    }
}

/// How often containers that go away between being listed and being read are listed anew.
const ATTEMPTS: u32 = 5;

/// The containers that `list` prints the ids of, by service and number; not those of `docker-compose run`.
pub(crate) async fn inspect<R: Runner>(
    console: &Console<R>,
    list: Invocation,
) -> Result<Vec<Container>, ComposeError> {
    console.say(&format!("$ docker inspect $({list})"));
    let mut attempt = 1;
    loop {
        match inspect_untold(console, list.clone()).await {
            Err(ComposeError::Failed { said, .. }) if said.contains("No such") && attempt < ATTEMPTS => {
                attempt += 1;
            }
            inspected => return inspected,
        }
    }
}

async fn inspect_untold<R: Runner>(
    console: &Console<R>,
    list: Invocation,
) -> Result<Vec<Container>, ComposeError> {
    let ids = console.read_untold(list).await?;
    if ids.trim().is_empty() {
        return Ok(Vec::new());
    }
    let command = Invocation::new("docker", ["inspect", "--type", "container"]).and(ids.split_whitespace());
    let json = console.read_untold(command).await?;
    parse(&json).map_err(|error| ComposeError::Unintelligible {
        command: "docker inspect".to_owned(),
        said: error.to_string(),
    })
}

/// Lists the containers of `project`, running or not.
pub(super) fn list_of(project: &str) -> Invocation {
    Invocation::new("docker", ["ps", "-aq", "--filter"]).and([format!("label={LABEL}.project={project}")])
}

fn parse(json: &str) -> Result<Vec<Container>, serde_json::Error> {
    let inspected: Vec<Inspected> = serde_json::from_str(json)?;
    let mut members: BTreeMap<String, usize> = BTreeMap::new();
    for network in inspected.iter().flat_map(Inspected::networks) {
        *members.entry(network.clone()).or_default() += 1;
    }
    let mut containers: Vec<Container> =
        inspected.into_iter().filter_map(|it| it.container(&members)).collect();
    containers.sort_by(|a, b| (&a.service, a.number).cmp(&(&b.service, b.number)));
    Ok(containers)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    name: String,
    #[serde(default)]
    restart_count: u32,
    state: State,
    config: Config,
    network_settings: NetworkSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    hostname: String,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    networks: Option<BTreeMap<String, Endpoint>>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(rename = "IPAddress", default)]
    v4: String,
    #[serde(rename = "GlobalIPv6Address", default)]
    v6: String,
}

impl Inspected {
    fn networks(&self) -> impl Iterator<Item = &String> {
        self.network_settings.networks.iter().flat_map(BTreeMap::keys)
    }

    /// `None` if it is no container of a service; `members` says how many containers each network has.
    fn container(self, members: &BTreeMap<String, usize>) -> Option<Container> {
        let labels = self.config.labels.unwrap_or_default();
        let label = |name: &str| labels.get(&format!("{LABEL}.{name}")).cloned();
        if label("oneoff").is_some_and(|oneoff| oneoff.eq_ignore_ascii_case("true")) {
            return None;
        }
        let networks = self.network_settings.networks.unwrap_or_default();
        let mut endpoints: Vec<(String, Endpoint)> = networks.into_iter().collect();
        // Of several networks, the one that most others are on: a tunnel leads to no other.
        endpoints.sort_by_key(|(network, _)| Reverse(members.get(network).copied()));
        let mut addresses = endpoints.iter().flat_map(|(_, endpoint)| [&endpoint.v4, &endpoint.v6]);
        Some(Container {
            name: self.name.trim_start_matches('/').to_owned(),
            project: label("project")?,
            working_dir: label("project.working_dir").map(PathBuf::from),
            config_files: label("project.config_files"),
            service: label("service")?,
            number: label("container-number")?.parse().ok()?,
            runs: ["running", "restarting", "paused"].contains(&self.state.status.as_str()),
            restarts: self.restart_count,
            hostname: self.config.hostname,
            address: addresses.find_map(|address| address.parse().ok()),
            id: self.id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(service: &str, number: u32, status: &str, oneoff: &str, v4: &str) -> serde_json::Value {
        serde_json::json!({
            "Id": format!("{service}{number}"), "Name": format!("/p_{service}_{number}"), "RestartCount": 2,
            "State": { "Status": status, "ExitCode": 0 },
            "Config": { "Hostname": "abc", "Labels": {
                "com.docker.compose.project": "p", "com.docker.compose.service": service,
                "com.docker.compose.container-number": number.to_string(), "com.docker.compose.oneoff": oneoff,
                "com.docker.compose.project.working_dir": "/here, there",
            } },
            "NetworkSettings": { "Networks": { "p_default": { "IPAddress": v4, "GlobalIPv6Address": "fd00::7" } } },
        })
    }

    #[test]
    fn containers_are_in_order_of_their_numbers_and_one_offs_are_left_out() {
        let all = serde_json::json!([
            inspected("rng", 10, "running", "False", "172.18.0.9"),
            inspected("rng", 9, "exited", "False", ""),
            inspected("rng", 1, "running", "True", "172.18.0.8"),
            inspected("hasher", 1, "restarting", "False", ""),
        ]);
        let containers = parse(&all.to_string()).unwrap();
        let names: Vec<String> = containers.iter().map(Container::replica_name).collect();
        assert_eq!(names, ["hasher-1", "rng-9", "rng-10"]);
        let runs: Vec<bool> = containers.iter().map(|container| container.runs).collect();
        assert_eq!(runs, [true, false, true]);
        let last = &containers[2];
        assert_eq!((last.name.as_str(), last.restarts), ("p_rng_10", 2));
        assert_eq!(last.address, Some("172.18.0.9".parse().unwrap()));
        assert_eq!(last.working_dir, Some(PathBuf::from("/here, there")));
    }

    #[test]
    fn a_network_without_ipv4_will_do_and_a_stranger_is_no_container_of_ours() {
        let v6 = serde_json::json!([inspected("rng", 1, "running", "False", "")]);
        assert_eq!(parse(&v6.to_string()).unwrap()[0].address, Some("fd00::7".parse().unwrap()));
        let stranger = r#"[{"Id":"x","Name":"/x","State":{"Status":"running"},"Config":{"Labels":null},"NetworkSettings":{"Networks":null}}]"#;
        assert!(parse(stranger).unwrap().is_empty());
    }

    #[test]
    fn of_several_networks_the_one_that_most_containers_are_on_counts() {
        let mut rng = inspected("rng", 1, "running", "False", "172.18.0.9");
        rng["NetworkSettings"]["Networks"]["a_first_by_name"] =
            serde_json::json!({ "IPAddress": "10.9.9.9" });
        let all = serde_json::json!([rng, inspected("ports", 1, "running", "False", "172.18.0.2")]);
        let containers = parse(&all.to_string()).unwrap();
        assert_eq!(containers[1].address, Some("172.18.0.9".parse().unwrap()));
    }
}
