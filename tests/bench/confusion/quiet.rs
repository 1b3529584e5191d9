//! A watcher that says nothing: the table comes at the end.

use loadgen_lab::backend::Event;
use loadgen_lab::report::StepReport;
use loadgen_lab::sweep::Watcher;

pub(crate) struct Quiet;

impl Watcher for Quiet {
    fn begins(&mut self, _index: usize, _count: usize, _what: &str) {}
    fn speed(&mut self, _throughput: f64) {}
    fn measured(&mut self, _step: &StepReport) {}
    fn happened(&mut self, _event: &Event) {}
}
