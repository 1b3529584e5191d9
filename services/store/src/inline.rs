//! Inline commands, as typed into `nc` or `telnet`: words between blanks, with `"…"` and `'…'` around a word that has
//! blanks in it.

use std::iter::Peekable;
use std::slice::Iter;

/// A quote was opened and not closed, or closed in the middle of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unbalanced;

type Bytes<'a> = Peekable<Iter<'a, u8>>;

/// Splits a line (without its end) into words.
pub(crate) fn split(line: &[u8]) -> Result<Vec<Vec<u8>>, Unbalanced> {
    let mut bytes = line.iter().peekable();
    let mut words = Vec::new();
    loop {
        while bytes.next_if(|byte| is_blank(**byte)).is_some() {}
        if bytes.peek().is_none() {
            return Ok(words);
        }
        words.push(word(&mut bytes)?);
    }
}

fn word(bytes: &mut Bytes) -> Result<Vec<u8>, Unbalanced> {
    let mut word = Vec::new();
    while let Some(&byte) = bytes.next_if(|byte| !is_blank(**byte)) {
        match byte {
            b'"' | b'\'' => {
                quoted(byte, bytes, &mut word)?;
                return if bytes.peek().is_none_or(|next| is_blank(**next)) {
                    Ok(word)
                } else {
                    Err(Unbalanced)
                };
            }
            byte => word.push(byte),
        }
    }
    Ok(word)
}

/// The rest of a quoted word, through its closing quote.
fn quoted(quote: u8, bytes: &mut Bytes, word: &mut Vec<u8>) -> Result<(), Unbalanced> {
    loop {
        match *bytes.next().ok_or(Unbalanced)? {
            byte if byte == quote => return Ok(()),
            b'\\' if quote == b'"' => word.push(escaped(bytes)?),
            b'\\' if bytes.next_if(|next| **next == b'\'').is_some() => word.push(b'\''),
            byte => word.push(byte),
        }
    }
}

/// What a backslash between double quotes stands for.
fn escaped(bytes: &mut Bytes) -> Result<u8, Unbalanced> {
    Ok(match *bytes.next().ok_or(Unbalanced)? {
        b'x' => hexadecimal(bytes).unwrap_or(b'x'),
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        literal => literal,
    })
}

/// The byte that two hexadecimal digits spell; takes nothing if they are not there.
fn hexadecimal(bytes: &mut Bytes) -> Option<u8> {
    let mut ahead = bytes.clone();
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let value = digit(ahead.next()?)? * 16 + digit(ahead.next()?)?;
    *bytes = ahead;
    u8::try_from(value).ok()
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0 || byte == 0x0b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&[u8]]) {
        assert_eq!(split(line.as_bytes()).unwrap(), expected, "{line:?}");
    }

    #[test]
    fn words_stand_between_blanks() {
        check("", &[]);
        check("  \t ", &[]);
        check(" SET  key\tvalue ", &[b"SET", b"key", b"value"]);
    }

    #[test]
    fn quotes_keep_blanks_and_empty_words() {
        check(r#"SET k "a b" "" 'c d'"#, &[b"SET", b"k", b"a b", b"", b"c d"]);
    }

    #[test]
    fn double_quotes_know_escapes_and_single_quotes_only_their_own() {
        check(r#""\x41\xff\n\t\"\q\xzz""#, &[b"A\xff\n\t\"qxzz"]);
        check(r"'a\'b\n'", &[br"a'b\n"]);
    }

    #[test]
    fn an_open_quote_or_one_glued_to_a_word_is_refused() {
        for line in [r#"GET "a"#, "GET 'a", r#"GET "a"b"#, r#"GET "a\"#] {
            assert_eq!(split(line.as_bytes()), Err(Unbalanced), "{line:?}");
        }
    }
}
