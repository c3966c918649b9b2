//! Text in rows and columns, as watchlists are uploaded: comma or tab between the fields, quotation marks around those
//! that hold one of them, a quotation mark or a line break (RFC 4180).

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line on which it begins, counted from 1.
    pub(super) line: usize,
    pub(super) fields: Vec<String>,
}

/// A quotation mark that is not closed: the line on which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenQuote(pub(super) usize);

/// The rows after so many lines. Blank lines are no rows.
pub(super) fn records(text: &str, delimiter: char, skip: usize) -> Result<Vec<Record>, OpenQuote> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rest = text;
    for _ in 0..skip {
        rest = rest.split_once('\n').map_or("", |(_, after)| after);
    }
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
            '\r' if reader.quoted_from.is_none() && chars.peek() == Some(&'\n') => {}
            '\n' => reader.line_break(),
            _ if c == delimiter && reader.quoted_from.is_none() => reader.end_field(),
            _ => reader.field.push(c),
        }
    }
    match reader.quoted_from {
        Some(line) => Err(OpenQuote(line)),
        None => {
            reader.end_record();
            Ok(reader.records)
        }
    }
}

#[derive(Default)]
struct Reader {
    records: Vec<Record>,
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
    fn line_break(&mut self) {
        if self.quoted_from.is_some() {
            self.field.push('\n');
            self.began.get_or_insert(self.line);
        } else {
            self.end_record();
        }
        self.line += 1;
    }

    fn end_field(&mut self) {
        self.fields.push(std::mem::take(&mut self.field));
        self.was_quoted = false;
    }

    fn end_record(&mut self) {
        let line = self.began.take().unwrap_or(self.line);
        let is_blank = self.fields.is_empty() && self.field.trim().is_empty() && !self.was_quoted;
        self.end_field();
        let fields = std::mem::take(&mut self.fields);
        if !is_blank {
            self.records.push(Record { line, fields });
        }
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
            ("", ',', 3, vec![]),
        ] {
            assert_eq!(fields(text, delimiter, skip), expected, "{text:?}");
        }
    }

    #[test]
    fn a_row_knows_its_line_and_an_open_quote_is_told() {
        let rows = records("h\n\"a\nb\"\nc\n", ',', 0).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 2, 4]);
        assert_eq!(records("h\nx\n\"a\nb", ',', 0), Err(OpenQuote(3)));
    }
}
