//! In which order services are started: one that is given the address of another one may use it at once.

use super::super::plan::{Plan, Way};

/// The services whose addresses the command of the one at `index` names.
pub(super) fn named_by(plan: &Plan, index: usize) -> Vec<usize> {
    let Way::Run(command) = &plan.services[index].way else { return Vec::new() };
    let named = command.places().filter_map(|place| plan.services.iter().position(|it| it.name == place));
    named.filter(|named| *named != index).collect()
}

/// Services as the plan has them, but each after those that it names. Of services that name each other in a circle the first one
/// comes last.
pub(super) fn order(plan: &Plan) -> Vec<usize> {
    let (mut order, mut seen) = (Vec::new(), vec![false; plan.services.len()]);
    for index in 0..plan.services.len() {
        visit(plan, index, &mut seen, &mut order);
    }
    order
}

fn visit(plan: &Plan, index: usize, seen: &mut [bool], order: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[index], true) {
        return;
    }
    for named in named_by(plan, index) {
        visit(plan, named, seen, order);
    }
    order.push(index);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::blackbox::check::parse;

    fn ordered(commands: &[(&str, &str)]) -> Vec<String> {
        let service = |(name, run): &(&str, &str)| format!("[services.{name}]\nrun = \"{run}\"\n");
        let text = format!(
            "application = \"x\"\n{}[throughput]\nload = {{ url = \"http://localhost/\" }}\n[sweep]\nsteps = [{{ connections = 1 }}]\n",
            commands.iter().map(service).collect::<String>()
        );
        let plan = parse(Path::new("x.toml"), &text).unwrap();
        order(&plan).into_iter().map(|index| plan.services[index].name.clone()).collect()
    }

    #[test]
    fn those_that_are_named_come_first_and_the_rest_as_in_the_plan() {
        let commands =
            [("worker", "w {web} {db}"), ("cache", "c {port}"), ("web", "w {port} {db}"), ("db", "d {port}")];
        assert_eq!(ordered(&commands), ["db", "web", "worker", "cache"]);
        let plain = [("b", "b {port}"), ("a", "a {port} {b} {loadgen}")];
        assert_eq!(ordered(&plain), ["b", "a"]);
    }

    #[test]
    fn a_circle_has_an_order_too() {
        assert_eq!(ordered(&[("a", "a {port} {b} {a}"), ("b", "b {port} {a}")]), ["b", "a"]);
    }
}
