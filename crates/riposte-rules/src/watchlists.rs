//! What watchlists hold, as conditions ask for it: per column the values, folded and in order.

use riposte_incident::fold;
use riposte_value::{Object, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The watchlists that conditions can ask, by alias without regard to case.
#[derive(Debug, Clone, Default)]
pub struct Watchlists {
    lists: BTreeMap<Box<str>, Arc<Watchlist>>,
}

/// What one watchlist holds.
#[derive(Debug, Clone, Default)]
pub struct Watchlist {
    search_key: Box<str>,
    columns: BTreeMap<Box<str>, Vec<Box<str>>>,
}

impl Watchlist {
    /// Makes a watchlist of its rows (each an object of columns) and the column that is its search key. Numbers and
    /// truth values count as their text; null and empty text are no values.
    pub fn from_rows<'r>(search_key: &str, rows: impl IntoIterator<Item = &'r Object>) -> Self {
        let mut columns: BTreeMap<Box<str>, Vec<Box<str>>> = BTreeMap::new();
        for row in rows {
            for (name, value) in row {
                let text = match value {
                    Value::Null => String::new(),
                    Value::String(text) => fold(text.trim()),
                    other => fold(&other.to_string()),
                };
                let column = fold(name.trim()).into_boxed_str();
                let values = columns.entry(column).or_default();
                if !text.is_empty() {
                    values.push(text.into_boxed_str());
                }
            }
        }
        for values in columns.values_mut() {
            values.sort_unstable();
            values.dedup();
        }
        Self { search_key: fold(search_key.trim()).into_boxed_str(), columns }
    }

    /// The values of a column, or of the search key; none if there is no such column.
    pub(crate) fn column(&self, folded: Option<&str>) -> Option<Column<'_>> {
        let name = folded.unwrap_or(&self.search_key);
        match self.columns.get(name) {
            Some(values) => Some(Column { values }),
            // a list without rows has no columns to know; its search key is a column all the same
            None if name == &*self.search_key => Some(Column { values: &[] }),
            None => None,
        }
    }
}

impl Watchlists {
    /// Adds a watchlist under its alias, in place of one of the same alias.
    pub fn insert(&mut self, alias: &str, list: Arc<Watchlist>) {
        self.lists.insert(fold(alias.trim()).into_boxed_str(), list);
    }

    /// With a watchlist of these rows.
    pub fn with<'r>(
        mut self,
        alias: &str,
        search_key: &str,
        rows: impl IntoIterator<Item = &'r Object>,
    ) -> Self {
        self.insert(alias, Arc::new(Watchlist::from_rows(search_key, rows)));
        self
    }

    pub(crate) fn get(&self, folded_alias: &str) -> Option<&Watchlist> {
        self.lists.get(folded_alias).map(AsRef::as_ref)
    }
}

/// One column of a watchlist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'w> {
    values: &'w [Box<str>],
}

impl Column<'_> {
    /// Whether a folded text stands in it.
    pub(crate) fn contains(self, folded: &str) -> bool {
        self.values.binary_search_by(|value| (**value).cmp(folded)).is_ok()
    }
}
