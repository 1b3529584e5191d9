//! Processes as /proc shows them. Owns the identity of a process (a pid may be used again) and the family tree.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// One process: its pid, and when it started in clock ticks since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pid: i32,
    started: u64,
}

struct Stat {
    state: char,
    parent: i32,
    started: u64,
}

impl Process {
    /// The living process with that pid.
    pub(crate) fn of(pid: i32) -> Option<Self> {
        stat(pid).filter(Stat::lives).map(|stat| Self { pid, started: stat.started })
    }

    /// Its pid.
    pub(crate) fn pid(self) -> i32 {
        self.pid
    }

    /// Whether it still runs; a zombie doesn't.
    pub(crate) fn lives(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Sends a signal, unless the process is gone.
    pub(crate) fn signal(self, signal: Signal) {
        if let (true, Some(pid)) = (self.lives(), Pid::from_raw(self.pid)) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Its command line, arguments separated by blanks.
    pub(crate) fn command_line(self) -> String {
        let raw = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        String::from_utf8_lossy(&raw).replace('\0', " ")
    }

    /// The most memory it ever had resident, in bytes.
    pub(crate) fn peak_resident_bytes(self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("the process lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a VmHWM line");
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number of kB");
        kib * 1024
    }
}

impl Stat {
    fn lives(&self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }
}

/// Every living descendant of `ancestor`, nearest first.
pub(crate) fn descendants(ancestor: i32) -> Vec<Process> {
    let everyone: Vec<(i32, Stat)> = pids().filter_map(|pid| Some((pid, stat(pid)?))).collect();
    let mut family = vec![ancestor];
    let mut at = 0;
    while let Some(&parent) = family.get(at) {
        family.extend(everyone.iter().filter(|(_, stat)| stat.parent == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    family.into_iter().skip(1).filter_map(Process::of).collect()
}

/// Every living process whose environment mentions `mark`, whoever its parent is by now.
pub(crate) fn marked(mark: &Path) -> Vec<Process> {
    let mark = mark.as_os_str().as_encoded_bytes();
    let mentions = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.windows(mark.len()).any(|window| window == mark)
    };
    pids().filter(mentions).filter_map(Process::of).collect()
}

fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").expect("/proc is mounted");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// Fields of /proc/PID/stat after the command's closing parenthesis: see proc(5), state is the third of all.
fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let state = fields.first()?.chars().next()?;
    Some(Stat { state, parent: fields.get(1)?.parse().ok()?, started: fields.get(19)?.parse().ok()? })
}
