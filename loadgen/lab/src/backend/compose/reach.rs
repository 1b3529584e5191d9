//! Finding the way to the containers: their own addresses where this machine reaches them, else a tunnel through one of them.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::containers::Container;
use super::error::ComposeError;
use crate::backend::command::{Console, Invocation, Runner};
use crate::backend::tunnel::Tunnel;
use crate::backend::way::{Reach, Way};
use crate::scrape::Scraper;

/// What a container gets to answer directly.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Services whose containers hold our program and have little to do, the idlest first.
const TUNNEL_THROUGH: [&str; 5] = ["ports", "webui", "hasher", "worker", "rng"];

/// Services whose containers have an admin port.
const ASKED: [&str; 3] = ["rng", "hasher", "worker"];

/// Finds the way to `containers`, whose admin ports are `admin_port`.
pub(super) async fn find<R: Runner>(
    console: &Console<R>,
    reach: Reach,
    containers: &[Container],
    admin_port: u16,
) -> Result<Way, ComposeError> {
    if reach == Reach::Tunnel {
        return through(console, containers).await;
    }
    let why = match directly(containers, admin_port).await {
        Ok(()) => return Ok(Way::Direct),
        Err(why) => why,
    };
    if reach == Reach::Direct {
        return Err(ComposeError::Unreachable(why));
    }
    console.say(&format!("the containers cannot be reached from here ({why}): going through a tunnel"));
    match through(console, containers).await {
        Err(ComposeError::Tunnel(tunnel)) => Err(ComposeError::NoWay { directly: why, tunnel }),
        way => way,
    }
}

async fn through<R: Runner>(console: &Console<R>, containers: &[Container]) -> Result<Way, ComposeError> {
    let of = |service: &&str| containers.iter().find(|it| it.runs && it.service == **service);
    let container = TUNNEL_THROUGH.iter().find_map(of).ok_or(ComposeError::NowhereToTunnel)?;
    let command = Invocation::new("docker", ["exec", "-i", &container.name, "/dockercoins", "tunnel"]);
    console.say(&format!("$ {command}"));
    let tunnel = Tunnel::open(command.program()).await?;
    Ok(Way::Through(Box::new(tunnel)))
}

/// Whether the first container that has an admin port answers there itself; if not, why.
async fn directly(containers: &[Container], admin_port: u16) -> Result<(), String> {
    let mut asked = containers.iter().filter(|it| ASKED.contains(&it.service.as_str()));
    let Some((container, ip)) = asked.find_map(|it| Some((it, it.address?))) else {
        return Err("none of them has an address".to_owned());
    };
    let deadline = Instant::now() + ANSWERS_WITHIN;
    loop {
        let why = match timeout(ANSWERS_WITHIN, hostname(ip, admin_port)).await {
            Ok(Ok(hostname)) if hostname == container.hostname => return Ok(()),
            Ok(Ok(hostname)) => format!("at {ip} answers {hostname}, which is another machine"),
            Ok(Err(why)) => why,
            Err(_) => format!("no answer from {ip}:{admin_port} within {ANSWERS_WITHIN:?}"),
        };
        if Instant::now() > deadline {
            return Err(why);
        }
        sleep(PAUSE).await;
    }
}

/// Who answers there. The same private address may well belong to somebody else on this machine's networks.
async fn hostname(ip: IpAddr, admin_port: u16) -> Result<String, String> {
    let version = Scraper::new().get((ip, admin_port).into(), "/version").await;
    let version = version.map_err(|error| error.to_string())?;
    let version: serde_json::Value = serde_json::from_str(&version).map_err(|error| error.to_string())?;
    Ok(version["hostname"].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::tunnel::tests::lost;

    #[tokio::test]
    async fn a_tunnel_that_is_lost_midway_is_not_blamed_on_the_images() {
        let way = Way::Through(Box::new(lost().await));
        let lost = way.to(([127, 0, 0, 1], 80).into()).unwrap_err();
        let error = ComposeError::TunnelLost(lost).to_string();
        assert!(error.contains("has ended") && error.contains("docker ps -a"), "{error}");
        assert!(!error.contains("original-images"), "{error}");
    }
}
