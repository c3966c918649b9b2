//! The rows that a query answered, as a request brings them.
//!
//! Taken are a list of objects, `{"rows": […]}` or `{"value": […]}` with objects, the same with `columns` and lists of
//! cells, and what the interface for queries answers: `{"tables": [{"columns": […], "rows": [[…]]}]}`, of which the
//! first table counts.

use crate::fields::{Fields, wrong_type};
use jiff::{SignedDuration, Timestamp};
use riposte_diagnostic::{Diagnostic, has_errors, join_index};
use riposte_value::{Object, Text, Value};

/// The rows of one run of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryResults {
    /// The rows: a value for each column.
    pub rows: Vec<Object>,
    /// The first moment that the query looked at.
    pub start: Option<Timestamp>,
    /// The last one.
    pub end: Option<Timestamp>,
    /// What the sender calls the run; the same run sent again makes the same alerts.
    pub run_id: Option<Text>,
}

impl QueryResults {
    /// Reads a request's body.
    ///
    /// # Errors
    /// Wrong types, cells without a column, a window that ends before it begins.
    pub fn read(body: &Value) -> Result<Self, Vec<Diagnostic>> {
        let mut told = Vec::new();
        match read(body, &mut told) {
            Some(results) if !has_errors(&told) => Ok(results),
            _ => Err(told),
        }
    }

    /// The window that the query looked at, for a run at `now`: what was sent, else it ends now and is as long as
    /// the rule looks back.
    pub fn window(&self, period: SignedDuration, now: Timestamp) -> (Timestamp, Timestamp) {
        let end =
            self.end.or_else(|| self.start.and_then(|start| start.checked_add(period).ok())).unwrap_or(now);
        let start = self.start.or_else(|| end.checked_sub(period).ok()).unwrap_or(end);
        (start.min(end), end)
    }
}

fn read(body: &Value, told: &mut Vec<Diagnostic>) -> Option<QueryResults> {
    if let Value::Array(items) = body {
        let rows = rows(items, None, "$", told);
        return Some(QueryResults { rows, start: None, end: None, run_id: None });
    }
    let fields = Fields::of(body, "$", told)?;
    let (start, end) = (fields.time("queryStartTime", told), fields.time("queryEndTime", told));
    if let (Some(first), Some(last)) = (start, end)
        && last < first
    {
        let message = "`queryEndTime` is before `queryStartTime`";
        told.push(Diagnostic::error("BadRequest", message).at(fields.path_of("queryEndTime")));
    }
    let run_id = fields.text("runId", told).filter(|id| !id.trim().is_empty());
    Some(QueryResults { rows: table(&fields, told)?, start, end, run_id })
}

/// The rows of an object that holds them, or of the first of its tables.
fn table(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Vec<Object>> {
    if fields.value("tables").is_some() {
        let tables = fields.array("tables", told)?;
        let Some(first) = tables.first() else { return Some(Vec::new()) };
        let inner = Fields::of(first, &join_index(&fields.path_of("tables"), 0), told)?;
        return table(&inner, told);
    }
    let name = ["rows", "value"].into_iter().find(|name| fields.value(name).is_some());
    let Some(name) = name else {
        told.push(fields.missing("rows").help("send the rows of the query as a list of objects"));
        return None;
    };
    let items = fields.array(name, told)?;
    let columns = columns(fields, told);
    Some(rows(items, columns.as_deref(), &fields.path_of(name), told))
}

/// The names of the columns: texts, or objects with a `name`.
fn columns(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Vec<Text>> {
    let items = fields.array("columns", told)?;
    let path = fields.path_of("columns");
    let mut names = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let named =
            item.get_ignore_case("name").or_else(|| item.get_ignore_case("ColumnName")).unwrap_or(item);
        match named {
            Value::String(name) => names.push(name.clone()),
            other => told.push(wrong_type(&join_index(&path, at), "a name", other)),
        }
    }
    Some(names)
}

fn rows(items: &[Value], columns: Option<&[Text]>, path: &str, told: &mut Vec<Diagnostic>) -> Vec<Object> {
    let mut rows = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        match (item, columns) {
            (Value::Object(row), _) => rows.push(Object::clone(row)),
            (Value::Array(cells), Some(columns)) if cells.len() <= columns.len() => {
                rows.push(columns.iter().cloned().zip(cells.iter().cloned()).collect());
            }
            (Value::Array(_), Some(columns)) => {
                let message = format!("the row has more cells than there are columns ({})", columns.len());
                told.push(Diagnostic::error("BadRequest", message).at(join_index(path, at)));
            }
            (other, _) => told.push(wrong_type(&join_index(path, at), "an object", other)),
        }
    }
    rows
}
