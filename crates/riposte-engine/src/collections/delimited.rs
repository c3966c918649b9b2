//! Text in rows and columns, as watchlists are uploaded: comma or tab between the fields, quotation marks around those
//! that hold one of them, a quotation mark or a line break (RFC 4180).

use std::fmt;

/// Columns that a text may have.
pub(super) const COLUMNS_MAX: usize = 1_000;

/// Cells that a text may have below its header: rows times columns.
pub(super) const CELLS_MAX: usize = 1_000_000;

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line on which it begins, counted from 1.
    pub(super) line: usize,
    pub(super) fields: Vec<String>,
}

/// Why a text is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The quotation mark on this line is not closed.
    OpenQuote(usize),
    /// More lines are to be passed over than the text has, which is so many.
    TooFewLines(usize),
    /// The row on this line has more than [`COLUMNS_MAX`] fields.
    TooManyColumns(usize),
    /// There are more than [`CELLS_MAX`] fields.
    TooManyCells,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote(line) => write!(f, "the quotation mark in line {line} is not closed"),
            Self::TooFewLines(lines) => {
                write!(f, "it has {lines} lines, fewer than `numberOfLinesToSkip`")
            }
            Self::TooManyColumns(line) => {
                write!(f, "line {line} has more than {COLUMNS_MAX} fields, which is the most that is taken")
            }
            Self::TooManyCells => {
                write!(f, "it has more than {CELLS_MAX} cells, which is the most that is taken")
            }
        }
    }
}

/// The rows after so many lines. Blank lines are no rows.
pub(super) fn records(text: &str, delimiter: char, skip: usize) -> Result<Vec<Record>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rest = after_lines(text, skip)?;
    let mut reader = Reader { line: skip + 1, ..Reader::default() };
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if reader.quoted_from.is_some() => {
                if chars.next_if_eq(&'"').is_some() {
                    reader.field.push('"');
                } else {
                    reader.quoted_from = None;
                }
            }
            '"' if reader.field.is_empty() && !reader.was_quoted => {
                reader.quoted_from = Some(reader.line);
                reader.was_quoted = true;
            }
            // Old Macintosh programs end lines so, and some spreadsheets still do.
            '\r' if reader.quoted_from.is_none() => {
                chars.next_if_eq(&'\n');
                reader.line_break()?;
            }
            '\n' => reader.line_break()?,
            _ if c == delimiter && reader.quoted_from.is_none() => reader.end_field()?,
            _ => reader.field.push(c),
        }
    }
    match reader.quoted_from {
        Some(line) => Err(Fault::OpenQuote(line)),
        None => {
            reader.end_record()?;
            Ok(reader.records)
        }
    }
}

/// What follows so many lines.
fn after_lines(text: &str, skip: usize) -> Result<&str, Fault> {
    let mut rest = text;
    for skipped in 0..skip {
        // The number is the writer's and may be any: the text is what ends the loop.
        if rest.is_empty() {
            return Err(Fault::TooFewLines(skipped));
        }
        let after = rest.find(['\r', '\n']).and_then(|end| rest.get(end..)).unwrap_or_default();
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\r', '\n'])).unwrap_or_default();
    }
    Ok(rest)
}

#[derive(Default)]
struct Reader {
    records: Vec<Record>,
    /// The fields of all rows so far.
    cells: usize,
    fields: Vec<String>,
    field: String,
    /// Where the quotation mark stands that is open.
    quoted_from: Option<usize>,
    /// Whether the field had quotation marks.
    was_quoted: bool,
    line: usize,
    /// Where the row began, if it is not the line at hand.
    began: Option<usize>,
}

impl Reader {
    fn line_break(&mut self) -> Result<(), Fault> {
        if self.quoted_from.is_some() {
            self.field.push('\n');
            self.began.get_or_insert(self.line);
        } else {
            self.end_record()?;
        }
        self.line += 1;
        Ok(())
    }

