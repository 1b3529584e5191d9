//! What keeps a process from a CPU that it could use: others that run in its place, the limit of its control group, and other
//! machines on the same hardware. Owns reading what Linux tells of that; other systems tell nothing.

use std::fs::read_to_string;
use std::time::Duration;

/// Sums that only grow; `None` where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contention {
    /// Time that the main thread was ready to run and waited for a CPU, since the process began.
    pub waiting: Option<Duration>,
    /// Time that the process' control group had used its CPU quota up, summed over CPUs, since the group began.
    pub throttled: Option<Duration>,
    /// Time in which some process of the machine waited for a CPU, since it booted.
    pub pressure: Option<Duration>,
    /// Time for which the hypervisor ran something else on the machine's CPUs though they had work, a mean over them, since the
    /// machine booted.
    pub stolen: Option<Duration>,
}

impl Contention {
    /// As of now. Each is read anew: a process may be moved to another group while it runs.
    pub fn read() -> Self {
        let told = |path: &str| read_to_string(path).unwrap_or_default();
        Self {
            // The main thread's, which does all the work under a `current_thread` runtime.
            waiting: second_number(&told("/proc/self/schedstat")).map(Duration::from_nanos),
            throttled: groups(&told("/proc/self/cgroup")).find_map(|path| throttled(&told(&path))),
            pressure: some_total(&told("/proc/pressure/cpu")).map(Duration::from_micros),
            stolen: stolen_ticks(&told("/proc/stat"))
                .map(|ticks| Duration::from_secs_f64(ticks / rustix::param::clock_ticks_per_second() as f64)),
        }
    }
}

/// `ran waited slices`, the first two in nanoseconds: Documentation/scheduler/sched-stats.rst.
fn second_number(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().nth(1)?.parse().ok()
}

/// The total, in microseconds, of the line `some avg10=… avg60=… avg300=… total=…`: Documentation/accounting/psi.rst.
fn some_total(pressure: &str) -> Option<u64> {
    let some = pressure.lines().find(|line| line.starts_with("some "))?;
    some.rsplit_once("total=")?.1.parse().ok()
}

/// The eighth number of the line `cpu`, a sum over the CPUs, each of which has a line of its own: Documentation/filesystems/proc.rst.
fn stolen_ticks(stat: &str) -> Option<f64> {
    let cpus = stat.lines().filter_map(|line| line.strip_prefix("cpu"));
    let (all, each): (Vec<&str>, Vec<&str>) = cpus.partition(|rest| rest.starts_with(' '));
    let sum: u64 = all.first()?.split_whitespace().nth(7)?.parse().ok()?;
    Some(sum as f64 / each.len().max(1) as f64)
}

/// The files that may tell how a process with this `/proc/self/cgroup` is throttled, the likeliest first. A container sees
/// its own group as the root, but may be told the host's name of it.
fn groups(cgroup: &str) -> impl Iterator<Item = String> {
    let lines = cgroup.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        Some((parts.next()?, parts.next()?))
    });
    lines
        .filter(|(controllers, _)| controllers.is_empty() || controllers.split(',').any(|it| it == "cpu"))
        .flat_map(|(controllers, path)| {
            let mount = format!("/sys/fs/cgroup/{controllers}");
            let mount = mount.trim_end_matches('/');
            [format!("{mount}/{}/cpu.stat", path.trim_matches('/')), format!("{mount}/cpu.stat")]
        })
}

/// `throttled_usec` of version 2, `throttled_time` in nanoseconds of version 1.
fn throttled(stat: &str) -> Option<Duration> {
    let value = |key: &str| {
        let mut lines = stat.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(name, _)| *name == key)?.1.trim().parse().ok()
    };
    value("throttled_usec")
        .map(Duration::from_micros)
        .or_else(|| value("throttled_time").map(Duration::from_nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedstat_and_pressure_are_read() {
        assert_eq!(second_number("534359 74647 2\n"), Some(74_647));
        let pressure = "some avg10=98.36 avg60=92.58 avg300=45.23 total=374992485\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
        assert_eq!(some_total(pressure), Some(374_992_485));
        assert_eq!((second_number(""), some_total("")), (None, None));
    }

    #[test]
    fn stolen_time_is_a_mean_over_the_cpus() {
        let stat = "cpu  103142 87 58852 142054 2097 0 24404 458 0 0\ncpu0 47391 1 27254 77415 926 0 11958 247 0 0\n\
                    cpu1 55750 85 31598 64638 1171 0 12446 211 0 0\nintr 7 8 9\nctxt 1\n";
        assert_eq!(stolen_ticks(stat), Some(229.0));
        assert_eq!((stolen_ticks("cpu 1 2 3\n"), stolen_ticks("")), (None, None));
    }

    #[test]
    fn both_versions_of_control_groups_tell_how_long_they_were_throttled() {
        let second = "usage_usec 7\nnr_periods 9\nnr_throttled 8\nthrottled_usec 700\n";
        assert_eq!(throttled(second), Some(Duration::from_micros(700)));
        assert_eq!(
            throttled("nr_periods 9\nnr_throttled 8\nthrottled_time 700\n"),
            Some(Duration::from_nanos(700))
        );
        assert_eq!(throttled("usage_usec 7\n"), None);
    }

    #[test]
    fn a_group_is_looked_for_under_its_name_and_at_the_root_that_a_container_sees() {
        let files = |cgroup| groups(cgroup).collect::<Vec<_>>();
        assert_eq!(files("0::/a/b\n"), ["/sys/fs/cgroup/a/b/cpu.stat", "/sys/fs/cgroup/cpu.stat"]);
        assert_eq!(
            files("3:cpuset:/x\n2:cpu,cpuacct:/a\n"),
            ["/sys/fs/cgroup/cpu,cpuacct/a/cpu.stat", "/sys/fs/cgroup/cpu,cpuacct/cpu.stat"]
        );
    }
}
