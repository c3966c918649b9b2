//! Watchlists as a whole, with their rows, as templates have them: `rawContent` is the text that the rows are read from.

use super::kind::{self, Draft, Kind};
use super::watchlists::{CONTENT_BYTES_MAX, Content, cell, delimiter};
use super::{Collection, ItemPlace, StoredItem};
use crate::Engine;
use crate::access::Caller;
use crate::document::decode;
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_diagnostic::Diagnostic;
use riposte_store::Read;
use riposte_value::{Object, Text, Value};

/// What a template says of a watchlist, in its order. Left out is what a place makes itself, and the alias, which is the
/// name.
const WRITTEN: [&str; 11] = [
    "displayName",
    "provider",
    "source",
    "sourceType",
    "description",
    "watchlistType",
    "labels",
    "defaultDuration",
    "contentType",
    "numberOfLinesToSkip",
    "itemsSearchKey",
];
/// Rows that are read at a time.
const ROWS: usize = 1_000;
/// How many lines before the header are written as blank ones.
const SKIPPED_MAX: i64 = 1_000;

/// A watchlist as it will be saved, with its rows.
pub(crate) struct PreparedWatchlist {
    place: ItemPlace,
    draft: Draft,
    content: Option<Content>,
}

impl PreparedWatchlist {
    /// Reads a body; refuses what is no watchlist.
    pub(crate) fn new(name: &str, body: &Value) -> Result<Self> {
        let draft = kind::read(Kind::of(Collection::Watchlists), body)?;
        let content = Content::read(Collection::Watchlists, body)?;
        Ok(Self { place: place(name), draft, content })
    }
}

fn place(name: &str) -> ItemPlace {
    ItemPlace { collection: Collection::Watchlists, parent: String::new(), name: name.to_owned() }
}

impl Transaction<'_> {
    /// Saves a watchlist and its rows; whether it is new, and whether anything changed.
    pub(crate) fn save_watchlist(
        &mut self,
        ws: &Workspace,
        prepared: PreparedWatchlist,
        caller: &Caller,
    ) -> Result<(bool, bool)> {
        let PreparedWatchlist { place, draft, content } = prepared;
        let known = StoredItem::of(&*self.tx, ws.key, &place)?.map(|known| known.etag);
        let (created, mut item) = self.save_item(ws, &place, draft, caller)?;
        if let Some(content) = &content {
            self.fill_watchlist(ws, &mut item, content, caller)?;
        }
        Ok((created, known.is_none_or(|known| known != item.etag)))
    }

    /// A watchlist as reading it shows it, if it is there.
    pub(crate) fn shown_watchlist(&self, ws: &Workspace, name: &str) -> Result<Option<Value>> {
        let kind = Kind::of(Collection::Watchlists);
        let known = StoredItem::of(&*self.tx, ws.key, &place(name))?;
        known.map(|known| known.to_arm(&*self.tx, ws, kind, "")).transpose()
    }

    /// The names of a workspace's watchlists.
    pub(crate) fn watchlist_names(&self, ws: &Workspace) -> Result<Vec<String>> {
        let kind = Kind::of(Collection::Watchlists);
        let lists = self.tx.items(ws.key, kind.item, "", "", usize::MAX)?;
        lists.iter().map(|(_, text)| Ok(decode::<StoredItem>(kind.what, text)?.name.to_string())).collect()
    }

    /// Removes a watchlist with its rows; whether it was there.
    pub(crate) fn remove_watchlist(&mut self, ws: &Workspace, name: &str, caller: &Caller) -> Result<bool> {
        self.remove_item(ws, &place(name), caller)
    }
}

impl Engine {
    /// The watchlists of a workspace with their rows, as templates have them, each with what there is to say of it.
    pub(crate) async fn watchlists_as_written(
        &self,
        ws: &Workspace,
    ) -> Result<Vec<(Value, Vec<Diagnostic>)>> {
        let ws = ws.clone();
        let read = move |tx: &dyn Read| {
            let kind = Kind::of(Collection::Watchlists);
            let lists = tx.items(ws.key, kind.item, "", "", usize::MAX)?;
            lists.iter().map(|(_, text)| written(tx, &ws, &decode(kind.what, text)?)).collect()
        };
        self.shared.store.read(move |tx| Ok(read(tx))).await?
    }
}

