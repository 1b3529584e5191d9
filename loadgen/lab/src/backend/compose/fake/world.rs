//! What there is on the fake engine, and what commands do to it.

use tokio::sync::mpsc;

use crate::backend::admin_server::HOSTNAME;

/// The engine, the programs and the compose file.
#[derive(Debug)]
pub(in crate::backend::compose) struct World {
    /// What `docker-compose version` prints; none if there is no such program.
    pub(in crate::backend::compose) docker_compose: Option<&'static str>,
    /// What `docker compose version` prints.
    pub(in crate::backend::compose) plugin: Option<&'static str>,
    /// Those of the compose file.
    pub(in crate::backend::compose) services: Vec<&'static str>,
    /// The folder that new containers are made from.
    pub(in crate::backend::compose) folder: String,
    /// The files that they are said to be made from.
    pub(in crate::backend::compose) config_files: &'static str,
    pub(in crate::backend::compose) containers: Vec<FakeContainer>,
    /// Names of projects with volumes.
    pub(in crate::backend::compose) volumes: Vec<&'static str>,
    /// Commands that contain the first do what they should, and yet fail with the second on stderr.
    pub(in crate::backend::compose) failures: Vec<(&'static str, &'static str)>,
    pub(super) events: Option<mpsc::Sender<String>>,
    next_id: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend::compose) struct FakeContainer {
    pub(super) id: String,
    pub(in crate::backend::compose) service: String,
    pub(in crate::backend::compose) number: usize,
    pub(in crate::backend::compose) status: &'static str,
    folder: String,
}

impl FakeContainer {
    fn is_among(&self, names: &[&str]) -> bool {
        names.contains(&format!("p_{}_{}", self.service, self.number).as_str())
    }
}

impl World {
    /// An engine without containers, and all programs; the compose file is in `folder`.
    pub(in crate::backend::compose) fn new(folder: String) -> Self {
        Self {
            docker_compose: Some("1.29.2\n"),
            plugin: None,
            services: vec!["redis", "rng", "hasher", "worker", "webui", "ports"],
            folder,
            config_files: "compose.yaml",
            containers: Vec::new(),
            volumes: Vec::new(),
            failures: Vec::new(),
            events: None,
            next_id: 0,
        }
    }

    /// Brings `service` to `count` running containers, the highest numbers going first.
    pub(in crate::backend::compose) fn scale(&mut self, service: &str, count: usize) {
        self.containers.retain(|it| it.service != service || it.number <= count);
        for number in 1..=count {
            match self.containers.iter_mut().find(|it| it.service == service && it.number == number) {
                Some(container) => container.status = "running",
                None => self.create(service, number),
            }
        }
    }

    fn create(&mut self, service: &str, number: usize) {
        self.next_id += 1;
        let (id, service, folder) = (format!("id{}", self.next_id), service.to_owned(), self.folder.clone());
        self.containers.push(FakeContainer { id, service, number, status: "running", folder });
    }

    pub(in crate::backend::compose) fn set_status(&mut self, service: &str, status: &'static str) {
        for container in self.containers.iter_mut().filter(|it| it.service == service) {
            container.status = status;
        }
    }

    /// How many containers of each service run, such as `rng=2 worker=1`.
    pub(in crate::backend::compose) fn running(&self) -> String {
        let runs = |service: &str| {
            self.containers.iter().filter(|it| it.service == service && it.status == "running").count()
        };
        let mut services: Vec<&str> = self.containers.iter().map(|it| it.service.as_str()).collect();
        services.sort_unstable();
        services.dedup();
        let counts = services.into_iter().map(|service| format!("{service}={}", runs(service)));
        counts.collect::<Vec<_>>().join(" ")
    }

    /// Does what the command does; what it prints.
    pub(super) fn obey(&mut self, program: &str, args: &[String]) -> String {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        match (program, args.as_slice()) {
            ("docker-compose", ["version", ..]) => self.docker_compose.unwrap_or_default().to_owned(),
            ("docker", ["compose", "version", ..]) => self.plugin.unwrap_or_default().to_owned(),
            ("docker-compose", args) | ("docker", ["compose", args @ ..]) => self.compose(args),
            ("docker", ["volume", ..]) => self.volumes.join("\n"),
            ("docker", ["ps", ..]) => self.ids(),
            ("docker", ["inspect", "--type", "container", ids @ ..]) => self.inspect(ids),
            ("docker", ["rm", names @ ..]) => {
                self.containers.retain(|it| !it.is_among(names));
                String::new()
            }
            ("docker", ["stop" | "kill", names @ ..]) => {
                for container in self.containers.iter_mut().filter(|it| it.is_among(names)) {
                    container.status = "exited";
                }
                String::new()
            }
            ("docker", ["logs", ..]) => "one line\nthe last line\n".to_owned(),
            other => panic!("the fake does not know {other:?}"),
        }
    }

    fn compose(&mut self, args: &[&str]) -> String {
        match args {
            ["-f", _, args @ ..] => return self.compose(args),
            ["config", ..] => return self.services.join("\n"),
            ["ps", ..] => return self.ids(),
            ["up", args @ ..] => self.up(args),
            ["stop", services @ ..] => services.iter().for_each(|service| self.set_status(service, "exited")),
            ["rm", args @ ..] => self.containers.retain(|it| !args.contains(&it.service.as_str())),
            ["down", ..] => self.containers.clear(),
            other => panic!("the fake does not know docker-compose {other:?}"),
        }
        String::new()
    }

    fn up(&mut self, args: &[&str]) {
        let scales = args.iter().filter_map(|arg| arg.split_once('='));
        let scales: Vec<(&str, usize)> =
            scales.map(|(service, count)| (service, count.parse().unwrap())).collect();
        let everything = self.services.iter().map(|service| (*service, 1)).collect();
        for (service, count) in if scales.is_empty() { everything } else { scales } {
            self.scale(service, count);
        }
    }

    fn ids(&self) -> String {
        self.containers.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn inspect(&self, ids: &[&str]) -> String {
        let found = self.containers.iter().filter(|it| ids.contains(&it.id.as_str()));
        found.map(|container| self.inspected(container)).collect::<serde_json::Value>().to_string()
    }

    fn inspected(&self, container: &FakeContainer) -> serde_json::Value {
        let FakeContainer { id, service, number, status, folder } = container;
        let address = if *status == "running" { "127.0.0.1" } else { "" };
        serde_json::json!({
            "Id": id, "Name": format!("/p_{service}_{number}"), "RestartCount": 0, "State": { "Status": status },
            "Config": { "Hostname": HOSTNAME, "Labels": {
                "com.docker.compose.project": "p", "com.docker.compose.service": service,
                "com.docker.compose.container-number": number.to_string(),
                "com.docker.compose.oneoff": "False",
                "com.docker.compose.project.working_dir": folder,
                "com.docker.compose.project.config_files": self.config_files,
            } },
            "NetworkSettings": { "Networks": { "p_default": { "IPAddress": address } } },
        })
    }
}
