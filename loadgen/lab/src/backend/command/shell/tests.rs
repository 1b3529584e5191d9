use std::path::Path;

use rustix::process::WaitOptions;

use super::*;

const BETWEEN: Duration = Duration::from_millis(10);

fn sh(script: &str) -> Invocation {
    Invocation::new("sh", ["-c", script])
}

#[tokio::test]
async fn both_outputs_and_success_are_told() {
    let shell = Shell::default();
    let output = shell.run(&sh("echo out; echo err >&2; exit 3")).await.unwrap();
    assert_eq!(output, Output { success: false, stdout: "out\n".into(), stderr: "err\n".into() });
    assert!(shell.run(&sh("true")).await.unwrap().success);
}

#[tokio::test]
async fn what_says_too_much_is_cut_off_and_not_ended() {
    let more = LONGEST + 3 * CHUNK;
    let output =
        Shell::default().run(&sh(&format!("head -c {more} /dev/zero; echo done >&2"))).await.unwrap();
    assert_eq!((output.success, output.stdout.len(), output.stderr.as_str()), (true, LONGEST, "done\n"));
}

#[tokio::test]
async fn a_command_has_ended_although_what_it_left_running_holds_its_pipes() {
    let folder = tempfile::tempdir().unwrap();
    let go_on = folder.path().join("go on");
    let left =
        format!("(until [ -e '{0}' ]; do sleep 0.01; done; echo more; touch '{0}.done')&", go_on.display());
    let began = Instant::now();
    let output = Shell::default().run(&sh(&format!("echo out; {left}"))).await.unwrap();
    assert_eq!(output, Output { success: true, stdout: "out\n".into(), stderr: String::new() });
    assert!(began.elapsed() < TO_FINISH, "{:?}", began.elapsed());
    // What it writes later, unheard, does it no harm.
    std::fs::write(&go_on, "").unwrap();
    while !folder.path().join("go on.done").exists() {
        assert!(began.elapsed() < TO_FINISH, "it was ended");
        sleep(Duration::from_millis(10)).await;
    }
}

/// The number in `file`, once it is there.
fn number(file: &Path) -> Option<i32> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Waits for every process of the group that `pid` leads to have ended.
fn wait_for_the_end_of(pid: i32) {
    let (end, group) = (Instant::now() + TO_FINISH, Pid::from_raw(pid).unwrap());
    while rustix::process::test_kill_process_group(group).is_ok() {
        // What has ended is there until somebody asks how, and the runtime that would is gone.
        let _ = rustix::process::waitpgid(group, WaitOptions::NOHANG);
        assert!(Instant::now() < end, "{pid} still runs");
        std::thread::sleep(BETWEEN);
    }
}

/// Ends the runtime in which a command with a child of its own runs once `known` has its number out of a file; both must end.
fn assert_ends_with_the_runtime(known: impl AsyncFnOnce(&Path) -> i32) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pid");
    let slow = sh(&format!("echo $$ > '{}'; sleep 60; true", file.display()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pid = runtime.block_on(async {
        let shell = Shell::default();
        tokio::select! {
            biased;
            _ = shell.run(&slow) => panic!("it ended"),
            pid = known(&file) => pid,
        }
    });
    drop(runtime);
    wait_for_the_end_of(pid);
}

#[test]
fn a_command_does_not_outlive_the_runtime_with_its_own_children() {
    assert_ends_with_the_runtime(async |file: &Path| {
        loop {
            sleep(BETWEEN).await;
            if let Some(pid) = number(file) {
                break pid;
            }
        }
    });
}

#[test]
fn a_command_that_nobody_got_to_attend_to_does_not_outlive_the_runtime_either() {
    assert_ends_with_the_runtime(async |file: &Path| {
        loop {
            // Nothing else of the runtime gets on meanwhile.
            std::thread::sleep(BETWEEN);
            if let Some(pid) = number(file) {
                break pid;
            }
        }
    });
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_apart() {
    let missing = Invocation::new("/no/such/program", ["x"]);
    let error = Shell::default().run(&missing).await.unwrap_err();
    assert!(matches!(error, RunError::NotRun(source) if source.kind() == std::io::ErrorKind::NotFound));
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_given_up() {
    let slow = sh("sleep 60").within(Duration::from_millis(50));
    assert!(matches!(Shell::default().run(&slow).await, Err(RunError::TimedOut)));
}

#[tokio::test]
async fn a_command_that_nobody_waits_for_finishes_before_the_next_begins() {
    let folder = tempfile::tempdir().unwrap();
    let [go_on, done] = ["go on", "done"].map(|name| folder.path().join(name));
    let shell = Shell::default();
    let waits =
        format!("until [ -e '{}' ]; do sleep 0.01; done; touch '{}'", go_on.display(), done.display());
    assert!(timeout(Duration::from_millis(50), shell.run(&sh(&waits))).await.is_err());
    assert!(!done.exists());
    std::fs::write(&go_on, "").unwrap();
    shell.run(&sh("true")).await.unwrap();
    assert!(done.exists());
}

#[tokio::test]
async fn lines_are_followed_until_nobody_listens() {
    let mut lines = Shell::default().follow(&sh("echo $$; echo two; sleep 60")).unwrap();
    let pid: i32 = lines.recv().await.unwrap().parse().unwrap();
    assert_eq!(lines.recv().await.as_deref(), Some("two"));
    drop(lines);
    let end = Instant::now() + TO_FINISH;
    while rustix::process::test_kill_process_group(Pid::from_raw(pid).unwrap()).is_ok() {
        assert!(Instant::now() < end, "{pid} still runs");
        sleep(BETWEEN).await;
    }
}
