//! Watchlists: rows uploaded with the list.
//!
//! `rawContent` is the list's whole content: a write with it replaces the rows, a write without it leaves them. A row's
//! name is made from what stands in it, so that the same content gives the same rows.

use super::delimited::{CELLS_MAX, Record, records};
use super::kind::Kind;
use super::{Collection, ItemPlace, StoredItem, absent};
use crate::access::Caller;
use crate::clock::new_guid;
use crate::document::decode;
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_diagnostic::Diagnostic;
use riposte_store::Read;
use riposte_value::{Object, Text, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::{Handle, RuntimeFlavor};
use uuid::Uuid;

/// The longest `rawContent`. Azure takes 3.8 MB.
pub(super) const CONTENT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Content longer than this is read while other requests of the thread move to another one.
const LONG_FROM_BYTES: usize = 256 * 1024;

/// The rows of a watchlist, as a body gives them.
pub(super) struct Content {
    columns: Vec<Text>,
    rows: Vec<Vec<String>>,
}

impl Content {
    /// Reads the rows in a PUT body of a watchlist, if it gives any.
    pub(super) fn read(collection: Collection, body: &Value) -> Result<Option<Self>> {
        let properties = body.get_ignore_case("properties");
        let given = |name: &str| properties.and_then(|p| p.get_ignore_case(name)).filter(|v| !v.is_null());
        if collection != Collection::Watchlists {
            return Ok(None);
        }
        if given("sasUri").and_then(Value::as_str).is_some_and(|uri| !uri.trim().is_empty()) {
            let told = fault("sasUri", "a watchlist is not fetched from a storage account");
            return Err(Error::invalid(vec![told.help("send the rows in `rawContent`")]));
        }
        let text = match given("rawContent") {
            None => return Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) if text.len() > CONTENT_BYTES_MAX => {
                let bytes = text.len();
                let told = fault("rawContent", format!("`rawContent` has {bytes} bytes"));
                let help = format!("send at most {CONTENT_BYTES_MAX} bytes; more rows can be put one by one");
                return Err(Error::invalid(vec![told.help(help)]));
            }
            Some(Value::String(text)) => text,
            Some(other) => {
                let told = fault("rawContent", format!("`rawContent` must be a text, not {}", other.kind()));
                return Err(Error::invalid(vec![told]));
            }
        };
        let delimiter = delimiter(given("contentType").and_then(Value::as_str))?;
        let skip = given("numberOfLinesToSkip").and_then(Value::as_i64).unwrap_or(0);
        let key = given("itemsSearchKey").and_then(Value::as_str).unwrap_or_default();
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        aside(text.len(), || Self::parse(text, delimiter, skip, key))
            .map(Some)
            .map_err(|why| Error::invalid(vec![fault("rawContent", why)]))
    }

    fn parse(text: &str, delimiter: char, skip: usize, key: &str) -> std::result::Result<Self, String> {
        let mut records =
            records(text, delimiter, skip).map_err(|why| format!("`rawContent`: {why}"))?.into_iter();
        let Some(header) = records.next() else {
            return Err(format!("`rawContent` has no header after {skip} lines"));
        };
        let columns = columns(&header)?;
        if !columns.iter().any(|column| column.eq_ignore_ascii_case(key.trim())) {
            let names: Vec<&str> = columns.iter().map(Text::as_str).collect();
            return Err(format!(
                "`itemsSearchKey` '{key}' is no column of `rawContent`: {}",
                names.join(", ")
            ));
        }
        // Each row gets all columns, however few fields it has.
        let (count, width) = (records.len(), columns.len());
        if count.saturating_mul(width) > CELLS_MAX {
            return Err(format!(
                "`rawContent` has {count} rows of {width} columns; at most {CELLS_MAX} cells are taken"
            ));
        }
        let rows = records.map(|row| {
            if row.fields.len() > columns.len() {
                let (found, wanted) = (row.fields.len(), columns.len());
                return Err(format!(
                    "`rawContent`: line {} has {found} fields, the header has {wanted}",
                    row.line
                ));
            }
            Ok(row.fields)
        });
        Ok(Self { rows: rows.collect::<std::result::Result<_, _>>()?, columns })
    }

    /// The rows as `itemsKeyValue`, each with its name.
    fn items(&self, watchlist: Uuid) -> impl Iterator<Item = (String, Object)> + '_ {
        let mut seen: BTreeMap<Uuid, usize> = BTreeMap::new();
        self.rows.iter().map(move |row| {
            let fields = row.iter().map(String::as_str).chain(std::iter::repeat(""));
            let values: Object = self
                .columns
                .iter()
                .zip(fields)
                .map(|(column, field)| (column.clone(), Value::from(field)))
                .collect();
            let text = json::to_string(&Value::from(values.clone()));
            let first = Uuid::new_v5(&watchlist, text.as_bytes());
            let times = seen.entry(first).or_default();
            *times += 1;
            let name = match *times {
                1 => first,
                again => Uuid::new_v5(&first, again.to_string().as_bytes()),
            };
            (name.to_string(), values)
        })
    }
}

