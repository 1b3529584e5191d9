//! A run of a tool to its end. Owns what it spent, as the kernel counted it for the whole process.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use wait4::Wait4;

/// What a process left behind.
#[derive(Clone, Debug)]
pub struct Spent {
    /// What it wrote to its standard output.
    pub output: String,
    /// From its start to its end.
    pub took: Duration,
    /// CPU time in the program.
    pub user: Duration,
    /// CPU time in the kernel on its behalf.
    pub system: Duration,
    /// The most memory that it had at once, in bytes.
    pub peak_memory: u64,
}

impl Spent {
    /// All of its CPU time.
    pub fn cpu(&self) -> Duration {
        self.user + self.system
    }

    /// How busy it kept one core.
    pub fn share_of_a_core(&self) -> f64 {
        self.cpu().as_secs_f64() / self.took.as_secs_f64()
    }
}

/// Runs `command` to its end. `watch` is called with its process id every tenth of a second meanwhile.
pub fn spend(command: &mut Command, mut watch: impl FnMut(u32)) -> anyhow::Result<Spent> {
    let program = command.get_program().to_string_lossy().into_owned();
    let began_at = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start {program}"))?;
    let id = child.id();
    let (output, errors) = drain(&mut child)?;
    let waiting = thread::spawn(move || child.wait4().map(|ended| (ended, Instant::now())));
    while !waiting.is_finished() {
        watch(id);
        thread::park_timeout(Duration::from_millis(100));
    }
    let waited = waiting.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let (ended, ended_at) = waited.with_context(|| format!("cannot wait for {program}"))?;
    let (output, errors) = (joined(output), joined(errors));
    anyhow::ensure!(
        ended.status.success(),
        "{program} ended with {}: {}",
        ended.status,
        last_lines(&output, &errors)
    );
    Ok(Spent {
        output,
        took: ended_at - began_at,
        user: ended.rusage.utime,
        system: ended.rusage.stime,
        peak_memory: ended.rusage.maxrss,
    })
}

type Reading = thread::JoinHandle<String>;

/// Both at once, since a full pipe would stop the program.
fn drain(child: &mut Child) -> anyhow::Result<(Reading, Reading)> {
    let output = child.stdout.take().context("stdout is piped")?;
    let errors = child.stderr.take().context("stderr is piped")?;
    Ok((thread::spawn(|| everything(output)), thread::spawn(|| everything(errors))))
}

fn everything(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    // What came until then is still worth showing.
    let _ = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn joined(reading: Reading) -> String {
    reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The end of what a program said, where the reason stands.
fn last_lines(output: &str, errors: &str) -> String {
    let said: Vec<_> = output.lines().chain(errors.lines()).filter(|line| !line.trim().is_empty()).collect();
    said[said.len().saturating_sub(3)..].join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_leaves_its_output_and_what_it_spent() {
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done";
        let spent = spend(Command::new("sh").args(["-c", script]), |_| ()).unwrap();
        assert_eq!(spent.output, "done\n");
        assert!(spent.cpu() > Duration::ZERO && spent.share_of_a_core() <= 1.1, "{spent:?}");
        assert!(spent.peak_memory > 100_000, "{spent:?}");
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let error = spend(Command::new("sh").args(["-c", "echo why >&2; exit 3"]), |_| ()).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }
}
