//! What httping has and `loadgen ping` has otherwise, or not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;

use crate::dialect::{Dialect, DialectError, Here};

const PROXY: Here = Here::Not("pings cannot go through a proxy; give the URL of the server itself");
const SOCKET: Here = Here::Not("sockets are as the kernel makes them; leave it out");
const STATUS: Here = Here::Not("an answer with a status under 400 is a success; -m -s shows each status");
const GRAPH: Here = Here::Not("the graph of -K finds its scale by itself; leave it out");
const COLOUR: Here = Here::Not("colours tell how a ping ended; -n WARN,CRIT judges the average time");
const AGENT: Here = Here::Header("user-agent");
const REFERER: Here = Here::Header("referer");
const COOKIE: Here = Here::Header("cookie");
const QUIET: Here = Here::Not("send the output to /dev/null; the exit code is the same");
const LIMIT: Here = Here::Not("bodies are read whole; give the URL of a small one");
const SOUND: Here = Here::Not("pings make no sound; leave it out");
const COMPRESSED: Here = Here::Not("bodies are not asked for compressed; -b shows how fast they come");
const CERTIFICATE: Here = Here::Not("`openssl s_client` shows a certificate");

/// Flags of httping 2.5.
const HTTPING: &[(&str, Here)] = &[
    ("-I", AGENT),
    ("--user-agent", AGENT),
    ("-R", REFERER),
    ("--referer", REFERER),
    ("-C", COOKIE),
    ("--cookie", COOKIE),
    // Goes without saying where there is a user.
    ("-A", Here::Always),
    ("--basic-auth", Here::Always),
    // A name that cannot be looked up is a ping that failed.
    ("-W", Here::Always),
    // Each line has the bytes.
    ("-X", Here::Always),
    ("--show-kb", Here::Always),
    ("-x", PROXY),
    ("--proxy", PROXY),
    ("-E", PROXY),
    ("-5", PROXY),
    ("--proxy-user", PROXY),
    ("--proxy-password", PROXY),
    ("--proxy-password-file", PROXY),
    ("--proxy-buster", PROXY),
    ("-y", SOCKET),
    ("--bind-to", SOCKET),
    ("-F", SOCKET),
    ("--tcp-fast-open", SOCKET),
    ("--max-mtu", SOCKET),
    ("--no-tcp-nodelay", SOCKET),
    ("--recv-buffer", SOCKET),
    ("--tx-buffer", SOCKET),
    ("--priority", SOCKET),
    ("--tos", SOCKET),
    ("-o", STATUS),
    ("--ok-result-codes", STATUS),
    ("-e", STATUS),
    ("--result-string", STATUS),
    ("-D", GRAPH),
    ("--no-graph", GRAPH),
    ("--draw-phase", GRAPH),
    ("--slow-log", GRAPH),
    ("--graph-limit", GRAPH),
    ("--threshold-red", COLOUR),
    ("--threshold-yellow", COLOUR),
    ("--threshold-show", COLOUR),
    ("-q", QUIET),
    ("--quiet", QUIET),
    ("-L", LIMIT),
    ("--data-limit", LIMIT),
    ("-a", SOUND),
    ("--audible-ping", SOUND),
    ("-B", COMPRESSED),
    ("--show-xfer-speed-compressed", COMPRESSED),
    ("-z", CERTIFICATE),
    ("--show-fingerprint", CERTIFICATE),
    ("-v", Here::Not("-S shows the steps of each ping, -M everything")),
    ("-N", Here::Not("the check is -n WARN,CRIT")),
    ("--nagios-mode-2", Here::Not("the check is -n WARN,CRIT")),
    ("-T", Here::Not("give the password with -P")),
    ("-V", Here::Not("it is `loadgen --version`")),
    ("--version", Here::Not("it is `loadgen --version`")),
    (
        "--aggregate",
        Here::Not("statistics come at the end; `loadgen bench -q RATE` shows them as they become"),
    ),
    (
        "--divert-connect",
        Here::Not("give the address in the URL, and the name with -H 'Host: NAME' and --sni"),
    ),
    ("--keep-cookies", Here::Not("answers are not looked into; give a cookie with -C")),
    ("--no-host-header", Here::Not("HTTP/1.1 has to have it; -H 'Host: NAME' says another one")),
];

/// The words after `loadgen ping`, with those of httping in ours.
pub fn translated(typed: impl IntoIterator<Item = OsString>) -> Result<Vec<OsString>, DialectError> {
    Dialect { flags: &[HTTPING], one_dash: BTreeSet::new() }.translate(typed)
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command};

    use super::super::PingArgs;
    use super::*;
    use crate::dialect::said;

    fn ours(line: &str) -> Result<String, String> {
        said(line, translated)
    }

    #[test]
    fn what_httping_sends_can_be_sent() {
        for (httping, here) in [
            ("-I me -R you -C a=b h", "--header=user-agent: me --header=referer: you --header=cookie: a=b h"),
            ("-A -U me -P secret -W h", "-U me -P secret h"),
            ("-c 3 -S -Gb -h rng -p 80", "-c 3 -S -Gb -h rng -p 80"),
        ] {
            assert_eq!(ours(httping).unwrap(), here, "{httping}");
        }
    }

    #[test]
    fn what_cannot_be_is_said_with_the_flag_and_what_to_do() {
        for (line, remedy) in
            [("-x proxy:3128 h", "the server itself"), ("--slow-log 5 h", "-K"), ("-N 3 h", "-n WARN")]
        {
            let complaint = ours(line).unwrap_err();
            assert!(
                complaint.starts_with(line.split(' ').next().unwrap()) && complaint.contains(remedy),
                "{complaint}"
            );
        }
    }

    #[test]
    fn no_flag_of_ours_is_taken_for_one_of_httpings() {
        let command = PingArgs::augment_args(Command::new("ping"));
        for flag in command.get_arguments() {
            let names = flag.get_short().map(|it| format!("-{it}")).into_iter();
            for name in names.chain(flag.get_long().map(|it| format!("--{it}"))) {
                assert!(HTTPING.iter().all(|(known, _)| *known != name), "{name}");
            }
        }
    }
}
