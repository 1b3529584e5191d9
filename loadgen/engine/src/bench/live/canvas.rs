//! A part of the terminal that is drawn over and over. Owns finding its place again, which needs nothing from the terminal but
//! cursor movements: nothing has to be put back, whatever ends the program, and no answer is read from the keyboard.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects};
use crossterm::cursor::MoveToPreviousLine;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use rustix::fd::AsFd;
use rustix::termios::tcgetwinsize;

use super::view::rows;

/// Of a terminal that does not tell.
const USUAL: Size = Size::new(80, 24);

/// What was drawn last stands right above the cursor.
#[derive(Debug)]
pub(super) struct Canvas<W> {
    out: W,
    colours: bool,
    /// Columns of each row that was drawn.
    drawn: Vec<u16>,
}

impl<W: Write> Canvas<W> {
    pub(super) fn on(out: W, colours: bool) -> Self {
        Self { out, colours, drawn: Vec::new() }
    }

    /// Draws over what was drawn before, on a terminal of this size.
    pub(super) fn draw(&mut self, size: Size, draw: impl FnOnce(Rect, &mut Buffer)) -> io::Result<()> {
        // A character in the last column makes some terminals begin another line.
        let area = Rect::new(0, 0, size.width.saturating_sub(1), rows(size.height));
        let mut buffer = Buffer::empty(area);
        draw(area, &mut buffer);
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        self.back(&mut bytes, size)?;
        for y in area.rows().map(|row| row.y) {
            self.drawn.push(write_row(&mut bytes, &buffer, y, self.colours)?);
            queue!(bytes, Clear(ClearType::UntilNewLine))?;
            bytes.write_all(b"\r\n")?;
        }
        queue!(bytes, Clear(ClearType::FromCursorDown), EndSynchronizedUpdate)?;
        self.out.write_all(&bytes)?;
        self.out.flush()
    }

    /// Leaves nothing behind.
    pub(super) fn clear(&mut self, size: Size) -> io::Result<()> {
        if self.drawn.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.back(&mut bytes, size)?;
        queue!(bytes, Clear(ClearType::FromCursorDown))?;
        self.out.write_all(&bytes)?;
        self.out.flush()
    }

    /// Goes to where the last picture began.
    fn back(&mut self, bytes: &mut Vec<u8>, size: Size) -> io::Result<()> {
        // On a terminal that has become narrower a row takes several lines.
        let lines: u16 = self.drawn.drain(..).map(|row| row.div_ceil(size.width.max(1)).max(1)).sum();
        if lines > 0 {
            queue!(bytes, MoveToPreviousLine(lines))?;
        }
        bytes.write_all(b"\r")
    }
}

/// Of the terminal behind `fd`.
pub(super) fn size(fd: impl AsFd) -> Size {
    match tcgetwinsize(fd) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size::new(size.ws_col, size.ws_row),
        _ => USUAL,
    }
}

/// Writes a row without the blanks at its end; how many columns that were.
fn write_row(bytes: &mut Vec<u8>, buffer: &Buffer, y: u16, colours: bool) -> io::Result<u16> {
    let cells = (0..buffer.area.width).filter_map(|x| buffer.cell((x, y)));
    let cells: Vec<_> = cells.map(|cell| (cell.symbol(), ansi(cell.style(), colours))).collect();
    let used = cells.iter().rposition(|(symbol, _)| *symbol != " ").map_or(0, |last| last + 1);
    for run in cells[..used].chunk_by(|(_, one), (_, other)| one == other) {
        let style = run[0].1;
        let text: String = run.iter().map(|(symbol, _)| *symbol).collect();
        write!(bytes, "{style}{text}{style:#}")?;
    }
    Ok(u16::try_from(used).unwrap_or(u16::MAX))
}

fn ansi(style: Style, colours: bool) -> anstyle::Style {
    let colour = match style.fg {
        Some(Color::Red) => Some(AnsiColor::Red),
        Some(Color::Green) => Some(AnsiColor::Green),
        Some(Color::Yellow) => Some(AnsiColor::Yellow),
        Some(Color::Magenta) => Some(AnsiColor::Magenta),
        Some(Color::Cyan) => Some(AnsiColor::Cyan),
        _ => None,
    };
    let mut effects = Effects::new();
    for (modifier, effect) in [(Modifier::BOLD, Effects::BOLD), (Modifier::DIM, Effects::DIMMED)] {
        effects = effects.set(effect, style.add_modifier.contains(modifier));
    }
    anstyle::Style::new().fg_color(colour.filter(|_| colours).map(Into::into)).effects(effects)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Size = Size::new(40, 24);

    fn say(text: &'static str) -> impl FnOnce(Rect, &mut Buffer) {
        move |_, buffer| {
            for (y, line) in (0..).zip(text.lines()) {
                buffer.set_string(0, y, line, Style::new().fg(Color::Red));
            }
        }
    }

    fn written(canvas: &mut Canvas<Vec<u8>>) -> String {
        String::from_utf8(std::mem::take(&mut canvas.out)).unwrap()
    }

    #[test]
    fn each_picture_begins_where_the_one_before_began_and_nothing_stays() {
        let mut canvas = Canvas::on(Vec::new(), true);
        canvas.draw(TERMINAL, say("one\ntwo")).unwrap();
        let first = written(&mut canvas);
        assert!(first.contains("\u{1b}[31mone\u{1b}[0m") && !first.contains("\u{1b}[11F"), "{first:?}");
        canvas.draw(TERMINAL, say("three")).unwrap();
        let second = written(&mut canvas);
        assert!(second.contains("\u{1b}[11F") && !second.contains("two"), "{second:?}");
        canvas.clear(TERMINAL).unwrap();
        assert_eq!(written(&mut canvas), "\u{1b}[11F\r\u{1b}[J");
        canvas.clear(TERMINAL).unwrap();
        assert_eq!(written(&mut canvas), "");
    }

    #[test]
    fn rows_that_a_narrower_terminal_has_wrapped_are_drawn_over() {
        let mut canvas = Canvas::on(Vec::new(), true);
        canvas.draw(TERMINAL, say("0123456789012345678901234\nshort")).unwrap();
        let _ = written(&mut canvas);
        canvas.draw(Size::new(10, 24), say("")).unwrap();
        assert!(written(&mut canvas).contains("\u{1b}[13F"));
    }

    #[test]
    fn without_colours_there_are_none_and_on_no_room_nothing_is_drawn() {
        let mut canvas = Canvas::on(Vec::new(), false);
        canvas.draw(TERMINAL, say("one")).unwrap();
        assert!(!written(&mut canvas).contains("\u{1b}[31m"));
        for size in [Size::new(1, 1), Size::new(0, 0), Size::new(300, 2)] {
            canvas.draw(size, |area, _| assert!(area.is_empty())).unwrap();
        }
    }
}
