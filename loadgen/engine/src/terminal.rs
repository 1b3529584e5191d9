//! The whole terminal, for as long as something lives on it. Owns its setup, its restoration (after a panic, too), and the
//! keys that are typed; what is drawn is the caller's.

use std::io::{self, Stdout};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc;

/// How soon the thread that reads keys notices that nobody wants them any more.
const PATIENCE: Duration = Duration::from_millis(100);

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// `q` or Escape: enough seen.
    Quit,
    /// ^C, which is no signal while the terminal is taken.
    Interrupt,
    /// Any other character, in lower case.
    Character(char),
}

/// The terminal, taken; dropping it gives it back as it was.
#[derive(Debug)]
pub(crate) struct FullScreen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    keys: mpsc::UnboundedReceiver<Key>,
    /// Whether the terminal has still to be given back.
    taken: Arc<AtomicBool>,
}

impl FullScreen {
    /// Takes the terminal on standard output.
    pub(crate) fn take() -> io::Result<Self> {
        let taken = Arc::new(AtomicBool::new(true));
        let mended = taken.clone();
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // A panic's message would be lost on the screen that is taken down.
            give_back(&mended);
            report(info);
        }));
        enable_raw_mode()?;
        // From here on it has to be given back, whatever happens.
        let (typed, keys) = mpsc::unbounded_channel();
        let terminal = execute!(io::stdout(), EnterAlternateScreen, Hide)
            .and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        let terminal = terminal.inspect_err(|_| give_back(&taken))?;
        let wanted = taken.clone();
        thread::spawn(move || read_keys(&wanted, &typed));
        Ok(Self { terminal, keys, taken })
    }

    /// Draws anew, in whatever size the terminal has by now.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(|_| ())
    }

    /// The next key that was typed, if any.
    pub(crate) fn key(&mut self) -> Option<Key> {
        self.keys.try_recv().ok()
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        give_back(&self.taken);
    }
}

/// Gives the terminal back, once. What cannot be mended any more is left alone.
fn give_back(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Ends with the terminal being given back, or when there is no keyboard.
fn read_keys(wanted: &AtomicBool, typed: &mpsc::UnboundedSender<Key>) {
    while wanted.load(Ordering::SeqCst) {
        let key = match event::poll(PATIENCE) {
            Ok(true) => event::read().ok().and_then(|event| key(&event)),
            Ok(false) => None,
            Err(_) => return,
        };
        if key.is_some_and(|key| typed.send(key).is_err()) {
            return;
        }
    }
}

fn key(event: &Event) -> Option<Key> {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else { return None };
    match code {
        KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Interrupt),
        KeyCode::Char('q' | 'Q') | KeyCode::Esc => Some(Key::Quit),
        KeyCode::Char(character) => Some(Key::Character(character.to_ascii_lowercase())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        key(&Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn keys_are_told_apart() {
        let (none, control) = (KeyModifiers::NONE, KeyModifiers::CONTROL);
        assert_eq!(typed(KeyCode::Char('c'), control), Some(Key::Interrupt));
        assert_eq!(typed(KeyCode::Char('c'), none), Some(Key::Character('c')));
        assert_eq!(typed(KeyCode::Char('q'), none), Some(Key::Quit));
        assert_eq!(typed(KeyCode::Esc, none), Some(Key::Quit));
        assert_eq!(typed(KeyCode::Char('H'), KeyModifiers::SHIFT), Some(Key::Character('h')));
        assert_eq!(typed(KeyCode::Left, none), None);
        assert_eq!(key(&Event::Resize(80, 24)), None);
    }
}
