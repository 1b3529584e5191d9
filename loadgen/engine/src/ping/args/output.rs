//! What is shown. Owns the flags of the output, and the two limits of a Nagios check.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;

/// What is shown.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of httping's")]
pub struct OutputArgs {
    /// Show status codes with -m, too; lines for people always have them
    #[arg(short = 's', long)]
    pub show_statuscodes: bool,

    /// Split the time: resolve + connect (+ TLS) + send + wait + receive + close
    #[arg(short = 'S', long)]
    pub split_time: bool,

    /// Show the speed of the transfer in KB/s, from sending the request to the last byte
    #[arg(short = 'b', long, requires = "get")]
    pub show_transfer_speed: bool,

    /// Begin each line with when the ping was due, in UTC
    #[arg(long, visible_alias = "ts", conflicts_with = "form")]
    pub timestamp: bool,

    /// Colours, even where the output is no terminal or `NO_COLOR` is set
    #[arg(short = 'Y', long = "colors", visible_alias = "colours")]
    pub colours: bool,

    /// For machines: only the time of each ping in ms, or -1
    #[arg(short = 'm', long, group = "form")]
    pub parseable_output: bool,

    /// One JSON document
    #[arg(short = 'M', long, group = "form")]
    pub json: bool,

    /// A Nagios check of the average time in ms: exit code 1 from WARN on, 2 from CRIT on or without any answer
    #[arg(short = 'n', long = "nagios-mode-1", value_name = "WARN,CRIT", group = "form", requires = "count")]
    pub nagios: Option<Thresholds>,

    /// A live graph on the whole terminal; q leaves it
    #[arg(short = 'K', long, visible_alias = "ncurses", group = "form")]
    pub gui: bool,
}

/// Average times from which on a check warns, and from which on it is critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Warns from here on.
    pub warning: Duration,
    /// Is critical from here on; at least the warning's.
    pub critical: Duration,
}

impl FromStr for Thresholds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((warning, critical)) = text.split_once(',') else {
            return Err("write two times in ms, WARN,CRIT, such as 100,200".to_owned());
        };
        let (warning, critical) = (millis(warning)?, millis(critical)?);
        if warning > critical {
            let (warning, critical) = (warning.as_secs_f64() * 1e3, critical.as_secs_f64() * 1e3);
            return Err(format!("WARN is the lower one; write {critical},{warning}"));
        }
        Ok(Self { warning, critical })
    }
}

fn millis(text: &str) -> Result<Duration, String> {
    let millis: Option<f64> = text.trim().parse().ok();
    let time = millis.and_then(|millis| Duration::try_from_secs_f64(millis / 1e3).ok());
    time.ok_or_else(|| format!("\"{text}\" is no time in ms; write WARN,CRIT such as 100,200"))
}
