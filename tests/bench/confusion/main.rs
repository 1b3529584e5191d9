//! `cargo bench --bench confusion`: causes planted in the real application on this machine, against what the lab blames. One
//! case, at least, of each verdict; some three minutes.
//!
//! The lab runs inside this process, on replicas that are processes of their own. The simulated application has more cases,
//! instantly: `cargo test -p loadgen-lab matrix -- --nocapture`.
//!
//! A machine that others load has a cause of its own. What share of the time some process waited for a CPU stands beside each
//! case, and a case that is wrong where others held the CPUs is told as that.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it finds")]

mod case;
mod planted;
mod quiet;
mod quota;
mod slow_store;

use std::process::ExitCode;

use bench_kit::{Verdicts, columns};
use clap::Parser;

use case::{Case, cases};

#[derive(Debug, Parser)]
struct Cli {
    /// Only cases whose cause contains one of these
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    only: Vec<String>,

    /// Exit code 1 if a verdict is wrong
    #[arg(long)]
    check: bool,

    /// Print each case's sentence, too
    #[arg(long)]
    verbose: bool,

    /// What cargo tells a benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// Others that keep the CPUs from the application for more of the time than this may be what a verdict is about.
const DISTURBED: f64 = 0.5;

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut table = columns(&["planted cause", "expected", "verdict", "CPU pressure", ""]);
    let mut verdicts = Verdicts::default();
    let wanted = |case: &Case| cli.only.is_empty() || cli.only.iter().any(|words| case.cause.contains(words));
    for case in cases().into_iter().filter(wanted) {
        let found = match runtime.block_on(case.run()) {
            Ok(found) => found,
            Err(error) => {
                table.add_row([case.cause, case.expected, "–", "", "not told"]);
                verdicts.cannot_tell(format!("{}: {error:#}", case.cause));
                continue;
            }
        };
        let pressure = format!("{:.0} %", found.pressure * 100.0);
        let held = found.blamed == case.expected;
        println!("{}: {} ({pressure})", case.cause, found.blamed);
        if cli.verbose || !held {
            println!("  {}", found.said);
        }
        let disturbed = !held && !case.loads_the_host() && found.pressure > DISTURBED;
        let mark = if held {
            ""
        } else if disturbed {
            "disturbed"
        } else {
            "WRONG"
        };
        table.add_row([case.cause, case.expected, &found.blamed, &pressure, mark]);
        let what = format!("{}: {}, planted {}", case.cause, found.blamed, case.expected);
        if disturbed { verdicts.cannot_tell(what) } else { verdicts.note(what, held) }
    }
    println!("\n{}", table.trim_fmt());
    Ok(verdicts.conclude(cli.check))
}
