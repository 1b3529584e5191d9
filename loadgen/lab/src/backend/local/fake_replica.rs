//! A stand-in for the real executable: the test program run again as one single "test" that plays a replica, so that the
//! supervisor's tests need nothing but themselves. It answers every connection with its name and keeps the contract.

use std::os::fd::AsFd;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};

use super::LocalConfig;

const ARGS: &str = "FAKE_REPLICA_ARGS";

/// A configuration whose replicas are fakes.
pub(crate) fn config(state_dir: &std::path::Path) -> LocalConfig {
    let this = std::env::current_exe().unwrap();
    let play = concat!(module_path!(), "::plays_a_replica");
    let (_, play) = play.split_once("::").unwrap();
    let script = format!(r#"{ARGS}="$*" exec '{}' --exact {play} --nocapture"#, this.display());
    LocalConfig {
        leading_args: vec!["-c".to_owned(), script, "replica".to_owned()],
        grace: Duration::from_secs(5),
        ..LocalConfig::new("/bin/sh".into(), state_dir.to_owned())
    }
}

/// What its flags tell a fake to do.
struct Role {
    service: String,
    hostname: String,
    flags: Vec<String>,
}

impl Role {
    fn from_env() -> Option<Self> {
        let flags: Vec<String> = std::env::var(ARGS).ok()?.split(' ').map(ToOwned::to_owned).collect();
        let hostname = flags.iter().skip_while(|flag| *flag != "--hostname").nth(1)?.clone();
        Some(Self { service: flags.first()?.clone(), hostname, flags })
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|given| given == flag)
    }
}

#[tokio::test]
async fn plays_a_replica() {
    let Some(role) = Role::from_env() else { return };
    println!("{} starts with {}", role.hostname, role.flags.join(" "));
    assert!(!role.has("--fail"), "told to fail");
    let mut terminate = signal(SignalKind::terminate()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let admin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut lifeline = lifeline();
    if !role.has("--hang") {
        announce(&mut lifeline, &role, &listener, &admin).await;
    }
    let mut silence = [0; 8];
    tokio::select! {
        () = answer(&listener, &role.hostname) => {}
        _ = terminate.recv(), if !role.has("--stubborn") => {
            println!("{} stops", role.hostname);
            // As the real one does: who was let in just before is still served.
            let _ = tokio::time::timeout(Duration::from_millis(100), answer(&listener, &role.hostname)).await;
        }
        _ = lifeline.read(&mut silence) => {}
    }
}

fn lifeline() -> UnixStream {
    let socket = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let socket = std::os::unix::net::UnixStream::from(socket);
    socket.set_nonblocking(true).unwrap();
    UnixStream::from_std(socket).unwrap()
}

async fn announce(lifeline: &mut UnixStream, role: &Role, listener: &TcpListener, admin: &TcpListener) {
    let address = (role.service != "worker").then(|| listener.local_addr().unwrap());
    let line = serde_json::json!({ "address": address, "admin": admin.local_addr().unwrap() });
    lifeline.write_all(format!("{line}\n").as_bytes()).await.unwrap();
}

async fn answer(listener: &TcpListener, hostname: &str) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let hostname = hostname.to_owned();
        tokio::spawn(async move {
            let _ = stream.write_all(hostname.as_bytes()).await;
        });
    }
}
