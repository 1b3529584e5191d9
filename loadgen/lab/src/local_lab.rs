//! The lab on local processes: its backend from its flags, and ^C.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::sync::watch;

use crate::args::LabArgs;
use crate::backend::local::{LocalBackend, LocalConfig};
use crate::report::Outcome;
use crate::run::{LabError, run};
use crate::signals::Signals;
use crate::stop;

/// Runs `loadgen lab` with `executable service NAME` as the application's replicas.
pub async fn lab(args: &LabArgs, executable: PathBuf, out: &mut impl Write) -> Result<Outcome, LabError> {
    // Its journal is gone with the application, however the lab ends, short of SIGKILL.
    let state_dir = state_dir()?;
    let backend = LocalBackend::new(config(args, executable, state_dir.path()));
    let (sender, stop) = stop::stop();
    tokio::spawn(stop_on(Signals::install().map_err(LabError::Signals)?, sender));
    run(args, backend, &stop, out).await
}

fn state_dir() -> Result<TempDir, LabError> {
    let runtime_dir = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir());
    let parent = runtime_dir.unwrap_or_else(std::env::temp_dir);
    let made = tempfile::Builder::new().prefix("bottleneck-lab-").tempdir_in(&parent);
    made.map_err(|source| LabError::StateDir { path: parent.display().to_string(), source })
}

async fn stop_on(mut signals: Signals, sender: watch::Sender<u32>) {
    loop {
        signals.next().await;
        sender.send_modify(|asked| *asked += 1);
    }
}

fn config(args: &LabArgs, executable: PathBuf, state_dir: &Path) -> LocalConfig {
    let mut config = LocalConfig::new(executable, state_dir.to_owned());
    args.application.configure(&mut config);
    config
}
