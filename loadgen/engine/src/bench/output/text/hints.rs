//! What explains figures that look odd. Owns telling it from the counts.

use crate::bench::output::table::labelled;
use crate::bench::report::Report;

/// How failures are called where a connection ended under a request.
const LOST: [&str; 2] = ["closed early", "reset"];

/// Fewer failures than one in so many answers are no rule.
const RARE: u64 = 10;

/// For a server that closes each connection after its answer without saying so.
pub(super) fn render(report: &Report) -> String {
    if !closes_silently(report) {
        return String::new();
    }
    let parts = [
        "no connection had more than one answer",
        "so the server seems to close each after it",
        "without saying so",
        "under a request that is on its way; try --disable-keepalive",
    ];
    labelled("Hint", &parts.map(str::to_owned))
}

/// Whether there are about as many connections as answers, although they were to be used again, and requests were lost on
/// them: those that were lost on connections of their own would make it more connections.
fn closes_silently(report: &Report) -> bool {
    let (all, connections) = (&report.outcomes_all, report.traffic.connections);
    let answered: u64 =
        all.iter().filter(|(name, _)| name.parse::<u16>().is_ok()).map(|(_, count)| count).sum();
    let lost: u64 = LOST.iter().filter_map(|name| all.get(*name)).sum();
    let few = answered / RARE;
    let reuses = report.plan.keep_alive && report.plan.http == "1.1";
    reuses && lost > 2 * few && lost > 0 && connections.abs_diff(answered) <= few
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::bench::goal::testing::empty_report;

    /// Of a run over so many connections.
    fn report(connections: u64, outcomes: &[(&str, u64)]) -> Report {
        let mut report = empty_report();
        report.traffic.connections = connections;
        report.outcomes_all =
            outcomes.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<BTreeMap<_, _>>();
        report
    }

    #[test]
    fn a_server_that_closes_each_connection_after_its_answer_is_recognised() {
        for lost in ["closed early", "reset"] {
            assert!(closes_silently(&report(100, &[("200", 100), (lost, 100)])), "{lost}");
            assert!(closes_silently(&report(104, &[("200", 60), ("404", 40), (lost, 60)])), "{lost}");
        }
        assert!(render(&report(100, &[("200", 100), ("reset", 90)])).contains("--disable-keepalive"));
    }

    #[test]
    fn other_troubles_are_not_taken_for_it() {
        for (connections, outcomes) in [
            (0, &[][..]),
            (50, &[("200", 1000)]),
            (150, &[("200", 1000), ("closed early", 100)]),
            (200, &[("200", 100), ("reset", 100)]),
            (100, &[("200", 100)]),
            (100, &[("closed early", 100)]),
        ] {
            assert!(!closes_silently(&report(connections, outcomes)), "{connections} {outcomes:?}");
        }
        let mut report = report(100, &[("200", 100), ("reset", 100)]);
        report.plan.keep_alive = false;
        assert_eq!(render(&report), "");
    }
}
