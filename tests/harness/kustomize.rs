//! The manifests as `kubectl kustomize` renders them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::program::run;

const SOON: Duration = Duration::from_secs(60);

/// All objects that a kustomization makes, in its order.
pub(crate) type Objects = Vec<Value>;

/// The folder `k8s`.
pub(crate) fn manifests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("k8s")
}

/// The folders below one of `k8s`, by name.
pub(crate) fn folders(of: &str) -> Vec<String> {
    let entries = fs::read_dir(manifests().join(of)).expect("a folder").map_while(Result::ok);
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> =
        folders.map(|entry| entry.file_name().into_string().expect("a plain name")).collect();
    names.sort();
    names
}

/// The only document of a YAML file.
pub(crate) fn document(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Renders a folder of `k8s` with these components. kustomize must have nothing to say.
pub(crate) fn render(root: &str, components: &[String]) -> Objects {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    write_kustomization(folder.path(), root, components, json!({}));
    let said = run("kubectl", &["kustomize", folder.path().to_str().expect("a path")], SOON);
    assert!(said.status.success() && said.stderr.is_empty(), "{root} {components:?}: {}", said.stderr);
    serde_saphyr::from_multiple(&said.stdout).unwrap_or_else(|error| panic!("{root} {components:?}: {error}"))
}

/// Writes a kustomization of a folder of `k8s` with these components, as somebody's own would name them; what else it says is in
/// `kustomization`.
pub(crate) fn write_kustomization(
    folder: &Path,
    root: &str,
    components: &[impl AsRef<str>],
    mut kustomization: Value,
) {
    let way = way_out_of(folder);
    let place = |name: &str| format!("{way}{}", manifests().join(name).display());
    kustomization["resources"] = json!([place(root)]);
    kustomization["components"] =
        components.iter().map(|name| place(&format!("components/{}", name.as_ref()))).collect();
    // JSON is YAML.
    fs::write(folder.join("kustomization.yaml"), kustomization.to_string()).expect("a file");
}

/// From a folder to the root of the file system, without the last slash: kustomize takes no absolute paths.
fn way_out_of(folder: &Path) -> String {
    let depth = folder.canonicalize().expect("a folder").components().count() - 1;
    vec![".."; depth].join("/")
}