fn written(tx: &dyn Read, ws: &Workspace, list: &StoredItem) -> Result<(Value, Vec<Diagnostic>)> {
    let known = |name: &str| list.properties.get(name).and_then(Value::as_str);
    let mut properties = Object::new();
    for name in WRITTEN {
        if let Some(value) = list.properties.get(name).filter(|value| !value.is_null()) {
            properties.insert(name, value.clone());
        }
    }
    let skipped = list.properties.get("numberOfLinesToSkip").and_then(Value::as_i64).unwrap_or(0);
    let skipped = usize::try_from(skipped.clamp(0, SKIPPED_MAX)).unwrap_or(0);
    let key = known("itemsSearchKey").unwrap_or_default();
    let text = content(&rows(tx, ws, &list.name)?, key, delimiter(known("contentType"))?);
    let text = format!("{}{text}", "\n".repeat(skipped));
    let mut told = Vec::new();
    if text.len() > CONTENT_BYTES_MAX {
        let message = format!(
            "watchlist `{}`: its rows take {} bytes; an import takes {CONTENT_BYTES_MAX} at the most",
            list.name,
            text.len()
        );
        let help = "divide the list, or put the rows one by one";
        told.push(Diagnostic::warning("WatchlistTooLong", message).help(help));
    }
    properties.insert("rawContent", text);
    let resource = Value::object([
        ("id", Value::from(ws.reference.resource_id("watchlists", &list.name))),
        ("name", Value::from(&list.name)),
        ("properties", Value::from(properties)),
    ]);
    Ok((resource, told))
}

fn rows(tx: &dyn Read, ws: &Workspace, list: &str) -> Result<Vec<Object>> {
    let kind = Kind::of(Collection::WatchlistItems);
    let (mut rows, mut after) = (Vec::new(), String::new());
    loop {
        let page = tx.items(ws.key, kind.item, list, &after, ROWS)?;
        let Some((last, _)) = page.last() else { return Ok(rows) };
        after.clone_from(last);
        for (_, text) in &page {
            let row: StoredItem = decode(kind.what, text)?;
            let values = row.properties.get("itemsKeyValue").and_then(Value::as_object);
            rows.push(values.cloned().ok_or_else(|| Error::internal("a row of a watchlist has no values"))?);
        }
    }
}

/// The text of rows. The same rows give the same text, whatever they are called: they are sorted, and where not all have
/// the same columns in the same order, so are the columns, behind the search key.
fn content(rows: &[Object], key: &str, delimiter: char) -> String {
    let columns = columns(rows, key);
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            line(
                columns.iter().map(|column| row.get_ignore_case(column).map_or_else(String::new, cell)),
                delimiter,
            )
        })
        .collect();
    lines.sort_unstable();
    let header = line(columns.iter().map(Text::to_string), delimiter);
    std::iter::once(header).chain(lines).map(|line| line + "\n").collect()
}

fn columns(rows: &[Object], key: &str) -> Vec<Text> {
    let own = |row: &Object| row.keys().map(|name| Text::new(name.trim())).collect::<Vec<_>>();
    let first = rows.first().map(own).unwrap_or_default();
    if !first.is_empty()
        && rows.iter().all(|row| row.keys().map(|name| name.trim()).eq(first.iter().map(Text::as_str)))
    {
        return first;
    }
    let mut others: Vec<Text> = Vec::new();
    for name in rows.iter().flat_map(own) {
        let is_known = |known: &Text| known.eq_ignore_ascii_case(&name);
        if !name.is_empty() && !name.eq_ignore_ascii_case(key) && !others.iter().any(is_known) {
            others.push(name);
        }
    }
    others.sort_unstable();
    std::iter::once(Text::new(key)).chain(others).collect()
}

/// Fields in a line; in quotation marks what would be read otherwise without them, and a line that is blank.
fn line(fields: impl Iterator<Item = String>, delimiter: char) -> String {
    let mut line = String::new();
    for (place, field) in fields.enumerate() {
        if place > 0 {
            line.push(delimiter);
        }
        let is_plain = !field.contains([delimiter, '"', '\n', '\r']) && field.trim().len() == field.len();
        if is_plain {
            line.push_str(&field);
        } else {
            line.push('"');
            line.push_str(&field.replace('"', "\"\""));
            line.push('"');
        }
    }
    if line.is_empty() { "\"\"".to_owned() } else { line }
}

#[cfg(test)]
mod tests {
    use super::content;
    use riposte_value::{Object, Value, value};

    fn rows(given: &Value) -> Vec<Object> {
        given.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect()
    }

    #[test]
    fn rows_are_written_so_that_they_can_be_read() {
        for (given, delimiter, text) in [
            (
                value!([{"ip": "2.2.2.2", "n": 5}, {"ip": "1.1.1.1", "n": null}]),
                ',',
                "ip,n\n1.1.1.1,\n2.2.2.2,5\n",
            ),
            (
                value!([{"ip": "a,b", "n": "say \"x\""}, {"ip": " c", "n": "d\ne"}]),
                ',',
                "ip,n\n\" c\",\"d\ne\"\n\"a,b\",\"say \"\"x\"\"\"\n",
            ),
            (value!([{"ip": "a,b", "n": "x\ty"}]), '\t', "ip\tn\na,b\t\"x\ty\"\n"),
            // Rows that were put one by one need not have the same columns.
            (value!([{"z": 1, "ip": "b"}, {"IP": "a", "m": true}]), ',', "ip,m,z\na,true,\nb,,1\n"),
            (value!([]), ',', "ip\n"),
            (value!([{"ip": ""}]), ',', "ip\n\"\"\n"),
        ] {
            assert_eq!(content(&rows(&given), "ip", delimiter), text, "{given}");
        }
    }
}
