//! What no text of a page, an XML file or a terminal may hold, whatever was read.

/// `text` without the characters that XML has no way to write: control characters other than tab and line break.
pub(crate) fn clean(text: &str) -> String {
    let is_fine = |char: &char| !char.is_control() || matches!(char, '\t' | '\n');
    text.chars().filter(is_fine).filter(|char| !matches!(char, '\u{fffe}' | '\u{ffff}')).collect()
}

/// `text` in one line, for a complaint.
pub(crate) fn in_a_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(clean("rng-1\0\u{1b}[31m\u{ffff}\tis\nµ"), "rng-1[31m\tis\nµ");
    }
}