/// Refuses what lies below a watchlist that is not there.
pub(super) fn must_exist(tx: &dyn Read, ws: &Workspace, collection: Collection, parent: &str) -> Result<()> {
    if collection != Collection::WatchlistItems {
        return Ok(());
    }
    let place =
        ItemPlace { collection: Collection::Watchlists, parent: String::new(), name: parent.to_owned() };
    match StoredItem::of(tx, ws.key, &place)? {
        Some(_) => Ok(()),
        None => Err(absent(ws, &place)),
    }
}

impl Transaction<'_> {
    /// Puts these rows in the place of those that the watchlist has, where they are not the same.
    pub(super) fn fill_watchlist(
        &mut self,
        ws: &Workspace,
        watchlist: &mut StoredItem,
        content: &Content,
        caller: &Caller,
    ) -> Result<()> {
        let id = watchlist.properties.get("watchlistId").and_then(Value::as_str);
        let id = id.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(Uuid::NAMESPACE_OID);
        let rows: Vec<(String, Object)> = content.items(id).collect();
        if self.has_rows(ws, &watchlist.name, &rows)? {
            return Ok(());
        }
        let kind = Kind::of(Collection::WatchlistItems);
        let count = rows.len();
        self.tx.delete_items(ws.key, kind.item, &watchlist.name)?;
        for (name, values) in rows {
            let mut properties = Object::new();
            properties.insert("itemsKeyValue", values);
            kind.complete(&mut properties, &name, None);
            kind.stamp(&mut properties, None, &caller.actor, self.now);
            let item = StoredItem {
                name: Text::from(name),
                etag: new_guid(),
                kind: None,
                properties,
                incidents: Vec::new(),
            };
            self.keep_item(ws, Collection::WatchlistItems, &watchlist.name, &item)?;
        }
        self.rows_replaced(ws, watchlist, count, caller)
    }

    /// Other rows make another list: its etag and its audit tell.
    fn rows_replaced(
        &mut self,
        ws: &Workspace,
        watchlist: &mut StoredItem,
        count: usize,
        caller: &Caller,
    ) -> Result<()> {
        let kind = Kind::of(Collection::Watchlists);
        let before = watchlist.to_arm(&*self.tx, ws, kind, "")?;
        let known = watchlist.properties.clone();
        watchlist.etag = new_guid();
        kind.stamp(&mut watchlist.properties, Some(&known), &caller.actor, self.now);
        self.keep_item(ws, Collection::Watchlists, "", watchlist)?;
        let mut after = watchlist.to_arm(&*self.tx, ws, kind, "")?;
        if let Some(after) = after.as_object_mut() {
            after.insert("watchlistItemsReplacedBy", count);
        }
        self.audit_item(ws, kind, caller, Some(&before), Some(&after))
    }

    /// Whether a watchlist has these rows and no others, whatever they are called and in whichever order.
    fn has_rows(&self, ws: &Workspace, watchlist: &str, rows: &[(String, Object)]) -> Result<bool> {
        let kind = Kind::of(Collection::WatchlistItems);
        let known = self.tx.items(ws.key, kind.item, watchlist, "", rows.len().saturating_add(1))?;
        if known.len() != rows.len() {
            return Ok(false);
        }
        let mut wanted: Vec<Cells> = rows.iter().map(|(_, row)| cells(row)).collect();
        let mut found = Vec::with_capacity(known.len());
        for (_, text) in known {
            let item: StoredItem = decode(kind.what, &text)?;
            let values = item.properties.get("itemsKeyValue").and_then(Value::as_object);
            found.push(values.map(cells).unwrap_or_default());
        }
        wanted.sort_unstable();
        found.sort_unstable();
        Ok(wanted == found)
    }
}

/// The cells of a row that hold something, as text, by column.
type Cells = BTreeMap<String, String>;

fn cells(row: &Object) -> Cells {
    let cells = row.iter().map(|(column, value)| (column.trim().to_owned(), cell(value)));
    cells.filter(|(_, text)| !text.is_empty()).collect()
}

