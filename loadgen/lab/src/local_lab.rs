//! The lab on local processes: its backend from its flags, and ^C.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::args::LabArgs;
use crate::backend::local::{LocalBackend, LocalConfig};
use crate::report::Outcome;
use crate::run::{LabError, run};
use crate::stop;

/// Runs `loadgen lab` with `executable service NAME` as the application's replicas.
pub async fn lab(args: &LabArgs, executable: PathBuf, out: &mut impl Write) -> Result<Outcome, LabError> {
    // Its journal is gone with the application, however the lab ends, short of SIGKILL.
    let state_dir = state_dir()?;
    let backend = LocalBackend::new(config(args, executable, state_dir.path()));
    let (sender, stop) = stop::stop();
    let mut signals = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
    tokio::spawn(async move { stop_on(&mut signals, &sender).await });
    run(args, backend, &stop, out).await
}

fn state_dir() -> io::Result<TempDir> {
    let named = || tempfile::Builder::new().prefix("bottleneck-lab-").to_owned();
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(dir) if Path::new(&dir).is_dir() => named().tempdir_in(dir),
        _ => named().tempdir(),
    }
}

async fn stop_on(
    [interrupt, terminate]: &mut [tokio::signal::unix::Signal; 2],
    sender: &watch::Sender<bool>,
) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    let _ = sender.send(true);
    // Stays alive: were the sender dropped, ^C would look as if it could not come any more.
    std::future::pending::<()>().await;
}

fn config(args: &LabArgs, executable: PathBuf, state_dir: &Path) -> LocalConfig {
    let mut config = LocalConfig::new(executable, state_dir.to_owned());
    args.application.configure(&mut config);
    config
}
