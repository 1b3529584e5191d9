//! What the graph looks like, to the character.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::history::History;
use super::view::{Picture, draw};
use crate::ping::tally::Tally;
use crate::ping::tally::tests::{answered, failed, timed_out};

/// Sixty pings a second apart: one target rises to 600 ms and its last pings time out, the other is flat and refuses twice.
fn story() -> (Vec<Tally>, Vec<History>) {
    let (mut tallies, mut histories) = (vec![Tally::default(); 2], vec![History::default(); 2]);
    for second in 0..60 {
        let slow = if second < 55 { answered(10 * (second + 1)) } else { timed_out(800) };
        let flat = if second % 25 == 24 { failed() } else { answered(100) };
        for (target, mut observation) in [slow, flat].into_iter().enumerate() {
            let sample = &mut observation.sample;
            for instant in [&mut sample.scheduled_at, &mut sample.sent_at, &mut sample.done_at] {
                *instant += Duration::from_secs(second);
            }
            tallies[target].add(&observation);
            histories[target].add(&observation.sample);
        }
    }
    (tallies, histories)
}

fn drawn(width: u16, height: u16, colours: bool) -> Terminal<TestBackend> {
    let (tallies, histories) = story();
    let names = ["localhost:8001", "localhost:8002"].map(str::to_owned);
    let picture = Picture {
        names: &names,
        tallies: &tallies,
        histories: &histories,
        now: Duration::from_secs(60),
        window: Duration::from_secs(60),
        halted: false,
        colours,
    };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, &picture)).unwrap();
    terminal
}

#[test]
fn two_targets_have_two_lines_and_their_numbers() {
    insta::assert_snapshot!(drawn(100, 20, true).backend(), @r#"
    "┌ response time ───────────────────────────────────────────────────────────────────────────────────┐"
    "│1000 ms│                                                                                          │"
    "│       │                                                                                          │"
    "│       │                                                                                  xx xx x │"
    "│       │                                                                                          │"
    "│       │                                                                                          │"
    "│       │                                                                          ⣀⣀⣀⠤⠤⠤⠒         │"
    "│500 ms │                                                            ⢀⣀⣀⡠⠤⠤⠔⠒⠒⠊⠉⠉⠉⠉                │"
    "│       │                                               ⣀⣀⣀⣀⡠⠤⠤⠔⠒⠒⠊⠉⠉⠁                             │"
    "│       │                                   ⢀⣀⣀⡠⠤⠤⠔⠒⠒⠊⠉⠉                                           │"
    "│       │                      ⣀⣀⣀⣀⡠⠤⠤⠔⠒⠒⠊⠉⠉⠁                                                      │"
    "│       │⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠄ │"
    "│0 ms   │⣀⠤⠤⠤⠒⠒⠒⠉⠉⠉                          x                                    x                │"
    "│       └──────────────────────────────────────────────────────────────────────────────────────────│"
    "│   -60 s                                           -30 s                                       now│"
    "└──────────────────────────────────────────────────────────────────────────────────────────────────┘"
    "                              last ms      min      avg      max      p99     sent       ok   failed"
    "● localhost:8001               550.00    10.00   280.00   550.00   550.00       60       55        5"
    "● localhost:8002               100.00   100.00   100.00   100.00   100.00       60       58        2"
    "q leaves, h halts the picture                                                                       "
    "#);
}

#[test]
fn lines_differ_without_colours() {
    insta::assert_snapshot!(drawn(60, 12, false).backend(), @r#"
    "┌ response time ───────────────────────────────────────────┐"
    "│1000 ms│                                                  │"
    "│       │                                         ⢀⣀⣀⣀xxxx │"
    "│500 ms │                   ⣀⣀⣀⣀⣀⣀⠤⠤⠤⠤⠔⠒⠒⠒⠒⠒⠊⠉⠉⠉⠉⠉⠁        │"
    "│0 ms   │••••••••••••••••••••x•••••••••••••••••••x•••••••• │"
    "│       └──────────────────────────────────────────────────│"
    "│   -60 s                      -30 s                    now│"
    "└──────────────────────────────────────────────────────────┘"
    "                                   last ms      avg   failed"
    "⣿ localhost:8001                    550.00   280.00        5"
    "• localhost:8002                    100.00   100.00        2"
    "q leaves, h halts the picture                               "
    "#);
}

#[test]
fn no_size_is_too_small_to_be_drawn() {
    for (width, height) in [(1, 1), (2, 1), (1, 9), (10, 3), (20, 5), (0, 0), (300, 2)] {
        drawn(width, height, true);
    }
}

#[test]
fn before_the_first_answer_there_is_a_picture() {
    let names = ["rng:80".to_owned()];
    let picture = Picture {
        names: &names,
        tallies: &[Tally::default()],
        histories: &[History::default()],
        now: Duration::ZERO,
        window: Duration::from_secs(10),
        halted: true,
        colours: true,
    };
    let mut terminal = Terminal::new(TestBackend::new(90, 8)).unwrap();
    terminal.draw(|frame| draw(frame, &picture)).unwrap();
    insta::assert_snapshot!(terminal.backend(), @r#"
    "┌ response time ─────────────────────────────────────────────────────────────────────────┐"
    "│1.00 ms│                                                                                │"
    "│       └────────────────────────────────────────────────────────────────────────────────│"
    "│  -5.0 s                                    -2.5 s                                   now│"
    "└────────────────────────────────────────────────────────────────────────────────────────┘"
    "                                                                 last ms      avg   failed"
    "● rng:80                                                               -        -        0"
    "q leaves, h goes on (pings do all the time)                                               "
    "#);
}
