//! A compose project of a story, handled with the real docker-compose. Owns its name, which nobody else uses, and its
//! end: whatever a story did, no container, network or volume of it survives.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::LOADGEN;
use super::container::{Container, docker};
use super::machine::{self, Turn};
use super::program::{Finished, Program};
use super::wait::eventually;

const TO_FINISH: Duration = Duration::from_secs(120);
const TO_MEASURE: Duration = Duration::from_secs(240);
const TO_PUBLISH: Duration = Duration::from_secs(60);
const TO_SERVE: Duration = Duration::from_secs(30);
const TO_ANSWER: Duration = Duration::from_secs(5);
const ANY_PORTS: [(&str, &str); 3] = [("WEBUI_PORT", "0"), ("RNG_PORT", "0"), ("HASHER_PORT", "0")];

/// The services whose containers run our image, by default.
pub(crate) const OUR_SERVICES: [&str; 5] = ["rng", "hasher", "worker", "webui", "ports"];

/// A project; nothing runs until a story says so, and meanwhile nobody else disturbs the machine.
pub(crate) struct Stack {
    name: String,
    files: Vec<PathBuf>,
    _turn: Turn,
}

impl Stack {
    /// `compose/compose.yaml` as it stands.
    pub(crate) fn new(story: &str) -> Self {
        Self::with(story, &[])
    }

    /// The same with files of `compose/overrides`, which are named without their ending.
    pub(crate) fn with(story: &str, overrides: &[&str]) -> Self {
        Self::of(story, std::iter::once(compose_file()).chain(overrides.iter().map(override_file)).collect())
    }

    /// Compose files of the story's own.
    pub(crate) fn of(story: &str, files: Vec<PathBuf>) -> Self {
        Self { name: format!("e2e-{story}-{}", std::process::id()), files, _turn: machine::busy() }
    }

    /// The project's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `docker-compose ARGUMENTS` on this project and any free ports, as a command.
    pub(crate) fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker-compose");
        command.args(["-p", &self.name]).args(self.file_flags()).args(arguments).envs(ANY_PORTS);
        command
    }

    /// `loadgen lab --backend compose ARGUMENTS` on this project, as a command.
    pub(crate) fn lab(&self, arguments: &[&str]) -> Command {
        let mut command = lab(arguments);
        command.args(["-p", &self.name]).args(self.file_flags());
        command
    }

    /// Runs the lab to its end; returns what it said, and the report that it wrote.
    pub(crate) fn measured(&self, arguments: &[&str]) -> (Finished, Value) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("lab.json");
        let said = Program::start(self.lab(arguments).arg("--json").arg(&file)).finish(TO_MEASURE);
        let written = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        (said, serde_json::from_str(&written).expect("JSON"))
    }

    /// Runs docker-compose to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        Program::start(&mut self.compose(arguments)).finish(TO_FINISH)
    }

    /// Runs docker-compose to its end, which must be a good one, and returns its output.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert!(said.status.success(), "{arguments:?}: {}\n{}{}", said.status, said.stdout, said.stderr);
        said.stdout
    }

    /// `docker-compose up -d --scale SERVICE=COUNT…`
    pub(crate) fn up(&self, scales: &[&str]) {
        let scales = scales.iter().flat_map(|scale| ["--scale", scale]);
        self.done(&["up", "-d"].into_iter().chain(scales).collect::<Vec<_>>());
    }

    /// Where this machine reaches a port of the service `ports`, once it is published.
    pub(crate) fn address(&self, port: u16) -> SocketAddr {
        let port = port.to_string();
        let published = || {
            let said = self.run(&["port", "ports", &port]).stdout;
            said.trim().parse::<SocketAddr>().ok().filter(|address| address.port() > 0)
        };
        let published = eventually("a published port", TO_PUBLISH, published);
        SocketAddr::from(([127, 0, 0, 1], published.port()))
    }

    /// The address of webui, once it answers.
    pub(crate) fn webui(&self) -> SocketAddr {
        let webui = self.address(8000);
        eventually("the page", TO_SERVE, || answers(webui).then_some(()));
        webui
    }

    /// The containers of a service, stopped ones included.
    pub(crate) fn containers(&self, service: &str) -> Vec<Container> {
        Container::all(&self.name, service)
    }

    /// The only container of a service.
    pub(crate) fn container(&self, service: &str) -> Container {
        let mut containers = self.containers(service);
        assert_eq!(containers.len(), 1, "{service}");
        containers.remove(0)
    }

    /// How many containers of each service run; stopped ones must not lie about.
    pub(crate) fn counts<const N: usize>(&self, services: [&str; N]) -> [usize; N] {
        services.map(|service| {
            let containers = self.containers(service);
            assert!(containers.iter().all(Container::runs), "a stopped container of {service}");
            containers.len()
        })
    }

    /// The containers that run.
    pub(crate) fn running(&self) -> String {
        docker(&["ps", "-q", "--filter", &self.label()])
    }

    /// Every container, network and volume of the project, one a line.
    pub(crate) fn leftovers(&self) -> String {
        let label = self.label();
        let lists = [["ps", "-aq"].as_slice(), &["network", "ls", "-q"], &["volume", "ls", "-q"]];
        lists.map(|list| docker(&[list, &["--filter", &label]].concat())).concat()
    }

    fn label(&self) -> String {
        format!("label=com.docker.compose.project={}", self.name)
    }

    fn file_flags(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().flat_map(|file| [Path::new("-f"), file])
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let down = ["down", "--volumes", "--remove-orphans", "--timeout", "1"];
        let _ = self.compose(&down).output();
    }
}

/// `loadgen lab --backend compose ARGUMENTS` on any free ports, as a command; the arguments must name the project.
pub(crate) fn lab(arguments: &[&str]) -> Command {
    let mut command = Command::new(LOADGEN);
    command.args(["lab", "--no-report", "--backend", "compose"]).args(arguments).envs(ANY_PORTS);
    command
}

/// Whether `GET /` gets an answer; a published port takes connections before anybody listens behind it.
fn answers(address: SocketAddr) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(TO_ANSWER))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: webui\r\nConnection: close\r\n\r\n")?;
        stream.read(&mut [0])
    };
    ask().is_ok_and(|read| read > 0)
}

/// The image of a program of ours, as compose.yaml has it.
pub(crate) fn image(program: &str) -> String {
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    format!("{}/{program}:{}", variable("REGISTRY", "localhost"), variable("TAG", "latest"))
}

/// The folder of the compose files.
pub(crate) fn compose_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compose")
}

/// The application's compose file.
pub(crate) fn compose_file() -> PathBuf {
    compose_folder().join("compose.yaml")
}

/// An override, named without its ending.
pub(crate) fn override_file(name: impl AsRef<str>) -> PathBuf {
    compose_folder().join("overrides").join(format!("{}.yaml", name.as_ref()))
}
