//! Every form of a report, whichever kind it is: what writes folders and files knows no more of a report than this.

use super::{benchmark, csv, json, junit, markdown, page, picture, text};
use crate::report::Report;

/// A report, of which each form is a pure function.
pub(crate) trait Forms {
    /// For a terminal; ends with a line break, as all of them do.
    fn text(&self) -> String;
    /// Everything, for programs.
    fn json(&self) -> String;
    /// HTML.
    fn page(&self) -> String;
    /// The page's pictures, each as a file of its own: its name without an ending, and the SVG.
    fn pictures(&self) -> Vec<(String, String)>;
    /// A summary for the page of a job.
    fn markdown(&self) -> String;
    /// The steps.
    fn csv(&self) -> String;
    /// Test cases.
    fn junit(&self) -> String;
    /// Throughputs for github-action-benchmark.
    fn benchmark_throughput(&self) -> String;
    /// Waits for the same.
    fn benchmark_latency(&self) -> String;
    /// Whether a step was measured.
    fn has_steps(&self) -> bool;
}

impl Forms for Report {
    fn text(&self) -> String {
        text::text(self)
    }

    fn json(&self) -> String {
        json::json(self)
    }

    fn page(&self) -> String {
        page::page(self)
    }

    fn pictures(&self) -> Vec<(String, String)> {
        picture::files(picture::pictures(self))
    }

    fn markdown(&self) -> String {
        markdown::markdown(self)
    }

    fn csv(&self) -> String {
        csv::csv(self)
    }

    fn junit(&self) -> String {
        junit::junit(self)
    }

    fn benchmark_throughput(&self) -> String {
        benchmark::throughput(self)
    }

    fn benchmark_latency(&self) -> String {
        benchmark::latency(self)
    }

    fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }
}
