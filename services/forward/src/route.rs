//! Where a connection goes, as it is typed: `HOST:PORT`, and with the port that it comes in at, `PORT=HOST:PORT`.

use std::fmt;

/// A port of this machine, and where its connections go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The port; 0 takes any free one.
    pub port: u16,
    /// `HOST:PORT`.
    pub to: String,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.port, self.to)
    }
}

/// Parses `PORT=HOST:PORT`.
pub(crate) fn route(text: &str) -> Result<Route, String> {
    let wrong = || format!("`{text}` is no route; write it as PORT=HOST:PORT, such as 8000=webui:80");
    let (port, to) = text.trim().rsplit_once('=').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    Ok(Route { port, to: target(to).map_err(|_| wrong())? })
}

/// Parses `HOST:PORT`.
pub(crate) fn target(text: &str) -> Result<String, String> {
    let port =
        text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
    match port {
        Some(Ok(1..)) => Ok(text.to_owned()),
        _ => Err("expected HOST:PORT, such as rng:80".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_needs_a_host_and_a_port() {
        assert!(target("rng:80").is_ok());
        assert!(target("[::1]:80").is_ok());
        for wrong in ["rng", ":80", "rng:", "rng:0", "rng:http", "rng:70000"] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_route_is_a_port_and_a_target() {
        for (text, port, to) in [("8001=rng:80", 8001, "rng:80"), (" 0=[::1]:80\n", 0, "[::1]:80")] {
            assert_eq!(route(text), Ok(Route { port, to: to.into() }));
            assert_eq!(route(text).unwrap().to_string(), text.trim());
        }
        for wrong in ["", "8001", "rng:80", "=rng:80", "70000=rng:80", "8001=rng", "8001=8002=rng:80"] {
            let message = route(wrong).unwrap_err();
            assert!(message.contains(wrong) && message.contains("8000=webui:80"), "{message}");
        }
    }
}
