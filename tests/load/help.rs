//! Every flag is where people look for it.

use crate::harness::LOADGEN;
use crate::harness::bench::{IN_ANY_CASE, run};
use crate::harness::program;

#[test]
fn help_shows_every_flag() {
    let help = run(&["--help"]).stdout;
    let long = [
        "requests",
        "connections",
        "duration",
        "rate",
        "arrivals",
        "seed",
        "stage",
        "backlog",
        "think-time",
        "warmup",
        "threads",
        "start-at",
        "shard",
        "method",
        "header",
        "body",
        "body-file",
        "content-type",
        "accept",
        "basic-auth",
        "host",
        "urls-from",
        "bodies-from",
        "template",
        "redirects",
        "timeout",
        "connect-timeout",
        "disable-keepalive",
        "connections-max-requests",
        "http2",
        "streams",
        "insecure",
        "cacert",
        "cert",
        "key",
        "sni",
        "unix-socket",
        "replica-header",
        "expect",
        "abort-on-fail",
        "find-knee",
        "strict",
        "quiet",
        "format",
        "json",
        "csv",
        "markdown",
        "hdr-log",
        "prometheus",
        "no-live",
        "no-color",
    ];
    let lists = |flag: &str| help.lines().any(|line| line.split([' ', ',']).any(|word| word == flag));
    let missing: Vec<&str> = long.into_iter().filter(|flag| !lists(&format!("--{flag}"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let short = [
        "-n", "-c", "-z", "-q", "-m", "-H", "-d", "-D", "-T", "-A", "-a", "-t", "-p", "-k", "-4", "-6", "-h",
    ];
    let missing: Vec<&str> = short.into_iter().filter(|flag| !lists(flag)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn completions_know_bench_and_its_flags() {
    for shell in ["bash", "zsh", "fish"] {
        let said = program::run(LOADGEN, &["completions", shell], IN_ANY_CASE);
        for word in ["bench", "find-knee", "unix-socket"] {
            assert!(said.stdout.contains(word), "{shell}: {word}");
        }
    }
}
