//! Whether somebody else's Redis answers, found out before anything is started that would have to wait for it.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::LocalError;

const PATIENCE: Duration = Duration::from_secs(2);
const DEFAULT_PORT: u16 = 6379;

/// Connects to the Redis at `url` and sends a PING; being told to log in first is an answer too.
pub(super) async fn ping(url: &str) -> Result<(), LocalError> {
    let said = match timeout(PATIENCE, pinged(&address(url))).await {
        Ok(said) => said,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    };
    let refused = |source| LocalError::Redis { url: without_password(url), source };
    match said.map_err(refused)? {
        b'+' | b'-' => Ok(()),
        _ => Err(refused(io::Error::other("what answers there is no Redis"))),
    }
}

async fn pinged(address: &str) -> io::Result<u8> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"PING\r\n").await?;
    stream.read_u8().await
}

/// `HOST:PORT` of `redis://[USER:PASSWORD@]HOST[:PORT][/DB]`.
fn address(url: &str) -> String {
    let rest = url.strip_prefix("redis://").unwrap_or(url);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port && !host.ends_with(']') { host.to_owned() } else { format!("{host}:{DEFAULT_PORT}") }
}

fn without_password(url: &str) -> String {
    format!("redis://{}", address(url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn the_address_is_found_in_every_form_of_the_url() {
        for (url, expected) in [
            ("redis://host", "host:6379"),
            ("redis://host:7000/2", "host:7000"),
            ("redis://user:pa@ss@host:7000?protocol=resp3", "host:7000"),
            ("redis://[::1]", "[::1]:6379"),
            ("redis://[::1]:7000", "[::1]:7000"),
        ] {
            assert_eq!(address(url), expected, "{url}");
        }
    }

    #[tokio::test]
    async fn who_does_not_answer_like_a_redis_is_named_without_the_password() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("redis://:secret@{address}");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
            }
        });
        let error = ping(&url).await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("--redis"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
