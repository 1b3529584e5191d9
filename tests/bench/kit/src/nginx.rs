//! nginx, for as long as a benchmark takes. Owns its configuration, its directory, and its end.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use tempfile::TempDir;

use crate::cores::on_core;
use crate::server::{Served, cpu_time};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(5);

/// One process of nginx that answers every request with a few bytes; it ends when it is dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    address: SocketAddr,
    directory: TempDir,
}

impl Nginx {
    /// Starts one on `core`.
    pub fn start(core: usize) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir().context("no temporary directory")?;
        let address = free_address()?;
        let path = directory.path();
        fs::write(path.join("nginx.conf"), configuration(address)).context("cannot write nginx.conf")?;
        // Nobody is left behind, even if the benchmark is killed.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "nginx", "-c", "nginx.conf", "-e", "error.log", "-p"]).arg(path);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = on_core(core, || command.spawn().context("cannot start nginx; try tests/bench/install"))?;
        let mut nginx = Self { child, address, directory };
        nginx.wait_until_it_answers()?;
        Ok(nginx)
    }

    /// Whether there is one to start.
    pub fn is_there() -> bool {
        Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn wait_until_it_answers(&mut self) -> anyhow::Result<()> {
        let began_at = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().context("cannot watch nginx")?;
            if ended.is_some() || began_at.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.directory.path().join("error.log")).unwrap_or_default();
                anyhow::bail!("nginx does not answer: {log}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn status(&self) -> anyhow::Result<String> {
        let mut stream = TcpStream::connect(self.address).context("nginx does not answer")?;
        stream.write_all(b"GET /status HTTP/1.0\r\n\r\n").context("nginx takes no request")?;
        let mut text = String::new();
        stream.read_to_string(&mut text).context("nginx gives no status")?;
        Ok(text)
    }
}

impl Served for Nginx {
    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_time(&format!("/proc/{}/schedstat", self.child.id()))
    }

    /// Without the requests that asked for this.
    fn answered(&self) -> anyhow::Result<u64> {
        // "server accepts handled requests\n 3 3 12 "
        let status = self.status()?;
        let numbers = status.split("requests").nth(1).map(|rest| rest.split_whitespace());
        let requests = numbers.and_then(|mut numbers| numbers.nth(2)).and_then(|number| number.parse().ok());
        requests.with_context(|| format!("nginx's status is not understood: {status}"))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).context("no free port")
}

/// One process, no log, connections that last.
fn configuration(address: SocketAddr) -> String {
    format!(
        r#"daemon off;
master_process off;
pid nginx.pid;
worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    server {{
        listen {address} backlog=4096;
        location / {{ return 200 "hello\n"; }}
        location /status {{ stub_status; }}
    }}
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cores;

    #[test]
    #[ignore = "needs nginx"]
    fn it_answers_counts_and_leaves_nothing_behind() {
        let nginx = Nginx::start(cores::any().unwrap()).unwrap();
        let before = nginx.answered().unwrap();
        let mut stream = TcpStream::connect(nginx.address).unwrap();
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("hello\n"), "{answer}");
        assert_eq!(nginx.answered().unwrap(), before + 2);
        let (address, directory) = (nginx.address, nginx.directory.path().to_owned());
        drop(nginx);
        assert!(TcpStream::connect(address).is_err() && !directory.exists());
    }
}
