//! Where a measurement comes from: by which program, what was typed, and on which machine. Owns what of it may be told: a report is passed on, so
//! it holds no password and no host's name.

use std::ffi::OsString;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::backend::command::quoted;

/// This program, as reports name it.
pub(crate) const PROGRAM: &str = concat!("loadgen ", env!("CARGO_PKG_VERSION"));

/// Processors that it may use; 1 where that cannot be told.
pub(crate) fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What one needs to repeat a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// What was typed, ready for a shell, without passwords.
    pub command_line: String,
    /// The kernel and its release, such as `Linux 6.1.0`.
    pub kernel: String,
    /// Such as `x86_64`.
    pub architecture: String,
    /// The model of the processor, as it calls itself; `None` where it does not.
    pub processor: Option<String>,
    /// Memory of the machine.
    pub memory_bytes: u64,
}

impl Provenance {
    /// This machine, on which `words` were typed after the program's name.
    pub fn here(words: impl IntoIterator<Item = OsString>) -> Self {
        let system = rustix::system::uname();
        let memory = rustix::system::sysinfo();
        let text = |name: &std::ffi::CStr| name.to_string_lossy().into_owned();
        Self {
            command_line: command_line(words),
            kernel: format!("{} {}", text(system.sysname()), text(system.release())),
            architecture: text(system.machine()),
            processor: fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model(&text)),
            memory_bytes: memory.totalram.saturating_mul(u64::from(memory.mem_unit)),
        }
    }
}

/// `loadgen` and the words after it, as a shell would take them.
fn command_line(words: impl IntoIterator<Item = OsString>) -> String {
    let words = words.into_iter().map(|word| quoted(&without_password(&word.to_string_lossy())));
    std::iter::once("loadgen".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// The word without what stands before the `@` of a URL in it.
fn without_password(word: &str) -> String {
    told(word, &['/'])
}

/// `text`, in which URLs may stand anywhere, without what stands before the `@` of each.
pub(crate) fn without_passwords(text: &str) -> String {
    let ends = ['/', '"', '\'', '`', '<', '>', ',', ' ', '\t', '\n', '\r'];
    text.split_inclusive(char::is_whitespace).map(|word| told(word, &ends)).collect()
}

/// Where each URL's host and what stands before it are over with the first of `ends`.
fn told(text: &str, ends: &[char]) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (authority, path) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
    let host =
        authority.rsplit_once('@').map_or_else(|| authority.to_owned(), |(_, host)| format!("...@{host}"));
    format!("{scheme}://{host}{}", told(path, ends))
}

/// What /proc/cpuinfo calls the first processor.
fn model(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> String {
        command_line(words.iter().map(OsString::from))
    }

    #[test]
    fn a_shell_takes_the_command_line_as_it_was_typed() {
        assert_eq!(
            typed(&["lab", "--workers=1,2", "--expect", "model=2%"]),
            "loadgen lab --workers=1,2 --expect model=2%"
        );
        assert_eq!(
            typed(&["lab", "--json", "my lab's.json", ""]),
            r"loadgen lab --json 'my lab'\''s.json' ''"
        );
    }

    #[test]
    fn passwords_are_not_told() {
        for (given, told) in [
            ("redis://:s3cret@host:6379/1", "redis://...@host:6379/1"),
            ("--redis=redis://me:p@ss@host", "--redis=redis://...@host"),
            ("redis://host/a@b", "redis://host/a@b"),
            ("me@host", "me@host"),
        ] {
            assert_eq!(typed(&[given]), format!("loadgen {told}"));
        }
    }

    #[test]
    fn nor_are_those_in_a_text() {
        let text =
            "redis = { url = \"redis://:s3cret@host:6379\", key = \"a@b\" }\n# http://x/ and http://me:pw@y";
        let told = "redis = { url = \"redis://...@host:6379\", key = \"a@b\" }\n# http://x/ and http://...@y";
        assert_eq!(without_passwords(text), told);
        assert_eq!(without_passwords("[\"http://a:b@c\",\"http://d\"]"), "[\"http://...@c\",\"http://d\"]");
    }

    #[test]
    fn this_machine_is_known() {
        let here = Provenance::here([]);
        assert!(here.kernel.starts_with("Linux ") && !here.architecture.is_empty(), "{here:?}");
        assert!(here.memory_bytes > 1 << 20, "{here:?}");
    }

    #[test]
    fn a_processor_is_known_by_its_model() {
        assert_eq!(model("processor\t: 0\nmodel name\t: Any CPU 3000\n").as_deref(), Some("Any CPU 3000"));
        assert_eq!(model("processor\t: 0\nCPU part\t: 0xd0c\n"), None);
    }
}
