//! hey. It has no rate over all connections, only one for each.

use std::process::Command;
use std::time::Duration;

use super::text::after;
use super::{Load, Pace, Reading, Tool, seconds};

/// hey on one CPU.
#[derive(Clone, Copy, Debug)]
pub struct Hey;

impl Tool for Hey {
    fn name(&self) -> &'static str {
        "hey"
    }

    fn command(&self, load: &Load) -> Option<Command> {
        let mut command = Command::new(self.program());
        command.args(["-cpus", "1"]);
        match load.pace {
            Pace::For(lasting) => {
                command.args(["-c", &load.connections.to_string(), "-z", &seconds(lasting)]);
            }
            Pace::Requests(requests) => {
                command.args(["-c", &load.connections.to_string(), "-n", &requests.to_string()]);
            }
            // One connection: with several, each would have its own share and its own grid.
            Pace::Rate { per_second, lasting } => {
                command.args(["-c", "1", "-q", &per_second.to_string(), "-z", &seconds(lasting)]);
            }
        }
        if load.fresh {
            command.arg("-disable-keepalive");
        }
        command.arg(&load.url);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let (mut successes, mut errors) = (0, 0);
        for (code, count) in output.lines().filter_map(coded) {
            *(if code.starts_with("[2") { &mut successes } else { &mut errors }) += count;
        }
        let quantiles = output.lines().filter_map(quantile).collect();
        Ok(Reading { successes, errors, per_second: after(output, "Requests/sec:")?, quantiles })
    }
}

/// `[200] 8192 responses`, and `[3] Get "http://…": …` for errors.
fn coded(line: &str) -> Option<(&str, u64)> {
    let line = line.trim();
    let (code, rest) = line.split_once(']')?;
    match rest.trim().strip_suffix(" responses") {
        Some(number) => Some((code, number.parse().ok()?)),
        None => Some(("error", code.strip_prefix('[')?.parse().ok()?)),
    }
}

/// `  99% in 0.0012 secs`
fn quantile(line: &str) -> Option<(f64, Duration)> {
    let (share, rest) = line.trim().split_once("% in ")?;
    let time = rest.strip_suffix(" secs")?.parse().ok()?;
    // Its report is printed with two signs of per cent where its own format went wrong.
    let share: f64 = share.trim_end_matches('%').parse().ok()?;
    Some((share / 100.0, Duration::from_secs_f64(time)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_is_read() {
        let output = "
Summary:
  Total:	1.0011 secs
  Requests/sec:	8183.1

Latency distribution:
  50% in 0.0007 secs
  99% in 0.0012 secs

Status code distribution:
  [200]	8192 responses
  [503]	7 responses

Error distribution:
  [3]	Get \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused
";
        let reading = Hey.read(output).unwrap();
        assert_eq!((reading.successes, reading.errors), (8192, 10));
        assert!((reading.per_second - 8183.1).abs() < 1e-9);
        assert_eq!(reading.quantile(0.99), Some(Duration::from_micros(1200)));
    }
}
