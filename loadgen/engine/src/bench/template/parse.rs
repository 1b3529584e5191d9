//! From text to a template. Owns the grammar of placeholders, and saying where in the text it is broken.

use std::path::Path;

use super::lines::{Lines, LinesError};
use super::place::Place;
use super::{Segment, Template};

/// More digits than any identifier has.
const MOST_DIGITS: usize = 1024;

/// Why a text is no template; `at` is the position of the placeholder, in bytes, from 1.
#[derive(Debug, thiserror::Error)]
pub(in crate::bench) enum TemplateError {
    #[error("the placeholder at {at} has no end: write }}}} behind it")]
    Open { at: usize },
    #[error(
        "`{{{{{name}}}}}` at {at} is no placeholder; there are counter, random, hex, uuid, line and pick"
    )]
    Unknown { at: usize, name: String },
    #[error("`{{{{{given}}}}}` at {at} is not understood; write it as in {wanted}")]
    Form { at: usize, given: String, wanted: &'static str },
    #[error("`{choice}` at {at} cannot be sent in a header: leave out control characters")]
    Choice { at: usize, choice: String },
    #[error("the placeholder at {at}: {source}")]
    Lines { at: usize, source: LinesError },
}

/// The template in `text`, which is to stand in `place`.
pub(in crate::bench) fn parse(
    text: &[u8],
    place: Place,
    lines: &mut Lines,
) -> Result<Template, TemplateError> {
    let mut template = Template::default();
    let mut rest = text;
    while let Some(start) = find(rest, b"{{") {
        let at = text.len() - rest.len() + start + 1;
        let (literal, open) = rest.split_at(start);
        let inner = &open[2..];
        let end = find(inner, b"}}").ok_or(TemplateError::Open { at })?;
        template.push_literal(literal);
        template.0.push(Placeholder::new(&inner[..end], at, place).segment(lines)?);
        rest = &inner[end + 2..];
    }
    template.push_literal(rest);
    Ok(template)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// What stands between the braces.
struct Placeholder {
    text: String,
    at: usize,
    place: Place,
}

impl Placeholder {
    fn new(text: &[u8], at: usize, place: Place) -> Self {
        Self { text: String::from_utf8_lossy(text).trim().to_owned(), at, place }
    }

    fn segment(&self, lines: &mut Lines) -> Result<Segment, TemplateError> {
        let (name, argument) = self.text.split_once(' ').unwrap_or((&self.text, ""));
        let argument = argument.trim();
        match name {
            "counter" => self.formed(counter(argument), "{{counter}} or {{counter 100}}"),
            "random" => self.formed(random(argument), "{{random 1..100}}"),
            "hex" => self.formed(hex(argument), "{{hex 16}}, with at most 1024 digits"),
            "uuid" => self.formed(argument.is_empty().then_some(Segment::Uuid), "{{uuid}}"),
            "line" if !argument.is_empty() => self.line(argument, lines),
            "line" => self.formed(None, "{{line FILE}}"),
            "pick" if !argument.is_empty() => self.pick(argument),
            "pick" => self.formed(None, "{{pick a|b|c}}"),
            _ => Err(TemplateError::Unknown { at: self.at, name: self.text.clone() }),
        }
    }

    fn formed(&self, segment: Option<Segment>, wanted: &'static str) -> Result<Segment, TemplateError> {
        segment.ok_or_else(|| TemplateError::Form { at: self.at, given: self.text.clone(), wanted })
    }

    fn line(&self, file: &str, lines: &mut Lines) -> Result<Segment, TemplateError> {
        let lines = lines.of(Path::new(file), self.place);
        lines.map(Segment::Line).map_err(|source| TemplateError::Lines { at: self.at, source })
    }

    fn pick(&self, choices: &str) -> Result<Segment, TemplateError> {
        let admitted = choices.split('|').map(|choice| {
            let refused = || TemplateError::Choice { at: self.at, choice: choice.to_owned() };
            self.place.admit(choice.as_bytes()).ok_or_else(refused)
        });
        Ok(Segment::Pick(admitted.collect::<Result<_, _>>()?))
    }
}

fn counter(from: &str) -> Option<Segment> {
    let from = if from.is_empty() { 0 } else { from.parse().ok()? };
    Some(Segment::Counter { from })
}

fn random(range: &str) -> Option<Segment> {
    let (low, high) = range.split_once("..")?;
    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (low <= high).then_some(Segment::Random { low, high })
}

fn hex(digits: &str) -> Option<Segment> {
    let digits = digits.parse().ok()?;
    (1..=MOST_DIGITS).contains(&digits).then_some(Segment::Hex { digits })
}
