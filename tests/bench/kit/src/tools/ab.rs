//! ab, which has one process and one thread anyway.

use std::process::Command;

use super::text::{after, count_after, optional, whole};
use super::{Load, Pace, Reading, Tool};

/// More than one core can send.
const MOST_PER_SECOND: u64 = 500_000;

/// ab.
#[derive(Clone, Copy, Debug)]
pub struct Ab;

impl Tool for Ab {
    fn name(&self) -> &'static str {
        "ab"
    }

    fn command(&self, load: &Load) -> Option<Command> {
        let mut command = Command::new(self.program());
        command.args(["-q", "-r", "-c", &load.connections.to_string()]);
        match load.pace {
            // The time alone would end it at 50,000 requests, and it takes 32 bytes for each that it might send.
            Pace::For(lasting) => {
                let more_than_it_can = lasting.as_secs() * MOST_PER_SECOND;
                command.args(["-t", &lasting.as_secs().to_string(), "-n", &more_than_it_can.to_string()])
            }
            Pace::Requests(requests) => command.args(["-n", &requests.to_string()]),
            Pace::Rate { .. } => return None,
        };
        if !load.fresh {
            command.arg("-k");
        }
        command.arg(&load.url);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let complete = count_after(output, "Complete requests:")?;
        let failed = count_after(output, "Failed requests:")?;
        let refused = whole(optional(output, "Non-2xx responses:").unwrap_or_default())?;
        let errors = failed + refused;
        let per_second = after(output, "Requests per second:")?;
        Ok(Reading { successes: complete.saturating_sub(errors), errors, per_second, quantiles: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_is_read() {
        let output = "\
Concurrency Level:      64
Time taken for tests:   1.000 seconds
Complete requests:      24017
Failed requests:        7
Non-2xx responses:      10
Requests per second:    24016.54 [#/sec] (mean)
";
        let reading = Ab.read(output).unwrap();
        assert_eq!((reading.successes, reading.errors), (24_000, 17));
        assert!((reading.per_second - 24_016.54).abs() < 1e-9);
    }
}
