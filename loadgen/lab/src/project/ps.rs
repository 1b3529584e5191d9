//! `loadgen ps`: the replicas of a project, what they use and do.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use super::client::Client;
use super::error::{Error, forgive_broken_pipe};
use super::name::ProjectArgs;
use super::protocol::{Incident, Report};
use super::usage::{Usage, measure};
use crate::backend::Service;
use crate::backend::local::{Phase, ReplicaStatus};

const HEADER: [&str; 8] = ["REPLICA", "PID", "STATE", "ADDRESS", "CPU %", "RSS", "REQUESTS", "UTILISATION"];
const MIB: f64 = 1024.0 * 1024.0;

/// Lists the replicas, what they use and do
#[derive(Clone, Debug, clap::Args)]
pub struct PsArgs {
    /// Which project.
    #[command(flatten)]
    pub project: ProjectArgs,

    /// Print JSON, for programs
    #[arg(long)]
    pub json: bool,
}

impl PsArgs {
    /// Takes about 0.3 s, since usage is a difference.
    pub async fn run(self) -> Result<ExitCode, Error> {
        forgive_broken_pipe(self.show().await)
    }

    async fn show(self) -> Result<ExitCode, Error> {
        let report = Client::connect(&self.project.project).await?.report().await?;
        let usages = measure(&report.replicas).await;
        let text = if self.json { json(&report, &usages)? } else { text(&report, &usages) };
        writeln!(io::stdout(), "{text}")?;
        Ok(ExitCode::SUCCESS)
    }
}

/// One replica for programs.
#[derive(Serialize)]
struct Row<'a> {
    replica: &'a str,
    service: Service,
    pid: Option<u32>,
    state: Phase,
    restarts: u32,
    address: Option<SocketAddr>,
    admin: Option<SocketAddr>,
    #[serde(flatten)]
    usage: &'a Usage,
}

fn json(report: &Report, usages: &[Usage]) -> Result<String, Error> {
    let row = |(replica, usage): (&'_ ReplicaStatus, &'_ Usage)| {
        serde_json::to_value(Row {
            replica: &replica.name,
            service: replica.service,
            pid: replica.pid,
            state: replica.phase,
            restarts: replica.restarts,
            address: replica.address,
            admin: replica.admin,
            usage,
        })
    };
    let rows = report.replicas.iter().zip(usages).map(row).collect::<Result<Vec<_>, _>>();
    let text = rows.and_then(|rows| serde_json::to_string_pretty(&rows));
    text.map_err(|error| Error::Output(error.into()))
}

fn text(report: &Report, usages: &[Usage]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER);
    table.add_rows(report.replicas.iter().zip(usages).map(|(replica, usage)| cells(replica, usage)));
    for (column, name) in table.column_iter_mut().zip(HEADER) {
        let edge = u16::from(name != HEADER[0]);
        column.set_padding((edge, 1));
        if !matches!(name, "REPLICA" | "STATE" | "ADDRESS") {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    if !report.incidents.is_empty() {
        lines.push(String::new());
        lines.extend(report.incidents.iter().map(incident));
    }
    lines.join("\n")
}

fn cells(replica: &ReplicaStatus, usage: &Usage) -> [String; 8] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    [
        replica.name.clone(),
        or_dash(replica.pid.map(|pid| pid.to_string())),
        state(replica),
        or_dash(replica.address.map(|address| address.to_string())),
        or_dash(usage.cpu_percent.map(|percent| format!("{percent:.1}"))),
        or_dash(usage.rss_bytes.map(|bytes| format!("{:.1} MiB", bytes / MIB))),
        or_dash(usage.requests.map(|requests| format!("{requests:.0}"))),
        or_dash(usage.utilisation.map(|share| format!("{:.0} %", share * 100.0))),
    ]
}

fn state(replica: &ReplicaStatus) -> String {
    let phase = match replica.phase {
        Phase::Starting => "starting",
        Phase::Running => "running",
        Phase::Restarting => "restarting",
        Phase::Backoff => "backoff",
    };
    match replica.restarts {
        0 => phase.to_owned(),
        1 => format!("{phase} (1 restart)"),
        restarts => format!("{phase} ({restarts} restarts)"),
    }
}

fn incident(incident: &Incident) -> String {
    // Whole seconds are fine enough for what people read.
    let ago = Duration::from_secs_f64(incident.seconds_ago.round().max(0.0));
    format!("{} ago: {}", humantime::format_duration(ago), incident.what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn report() -> (Report, Vec<Usage>) {
        let replica = |name: &str, service, phase, restarts| ReplicaStatus {
            name: name.to_owned(),
            service,
            phase,
            pid: (phase == Phase::Running).then_some(4711),
            restarts,
            address: (service == Service::Rng).then(|| ([127, 0, 0, 1], 40001).into()),
            admin: None,
        };
        let replicas = vec![
            replica("rng-1", Service::Rng, Phase::Running, 2),
            replica("worker-10", Service::Worker, Phase::Backoff, 0),
        ];
        let what = "rng-1 (pid 1) was killed by signal 9; restarted after 100ms as pid 4711".to_owned();
        let incidents = vec![Incident { seconds_ago: 61.7, what }];
        let busy = Usage {
            cpu_percent: Some(1.25),
            rss_bytes: Some(5.5 * MIB),
            requests: Some(1234.0),
            utilisation: Some(0.998),
        };
        (Report { addresses: Vec::new(), replicas, incidents }, vec![busy, Usage::default()])
    }

    #[test]
    fn the_table_has_a_line_for_each_replica_and_incident() {
        let (report, usages) = report();
        assert_snapshot!(text(&report, &usages), @r"
        REPLICA     PID  STATE                 ADDRESS          CPU %      RSS  REQUESTS  UTILISATION
        rng-1      4711  running (2 restarts)  127.0.0.1:40001    1.2  5.5 MiB      1234        100 %
        worker-10     –  backoff               –                    –        –         –            –

        1m 2s ago: rng-1 (pid 1) was killed by signal 9; restarted after 100ms as pid 4711
        ");
    }

    #[test]
    fn programs_get_plain_numbers_and_nulls() {
        let (report, usages) = report();
        let rows: serde_json::Value = serde_json::from_str(&json(&report, &usages).unwrap()).unwrap();
        assert_eq!(rows[0]["replica"], "rng-1");
        assert_eq!(rows[0]["requests"], 1234.0);
        assert_eq!(rows[1]["state"], "backoff");
        assert!(rows[1]["cpu_percent"].is_null() && rows[1]["pid"].is_null());
    }
}
