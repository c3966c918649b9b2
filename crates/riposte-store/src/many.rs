//! Many rows of one table in few statements: a statement costs a database more than a row does.

use crate::Result;
use crate::session::Session;
use crate::sql::Param;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many rows one statement may have; what is left over goes in statements of the next size.
const SIZES: [usize; 3] = [32, 8, 1];

/// A statement for rows.
pub(crate) struct ManyRows {
    /// What comes before the first row: `INSERT INTO t (a, b) VALUES `, `SELECT … IN `.
    pub(crate) head: &'static str,
    /// A row, with `?` in the place of each parameter.
    pub(crate) row: &'static str,
    /// What comes after the last row.
    pub(crate) tail: &'static str,
}

impl ManyRows {
    /// The statement for so many rows. Texts of statements live as long as the process, and there are few of them.
    fn text(&self, rows: usize) -> &'static str {
        type Texts = BTreeMap<(&'static str, usize), &'static str>;
        static TEXTS: Mutex<Texts> = Mutex::new(BTreeMap::new());
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        texts.entry((self.head, rows)).or_insert_with(|| Box::leak(self.written(rows).into_boxed_str()))
    }

    fn written(&self, rows: usize) -> String {
        let mut text = self.head.to_owned();
        let mut number = 0;
        for row in 0..rows {
            if row > 0 {
                text.push_str(", ");
            }
            for (at, piece) in self.row.split('?').enumerate() {
                if at > 0 {
                    number += 1;
                    text.push('?');
                    text.push_str(&number.to_string());
                }
                text.push_str(piece);
            }
        }
        text.push_str(self.tail);
        text
    }
}

impl Session<'_> {
    /// Writes rows in their order, in as few statements as that takes.
    pub(crate) fn run_many(&self, statement: &ManyRows, rows: &[Vec<Param<'_>>]) -> Result<()> {
        let mut rest = rows;
        while let Some(size) = SIZES.into_iter().find(|size| *size <= rest.len()) {
            let (now, later) = rest.split_at(size);
            let params: Vec<Param<'_>> = now.iter().flatten().cloned().collect();
            self.run_statement(statement.text(size), params.as_slice())?;
            rest = later;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::ManyRows;

    #[test]
    fn parameters_are_numbered_through() {
        let rows = ManyRows { head: "INSERT INTO t (a, b) VALUES ", row: "(?, ?, 1)", tail: " END" };
        assert_eq!(rows.text(1), "INSERT INTO t (a, b) VALUES (?1, ?2, 1) END");
        assert_eq!(rows.text(2), "INSERT INTO t (a, b) VALUES (?1, ?2, 1), (?3, ?4, 1) END");
        assert!(std::ptr::eq(rows.text(2), rows.text(2)));
    }
}
