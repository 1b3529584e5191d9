//! Tables as the benchmarks print them: no lines, numbers to the right.

use comfy_table::{CellAlignment, Table, presets};

/// A table with these columns, whose first holds names.
pub fn columns(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_below_each_other() {
        let mut table = columns(&["tool", "requests/s"]);
        table.add_row(["wrk", "100"]).add_row(["oha", "9"]);
        let ends = table.to_string().lines().map(|line| line.trim_end().len()).collect::<Vec<_>>();
        assert_eq!(ends, [ends[0]; 3], "{table}");
    }
}
