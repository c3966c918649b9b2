//! Lists as columns.

use crate::output::{self, Style, paint};

/// Prints rows under headings, or `none` if there are no rows. Text from elsewhere cannot move the cursor.
pub fn print(headings: &[&str], rows: &[Vec<String>], none: &str) {
    if rows.is_empty() {
        output::note(none);
        return;
    }
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| output::plain(cell)).collect()).collect();
    output::line(columns(output::colours(&std::io::stdout()), headings, &rows));
}

/// Rows under headings, each column as wide as its widest cell. Empty text if there are no rows.
fn columns(colour: bool, headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 2));
        }
        text.trim_end().to_owned()
    };
    let mut lines = vec![paint(colour, Style::Bold, &line(&mut headings.iter().copied()))];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    if rows.is_empty() { String::new() } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["1".to_owned(), "Sign-in".to_owned()], vec!["12".to_owned(), "Ü".to_owned()]];
        assert_eq!(columns(false, &["NO", "TITLE"], &rows), "NO  TITLE\n1   Sign-in\n12  Ü");
        assert_eq!(columns(false, &["NO"], &[]), "");
    }
}
