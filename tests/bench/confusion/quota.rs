//! A control group with little CPU, of version 1 or 2, for as long as a case takes. Only who may make groups can have one.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Context;

/// What a group may use of each tenth of a second, in microseconds.
const QUOTA: &str = "5000";
const PERIOD: &str = "100000";

/// A group; whoever is in it must be gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Quota(PathBuf);

impl Quota {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let name = format!("bottleneck-lab-{}", std::process::id());
        let first = Path::new("/sys/fs/cgroup/cpu");
        let second = Path::new("/sys/fs/cgroup");
        let is_first = first.join("cpu.cfs_quota_us").exists() || first.join("cpu.stat").exists();
        let group = Self(if is_first { first } else { second }.join(name));
        fs::create_dir(&group.0).context("no control group can be made here")?;
        if is_first {
            group.write("cpu.cfs_period_us", PERIOD)?;
            group.write("cpu.cfs_quota_us", QUOTA)?;
        } else {
            group.write("cpu.max", &format!("{QUOTA} {PERIOD}"))?;
        }
        Ok(group)
    }

    /// Moves a process in, with all its threads.
    pub(crate) fn add(&self, pid: u32) -> anyhow::Result<()> {
        self.write("cgroup.procs", &pid.to_string())
    }

    fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        fs::write(self.0.join(file), text).with_context(|| format!("cannot write {file} of a control group"))
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // A process that has just ended may still be listed.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            sleep(Duration::from_millis(20));
        }
    }
}
