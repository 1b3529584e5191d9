//! The builds: copies of loadgen, so that compiling meanwhile disturbs none of them, and programs beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// rng takes longer for everything.
    Slower,
    /// Nothing differs but where the program is.
    Equal,
}

/// Where everything is.
pub(crate) struct Builds {
    folder: TempDir,
    keep: Option<PathBuf>,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Slower => "slower",
            Self::Equal => "equal",
        }
    }
}

impl Builds {
    /// Builds of which one is slower by so many per cent; what is measured is kept in `keep`.
    pub(crate) fn plant(slower: u16, keep: Option<&Path>) -> anyhow::Result<Self> {
        let builds = Self { folder: tempfile::tempdir()?, keep: keep.map(Path::to_owned) };
        if let Some(keep) = keep {
            fs::create_dir_all(keep).with_context(|| format!("cannot make {}", keep.display()))?;
        }
        let base = builds.base();
        fs::copy(env!("CARGO_BIN_EXE_loadgen"), &base).context("cannot copy loadgen")?;
        for (kind, percent) in [(Kind::Slower, slower), (Kind::Equal, 0)] {
            let path = builds.of(kind);
            fs::write(&path, program(&base, percent))?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        Ok(builds)
    }

    /// The build that both are compared with.
    pub(crate) fn base(&self) -> PathBuf {
        self.folder.path().join("base")
    }

    pub(crate) fn of(&self, kind: Kind) -> PathBuf {
        self.folder.path().join(kind.name())
    }

    /// Where an A/B leaves what it has measured.
    pub(crate) fn json(&self, kind: Kind, number: usize) -> PathBuf {
        let folder = self.keep.as_deref().unwrap_or(self.folder.path());
        folder.join(format!("{}-{number:02}.json", kind.name()))
    }
}

/// A program that does what `base` does, except that rng takes so many per cent longer than it is told to. It becomes `base`
/// itself: no process more, and nothing that the lab could see.
fn program(base: &Path, percent: u16) -> String {
    format!(
        r#"#!/bin/sh
if [ "$1 $2" = "service rng" ]; then
    for word; do
        shift
        case "$before $word" in "--service-time "*ms) word=$((${{word%ms}} * (100 + {percent}) * 10))us ;; esac
        set -- "$@" "$word"
        before=$word
    done
fi
exec '{}' "$@"
"#,
        base.display()
    )
}
