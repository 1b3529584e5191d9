//! What is typed of a station: flags and environment. Owns what must hold between several of them.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::{Stall, StationSettings};
use crate::delay::{Distribution, Slow};
use crate::settings::duration;
use crate::share::{Share, share};

/// The flags of a service with a station; the service says what holds without them.
#[derive(Clone, Debug, Default)]
pub struct StationArgs(Typed);

#[derive(Clone, Debug, Default, clap::Args)]
struct Typed {
    /// Service time of one request, such as 50ms or 0 [default: 100ms; 0 at echo]
    #[arg(long, env = "SERVICE_TIME", value_name = "DURATION", value_parser = duration)]
    service_time: Option<Duration>,

    /// Requests served at once; 0 for no limit [default: 1 at rng, no limit elsewhere]
    #[arg(long, env = "SLOTS", value_name = "N", value_parser = count)]
    slots: Option<usize>,

    /// Law that service times are drawn from [default: constant]
    #[arg(long, env = "DISTRIBUTION", value_name = "LAW", value_enum)]
    distribution: Option<Distribution>,

    /// Service time of the slow requests of a bimodal law [default: 100ms]
    #[arg(long, env = "SLOW_TIME", value_name = "DURATION", value_parser = duration)]
    slow_time: Option<Duration>,

    /// How many requests are slow under a bimodal law, such as 1% or 0.01 [default: 1%]
    #[arg(long, env = "SLOW_SHARE", value_name = "SHARE", value_parser = share)]
    slow_share: Option<Share>,

    /// Time from one stall to the next; 0 for no stalls, the default
    #[arg(long, env = "STALL_EVERY", value_name = "DURATION", value_parser = duration)]
    stall_every: Option<Duration>,

    /// How long nothing is answered in a stall [default: 1s]
    #[arg(long, env = "STALL_FOR", value_name = "DURATION", value_parser = duration)]
    stall_for: Option<Duration>,

    /// Make the same random choices each time [default: others each time]
    #[arg(long, env = "SEED", value_name = "N", value_parser = seed)]
    seed: Option<u64>,
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a whole number; 0 is no limit".to_owned())
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number, from 0 to 2^64 - 1".to_owned())
}

impl StationArgs {
    /// The settings meant: what was typed, else `defaults`.
    pub fn over(&self, defaults: StationSettings) -> StationSettings {
        let typed = &self.0;
        StationSettings {
            slots: typed.slots.map_or(defaults.slots, NonZeroUsize::new),
            service_time: typed.service_time.unwrap_or(defaults.service_time),
            distribution: typed.distribution.unwrap_or(defaults.distribution),
            slow: Slow {
                time: typed.slow_time.unwrap_or(defaults.slow.time),
                share: typed.slow_share.unwrap_or(defaults.slow.share),
            },
            stall: typed.stall(),
            seed: typed.seed.or(defaults.seed),
        }
    }
}

impl Typed {
    fn stall(&self) -> Stall {
        Stall {
            every: self.stall_every.filter(|every| !every.is_zero()),
            length: self.stall_for.unwrap_or(Stall::NONE.length),
        }
    }

    /// What is wrong between several flags: one line with the remedy.
    fn check(&self) -> Result<(), &'static str> {
        let is_bimodal = self.distribution == Some(Distribution::Bimodal);
        if !is_bimodal && (self.slow_time.is_some() || self.slow_share.is_some()) {
            return Err("--slow-time (SLOW_TIME) and --slow-share (SLOW_SHARE) want --distribution bimodal \
                        (DISTRIBUTION)");
        }
        if self.stall_for.is_some() && self.stall_every.is_none() {
            return Err("--stall-for (STALL_FOR) wants --stall-every (STALL_EVERY), such as 10s");
        }
        if !self.stall().leaves_time() {
            return Err("--stall-for (STALL_FOR; 1s unless it is set) must be less than --stall-every \
                        (STALL_EVERY)");
        }
        Ok(())
    }
}

impl Args for StationArgs {
    fn augment_args(command: Command) -> Command {
        Typed::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Typed::augment_args_for_update(command)
    }
}

impl FromArgMatches for StationArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0 = Typed::from_arg_matches(matches)?;
        self.0.check().map_err(|line| clap::Error::raw(ErrorKind::ValueValidation, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        station: StationArgs,
    }

    fn typed(flags: &str) -> Result<StationSettings, String> {
        let cli = Cli::try_parse_from(std::iter::once("echo").chain(flags.split_whitespace()));
        cli.map(|cli| cli.station.over(StationSettings::default())).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_typed_wins_over_what_holds_without_it() {
        assert_eq!(typed("").unwrap(), StationSettings::default());
        let settings = typed(
            "--slots 2 --service-time 5ms --distribution bimodal --slow-time 1s --slow-share 2% --seed 7",
        )
        .unwrap();
        assert_eq!(settings.slots, NonZeroUsize::new(2));
        assert_eq!(settings.distribution, Distribution::Bimodal);
        assert_eq!(settings.slow, Slow { time: Duration::from_secs(1), share: Share::percent(2) });
        assert_eq!((settings.service_time, settings.seed), (Duration::from_millis(5), Some(7)));
    }

    #[test]
    fn stalls_take_a_second_unless_set_and_none_are_no_stalls() {
        assert_eq!(typed("--stall-every 10s").unwrap().stall.length, Duration::from_secs(1));
        assert_eq!(typed("--stall-every 0 --stall-for 3s").unwrap().stall.every, None);
    }

    #[test]
    fn flags_that_do_not_go_together_are_named() {
        for (flags, name) in [
            ("--slow-time 1s", "--distribution bimodal"),
            ("--slow-share 1% --distribution uniform", "--distribution bimodal"),
            ("--stall-for 1s", "--stall-every"),
            ("--stall-every 1s", "less than --stall-every"),
            ("--stall-every 1s --stall-for 2s", "less than --stall-every"),
            ("--slow-share 101% --distribution bimodal", "such as 1%"),
            ("--seed=-1", "--seed"),
        ] {
            let line = typed(flags).unwrap_err();
            assert!(line.contains(name), "{flags}: {line}");
        }
    }
}
