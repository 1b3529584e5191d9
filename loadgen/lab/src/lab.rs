//! `loadgen lab`: the backend that its flags ask for, and ^C.

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::sync::watch;

use crate::args::{BackendKind, LabArgs};
use crate::backend::compose::ComposeBackend;
use crate::backend::kubernetes::KubernetesBackend;
use crate::backend::local::{LocalBackend, LocalConfig};
use crate::blackbox;
use crate::interleave;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::report::Outcome;
use crate::run::{LabError, Places, run};
use crate::signals::Signals;
use crate::stop;

/// Runs `loadgen lab`; local replicas are processes of `executable service NAME`, and `provenance` goes into the report.
pub async fn lab(
    args: &LabArgs,
    provenance: &Provenance,
    executable: PathBuf,
    out: &mut impl Write,
) -> Result<Outcome, LabError> {
    args.check()?;
    args.experiment.check(args.backend)?;
    // Before ^C means something else: nobody may ever write into the pipe that a file can be.
    let plan = args.plan.as_deref().map(blackbox::read).transpose()?;
    let (sender, stop) = stop::stop();
    tokio::spawn(stop_on(Signals::install().map_err(LabError::Signals)?, sender));
    let mut progress = Progress::new(args.quiet);
    if let Some(plan) = plan {
        let places = Places::open(args)?;
        let report = blackbox::run(plan, provenance.clone(), executable, &stop, &mut progress).await?;
        places.write(&report).tell(&report, out)?;
        return Ok(report.conclusion.outcome);
    }
    if let Some(base) = &args.interleave.interleave {
        return interleave::run(args, provenance, base, executable, &stop, &mut progress, out).await;
    }
    match args.backend {
        BackendKind::Local => {
            // Its journal is gone with the application, however the lab ends, short of SIGKILL.
            let state_dir = state_dir()?;
            let backend = LocalBackend::new(local(args, executable, state_dir.path()));
            run(args, provenance, backend, &stop, &mut progress, out).await
        }
        BackendKind::Compose => {
            let backend = ComposeBackend::new(args.compose.clone(), args.reach, progress.narrator());
            run(args, provenance, backend, &stop, &mut progress, out).await
        }
        BackendKind::Kubernetes => {
            let (counts, narrator) = (Plan::from_args(args)?.counts(), progress.narrator());
            let backend = KubernetesBackend::new(&args.kubernetes, args.reach, counts, narrator);
            run(args, provenance, backend, &stop, &mut progress, out).await
        }
    }
}

fn local(args: &LabArgs, executable: PathBuf, state_dir: &Path) -> LocalConfig {
    let mut config = LocalConfig::new(executable, state_dir.to_owned());
    args.application.configure(&mut config);
    config
}

/// A place for the journal of an application, which ends with the lab.
pub(crate) fn state_dir() -> Result<TempDir, LabError> {
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
