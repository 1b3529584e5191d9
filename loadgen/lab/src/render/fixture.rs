//! A whole report to render: of a sweep of the simulated application, on a machine that is the same everywhere.

use tokio::sync::OnceCell;

use crate::provenance::Provenance;
use crate::report::Report;
use crate::sweep_tests;

static SWEPT: OnceCell<Report> = OnceCell::const_new();

/// The report of the default sweep, which is made once.
pub(crate) async fn swept() -> Report {
    let sweep = || with_flags(&["--expect=bottleneck=rng", "--expect=model=2%"]);
    SWEPT.get_or_init(sweep).await.clone()
}

/// The report of the sweep that `flags` ask for.
pub(crate) async fn with_flags(flags: &[&str]) -> Report {
    let report = sweep_tests::report(flags).await;
    let typed = ["loadgen lab"].iter().chain(flags).copied().collect::<Vec<_>>().join(" ");
    Report { cpus: 2, provenance: Some(provenance(&typed)), ..report }
}

/// A machine on which that was typed.
pub(crate) fn provenance(typed: &str) -> Provenance {
    Provenance {
        command_line: typed.to_owned(),
        kernel: "Linux 6.1.0".to_owned(),
        architecture: "x86_64".to_owned(),
        processor: Some("Any CPU 3000".to_owned()),
        memory_bytes: 8 << 30,
    }
}
