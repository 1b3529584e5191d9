//! Which combinations of the manifests are looked at: base and overlays, alone and with each component; components that
//! change the same object, in either order; and all that go together.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};
use std::thread;

use crate::harness::kustomize::{Objects, folders, render};
use crate::harness::machine;

const AT_A_TIME: usize = 4;

/// Components of which there may be one: two autoscalers of one Deployment, of none, and two types of one Service.
pub(super) const EXCLUSIVE: [[&str; 2]; 4] = [
    ["hpa-cpu", "hpa-latency"],
    ["hpa-cpu", "rng-daemonset"],
    ["hpa-latency", "rng-daemonset"],
    ["loadbalancer", "nodeport"],
];

/// Components that change the same object, or one what the other adds. The others can't know of each other.
pub(super) const MEETING: [[&str; 2]; 7] = [
    ["canary", "rng-daemonset"],
    ["canary", "scrape-annotations"],
    ["keep-alive", "scrape-annotations"],
    ["naive-probes", "rng-daemonset"],
    ["naive-probes", "scrape-annotations"],
    ["redis-persistent", "scrape-annotations"],
    ["rng-daemonset", "scrape-annotations"],
];

/// Something to apply: a folder of `k8s`, and the components that are switched on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Combination {
    pub(super) root: String,
    pub(super) components: Vec<String>,
}

static RENDERED: LazyLock<BTreeMap<Combination, Objects>> = LazyLock::new(|| render_all(combinations()));

/// Every combination with its objects.
pub(super) fn rendered() -> impl Iterator<Item = (&'static Combination, &'static Objects)> {
    RENDERED.iter()
}

/// The objects of base with these components.
#[track_caller]
pub(super) fn base_with(components: &[&str]) -> &'static Objects {
    let combination = Combination::of("base", components);
    RENDERED.get(&combination).unwrap_or_else(|| panic!("nobody renders {combination:?}"))
}

impl Combination {
    fn of(root: &str, components: &[impl AsRef<str>]) -> Self {
        let components = components.iter().map(|component| component.as_ref().to_owned()).collect();
        Self { root: root.to_owned(), components }
    }
}

fn combinations() -> Vec<Combination> {
    let components = folders("components");
    let overlays = folders("overlays").into_iter().map(|overlay| format!("overlays/{overlay}"));
    let roots: Vec<_> = std::iter::once("base".to_owned()).chain(overlays).collect();
    let alone = roots.iter().map(|root| Combination { root: root.clone(), components: Vec::new() });
    let one = roots.iter().flat_map(|root| components.iter().map(|one| Combination::of(root, &[one])));
    let two = MEETING.into_iter().flat_map(|[one, other]| [[one, other], [other, one]]);
    let many = ["hpa-cpu", "hpa-latency", "rng-daemonset"].map(|scaling| together(&components, scaling));
    let many = roots.iter().flat_map(|root| many.iter().map(|many| Combination::of(root, many)));
    alone.chain(one).chain(two.map(|two| Combination::of("base", &two))).chain(many).collect()
}

/// All components that go together with that one.
fn together<'a>(components: &'a [String], chosen: &'a str) -> Vec<&'a str> {
    components.iter().fold(vec![chosen], |mut together, component| {
        let fits = |taken: &&str| *taken != component && !exclude(taken, component);
        if together.iter().all(fits) {
            together.push(component);
        }
        together
    })
}

/// Whether there may be one of the two only.
pub(super) fn exclude(one: &str, other: &str) -> bool {
    EXCLUSIVE.iter().any(|pair| pair.contains(&one) && pair.contains(&other))
}

fn render_all(combinations: Vec<Combination>) -> BTreeMap<Combination, Objects> {
    let _turn = machine::busy();
    let left = Mutex::new(combinations);
    let next = || left.lock().expect("no panic").pop();
    let work = || {
        let rendered = |combination: Combination| {
            let objects = render(&combination.root, &combination.components);
            (combination, objects)
        };
        std::iter::from_fn(next).map(rendered).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads = [(); AT_A_TIME].map(|()| scope.spawn(work));
        threads.into_iter().flat_map(|thread| thread.join().expect("kustomize has nothing to say")).collect()
    })
}
