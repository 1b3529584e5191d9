//! wrk, and wrk2, which adds a rate.

use std::process::Command;

use super::text::{after, count_after, optional, time, whole};
use super::{Load, Pace, Reading, Tool, seconds};

/// wrk with one thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wrk {
    /// Whether it is wrk2, which needs a rate.
    pub paced: bool,
}

impl Tool for Wrk {
    fn name(&self) -> &'static str {
        if self.paced { "wrk2" } else { "wrk" }
    }

    fn command(&self, load: &Load) -> Option<Command> {
        let mut command = Command::new(self.program());
        command.args(["-t1", "--latency", "-c", &load.connections.to_string()]);
        let lasting = match (load.pace, self.paced) {
            (Pace::For(lasting), false) => lasting,
            (Pace::Rate { per_second, lasting }, true) => {
                command.args(["-R", &per_second.to_string()]);
                lasting
            }
            _ => return None,
        };
        if load.fresh {
            command.args(["-H", "Connection: close"]);
        }
        command.args(["-d", &seconds(lasting), &load.url]);
        Some(command)
    }

    fn read(&self, output: &str) -> anyhow::Result<Reading> {
        let per_second = after(output, "Requests/sec:")?;
        let total = output.lines().find_map(|line| line.split_once(" requests in "));
        let total = whole(total.and_then(|(number, _)| number.trim().parse().ok()).unwrap_or(-1.0))?;
        let refused = optional(output, "Non-2xx or 3xx responses:").unwrap_or_default();
        let broken = output.split_once("Socket errors:").map_or(Ok(0), |(_, counts)| {
            ["connect", "read", "write", "timeout"].iter().map(|label| count_after(counts, label)).sum()
        });
        let refused = whole(refused)?;
        let good = total.saturating_sub(refused);
        let quantiles = output.lines().filter_map(quantile).collect::<anyhow::Result<_>>()?;
        let per_second = if total == 0 { 0.0 } else { per_second * good as f64 / total as f64 };
        Ok(Reading { successes: good, errors: refused + broken?, per_second, quantiles })
    }
}

/// `     99%   35.69ms`
fn quantile(line: &str) -> Option<anyhow::Result<(f64, std::time::Duration)>> {
    let (share, rest) = line.trim().split_once('%')?;
    let share: f64 = share.parse().ok()?;
    Some(time(rest).map(|time| (share / 100.0, time)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const OUTPUT: &str = "\
Running 1s test @ http://127.0.0.1:18999/
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.09ms    7.07ms  50.06ms   88.90%
    Req/Sec     1.02k   476.71     1.91k    63.64%
  Latency Distribution
     50%    1.00ms
     75%    4.17ms
     90%   12.39ms
     99%   35.69ms
  1121 requests in 1.10s, 3.79MB read
Requests/sec:   1017.62
Transfer/sec:      3.44MB
";

    #[test]
    fn its_report_is_read() {
        let reading = Wrk::default().read(OUTPUT).unwrap();
        assert_eq!((reading.successes, reading.errors), (1121, 0));
        assert!((reading.per_second - 1017.62).abs() < 1e-9);
        assert_eq!(reading.quantile(0.99), Some(Duration::from_micros(35_690)));
        assert_eq!(reading.quantile(0.999), None);
    }

    #[test]
    fn errors_are_no_successes() {
        let errors =
            "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 121\n";
        let reading =
            Wrk::default().read(&OUTPUT.replace("Requests/sec", &format!("{errors}Requests/sec"))).unwrap();
        assert_eq!((reading.successes, reading.errors), (1000, 131));
    }
}
