//! What the points say without the model, and steps that go on until they are known well enough.

use super::*;
use crate::backend::fake::Law;
use crate::render;

#[tokio::test]
async fn a_hard_limit_has_its_knee_and_is_no_case_for_the_usl() {
    let swept = swept(App::default(), &["--workers=1,2,3,4,5,6,8,10", "--rng=1", "--no-confirm"]).await;
    let scaling = swept.report.scaling.as_ref().unwrap();
    assert_eq!((scaling.workers, scaling.rng, scaling.knee_workers), (8, 1, Some(3.0)));
    let usl = scaling.usl.unwrap();
    assert!(usl.wrong_model && usl.worst_misfit > 0.05 && usl.worst_misfit_of_a_kink < 0.01, "{usl:?}");
    let text = render::text(&swept.report);
    assert!(text.contains("the knee with rng=1 is at worker=3") && text.contains("wrong model"), "{text}");
}

#[tokio::test]
async fn few_points_have_no_shape() {
    let swept = swept(App::default(), &["--workers=1,4", "--rng=1,2", "--no-confirm"]).await;
    assert_eq!(swept.report.scaling, None);
    assert!(!render::text(&swept.report).contains("Kneedle"));
}

#[tokio::test]
async fn what_does_not_bend_has_no_knee() {
    let flags = ["--workers=1,2,3", "--rng=4", "--window=12s", "--no-confirm"];
    let scaling = swept(App::default(), &flags).await.report.scaling.unwrap();
    assert_eq!((scaling.knee_workers, scaling.usl), (None, None));
}

/// Seconds measured at each step of an application whose service times vary.
async fn measured(flags: &[&str]) -> (Vec<f64>, Swept) {
    let flags = [&["--workers=10", "--rng=1", "--no-confirm"], flags].concat();
    let swept = swept(App { law: Law::Exponential, ..App::default() }, &flags).await;
    (swept.report.steps.iter().map(|step| step.seen.window.seconds()).collect(), swept)
}

#[tokio::test]
async fn a_step_goes_on_until_its_interval_is_tight_enough() {
    let (seconds, swept) = measured(&["--window=200s", "--precision=5%"]).await;
    let seen = &swept.report.steps[0].seen;
    let half_width = seen.throughput_half_width_per_second.unwrap() / seen.throughput_per_second;
    assert!(half_width <= 0.05 && swept.report.steps[0].caveats.is_empty(), "{half_width}");
    let (loose, _) = measured(&["--window=200s", "--precision=50%"]).await;
    assert!((190.0..210.0).contains(&loose[0]) && seconds[0] >= loose[0], "{loose:?} {seconds:?}");
}

#[tokio::test]
async fn a_step_that_takes_too_long_for_that_ends_and_says_so() {
    let (seconds, swept) = measured(&["--precision=1%"]).await;
    // Less of four windows than the warm-up that was cut.
    assert!((12.0..26.0).contains(&seconds[0]) && swept.report.duration_seconds > 24.0, "{seconds:?}");
    let text = render::text(&swept.report);
    assert!(text.contains("Note: at worker=10 rng=1 the interval is still ± "), "{text}");
    assert!(text.contains("not the 1 % of --precision."), "{text}");
}

#[tokio::test]
async fn regular_steps_take_no_longer_for_it() {
    let swept =
        swept(App::default(), &["--precision=0.5%", "--workers=1,10", "--rng=1,2", "--no-confirm"]).await;
    for step in &swept.report.steps {
        assert!(step.seen.window.seconds() < 9.0 && step.caveats.is_empty(), "{:?}", step.seen.window);
    }
}
