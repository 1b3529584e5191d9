use std::path::Path;

use super::*;
use crate::blackbox::plan::Counter;
use crate::blackbox::testing::SHOP;

fn shop(from: &str, to: &str) -> Result<Plan, String> {
    assert!(SHOP.contains(from), "{from}");
    parse(Path::new("shop.toml"), &SHOP.replacen(from, to, 1)).map_err(|error| error.to_string())
}

const LOAD: (&str, &str) = (
    "prometheus = { url = \"http://{web}/m\", metric = \"requests_total\" }",
    "load = { url = \"http://{web}/\" }",
);

#[test]
fn a_plan_keeps_the_order_of_its_services_and_what_steps_leave_unsaid() {
    let plan = shop("window", "window").unwrap();
    let names: Vec<&str> = plan.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["database", "web", "queue"]);
    assert_eq!(plan.steps[1].replicas, [Some(1), Some(2), Some(1)]);
    assert_eq!(plan.name(&plan.steps[1]), "web=2");
    let capacity = plan.services[0].capacity.unwrap();
    assert_eq!((capacity.slots, capacity.service_time), (1, Seconds(0.02)));
    assert!(matches!(plan.counter, Counter::Prometheus { .. }));
}

#[test]
fn what_does_not_go_together_is_told_with_its_place_and_remedy() {
    let (from, to) = LOAD;
    for (from, to, parts) in [
        ("{ web = 2 }", "{ wbe = 2 }", &["23:18", "`wbe`", "database, web, queue; did you mean `web`?"][..]),
        ("{ web = 2 }", "{ web = 0 }", &["`web`", "1 to 10000"]),
        ("scale = \"resize {replicas}\"", "probe = \"http://h/\"\nscale = \"x\"", &["{replicas}"]),
        (
            "scale = \"resize {replicas}\"",
            "scale = \"x {port} {replicas}\"",
            &["{port}", "{replicas}, {loadgen}"],
        ),
        ("{database}", "{databse}", &["{databse}", "did you mean `{database}`?"]),
        ("scale = \"resize {replicas}\"", "count = \"x\"", &["`count`", "`scale`"]),
        (
            "scale = \"resize {replicas}\"",
            "scale = \"{replicas}\"\nrun = \"x\"",
            &["several ways", "keep one"],
        ),
        ("scale = \"resize {replicas}\"", "kubernetes = { object = \"web\" }", &["deployment/web"]),
        ("{ web = 2 }", "{}, connections = 3", &["`connections`", "`load`"]),
        ("{ web = 2 }", "{}, expect = [\"p99<1s\"]", &["SERVICE.p99"]),
        ("{ web = 2 }", "{}, expect = [\"queue.p99<1s\"]", &["`queue`", "not probed"]),
        ("{ web = 2 }", "{}, expect = [\"throughput>9\"]", &["throughput>=9.5"]),
        (
            "\n\n[services.d",
            "\nexpect = [\"bottleneck=web\", \"bottleneck=database\"]\n[services.d",
            &["`expect`", "web or database", "keep one"],
        ),
        (
            "\n\n[services.d",
            "\nexpect = [\"bottleneck=wbe\"]\n[services.d",
            &["`wbe`", "did you mean `web`?"],
        ),
        ("\n\n[services.d", "\nexpect = [\"p99<1s\"]\n[services.d", &["bottleneck=NAME", "step"]),
        ("\n\n[services.d", "\nclients = \"queu\"\n[services.d", &["did you mean `queue`?"]),
        ("{ web = 2 }", "{}, expect = [\"web-.p99<1s\"]", &["did you mean `web`?"]),
        ("\n\n[services.d", "\nclients = \"nobody\"\n[services.d", &["`clients`", "`nobody`"]),
        ("[services.queue]", "[services.port]", &["`port`", "name"]),
        ("window = \"1s\"", "window = \"1ms\"", &["`window`", "1s"]),
        ("service_time = \"20ms\"", "service_time = \"0s\"", &["`service_time`"]),
        ("probe = \"http://", "probe = \"https://", &["https://", "load generator"]),
        (
            "prometheus = {",
            "json = { url = \"http://h/\", pointer = \"a\" }\nprometheus = {",
            &["exactly one"],
        ),
        (from, "json = { url = \"http://h/\", pointer = \"a\" }", &["\"/a\""]),
        (from, "redis = { url = \"localhost\", key = \"k\" }", &["redis://"]),
        (from, "json = { url = \"http://h/\", pointer = \"/a~b\" }", &["`pointer`", "~0", "~1"]),
        (from, to, &["first step", "connections"]),
        ("run = \"db --listen {port}\"", "run = \" \"", &["4:7", "`run` is empty"]),
        ("run = \"db --listen {port}\"", "run = \"db\"", &["`run`", "{database}", "no address", "{port}"]),
        ("run = \"db --listen {port}\"", "run = \"awk '{print}' {port}\"", &["{print}", "{ print }"]),
        ("application = \"shop\"", "application = \"\"", &["1:15", "`application`", "one line"]),
        ("\n\n[services.d", "\nunit = \"a\\nb\"\n[services.d", &["`unit`", "one line"]),
    ] {
        let line = shop(from, to).unwrap_err();
        assert!(line.starts_with("shop.toml:") && !line.contains('\n'), "{line}");
        assert!(parts.iter().all(|part| line.contains(part)), "{to}: {line}");
    }
}

#[test]
fn the_load_generator_is_the_client_where_it_is_the_counter() {
    let (from, to) = LOAD;
    let text =
        SHOP.replacen(from, to, 1).replacen("web = 1, database = 1 }", "web = 1 }, connections = 4", 1);
    let plan = parse(Path::new("shop.toml"), &text).unwrap();
    assert_eq!(plan.clients, Clients::Connections);
    assert_eq!((plan.load(&plan.steps[0]), plan.load(&plan.steps[1])), (Some(4.0), Some(4.0)));
    assert!(plan.name(&plan.steps[1]).ends_with("connections=4"));
}
