//! `JUnit` XML, as the pages of CI systems show it. Owns its form; what a case is about is its caller's.

use std::borrow::Cow;

use maud::{Markup, PreEscaped, html};

use crate::xml::clean;

/// One case, and how it ended.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What was looked at.
    pub(crate) name: Cow<'static, str>,
    /// Whether it is as it should be.
    pub(crate) ended: Ended,
    /// What there is to read about it.
    pub(crate) said: String,
}

/// How a case ended, and why if not well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Passed,
    Failed(String),
    /// What was measured cannot tell.
    Skipped(String),
    /// Nothing could be measured.
    Error(String),
}

/// Cases that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) seconds: f64,
    pub(crate) cases: Vec<Case>,
}

/// All suites of `command`, which began at `date`, in UTC.
pub(crate) fn document(command: &str, date: &str, suites: &[Suite]) -> String {
    let seconds: f64 = suites.iter().map(|suite| suite.seconds).sum();
    let markup = html! {
        testsuites name={ "loadgen " (command) } tests=(count(suites, |_| true)) failures=(count(suites, is_failure))
            errors=(count(suites, is_error)) skipped=(count(suites, is_skip)) time=(decimal(seconds)) {
            @for suite in suites { (of_suite(suite, command, date)) }
        }
    };
    clean(&format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", markup.into_string()))
}

fn of_suite(suite: &Suite, command: &str, date: &str) -> Markup {
    let only = std::slice::from_ref(suite);
    html! {
        (PreEscaped("\n"))
        testsuite name=(suite.name) tests=(suite.cases.len()) failures=(count(only, is_failure))
            errors=(count(only, is_error)) skipped=(count(only, is_skip)) time=(decimal(suite.seconds))
            timestamp=(date.trim_end_matches('Z')) {
            @for case in &suite.cases { (of_case(case, suite, command)) }
        }
    }
}

fn of_case(case: &Case, suite: &Suite, command: &str) -> Markup {
    html! {
        (PreEscaped("\n  "))
        testcase classname={ (command) "." (suite.name) } name=(case.name) time=(decimal(suite.seconds)) {
            @match &case.ended {
                Ended::Passed => {}
                Ended::Failed(why) => { failure message=(why) {} }
                Ended::Skipped(why) => { skipped message=(why) {} }
                Ended::Error(why) => { error message=(why) {} }
            }
            system-out { (case.said) }
        }
    }
}

fn count(suites: &[Suite], is: impl Fn(&Ended) -> bool) -> usize {
    suites.iter().flat_map(|suite| &suite.cases).filter(|case| is(&case.ended)).count()
}

fn is_failure(ended: &Ended) -> bool {
    matches!(ended, Ended::Failed(_))
}

fn is_error(ended: &Ended) -> bool {
    matches!(ended, Ended::Error(_))
}

fn is_skip(ended: &Ended) -> bool {
    matches!(ended, Ended::Skipped(_))
}

fn decimal(seconds: f64) -> String {
    format!("{seconds:.3}")
}
