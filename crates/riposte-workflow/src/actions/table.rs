//! Table: an array as a table, in CSV or HTML.
//!
//! ```json
//! { "type": "Table", "inputs": { "from": "@body('Hosts')", "format": "HTML",
//!   "columns": [ { "header": "Host", "value": "@item()?['HostName']" } ] } }
//! ```
//!
//! Without columns, all properties of the items, in the order in which they first appear. Measured: CSV rows end with
//! CR LF, the last one too, and quotes stand only where they must; HTML escapes `& < > " '`, U+00A0 to U+00FF and what
//! lies beyond the basic plane.

use super::query::evaluate_from;
use super::{Completion, Kind};
use crate::ErrorBody;
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::{join_index, join_path};
use riposte_expression::Template;
use riposte_value::{Object, Text, Value};

#[derive(Debug)]
pub(crate) struct Table {
    from: Template,
    format: Template,
    /// Header and value of each column; none: all properties.
    columns: Option<Vec<(Template, Template)>>,
    /// The text of a value.
    text: Template,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Html,
}

impl Format {
    fn parse(name: &str) -> Option<Self> {
        [(Self::Csv, "CSV"), (Self::Html, "HTML")]
            .into_iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name))
            .map(|(format, _)| format)
    }
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let from = super::query::read_from(reader);
    let path = reader.path_of("inputs");
    let format = reader.required_input(inputs, "format")?;
    let format_path = join_path(&path, "format");
    let format = reader.template(format, &format_path)?;
    if let Some(constant) = format.constant()
        && constant.as_str().and_then(Format::parse).is_none()
    {
        reader.error(
            "InvalidFormat",
            format!("table format `{constant}` is not `CSV` or `HTML`"),
            format_path,
        );
    }
    let columns = match inputs.get_ignore_case("columns").filter(|columns| !columns.is_null()) {
        Some(columns) => Some(read_columns(reader, columns, &join_path(&path, "columns"))?),
        None => None,
    };
    let text = Template::compile_expression("concat(item())").ok()?;
    Some(Kind::Table(Table { from: from?, format, columns, text }))
}

fn read_columns(
    reader: &mut Reader<'_, '_>,
    columns: &Value,
    path: &str,
) -> Option<Vec<(Template, Template)>> {
    let Some(items) = columns.as_array() else {
        reader.error(
            "InvalidInputs",
            format!("`columns` must be an array, and is of type `{}`", columns.kind()),
            path,
        );
        return None;
    };
    let read: Vec<_> = items
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let path = join_index(path, index);
            let null = Value::Null;
            let mut part = |name: &str| {
                reader.item_template(column.get_ignore_case(name).unwrap_or(&null), &join_path(&path, name))
            };
            Some((part("header")?, part("value")?))
        })
        .collect();
    read.into_iter().collect()
}

impl Table {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let items = evaluate_from(machine, here, &self.from, "table")?;
        let format = machine.evaluate(here, &self.format)?;
        let Some(kind) = format.as_str().and_then(Format::parse) else {
            let detail = format!("The value '{format}' of 'format' is not one of 'CSV, HTML'.");
            return Err(machine.invalid_inputs(here, &detail));
        };
        let rows = match &self.columns {
            Some(columns) => self.chosen(machine, here, columns, &items)?,
            None => self.all(machine, here, &items)?,
        };
        let mut inputs = Object::with_capacity(2);
        inputs.insert("from", Value::Array(items));
        inputs.insert("format", format);
        let text = match kind {
            Format::Csv => csv(&rows),
            Format::Html => html(&rows),
        };
        Ok(Completion::succeeded("NotSpecified").inputs(Value::from(inputs)).body(Value::from(text)))
    }

    fn chosen(
        &self,
        machine: &Machine<'_>,
        here: Here,
        columns: &[(Template, Template)],
        items: &[Value],
    ) -> Result<Rows, Box<Completion>> {
        let header = columns
            .iter()
            .map(|(header, _)| self.cell(machine, here, header, &Value::Null))
            .collect::<Result<Vec<_>, _>>()?;
        let row = |item: &Value| {
            columns
                .iter()
                .map(|(_, value)| self.cell(machine, here, value, item))
                .collect::<Result<Vec<_>, _>>()
        };
        let rows = items.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        Ok(Rows { header, rows })
    }

    fn cell(
        &self,
        machine: &Machine<'_>,
        here: Here,
        template: &Template,
        item: &Value,
    ) -> Result<Text, Box<Completion>> {
        let mut scope = machine.scope(here);
        scope.item = Some(item);
        let value = template.evaluate(&scope).map_err(|error| machine.inputs_failure(here, &error))?;
        self.text(machine, here, &value)
    }

    fn text(&self, machine: &Machine<'_>, here: Here, value: &Value) -> Result<Text, Box<Completion>> {
        let mut scope = machine.scope(here);
        scope.item = Some(value);
        let text = self.text.evaluate(&scope).map_err(|error| machine.inputs_failure(here, &error))?;
        Ok(text.as_str().map(Text::new).unwrap_or_default())
    }

    fn all(&self, machine: &Machine<'_>, here: Here, items: &[Value]) -> Result<Rows, Box<Completion>> {
        let mut names = Object::new();
        for item in items {
            let Some(object) = item.as_object() else { return Err(columns_needed()) };
            for name in object.keys() {
                names.insert(name.clone(), Value::Null);
            }
        }
        let header: Vec<Text> = names.keys().cloned().collect();
        let row = |item: &Value| {
            let cell = |name: &Text| self.text(machine, here, item.get(name).unwrap_or(&Value::Null));
            header.iter().map(cell).collect::<Result<Vec<_>, _>>()
        };
        let rows = items.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        Ok(Rows { header, rows })
    }
}

/// Measured wording.
fn columns_needed() -> Box<Completion> {
    let message =
        "The property 'columns' must be specified unless the 'from' property value is an array of objects.";
    Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidTemplate", message)))
}

struct Rows {
    header: Vec<Text>,
    rows: Vec<Vec<Text>>,
}

fn csv(table: &Rows) -> String {
    let mut out = String::new();
    if table.header.is_empty() {
        return out;
    }
    for row in std::iter::once(&table.header).chain(&table.rows) {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            if cell.contains([',', '"', '\n', '\r']) {
                out.push('"');
                out.push_str(&cell.replace('"', "\"\""));
                out.push('"');
            } else {
                out.push_str(cell);
            }
        }
        out.push_str("\r\n");
    }
    out
}

fn html(table: &Rows) -> String {
    let mut out = String::from("<table>");
    if !table.header.is_empty() {
        out.push_str("<thead>");
        html_row(&mut out, &table.header, "th");
        out.push_str("</thead>");
    }
    out.push_str("<tbody>");
    table.rows.iter().for_each(|row| html_row(&mut out, row, "td"));
    out.push_str("</tbody></table>");
    out
}

fn html_row(out: &mut String, cells: &[Text], tag: &str) {
    use std::fmt::Write as _;
    out.push_str("<tr>");
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(out, "<{tag}>");
        escape(out, cell);
        let _ = write!(out, "</{tag}>");
    }
    out.push_str("</tr>");
}

fn escape(out: &mut String, text: &str) {
    use std::fmt::Write as _;
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{a0}'..='\u{ff}' | '\u{10000}'.. => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            other => out.push(other),
        }
    }
}
