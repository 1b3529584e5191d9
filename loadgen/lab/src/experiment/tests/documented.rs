//! What the README says of the JSON report.

use std::time::Duration;

use super::*;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));

/// Keys of what is found, and of what its lists hold.
fn keys(found: &Value) -> Vec<String> {
    let object = found.as_object().unwrap();
    let inner = object.values().filter_map(|value| value.as_array()?.first()?.as_object());
    object.keys().chain(inner.flat_map(serde_json::Map::keys)).cloned().collect()
}

#[tokio::test]
async fn every_key_of_an_experiment_is_in_the_readme() {
    let section = README.split("\n## ").find(|section| section.starts_with("Experiments")).unwrap();
    let autoscaled = || App { autoscaler: Some((Duration::from_secs(40), 3)), ..App::default() };
    for flags in ["kill", "rolling-update", "sticky", "probes", "autoscale --backend kubernetes"] {
        let found = tried(autoscaled(), &format!("--experiment {flags}")).await.found();
        for key in keys(&found).iter().filter(|key| !key.contains("half_width")) {
            assert!(section.contains(&format!("`{key}`")), "{flags}: {key}");
        }
    }
}
