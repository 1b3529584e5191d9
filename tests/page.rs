//! The report's page in a real browser, and before a validator. A page of the story's own looks at it through a frame, as wide as
//! a telephone and as a screen.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::harness::LOADGEN;
use crate::harness::program::{Finished, Program};
use crate::harness::sweep::Desk;
use crate::plan::{SHORT, shipped};

const A_BROWSER: Duration = Duration::from_secs(120);

/// What the frame finds, written into its own page, a line for each width: how wide the content is, pictures, those of them with
/// a title and a description that are told, the least size of letters in them, and tables.
const LOOK: &str = r#"<!DOCTYPE html><title>look</title><body><script>
const look = (width) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.width = width; frame.height = 800; frame.src = 'report/index.html';
  frame.onload = () => {
    const page = frame.contentDocument;
    page.querySelectorAll('details').forEach((it) => { it.open = true; });
    const pictures = [...page.querySelectorAll('svg[role=img]')];
    const text = (id) => page.getElementById(id)?.textContent.trim();
    const told = pictures.filter((it) => it.getAttribute('aria-labelledby').split(' ').every(text));
    const letters = pictures.flatMap((picture) => [...picture.querySelectorAll('text')].map((it) =>
      parseFloat(frame.contentWindow.getComputedStyle(it).fontSize) * it.getScreenCTM().a));
    const cut = pictures.filter((picture) => [...picture.querySelectorAll('text')].some((it) => {
      const [inner, outer] = [it.getBoundingClientRect(), picture.getBoundingClientRect()];
      return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
    }));
    const found = { width, content: page.documentElement.scrollWidth, pictures: pictures.length, told: told.length,
      cut: cut.map((it) => it.getAttribute('aria-labelledby')), letters: Math.min(...letters), tables: page.querySelectorAll('figure table').length };
    done(found);
  };
  document.body.append(frame);
});
(async () => {
  const found = [await look(390), await look(1280)];
  document.body.innerHTML = '<pre id="found"></pre>';
  document.getElementById('found').textContent = JSON.stringify(found);
})();
</script>"#;

/// The report of a short lab with two steps and a choice of replicas.
fn of_sweep() -> Desk {
    let desk = Desk::new();
    desk.sweep(&["--workers=1,3", "--rng=1,2", "--window=2s", "--no-confirm", "--report=report"]);
    desk
}

/// The same of a plan: a shop whose web servers and databases are scaled.
fn of_plan() -> Desk {
    let desk = Desk::new();
    desk.write("plan.toml", &shipped("shop/plan.toml", SHORT));
    desk.sweep(&["--plan=plan.toml", "--report=report"]);
    desk
}

/// And of an A/B of two steps.
fn of_ab() -> Desk {
    let desk = Desk::new();
    let steps = ["--workers=1,3", "--rng=1", "--window=1s", "--duration=14s"];
    desk.sweep(&[&steps[..], &["--threshold=90%", "--report=report", "--interleave", LOADGEN]].concat());
    desk
}

/// Chromium's output for a page on disk; it may resolve no name, and everything that it has to complain about is in its log.
fn browse(desk: &Desk, page: &Path) -> Finished {
    let mut command = Command::new("chromium");
    let profile = format!("--user-data-dir={}", desk.path("profile").display());
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", &profile]);
    command.args(["--disable-background-networking", "--disable-component-update", "--no-first-run"]);
    command.args(["--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files"]);
    command.args(["--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"]);
    command.arg(format!("file://{}", page.display()));
    Program::start(&mut command).finish(A_BROWSER)
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_opens_from_disk_without_a_complaint_and_is_readable_on_a_telephone() {
    assert_readable(&of_sweep(), 6.0);
}

#[test]
#[ignore = "needs Chromium"]
fn and_so_is_that_of_a_plan() {
    assert_readable(&of_plan(), 5.0);
}

#[test]
#[ignore = "needs Chromium"]
fn and_so_is_that_of_an_ab() {
    assert_readable(&of_ab(), 5.0);
}

/// That the page in `desk` has so many pictures at least, and is fit for every screen.
#[track_caller]
fn assert_readable(desk: &Desk, pictures: f64) {
    let said = browse(desk, &desk.path("report/index.html"));
    assert!(said.status.success() && said.stdout.contains("<h1>"), "{said:?}");
    assert!(!said.stderr.contains("CONSOLE"), "{}", said.stderr);
    desk.write("look.html", LOOK);
    let said = browse(desk, &desk.path("look.html"));
    let found = said.stdout.split("<pre id=\"found\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let found: serde_json::Value =
        serde_json::from_str(found.unwrap_or_else(|| panic!("{said:?}"))).expect("JSON");
    let found = found.as_array().expect("a list");
    assert_eq!(found.len(), 2);
    for look in found {
        let number = |name: &str| look[name].as_f64().expect("a number");
        assert!(number("content") <= number("width"), "{look}");
        assert!(
            number("pictures") >= pictures
                && look["told"] == look["pictures"]
                && look["tables"] == look["pictures"],
            "{look}"
        );
        assert!(number("letters") >= 9.0 && look["cut"].as_array().is_some_and(Vec::is_empty), "{look}");
    }
}

/// Parses what it is given strictly: pages as HTML, the rest as XML.
const VALIDATOR: &str = "
import sys
import xml.etree.ElementTree
import html5lib
for name in sys.argv[1:]:
    if name.endswith('.html'):
        html5lib.HTMLParser(strict=True).parse(open(name, encoding='utf-8'))
    else:
        xml.etree.ElementTree.parse(name)
    print(name)
";

#[test]
#[ignore = "needs html5lib for Python"]
fn page_pictures_and_junit_are_valid() {
    for desk in [of_sweep(), of_plan(), of_ab()] {
        assert_valid(&desk);
    }
}

fn assert_valid(desk: &Desk) {
    let said = desk.loadgen(&["report", "report/lab.json", "--junit=report/lab.xml"]);
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let files =
        fs::read_dir(desk.path("report")).expect("a folder").map(|entry| entry.expect("a file").path());
    let is_markup = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|ending| ["html", "svg", "xml"].iter().any(|it| ending == *it))
    };
    let files: Vec<_> = files.filter(is_markup).collect();
    let said = Command::new("python3").args(["-c", VALIDATOR]).args(&files).output().expect("Python");
    let printed = String::from_utf8_lossy(&said.stdout).lines().count();
    assert!(said.status.success() && printed == files.len() && printed >= 7, "{said:?}");
}
