//! What is said of a plan before its report, and meanwhile.

use std::fmt::Write;

use crate::blackbox::plan::{Plan, described};
use crate::laws::units::{Seconds, Throughput};

/// What a plan would do, as `loadgen plan check` says it.
pub(in crate::blackbox) fn overview(plan: &Plan) -> String {
    let mut text = format!("{}: counts {}/s; ", plan.application, plan.unit);
    let each = Seconds::from(plan.warm_up + plan.window);
    let _ = writeln!(text, "{} steps of {each:.0} each, scaling not included.", plan.steps.len());
    for (number, step) in plan.steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {}", number + 1, plan.name(step));
    }
    for (index, service) in plan.services.iter().enumerate() {
        let probed = if plan.is_probed(index) { "probed" } else { "not probed" };
        let _ = writeln!(text, "  {}: {probed}, {}", service.name, described(&service.way));
    }
    text
}

/// A step that has just been measured, in a line.
pub(in crate::blackbox) fn line(plan: &Plan, index: usize, throughput: f64) -> String {
    format!("{}: {:.2}", plan.name(&plan.steps[index]), Throughput(throughput))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::blackbox::check::parse;
    use crate::blackbox::testing::SHOP;

    #[test]
    fn services_are_probed_only_at_a_rate() {
        let told = |text: &str| overview(&parse(Path::new("shop.toml"), text).unwrap());
        assert!(told(SHOP).contains("  web: probed, "), "{}", told(SHOP));
        let unprobed = told(&SHOP.replace("window", "probe_rate = 0.0\nwindow"));
        assert!(unprobed.contains("  web: not probed, "), "{unprobed}");
    }
}
