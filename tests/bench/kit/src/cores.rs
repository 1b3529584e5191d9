//! Which core runs what. Owns pinning: where a client and its server share cores, each measures the other.

use anyhow::Context;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// A core for the client and another for the server.
#[derive(Clone, Copy, Debug)]
pub struct Cores {
    /// The client's.
    pub client: usize,
    /// The server's.
    pub server: usize,
}

impl Cores {
    /// The first two that this process may use.
    pub fn pick() -> anyhow::Result<Self> {
        match usable()?[..] {
            [client, server, ..] => Ok(Self { client, server }),
            _ => anyhow::bail!("needs two cores, one for the client and one for the server"),
        }
    }
}

/// A core that this process may use.
pub fn any() -> anyhow::Result<usize> {
    usable()?.first().copied().context("there is no core to use")
}

fn usable() -> anyhow::Result<Vec<usize>> {
    let may = sched_getaffinity(None).context("cannot read which cores there are")?;
    Ok((0..CpuSet::MAX_CPU).filter(|core| may.is_set(*core)).collect())
}

/// Runs `work` with this thread on `core` only; what it starts inherits that.
pub fn on_core<T>(core: usize, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let before = sched_getaffinity(None).context("cannot read this thread's cores")?;
    pin(core)?;
    let done = work();
    sched_setaffinity(None, &before).context("cannot give this thread its cores back")?;
    done
}

/// Keeps this thread on `core` from now on.
pub fn pin(core: usize) -> anyhow::Result<()> {
    let mut only = CpuSet::new();
    only.set(core);
    sched_setaffinity(None, &only).with_context(|| format!("cannot pin to core {core}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_has_one_core_and_gets_the_others_back() {
        let before = sched_getaffinity(None).unwrap().count();
        let within = on_core(any().unwrap(), || Ok(sched_getaffinity(None)?.count())).unwrap();
        assert_eq!((within, sched_getaffinity(None).unwrap().count()), (1, before));
    }
}
