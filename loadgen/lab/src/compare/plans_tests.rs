//! Comparisons of plans, made of one report with one thing changed.

use super::compared;
use crate::blackbox::{self, Report};
use crate::compare::{Comparison, Metric, PairingError, Ruling, render};
use crate::report::Outcome;

fn comparison(change: impl FnOnce(&mut Report)) -> Result<Comparison, PairingError> {
    let (base, mut new) = (blackbox::concluded_report(), blackbox::concluded_report());
    change(&mut new);
    compared([(&"base.json".to_owned(), &base), (&"new.json".to_owned(), &new)], 0.03)
}

#[test]
fn a_plan_is_as_good_as_itself_and_probes_too_few_to_tell_leave_it_so() {
    let comparison = comparison(|_| {}).unwrap();
    assert_eq!((comparison.ruling, comparison.changes.len()), (Ruling::Pass, 8));
    assert!(comparison.changes.iter().all(|change| !change.significant), "{comparison:#?}");
    assert!(render::text(&comparison).contains("No regression"), "{}", render::text(&comparison));
}

#[test]
fn a_slower_service_is_a_regression_step_by_step() {
    let comparison = comparison(|new| {
        for step in &mut new.steps[2..] {
            step.seen.throughput_per_second *= 0.8;
            step.seen.probes[0].as_mut().unwrap().mean_seconds *= 1.4;
        }
        new.plan.push_str("# another image\n");
    })
    .unwrap();
    assert_eq!(comparison.ruling, Ruling::Regression);
    let rulings: Vec<Ruling> = comparison.changes.iter().map(|change| change.ruling).collect();
    assert_eq!(rulings[..4], [Ruling::Pass; 4]);
    assert_eq!(rulings[4..], [Ruling::Regression; 4]);
    insta::assert_snapshot!(render::text(&comparison), @r"
    before  base.json (loadgen 0.1.0, 2027-01-15T08:00:00Z)
    now     new.json (loadgen 0.1.0, 2027-01-15T08:00:00Z)
    Note: the text of the plan is not what it was.

     web  connections                       before       now   change       95 % interval
       1            1  throughput          47.00/s   47.00/s   +0.0 %    -1.4 % to +1.4 %
       1            1  wait for database   10.0 ms   10.0 ms   +0.0 %    -2.8 % to +2.9 %
       1            4  throughput          50.00/s   50.00/s   +0.0 %    -1.4 % to +1.4 %
       1            4  wait for database   60.0 ms   60.0 ms   +0.0 %    -2.8 % to +2.9 %
       1           16  throughput          50.00/s   40.00/s  -20.0 %  -21.3 % to -18.7 %  WORSE
       1           16  wait for database  300.0 ms  420.0 ms  +40.0 %  +36.6 % to +43.5 %  WORSE
       2           16  throughput          50.10/s   40.08/s  -20.0 %  -21.3 % to -18.7 %  WORSE
       2           16  wait for database  300.0 ms  420.0 ms  +40.0 %  +36.6 % to +43.5 %  WORSE

    REGRESSION: wait for database at web=2 connections=16 changed by +40.0 % (+36.6 % to +43.5 %), which is worse by more than 3 %; 4 figures in all.
    ");
    let markdown = render::markdown(&comparison);
    assert!(markdown.contains("|  | web | connections | before | now |"), "{markdown}");
    let junit = render::junit(&comparison);
    assert!(
        junit.contains(r#"tests="8" failures="4""#) && junit.contains("name=\"wait for database\""),
        "{junit}"
    );
    let json: serde_json::Value = serde_json::from_str(&crate::render::json(&comparison)).unwrap();
    assert_eq!(json["changes"][5]["step"], "web=1 connections=16");
    assert_eq!(
        (&json["changes"][5]["metric"], &json["changes"][5]["of"]),
        (&"probe_wait".into(), &"database".into())
    );
}

/// Half as long again is nothing where all of it is a hundredth of a cycle.
#[test]
fn a_wait_that_matters_to_nobody_may_grow() {
    let times = |factor: f64| {
        comparison(|new| new.steps[3].seen.probes[0].as_mut().unwrap().mean_seconds *= factor).unwrap()
    };
    let short = |report: &mut Report| {
        let probe = report.steps[3].seen.probes[0].as_mut().unwrap();
        (probe.mean_seconds, probe.half_width_seconds) = (0.001, Some(0.0));
    };
    let (mut base, mut new) = (blackbox::concluded_report(), blackbox::concluded_report());
    short(&mut base);
    short(&mut new);
    new.steps[3].seen.probes[0].as_mut().unwrap().mean_seconds *= 1.5;
    let of_little = compared([(&String::new(), &base), (&String::new(), &new)], 0.03).unwrap();
    let last = of_little.changes.last().unwrap();
    assert!(last.metric == Metric::ProbeWait && last.significant && last.ruling == Ruling::Pass, "{last:?}");
    assert_eq!(times(1.5).ruling, Ruling::Regression);
}

#[test]
fn what_cannot_be_told_of_throughput_is_inconclusive() {
    let comparison = comparison(|new| {
        new.steps[0].seen.throughput_half_width_per_second = None;
        new.steps[2].seen.probes[0].as_mut().unwrap().half_width_seconds = Some(0.2);
    })
    .unwrap();
    assert_eq!(
        (comparison.ruling, comparison.changes[5].ruling),
        (Ruling::Inconclusive, Ruling::Inconclusive)
    );
    let told = "INCONCLUSIVE: throughput at web=1 connections=1 changed by +0.0 %, and has no interval: give the plan a longer \
                `window`.";
    assert!(render::text(&comparison).contains(told), "{}", render::text(&comparison));
}

#[test]
fn other_plans_are_refused_with_what_differs() {
    for (change, differs) in [
        (
            (|new| new.application = "mine".to_owned()) as fn(&mut Report),
            "the application is shop in base.json and mine",
        ),
        (|new| new.unit = "orders".to_owned(), "what is counted is requests in base.json and orders"),
        (|new| drop(new.steps.pop()), "the list of steps is database=1 web=1 load=1, "),
        (|new| new.conclusion.outcome = Outcome::Interrupted, "new.json was cut short (interrupted)"),
    ] {
        let complaint = comparison(change).unwrap_err().to_string();
        assert!(complaint.contains(differs), "{complaint}");
    }
}
