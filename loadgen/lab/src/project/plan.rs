//! From what was typed after `loadgen up` to what is to be started.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::assignment::Assignment;
use super::up::UpArgs;
use crate::backend::Service;
use crate::backend::local::LocalConfig;

/// What a session starts.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) config: LocalConfig,
    pub(super) counts: BTreeMap<Service, usize>,
}

impl Plan {
    pub(super) fn new(args: &UpArgs, executable: PathBuf, state_dir: &Path) -> Self {
        let port = |port: u16| SocketAddr::new(args.bind, port);
        let mut config = LocalConfig {
            listen: BTreeMap::from([
                (Service::Webui, port(args.webui_port)),
                (Service::Rng, port(args.rng_port)),
                (Service::Hasher, port(args.hasher_port)),
            ]),
            faults: args.enable_faults,
            ..LocalConfig::new(executable, state_dir.to_owned())
        };
        args.application.configure(&mut config);
        Self { config, counts: counts(&args.scale) }
    }
}

/// The last one given for a service holds, as with docker-compose.
fn counts(assignments: &[Assignment]) -> BTreeMap<Service, usize> {
    assignments.iter().map(|assignment| (assignment.service, assignment.replicas)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        up: UpArgs,
    }

    fn plan(line: &str) -> Plan {
        let words = std::iter::once("up").chain(line.split_whitespace());
        Plan::new(&Cli::try_parse_from(words).unwrap().up, "/bin/loadgen".into(), Path::new("/state"))
    }

    fn complaint(line: &str) -> String {
        let words = std::iter::once("up").chain(line.split_whitespace());
        Cli::try_parse_from(words).err().unwrap().to_string()
    }

    #[test]
    fn the_defaults_are_the_original_ports() {
        let plan = plan("");
        assert_eq!(plan.config.listen[&Service::Webui], ([127, 0, 0, 1], 8000).into());
        assert_eq!(plan.config.listen[&Service::Rng].port(), 8001);
        assert_eq!(plan.config.listen[&Service::Hasher].port(), 8002);
        assert!(plan.counts.is_empty());
    }

    #[test]
    fn the_last_scale_of_a_service_holds() {
        let plan = plan("--scale worker=2 --scale rng=3 --scale worker=10");
        assert_eq!(plan.counts, BTreeMap::from([(Service::Worker, 10), (Service::Rng, 3)]));
    }

    #[test]
    fn mistakes_are_named_with_their_flag() {
        for (line, flag, remedy) in [
            ("--scale worker", "--scale", "worker=10"),
            ("--scale nginx=2", "--scale", "known are rng"),
            ("--rng-port 99999", "--rng-port", "65535"),
            ("--project ../x", "--project", "lower-case"),
        ] {
            let complaint = complaint(line);
            assert!(complaint.contains(flag) && complaint.contains(remedy), "{line}: {complaint}");
        }
    }
}
