//! h2load, speaking HTTP/1.1.

use std::process::Command;

use super::text::{after, count_after};
use super::{Load, Pace, Reading, Tool};

/// h2load with one thread.
#[derive(Clone, Copy, Debug)]
pub struct H2load;

impl Tool for H2load {
    fn name(&self) -> &'static str {
        "h2load"
    }

    fn command(&self, load: &Load) -> Option<Command> {
        // It has no connections of one request each.
        if load.fresh {
            return None;
        }
        let mut command = Command::new(self.program());
        command.args(["--h1", "-t", "1", "-c", &load.connections.to_string()]);
        match load.pace {
            Pace::For(lasting) => command.args(["-D", &lasting.as_secs().to_string()]),
            Pace::Requests(requests) => command.args(["-n", &requests.to_string()]),
            Pace::Rate { .. } => return None,
        };
        command.arg(&load.url);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let codes = output.split_once("status codes:").map_or("", |(_, rest)| rest);
        let successes = count_after(codes, "")?;
        let failed = output.split_once(" succeeded, ").map_or("", |(_, rest)| rest);
        let errors = count_after(failed, "")?;
        let rate = output.split_once("finished in ").and_then(|(_, rest)| rest.split_once(", "));
        let per_second = after(rate.map_or("", |(_, rest)| rest), "")?;
        Ok(Reading { successes, errors, per_second, quantiles: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_report_is_read() {
        let output = "\
finished in 2.00s, 61234.50 req/s, 3.57MB/s
requests: 122469 total, 122469 started, 122469 done, 122460 succeeded, 9 failed, 9 errored, 0 timeout
status codes: 122460 2xx, 0 3xx, 0 4xx, 9 5xx
";
        let reading = H2load.read(output).unwrap();
        assert_eq!((reading.successes, reading.errors), (122_460, 9));
        assert!((reading.per_second - 61_234.5).abs() < 1e-9);
    }
}
