//! What hey and oha, wrk and ab call otherwise, in the words of `loadgen bench`. Owns the flags that cannot be read as they
//! are: hey's long ones have one dash, so that `-disable-keepalive` would be `-d` with a body.

use std::ffi::OsString;

use clap::{Args, Command};

use crate::dialect::{Dialect, DialectError, Here};

use super::BenchArgs;

const PROXY: Here = Here::Not("requests cannot go through a proxy; give the URL of the server itself");
const AWS: Here = Here::Not("requests cannot be signed; give a URL that is signed already");
const UNIT: Here = Here::Not("each time has a unit that suits it; --json FILE has all in milliseconds");
const SCRIPT: Here = Here::Not("scripts are not run; --template fills in paths, headers and bodies");
const BURST: Here = Here::Not("give rates that change with --stage, such as --stage 1s:100 --stage 1s:0");

/// Flags of hey, with their one dash.
const HEY: &[(&str, Here)] = &[
    ("-disable-redirects", Here::Is(&["--redirects=0"])),
    ("-disable-compression", Here::Always),
    ("-more", Here::Always),
    ("-h2", Here::Is(&["--http2"])),
    ("-cpus", Here::Takes("--threads")),
    ("-allow-insecure", Here::Is(&["--insecure"])),
    ("-U", Here::Header("user-agent")),
    ("-x", PROXY),
    ("-o", Here::Output),
    ("-proxy", PROXY),
];

/// Flags of oha.
const OHA: &[(&str, Here)] = &[
    ("--no-tui", Here::Is(&["--no-live"])),
    ("--disable-color", Here::Is(&["--no-color"])),
    ("--disable-compression", Here::Always),
    ("--latency-correction", Here::Always),
    ("--stats-success-breakdown", Here::Always),
    ("--no-pre-lookup", Here::Always),
    ("--fps", Here::AlwaysOf),
    ("--worker-threads", Here::Takes("--threads")),
    ("--redirect", Here::Takes("--redirects")),
    ("-r", Here::Takes("--redirects")),
    ("-Z", Here::Takes("--bodies-from")),
    ("-j", Here::Is(&["--format=json"])),
    ("--output", Here::Output),
    ("--output-format", Here::Form),
    ("--http-version", Here::Http),
    ("--proxy", PROXY),
    ("--proxy-header", PROXY),
    ("--proxy-http-version", PROXY),
    ("--proxy-http2", PROXY),
    ("--aws-session", AWS),
    ("--aws-sigv4", AWS),
    ("--burst-delay", BURST),
    ("--burst-rate", BURST),
    ("-F", Here::Not("forms are not put together; give the body with --body-file and its --content-type")),
    (
        "--form",
        Here::Not("forms are not put together; give the body with --body-file and its --content-type"),
    ),
    ("-w", Here::Not("what is in flight at the end is counted as that, and not waited for; leave it out")),
    (
        "--wait-ongoing-requests-after-deadline",
        Here::Not("what is in flight at the end is counted as that, and not waited for; leave it out"),
    ),
    ("--rand-regex-url", Here::Not("give placeholders with --template, such as /{{random 1..100}}")),
    ("--urls-from-file", Here::Not("give the file with --urls-from FILE")),
    ("--max-repeat", Here::Not("give placeholders with --template, such as /{{hex 16}}")),
    ("--dump-urls", Here::Not("URLs cannot be listed; give placeholders with --template and a --seed")),
    ("--connect-to", Here::Not("give the address in the URL, and the name with --host and --sni")),
    ("--db-url", Here::Not("no database is written; --json FILE has everything that was measured")),
    ("--time-unit", UNIT),
    ("-u", UNIT),
    ("--debug", Here::Not("`curl -v` shows a request and its answer")),
];

/// Flags of wrk and of wrk2, whose rate is that of all connections, too.
const WRK: &[(&str, Here)] =
    &[("--latency", Here::Always), ("-R", Here::Takes("--rate")), ("-s", SCRIPT), ("--script", SCRIPT)];

/// Flags of ab, and one of curl.
const AB: &[(&str, Here)] = &[
    ("-i", Here::Is(&["--method=HEAD"])),
    ("-C", Here::Header("cookie")),
    ("-X", Here::Not("the method is given with -m; requests cannot go through a proxy")),
];

/// The words after `loadgen bench`, with those of others in ours.
pub fn translated(typed: impl IntoIterator<Item = OsString>) -> Result<Vec<OsString>, DialectError> {
    let command = BenchArgs::augment_args(Command::new("bench"));
    let one_dash = command.get_arguments().filter_map(|flag| flag.get_long().map(str::to_owned)).collect();
    Dialect { flags: &[HEY, OHA, WRK, AB], one_dash }.translate(typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::said;

    fn ours(line: &str) -> Result<String, String> {
        said(line, translated)
    }

    #[test]
    fn long_flags_with_one_dash_are_what_they_mean() {
        for (hey, here) in [
            ("-disable-keepalive h", "--disable-keepalive h"),
            ("-disable-redirects h", "--redirects=0 h"),
            ("-disable-compression -more h", "h"),
            ("-h2 h", "--http2 h"),
            ("-host x h", "--host x h"),
            ("-host=x h", "--host=x h"),
            ("-cpus 2 h", "--threads=2 h"),
            ("-o csv h", "--format=csv h"),
            ("-U me h", "--header=user-agent: me h"),
            ("-duration 5s -method POST", "--duration 5s --method POST"),
        ] {
            assert_eq!(ours(hey).unwrap(), here, "{hey}");
        }
    }

    #[test]
    fn flags_of_oha_are_what_they_mean() {
        for (oha, here) in [
            ("--no-tui --latency-correction --fps 5 h", "--no-live h"),
            ("--disable-color h", "--no-color h"),
            ("-r 3 -Z list h", "--redirects=3 --bodies-from=list h"),
            ("-j h", "--format=json h"),
            ("--output-format csv h", "--format=csv h"),
            ("--output-format=quiet h", "--quiet h"),
            ("--http-version 2 h", "--http2 h"),
            ("--http-version 1.1 --worker-threads 3 h", "--threads=3 h"),
        ] {
            assert_eq!(ours(oha).unwrap(), here, "{oha}");
        }
    }

    #[test]
    fn flags_of_wrk_and_ab_are_what_they_mean() {
        for (theirs, here) in [
            ("-t2 -c10 --latency -R 100 h", "-t2 -c10 --rate=100 h"),
            ("-i -C a=b -k h", "--method=HEAD --header=cookie: a=b -k h"),
        ] {
            assert_eq!(ours(theirs).unwrap(), here, "{theirs}");
        }
    }

    #[test]
    fn what_cannot_be_is_said_with_the_flag_and_what_to_do() {
        for (line, remedy) in [
            ("-x localhost:3128 h", "proxy"),
            ("-w h", "counted"),
            ("-o report.txt h", "--json FILE"),
            ("--burst-rate 5 h", "--stage"),
            ("--http-version 3 h", "1.1 and 2"),
            ("-disable-everything h", "--help"),
            ("-s report.lua h", "--template"),
            ("-u ms h", "unit"),
            ("-X POST h", "-m"),
        ] {
            let complaint = ours(line).unwrap_err();
            let flag = line.split(' ').next().unwrap();
            assert!(complaint.starts_with(flag) && complaint.contains(remedy), "{complaint}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_was() {
        for line in
            ["-n 5 -q2 -dtext --json f -H x:y h", "-k -4 h", "-- -host -x", "-t 5s :8001/32", "--help"]
        {
            assert_eq!(ours(line).unwrap(), line);
        }
    }
}
