//! What watchlists hold, as conditions ask for it: per column the values, folded and in order.

use crate::condition::Needle;
use crate::subject::Prepared;
use riposte_incident::fold;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;
use std::fmt;
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

    /// Whether there is such a list, and whether that has such a column.
    pub fn knows(&self, alias: &str, column: Option<&str>) -> (bool, bool) {
        match self.get(&fold(alias.trim())) {
            None => (false, false),
            Some(list) => (true, list.column(column.map(|column| fold(column.trim())).as_deref()).is_some()),
        }
    }

    pub(crate) fn get(&self, folded_alias: &str) -> Option<&Watchlist> {
        self.lists.get(folded_alias).map(AsRef::as_ref)
    }
}

/// Where a rule asks a watchlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedWatchlist {
    /// The condition's place in the rule's `properties`.
    pub path: String,
    /// The list's alias.
    pub alias: Text,
    /// The column; none means the list's search key.
    pub column: Option<Text>,
}

impl AskedWatchlist {
    /// What of it is missing, if there is such a list or not and it has such a column or not.
    pub fn missing(&self, has_list: bool, has_column: bool) -> Option<MissingWatchlist> {
        let alias = self.alias.clone();
        match (&self.column, has_list) {
            (_, false) => Some(MissingWatchlist { alias, column: None }),
            (Some(column), true) if !has_column => {
                Some(MissingWatchlist { alias, column: Some(column.clone()) })
            }
            _ => None,
        }
    }
}

/// What a condition asks and there is not: a watchlist, or a column of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingWatchlist {
    /// The list's alias.
    pub alias: Text,
    /// The column that the list has not; none if there is no such list.
    pub column: Option<Text>,
}

impl fmt::Display for MissingWatchlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            None => write!(f, "there is no watchlist `{}`", self.alias),
            Some(column) => write!(f, "watchlist `{}` has no column `{column}`", self.alias),
        }
    }
}

impl<'p> Prepared<'p> {
    /// The column that a condition asks, or what of it is missing.
    pub(crate) fn column_of(
        &self,
        alias: &Needle,
        column: Option<&Needle>,
    ) -> Result<Column<'p>, MissingWatchlist> {
        let missing = |column: Option<&Needle>| MissingWatchlist {
            alias: alias.text().clone(),
            column: column.map(|column| column.text().clone()),
        };
        let list = self.subject.watchlists.and_then(|lists| lists.get(alias.folded()));
        let list = list.ok_or_else(|| missing(None))?;
        list.column(column.map(Needle::folded)).ok_or_else(|| missing(column))
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
