//! What can be typed after `loadgen ping`, which is what one types after `httping`. Owns the flags in groups; what they mean
//! together is the [plan](super::plan)'s business.

use clap::{ArgAction, Args};

mod aim;
mod asking;
mod dialect;
mod output;
mod pace;

pub use aim::{AimArgs, GivenArgs};
pub use asking::AskingArgs;
pub use dialect::translated;
pub use output::{OutputArgs, Thresholds};
pub use pace::PaceArgs;

/// The flags of `loadgen ping`.
#[derive(Args, Clone, Debug)]
#[command(disable_help_flag = true)]
pub struct PingArgs {
    /// What to ping.
    #[command(flatten)]
    pub aim: AimArgs,
    /// When, and how often.
    #[command(flatten)]
    pub pace: PaceArgs,
    /// How one ping is made.
    #[command(flatten)]
    pub asking: AskingArgs,
    /// What is shown.
    #[command(flatten)]
    pub output: OutputArgs,

    /// Print help (-h is the host, as httping has it)
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::super::testing::plan;

    #[test]
    fn mistakes_name_the_flag_and_the_mend() {
        for (flags, part) in [
            ("", "<URL"),
            ("-c 0 rng", "--count"),
            ("-i often rng", "such as 500ms"),
            ("--interval=-1 rng", "--interval"),
            ("-i inf rng", "such as 500ms"),
            ("-t 0 rng", "more than 0"),
            ("-f -i 1 rng", "--flood"),
            ("-f --poisson rng", "--flood"),
            ("-p 80", "--hostname"),
            ("-p 80 rng", "--hostname"),
            ("-p 0 -h rng", "--port"),
            ("-h rng:80 -p 81", "-p"),
            ("-h", "help is --help"),
            ("-b rng", "--get"),
            ("-4 -6 rng", "--ipv6"),
            ("-P secret rng", "--username"),
            ("--ts -m rng", "--timestamp"),
            ("-m -M rng", "--json"),
            ("-K -m rng", "cannot be used with"),
            ("-n 100,200 rng", "--count"),
            ("-n 5 -c 1 rng", "WARN,CRIT"),
            ("-n 200,100.5 -c 1 rng", "write 100.5,200"),
            ("-n soon,later -c 1 rng", "100,200"),
        ] {
            let message = plan(flags).unwrap_err();
            assert!(message.contains(part), "{flags}: {message}");
        }
    }
}