/// A value as the text of a cell.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    }
}

fn fault(property: &str, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("BadRequest", message).at(format!("$.properties.{property}"))
}

/// Reads a text of so many bytes; a long one takes its time, so other requests of this thread move to another one.
fn aside<T>(bytes: usize, read: impl FnOnce() -> T) -> T {
    let can_move =
        || Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
    if bytes > LONG_FROM_BYTES && can_move() { tokio::task::block_in_place(read) } else { read() }
}

/// What stands between fields, by the content's type; a comma if nothing is said.
pub(super) fn delimiter(content_type: Option<&str>) -> Result<char> {
    let plain =
        content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match plain.as_str() {
        "" | "text/csv" => Ok(','),
        "text/tsv" | "text/tab-separated-values" => Ok('\t'),
        other => {
            let told = fault("contentType", format!("`contentType` '{other}' is not offered"));
            Err(Error::invalid(vec![told.help("send `text/csv` or `text/tsv`")]))
        }
    }
}

/// The names of the columns, none empty, none twice.
fn columns(header: &Record) -> std::result::Result<Vec<Text>, String> {
    let columns: Vec<Text> = header.fields.iter().map(|name| Text::new(name.trim())).collect();
    let mut seen = BTreeSet::new();
    for (at, column) in columns.iter().enumerate() {
        if column.is_empty() {
            return Err(format!("`rawContent`: column {} in line {} has no name", at + 1, header.line));
        }
        if !seen.insert(column.to_ascii_lowercase()) {
            return Err(format!("`rawContent`: two columns in line {} are named '{column}'", header.line));
        }
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn rows(text: &str, key: &str) -> std::result::Result<Vec<(String, Object)>, String> {
        Ok(Content::parse(text, ',', 0, key)?.items(Uuid::NAMESPACE_DNS).collect())
    }

    #[test]
    fn rows_have_names_of_their_own_that_stay() {
        let first = rows("ip,note\n1.1.1.1,a\n1.1.1.1,a\n2.2.2.2\n", "IP").unwrap();
        assert_eq!(first.len(), 3);
        let names: std::collections::BTreeSet<_> = first.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), 3, "the same row twice is two rows");
        assert_eq!(first, rows("ip,note\n1.1.1.1,a\n1.1.1.1,a\n2.2.2.2,\n", "ip").unwrap());
        assert_eq!(first[2].1.get("note"), Some(&Value::from("")));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        for (text, key, told) in [
            ("a,b\n1,2\n", "c", "no column of `rawContent`: a, b"),
            ("a,b\n1,2,3\n", "a", "line 2 has 3 fields, the header has 2"),
            ("a,A\n", "a", "two columns in line 1"),
            ("a,\n", "a", "column 2 in line 1 has no name"),
            ("a\n\"x\n", "a", "line 2 is not closed"),
        ] {
            let why = rows(text, key).unwrap_err();
            assert!(why.contains(told), "{why}");
        }
        let Err(why) = Content::parse("a\nb\n", ',', 9_000_000_000_000_000_000, "a") else {
            panic!("more lines are passed over than there are")
        };
        assert!(why.contains("2 lines, fewer than `numberOfLinesToSkip`"), "{why}");
        assert!(delimiter(Some("Text/Csv; charset=utf-8")).is_ok());
        assert!(delimiter(Some("application/json")).is_err());
    }

    #[test]
    fn short_rows_count_with_all_columns() {
        let header: Vec<String> = (0..1_000).map(|number| format!("c{number}")).collect();
        let text = |rows: usize| format!("{}\n{}", header.join(","), "x\n".repeat(rows));
        assert!(Content::parse(&text(1_000), ',', 0, "c0").is_ok());
        let Err(why) = Content::parse(&text(1_001), ',', 0, "c0") else { panic!("too many cells are taken") };
        assert!(why.contains("1001 rows of 1000 columns"), "{why}");
    }

    #[test]
    fn content_has_a_greatest_length() {
        let body = |bytes: usize| {
            let raw = format!("a\n{}", "x".repeat(bytes - 2));
            value!({"properties": {"itemsSearchKey": "a", "rawContent": raw}})
        };
        assert!(Content::read(Collection::Watchlists, &body(CONTENT_BYTES_MAX)).is_ok());
        let Err(error) = Content::read(Collection::Watchlists, &body(CONTENT_BYTES_MAX + 1)) else {
            panic!("content of any length is taken")
        };
        assert!(error.message.contains("10485761 bytes"), "{error:?}");
    }
}
