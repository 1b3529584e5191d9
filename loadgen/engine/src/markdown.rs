//! Tables of Markdown. Owns what must be escaped in them.

use std::fmt::Write;

/// Rows under a header: the first column to the left, figures to the right.
pub fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: [String; COLUMNS]| format!("| {} |\n", cells.map(|cell| escaped(&cell)).join(" | "));
    let mut text = line(header.map(str::to_owned));
    let rule = (0..COLUMNS).map(|index| if index == 0 { ":--" } else { "--:" }).collect::<Vec<_>>();
    let _ = writeln!(text, "|{}|", rule.join("|"));
    rows.into_iter().for_each(|row| text.push_str(&line(row)));
    text
}

/// `cell` as text that ends neither its cell nor its line and begins no tag.
pub fn escaped(cell: &str) -> String {
    cell.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_breaks_the_markdown() {
        let row = ["a|b\nc".to_owned(), "p99<1ms".to_owned()];
        assert_eq!(table(["x", "y"], [row]), "| x | y |\n|:--|--:|\n| a\\|b c | p99&lt;1ms |\n");
    }
}
