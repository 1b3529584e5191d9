//! Text with placeholders that are filled in anew for each request. Owns what a placeholder stands for, and writing it.
//!
//! | placeholder | stands for |
//! |---|---|
//! | `{{counter}}`, `{{counter 100}}` | the number of the request, from 0 or from 100 |
//! | `{{random 1..100}}` | a whole number, each as likely, both ends included |
//! | `{{hex 16}}` | so many random hexadecimal digits |
//! | `{{uuid}}` | a random UUID (version 4) |
//! | `{{line FILE}}` | the lines of a file, in turn |
//! | `{{pick a\|b\|c}}` | one of several, each as likely |
//!
//! What a request gets depends on its number and the seed alone: not on threads, nor on who was faster.

use std::io::Write;
use std::sync::Arc;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

mod lines;
mod parse;
mod place;

pub(super) use lines::{Lines, LinesError, read as read_lines};
pub(super) use parse::{TemplateError, parse};
pub(super) use place::Place;

/// Text with placeholders, ready to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Vec<u8>),
    Counter { from: u64 },
    Random { low: i64, high: i64 },
    Hex { digits: usize },
    Uuid,
    Line(Arc<[Vec<u8>]>),
    Pick(Vec<Vec<u8>>),
}

/// What a request's placeholders are filled in from.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    number: u64,
    rng: SmallRng,
}

impl Draw {
    /// For the request of this number.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        // Numbers and seeds are mostly small: so they don't meet.
        Self { number, rng: SmallRng::seed_from_u64(seed.rotate_left(32) ^ number) }
    }

    fn hex(&mut self, digits: usize, out: &mut Vec<u8>) {
        let mut left = digits;
        while left > 0 {
            let (some, bits) = (left.min(16), self.rng.random::<u64>());
            out.extend((0..some).map(|digit| hex_digit(bits >> (4 * digit))));
            left -= some;
        }
    }

    /// RFC 9562, 5.4: 122 random bits, the version and the variant.
    fn uuid(&mut self, out: &mut Vec<u8>) {
        let random: u128 = self.rng.random();
        let bits = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        for (index, byte) in bits.to_be_bytes().into_iter().enumerate() {
            if [4, 6, 8, 10].contains(&index) {
                out.push(b'-');
            }
            out.extend([hex_digit(u64::from(byte >> 4)), hex_digit(u64::from(byte))]);
        }
    }
}

/// The digit of the lowest four bits.
fn hex_digit(bits: u64) -> u8 {
    b"0123456789abcdef"[(bits & 0xf) as usize]
}

impl Template {
    /// Text without placeholders.
    pub(super) fn literal(text: impl Into<Vec<u8>>) -> Self {
        let mut template = Self::default();
        template.push_literal(text);
        template
    }

    /// The text, if there are no placeholders in it.
    pub(super) fn as_literal(&self) -> Option<&[u8]> {
        match self.0.as_slice() {
            [] => Some(&[]),
            [Segment::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Adds text at the end.
    pub(super) fn push_literal(&mut self, text: impl Into<Vec<u8>>) {
        let text = text.into();
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Segment::Literal(before)) => before.extend(text),
            _ => self.0.push(Segment::Literal(text)),
        }
    }

    /// Adds another template at the end.
    pub(super) fn append(&mut self, other: Self) {
        for segment in other.0 {
            match segment {
                Segment::Literal(text) => self.push_literal(text),
                placeholder => self.0.push(placeholder),
            }
        }
    }

    /// What stands between placeholders.
    pub(super) fn literals(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_slice()),
            _ => None,
        })
    }

    /// Whether it begins with `prefix`, whatever placeholders are filled in with.
    pub(super) fn starts_with(&self, prefix: &[u8]) -> bool {
        matches!(self.0.first(), Some(Segment::Literal(text)) if text.starts_with(prefix))
    }

    /// What stands before the first literal `stop`; all of it if there is none.
    pub(super) fn until(self, stop: u8) -> Self {
        let mut kept = Self::default();
        for segment in self.0 {
            match segment {
                Segment::Literal(text) if text.contains(&stop) => {
                    kept.push_literal(text.split(|byte| *byte == stop).next().unwrap_or_default());
                    break;
                }
                segment => kept.0.push(segment),
            }
        }
        kept
    }

    /// Writes it to the end of `out`, filled in from `draw`.
    pub(super) fn render(&self, draw: &mut Draw, out: &mut Vec<u8>) {
        for segment in &self.0 {
            segment.render(draw, out);
        }
    }
}

impl Segment {
    fn render(&self, draw: &mut Draw, out: &mut Vec<u8>) {
        match self {
            Self::Literal(text) => out.extend_from_slice(text),
            Self::Counter { from } => decimal(from.wrapping_add(draw.number), out),
            Self::Random { low, high } => decimal(draw.rng.random_range(*low..=*high), out),
            Self::Hex { digits } => draw.hex(*digits, out),
            Self::Uuid => draw.uuid(out),
            Self::Line(lines) => out.extend_from_slice(in_turn::<Vec<u8>>(lines, draw.number)),
            Self::Pick(choices) => {
                out.extend_from_slice(&choices[draw.rng.random_range(0..choices.len())]);
            }
        }
    }
}

/// The one whose turn it is at the request of this number; `all` is not empty.
pub(super) fn in_turn<T>(all: &[T], number: u64) -> &T {
    // The remainder is below a usize.
    &all[usize::try_from(number % all.len() as u64).unwrap_or_default()]
}

/// Writes the header line that says how long a body is.
pub(super) fn content_length(length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"content-length: ");
    decimal(length, out);
    out.extend_from_slice(b"\r\n");
}

fn decimal(number: impl std::fmt::Display, out: &mut Vec<u8>) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests;
