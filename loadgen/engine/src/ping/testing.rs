//! What the tests of ping share: flags as they are typed.

use clap::Parser;

use super::PingArgs;
use super::plan::Plan;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    ping: PingArgs,
}

pub(super) fn args(flags: &str) -> Result<PingArgs, String> {
    let typed = std::iter::once("ping").chain(flags.split_whitespace());
    Cli::try_parse_from(typed).map(|cli| cli.ping).map_err(|error| error.to_string())
}

pub(super) fn plan(flags: &str) -> Result<Plan, String> {
    Plan::from_args(args(flags)?).map_err(|error| error.to_string())
}
