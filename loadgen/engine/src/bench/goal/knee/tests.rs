use crate::bench::goal::testing::{goals, plan};
use crate::testing::Refusing;

use super::*;

/// A trial of a tenth of a second, of nothing that listens.
#[test]
fn a_search_that_nobody_answers_ends_with_its_first_trial() {
    let refusing = Refusing::new();
    let line = format!("{} -q 50 --find-knee p99<1s --trial 100ms --warmup 10ms", refusing.address());
    let (_stop, stopped) = watch::channel(false);
    let mut said = Vec::new();
    let report =
        find_knee(&plan(&line), &goals(&line), &stopped, &mut (), &mut |it| said.push(it.to_string()));
    let report = report.unwrap();
    assert!(!report.was_answered() && report.outcomes_all.contains_key("refused"), "{report:?}");
    let knee = report.knee.unwrap();
    assert_eq!((knee.rate_per_s, knee.ended, knee.trials.len()), (None, KneeEnd::NothingHeld, 1));
    let [said] = &said[..] else { panic!("{said:?}") };
    assert!(said.starts_with("trial at     50.0/s for "), "{said}");
    assert!(said.ends_with(" ms: fails; not p99<1s: unknown: there was none"), "{said}");
}

#[test]
fn each_trial_settles_and_a_validation_is_longer() {
    let line = "h -q 50 --find-knee p99<1s --trial 2s";
    let (plan, goals) = (plan(line), goals(line));
    let (_stop, stopped) = watch::channel(false);
    let (stop, observer): (_, &mut dyn Observer) = (&stopped, &mut ());
    let say: &mut dyn FnMut(&KneeTrial) = &mut |_| {};
    let trials = Trials { plan: &plan, args: &goals, stop, observer, say, done: Vec::new(), best: None };
    for (validation, seconds) in [(false, 3), (true, 7)] {
        let plan = trials.plan_at(START, validation);
        assert_eq!((plan.duration, plan.warm_up), (Some(Duration::from_secs(seconds)), Some(SETTLE)));
        assert_eq!(plan.request_limit, None);
    }
    let range = range(&plan, &goals);
    assert!((range.start - 50.0).abs() < 1e-9 && (range.least - 5.0).abs() < 1e-9, "{range:?}");
}
