//! How busy this machine is meanwhile: children of the lab share its CPUs with each other, and with the lab.

use std::fs::read_to_string;

/// At this share of their time and above, whoever wants a CPU waits for one.
const BUSY: f64 = 0.95;

/// The time of all CPUs since boot, in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Machine {
    all: f64,
    idle: f64,
}

impl Machine {
    /// As it is now; `None` where Linux' /proc is not.
    pub(super) fn now() -> Option<Self> {
        Self::parse(&read_to_string("/proc/stat").ok()?)
    }

    /// The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal (`proc_stat(5)`).
    fn parse(stat: &str) -> Option<Self> {
        let ticks = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace().take(8);
        let ticks: Vec<f64> = ticks.map(str::parse).collect::<Result<_, _>>().ok()?;
        Some(Self { all: ticks.iter().sum(), idle: ticks.get(3)? + ticks.get(4)? })
    }

    /// What to say of the time since then, if there was no CPU to spare.
    pub(super) fn was_full_since(&self, then: &Self) -> Option<String> {
        let (all, idle) = (self.all - then.all, self.idle - then.idle);
        let busy = 1.0 - idle / all;
        (all > 0.0 && busy >= BUSY)
            .then(|| format!("the CPUs of this machine were {:.0} % busy", 100.0 * busy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: &str) -> Machine {
        Machine::parse(&format!("{line}\ncpu0 1 2 3 4\n")).unwrap()
    }

    #[test]
    fn a_machine_without_idle_time_is_full() {
        let then = at("cpu  100 0 100 800 0 0 0 0 0 0");
        assert_eq!(
            at("cpu  150 10 130 801 1 0 8 0 50 0").was_full_since(&then).unwrap(),
            "the CPUs of this machine were 98 % busy"
        );
        assert_eq!(at("cpu  150 0 100 860 0 0 0 0 0 0").was_full_since(&then), None);
        assert_eq!(then.was_full_since(&then), None);
        assert_eq!(Machine::parse("intr 1 2"), None);
    }
}
