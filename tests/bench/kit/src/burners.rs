//! Somebody else's processes: they burn CPU until they are dropped, or until this process is gone.

use std::process::{Child, Command, Stdio};

/// Processes that burn CPU, with the priority that everything has.
#[derive(Debug)]
pub struct Burners(Vec<Child>);

impl Burners {
    /// Starts so many for each CPU.
    pub fn start(per_cpu: usize) -> anyhow::Result<Self> {
        let cpus = std::thread::available_parallelism().map_or(1, usize::from);
        // Each ends by itself should nobody be left to end it.
        let script =
            "while kill -0 \"$0\" 2>/dev/null; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done";
        let mut burners = Self(Vec::new());
        for _ in 0..cpus * per_cpu {
            let mut command = Command::new("sh");
            command.args(["-c", script, &std::process::id().to_string()]);
            burners.0.push(command.stdin(Stdio::null()).spawn()?);
        }
        Ok(burners)
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