    fn end_field(&mut self) -> Result<(), Fault> {
        self.fields.push(std::mem::take(&mut self.field));
        self.was_quoted = false;
        // Told while reading: a text of nothing but commas would take many times its length in memory.
        if self.fields.len() > COLUMNS_MAX { Err(Fault::TooManyColumns(self.line)) } else { Ok(()) }
    }

    fn end_record(&mut self) -> Result<(), Fault> {
        let line = self.began.take().unwrap_or(self.line);
        let is_blank = self.fields.is_empty() && self.field.trim().is_empty() && !self.was_quoted;
        self.end_field()?;
        let fields = std::mem::take(&mut self.fields);
        if !is_blank {
            self.cells += fields.len();
            // The header is not counted among the cells, and has at most so many fields.
            if self.cells > CELLS_MAX + COLUMNS_MAX {
                return Err(Fault::TooManyCells);
            }
            self.records.push(Record { line, fields });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, delimiter: char, skip: usize) -> Vec<Vec<String>> {
        records(text, delimiter, skip).unwrap().into_iter().map(|record| record.fields).collect()
    }

    #[test]
    fn rows_and_fields() {
        for (text, delimiter, skip, expected) in [
            ("ip,x\n1.2.3.4,y\n", ',', 0, vec![vec!["ip", "x"], vec!["1.2.3.4", "y"]]),
            ("\u{feff}a,b\r\n1,\r\n", ',', 0, vec![vec!["a", "b"], vec!["1", ""]]),
            ("title\nmore\na\tb\n1\t2", '\t', 2, vec![vec!["a", "b"], vec!["1", "2"]]),
            ("a\n\n \n1\n", ',', 0, vec![vec!["a"], vec!["1"]]),
            ("a,b\n\"x, \"\"y\"\"\nz\",2", ',', 0, vec![vec!["a", "b"], vec!["x, \"y\"\nz", "2"]]),
            ("a\n\"\"\n", ',', 0, vec![vec!["a"], vec![""]]),
            ("a\nit\"s\n", ',', 0, vec![vec!["a"], vec!["it\"s"]]),
            ("ip,n\r3,c\r4,d", ',', 0, vec![vec!["ip", "n"], vec!["3", "c"], vec!["4", "d"]]),
            ("title\r\nmore\ra\n1\r\n2\r", ',', 2, vec![vec!["a"], vec!["1"], vec!["2"]]),
            ("a\n\"x\ry\"\n", ',', 0, vec![vec!["a"], vec!["x\ry"]]),
            ("a\nb", ',', 2, vec![]),
            ("", ',', 0, vec![]),
        ] {
            assert_eq!(fields(text, delimiter, skip), expected, "{text:?}");
        }
    }

    #[test]
    fn a_row_knows_its_line_and_an_open_quote_is_told() {
        let rows = records("h\n\"a\nb\"\nc\n", ',', 0).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(records("h\nx\n\"a\nb", ',', 0), Err(Fault::OpenQuote(3)));
    }

    #[test]
    fn more_lines_than_there_are_cannot_be_passed_over() {
        for (text, skip, lines) in
            [("", 1, 0), ("a\nb", 3, 2), ("a\nb\n", 3, 2), ("a", 9_000_000_000_000_000_000, 1)]
        {
            assert_eq!(records(text, ',', skip), Err(Fault::TooFewLines(lines)), "{text:?} {skip}");
        }
    }

    #[test]
    fn rows_and_columns_are_bounded() {
        assert_eq!(fields(&",".repeat(COLUMNS_MAX - 1), ',', 0)[0].len(), COLUMNS_MAX);
        let wide = format!("a\n{}", ",".repeat(COLUMNS_MAX));
        assert_eq!(records(&wide, ',', 0), Err(Fault::TooManyColumns(2)));
        let long = "a\n".repeat(CELLS_MAX + COLUMNS_MAX + 1);
        assert_eq!(records(&long, ',', 0), Err(Fault::TooManyCells));
    }
}
