//! What a child of the lab writes. Owns the file, which begins anew when it has grown too long: a child may write as much as it
//! likes for as long as it likes, and waits for nobody to read it, as it would with a pipe.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Bytes of a log that has grown too long.
const LONGEST: u64 = 1024 * 1024;

/// Bytes of its end that are kept then.
const KEPT: u64 = 64 * 1024;

const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// The log of one child.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    keeper: JoinHandle<()>,
}

impl Log {
    /// A new one at `path`, with the file to write to. It is kept short until it is dropped.
    pub(super) fn create(path: PathBuf) -> io::Result<(Self, File)> {
        // What another child of that name has left.
        File::create(&path)?;
        // Whoever appends goes on at the end that the file has then.
        let file = OpenOptions::new().append(true).open(&path)?;
        let shortened = path.clone();
        let keeper = tokio::spawn(async move {
            loop {
                sleep(BETWEEN_LOOKS).await;
                // A full disk, say: there may be room the next time.
                let _ = shorten(&shortened);
            }
        });
        Ok((Self { path, keeper }, file))
    }

    /// The last line with anything in it; empty if there is none.
    pub(super) fn last_line(&self) -> String {
        let text = end_of(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

/// Leaves only the end of a log that is too long. What is written at this very moment may be lost.
fn shorten(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.len() <= LONGEST {
        return Ok(());
    }
    let end = end_of(path)?;
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.set_len(0)?;
    file.write_all(&end)
}

fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut end) = (File::open(path)?, Vec::new());
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(KEPT)))?;
    // A child may go on writing meanwhile.
    file.take(KEPT).read_to_end(&mut end)?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_log_does_not_grow_and_keeps_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web-1");
        let (log, mut file) = Log::create(path.clone()).unwrap();
        let length = || std::fs::metadata(&path).unwrap().len();
        assert_eq!(log.last_line(), "");
        for round in 0..3 {
            while length() <= LONGEST {
                file.write_all(&[b'x'; 4096]).unwrap();
            }
            write!(file, "\nlast of {round}\n\n").unwrap();
            let end = format!("last of {round}");
            let shortened = async {
                // Between its two parts it is empty.
                while length() > KEPT || log.last_line() != end {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            timeout(Duration::from_secs(10), shortened).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_new_child_s_log_has_nothing_of_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web-1");
        let (_, mut file) = Log::create(path.clone()).unwrap();
        writeln!(file, "before").unwrap();
        let (log, mut file) = Log::create(path).unwrap();
        assert_eq!(log.last_line(), "");
        writeln!(file, "now").unwrap();
        assert_eq!(log.last_line(), "now");
    }
}
