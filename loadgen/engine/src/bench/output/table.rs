//! Columns that stand under each other. Owns nothing of what is in them.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// What the labels of single lines take, with the space after them.
const LABEL: usize = 16;

/// What a terminal shows without breaking lines.
const COLUMNS_AT_MOST: usize = 100;

/// Rows under a header: the first column to the left, figures to the right. The header begins at the edge and the rows two
/// spaces from it, so that its first cell reads as a heading.
pub(super) fn aligned<R: Into<Vec<String>>>(header: &[&str], rows: impl IntoIterator<Item = R>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header).add_rows(rows.into_iter().map(|row| indented(row.into())));
    for (index, column) in table.column_iter_mut().enumerate() {
        let first = index == 0;
        column.set_padding((if first { 0 } else { 2 }, 0));
        column.set_cell_alignment(if first { CellAlignment::Left } else { CellAlignment::Right });
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn indented(mut row: Vec<String>) -> Vec<String> {
    if let Some(first) = row.first_mut() {
        first.insert_str(0, "  ");
    }
    row
}

/// Parts of a sentence after a label, on as many lines as it takes.
pub(super) fn labelled(label: &str, parts: &[String]) -> String {
    let mut text = format!("{label:<LABEL$}");
    let mut column = LABEL;
    for (index, part) in parts.iter().enumerate() {
        let comma = if index + 1 < parts.len() { "," } else { "" };
        let length = part.chars().count() + comma.len();
        if index > 0 && column + 1 + length > COLUMNS_AT_MOST {
            let _ = write!(text, "\n{:LABEL$}", "");
            column = LABEL;
        } else if index > 0 {
            text.push(' ');
            column += 1;
        }
        let _ = write!(text, "{part}{comma}");
        column += length;
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_continues_under_its_beginning() {
        let parts = ["a".repeat(50), "b".repeat(31), "c".to_owned()];
        let text = labelled("Label", &parts);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].len(), 16 + 50 + 1 + 1 + 31 + 1);
        assert_eq!(lines[1..], [format!("{:16}c", "")]);
    }
}
