//! What hey and oha call otherwise, in the words of `loadgen bench`. Owns the flags that cannot be read as they are: hey's
//! long ones have one dash, so that `-disable-keepalive` would be `-d` with a body.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use clap::{Args, Command};

use super::BenchArgs;

/// A flag of hey or oha that has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flag}: {remedy}")]
pub struct DialectError {
    flag: String,
    remedy: &'static str,
}

/// What a flag of hey or oha is here.
#[derive(Clone, Copy, Debug)]
enum Here {
    /// These words.
    Is(&'static [&'static str]),
    /// This flag, with the same value.
    Takes(&'static str),
    /// Always so.
    Always,
    /// Always so, whatever its value.
    AlwaysOf,
    /// This header.
    Header(&'static str),
    /// A form of the report, or the name of a file.
    Output,
    /// A form of the report.
    Form,
    /// A version of HTTP.
    Http,
    /// Not to be had.
    Not(&'static str),
}

const PROXY: Here = Here::Not("requests cannot go through a proxy; give the URL of the server itself");
const AWS: Here = Here::Not("requests cannot be signed; give a URL that is signed already");
const BURST: Here = Here::Not("give rates that change with --stage, such as --stage 1s:100 --stage 1s:0");
const FILE: &str = "give a file by its form: --json FILE, --csv FILE or --markdown FILE";

/// Flags of hey, with their one dash.
const HEY: [(&str, Here); 10] = [
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
const OHA: [(&str, Here); 34] = [
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
    ("--time-unit", Here::Not("each time has a unit that suits it; --json FILE has all in milliseconds")),
];

/// The words after `loadgen bench`, with those of hey and oha in ours.
pub fn translated(typed: impl IntoIterator<Item = OsString>) -> Result<Vec<OsString>, DialectError> {
    let ours = long_flags();
    let mut typed = typed.into_iter();
    let mut words = Vec::new();
    while let Some(word) = typed.next() {
        if word == "--" {
            words.push(word);
            words.extend(typed);
            break;
        }
        match word.to_str().and_then(|text| meaning(text, &ours)) {
            Some(meaning) => words.extend(meaning.words(&mut typed)?),
            None => words.push(word),
        }
    }
    Ok(words)
}

/// The names of all long flags.
fn long_flags() -> BTreeSet<String> {
    let command = BenchArgs::augment_args(Command::new("bench"));
    command.get_arguments().filter_map(|flag| flag.get_long().map(str::to_owned)).collect()
}

/// A word that is not one of ours.
#[derive(Debug)]
struct Meaning {
    flag: String,
    /// What came after an equals sign.
    value: Option<String>,
    here: Option<Here>,
}

fn meaning(word: &str, ours: &BTreeSet<String>) -> Option<Meaning> {
    let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value)));
    let known = HEY.iter().chain(&OHA).find(|(known, _)| *known == flag).map(|(_, here)| *here);
    let one_dash = flag.strip_prefix('-').filter(|name| !name.starts_with('-') && name.len() > 1);
    let is_long = one_dash.is_some_and(|name| ours.contains(name));
    let is_strange = one_dash.is_some_and(|name| name.starts_with("disable-"));
    let here = match known {
        Some(here) => Some(here),
        None if is_long => None,
        None if is_strange => Some(Here::Not("there is no such flag; see --help")),
        None => return None,
    };
    Some(Meaning { flag: flag.to_owned(), value: value.map(str::to_owned), here })
}

impl Meaning {
    fn words(self, rest: &mut impl Iterator<Item = OsString>) -> Result<Vec<OsString>, DialectError> {
        let Self { flag, value, here } = self;
        let not = |remedy| Err(DialectError { flag: flag.clone(), remedy });
        let mut next = || value.clone().map(OsString::from).or_else(|| rest.next()).unwrap_or_default();
        let Some(here) = here else {
            // One dash more makes it ours.
            let equals = value.map_or_else(String::new, |value| format!("={value}"));
            return Ok(vec![format!("-{flag}{equals}").into()]);
        };
        match here {
            Here::Is(words) => Ok(words.iter().map(Into::into).collect()),
            Here::Takes(ours) => Ok(vec![with(ours, &next())]),
            Here::Always => Ok(Vec::new()),
            Here::AlwaysOf => {
                next();
                Ok(Vec::new())
            }
            Here::Header(name) => Ok(vec![with("--header", &with_colon(name, &next()))]),
            Here::Not(remedy) => not(remedy),
            Here::Output if is(&next(), "csv") => Ok(vec!["--format=csv".into()]),
            Here::Output => not(FILE),
            Here::Form => match next() {
                form if is(&form, "quiet") => Ok(vec!["--quiet".into()]),
                form => Ok(vec![with("--format", &form)]),
            },
            Here::Http => match next() {
                version if is(&version, "1.1") => Ok(Vec::new()),
                version if is(&version, "2") || is(&version, "2.0") => Ok(vec!["--http2".into()]),
                _ => not("only 1.1 and 2 are spoken"),
            },
        }
    }
}

fn is(word: &OsStr, text: &str) -> bool {
    word == text
}

fn with(flag: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(flag);
    word.push("=");
    word.push(value);
    word
}

fn with_colon(name: &str, value: &OsStr) -> OsString {
    let mut header = OsString::from(name);
    header.push(": ");
    header.push(value);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(line: &str) -> Result<String, String> {
        let words = translated(line.split_whitespace().map(OsString::from)).map_err(|it| it.to_string())?;
        Ok(words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "))
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
    fn what_cannot_be_is_said_with_the_flag_and_what_to_do() {
        for (line, remedy) in [
            ("-x localhost:3128 h", "proxy"),
            ("-w h", "counted"),
            ("-o report.txt h", "--json FILE"),
            ("--burst-rate 5 h", "--stage"),
            ("--http-version 3 h", "1.1 and 2"),
            ("-disable-everything h", "--help"),
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
