//! Tables of Markdown. Owns what must be escaped in them.

use std::fmt::Write;

/// Rows under a header: the first column to the left, figures to the right.
pub fn table<Row: IntoIterator<Item = String>>(
    header: impl IntoIterator<Item: Into<String>>,
    rows: impl IntoIterator<Item = Row>,
) -> String {
    let header: Vec<String> = header.into_iter().map(Into::into).collect();
    let rule = (0..header.len()).map(|index| if index == 0 { ":--" } else { "--:" }).collect::<Vec<_>>();
    let mut text = line(header);
    let _ = writeln!(text, "|{}|", rule.join("|"));
    rows.into_iter().for_each(|row| text.push_str(&line(row)));
    text
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| escaped(&cell)).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// `cell` as text that ends neither its cell nor its line and begins no tag, link, picture or code.
pub fn escaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    for letter in cell.chars() {
        match letter {
            '<' => text.push_str("&lt;"),
            '\\' | '|' | '[' | '`' => text.extend(['\\', letter]),
            letter if letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_breaks_the_markdown() {
        let row = ["a|b\nc".to_owned(), "p99<1ms".to_owned()];
        assert_eq!(escaped("![a](b) `c` \u{1b}[1m"), "!\\[a](b) \\`c\\`  \\[1m");
        assert_eq!(table(["x", "y"], [row]), "| x | y |\n|:--|--:|\n| a\\|b c | p99&lt;1ms |\n");
    }
}
