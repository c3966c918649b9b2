//! The watchlists that rules ask, in memory: those alone, since a workspace's watchlists may hold millions of rows.

use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::transaction::Transaction;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{fold, same};
use riposte_rules::{AskedWatchlist, AutomationRule, MissingWatchlist, Watchlist, Watchlists};
use riposte_store::{Item, Read, WorkspaceKey};
use riposte_value::{Object, Text, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows that are read at a time.
const ROWS: usize = 1_000;

impl Shared {
    /// Reads the watchlists that rules ask into memory.
    pub(crate) fn load_watchlists(&self, tx: &dyn Read) -> Result<()> {
        for workspace in tx.workspaces()? {
            let asked = self.rules_of(workspace.key).watchlists();
            let lists = watchlists(tx, workspace.key, &asked)?;
            self.watchlists.write().insert(workspace.key, Arc::new(lists));
        }
        Ok(())
    }

    /// The watchlists of a workspace that its rules ask.
    pub(crate) fn watchlists_of(&self, workspace: WorkspaceKey) -> Arc<Watchlists> {
        self.watchlists.read().get(&workspace).cloned().unwrap_or_default()
    }
}

/// What is known of a workspace's watchlists: for each by its folded alias what it is called, and what its columns are
/// as far as somebody asked.
#[derive(Default)]
pub(super) struct KnownWatchlists {
    lists: Option<BTreeMap<String, KnownWatchlist>>,
}

struct KnownWatchlist {
    name: String,
    search_key: String,
    columns: Option<BTreeSet<String>>,
}

impl KnownWatchlists {
    fn of(
        &mut self,
        tx: &dyn Read,
        workspace: WorkspaceKey,
    ) -> Result<&mut BTreeMap<String, KnownWatchlist>> {
        let known = match self.lists.take() {
            Some(known) => known,
            None => {
                let mut known = BTreeMap::new();
                for (name, doc) in tx.items(workspace, Item::Watchlist, "", "", usize::MAX)? {
                    let list = parsed(&doc)?;
                    let text = |member: &str| list.str_at(&["properties", member]).map(str::to_owned);
                    let alias = text("watchlistAlias").unwrap_or_else(|| name.clone());
                    let search_key = fold(text("itemsSearchKey").unwrap_or_default().trim());
                    let list = KnownWatchlist { name, search_key, columns: None };
                    known.insert(fold(alias.trim()), list);
                }
                known
            }
        };
        Ok(self.lists.insert(known))
    }
}

impl Shared {
    /// What is missing of a watchlist that a condition asks, as the store has it. A column is looked for in the first
    /// rows: those that were sent together have the same columns.
    pub(super) fn missing_watchlist(
        &self,
        tx: &dyn Read,
        workspace: WorkspaceKey,
        asked: &AskedWatchlist,
        known: &mut KnownWatchlists,
    ) -> Result<Option<MissingWatchlist>> {
        let Some(list) = known.of(tx, workspace)?.get_mut(&fold(asked.alias.trim())) else {
            return Ok(asked.missing(false, false));
        };
        let Some(column) = asked.column.as_ref().map(|column| fold(column.trim())) else { return Ok(None) };
        let columns = match list.columns.take() {
            Some(columns) => columns,
            None => {
                let mut columns = BTreeSet::from([list.search_key.clone()]);
                for (_, doc) in tx.items(workspace, Item::WatchlistItem, &list.name, "", ROWS)? {
                    let row = parsed(&doc)?;
                    let values = row.at(&["properties", "itemsKeyValue"]).and_then(Value::as_object);
                    columns.extend(values.into_iter().flat_map(Object::keys).map(|name| fold(name.trim())));
                }
                columns
            }
        };
        let has_column = list.columns.insert(columns).contains(&column)
            || self.watchlists_of(workspace).knows(&asked.alias, asked.column.as_deref()).1;
        Ok(asked.missing(true, has_column))
    }
}

/// What it is called that a watchlist or its column is not there.
pub(super) const fn watchlist_code(missing: &MissingWatchlist) -> &'static str {
    if missing.column.is_none() { "WatchlistNotFound" } else { "WatchlistColumnNotFound" }
}

/// What to do about it.
pub(super) const fn watchlist_help(missing: &MissingWatchlist) -> &'static str {
    if missing.column.is_none() {
        "make the watchlist, or correct `watchlistAlias`; a rule that asks it works as soon as it is there"
    } else {
        "add the column to the watchlist's rows, or correct `column`"
    }
}

impl Transaction<'_> {
    /// A rule may ask a watchlist that is not there yet; that is told, and again when the rule is evaluated.
    pub(super) fn missing_watchlists(
        &self,
        workspaces: &[WorkspaceKey],
        rule: &AutomationRule,
    ) -> Result<Vec<Diagnostic>> {
        let mut known: BTreeMap<WorkspaceKey, KnownWatchlists> = BTreeMap::new();
        let mut told = Vec::new();
        for asked in rule.asked_watchlists() {
            for key in workspaces {
                let known = known.entry(*key).or_default();
                let missing = self.shared.missing_watchlist(&*self.tx, *key, &asked, known)?;
                let Some(missing) = missing else { continue };
                let path = asked.path.replacen('$', "$.properties", 1);
                let message = format!("{missing}, so it cannot be said whether the condition holds");
                let warning = match missing.column {
                    None => Diagnostic::warning("WatchlistNotFound", message),
                    Some(_) => Diagnostic::warning("WatchlistColumnNotFound", message),
                };
                told.push(warning.at(path).help(watchlist_help(&missing)));
                break;
            }
        }
        Ok(told)
    }
}

/// The watchlists of a workspace that have these aliases.
pub(super) fn watchlists(tx: &dyn Read, workspace: WorkspaceKey, asked: &[Text]) -> Result<Watchlists> {
    let mut lists = Watchlists::default();
    if asked.is_empty() {
        return Ok(lists);
    }
    for (name, doc) in tx.items(workspace, Item::Watchlist, "", "", usize::MAX)? {
        let list = parsed(&doc)?;
        let text = |member: &str| list.str_at(&["properties", member]).map(str::to_owned);
        let alias = text("watchlistAlias").unwrap_or_else(|| name.clone());
        if asked.iter().any(|wanted| same(wanted.trim(), alias.trim())) {
            let key = text("itemsSearchKey").unwrap_or_default();
            let rows = rows(tx, workspace, &name)?;
            lists.insert(&alias, Arc::new(Watchlist::from_rows(&key, &rows)));
        }
    }
    Ok(lists)
}

fn rows(tx: &dyn Read, workspace: WorkspaceKey, list: &str) -> Result<Vec<Object>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let page = tx.items(workspace, Item::WatchlistItem, list, &after, ROWS)?;
        let Some((last, _)) = page.last() else { return Ok(rows) };
        after.clone_from(last);
        for (_, doc) in &page {
            let item = parsed(doc)?;
            rows.extend(item.at(&["properties", "itemsKeyValue"]).and_then(Value::as_object).cloned());
        }
    }
}

fn parsed(doc: &str) -> Result<Value> {
    json::parse(doc).map_err(|error| Error::internal(format!("a watchlist cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::watchlists;
    use riposte_incident::Alert;
    use riposte_rules::{AutomationRule, Subject, evaluate};
    use riposte_store::{Item, ResourceKey, Store};
    use riposte_value::{Value, value};

    fn rule(alias: &str) -> AutomationRule {
        let properties = value!({
            "displayName": "r", "order": 1,
            "triggeringLogic": { "isEnabled": true, "triggersOn": "Alerts", "triggersWhen": "Created" },
            "actions": [{ "order": 1, "actionType": "RunPlaybook", "actionConfiguration": { "logicAppResourceId": "/p" } }],
            "riposte": { "conditions": [{ "conditionType": "Watchlist", "conditionProperties":
                { "customDetail": "who", "operator": "In", "watchlistAlias": alias } }] }
        });
        AutomationRule::from_arm("r", &properties).0.unwrap()
    }

    fn alert(who: &str) -> Alert {
        let details = Value::object([("who", Value::array([Value::from(who)]))]);
        let extended = Value::object([("Custom Details", details)]);
        Alert::read(&value!({ "SystemAlertId": "a", "DisplayName": "x", "ExtendedProperties": extended }))
            .unwrap()
    }

    #[tokio::test]
    async fn the_watchlists_that_are_asked_are_read_with_all_their_rows() {
        let store = Store::in_memory().unwrap();
        let ws = store
            .write(|tx| {
                let ws = tx.put_workspace(&ResourceKey::new("/w"), "id", "w", "{}")?;
                let list = r#"{"name":"VIPs","properties":{"watchlistAlias":"VIPs","itemsSearchKey":"upn"}}"#;
                tx.put_item(ws, Item::Watchlist, "", "VIPs", list)?;
                for number in 0..2_500 {
                    let row =
                        format!(r#"{{"properties":{{"itemsKeyValue":{{"upn":"u{number}@contoso.com"}}}}}}"#);
                    tx.put_item(ws, Item::WatchlistItem, "VIPs", &format!("{number}"), &row)?;
                }
                Ok(ws)
            })
            .await
            .unwrap();
        for (alias, who, expected) in [
            ("vips", "U0@contoso.com", true),
            ("VIPS", "u2499@contoso.com", true),
            ("vips", "u2500@contoso.com", false),
            ("others", "u1@contoso.com", false),
        ] {
            let (rule, alerts) = (rule(alias), [alert(who)]);
            let asked = rule.watchlists();
            let lists = store.read(move |tx| Ok(watchlists(tx, ws, &asked))).await.unwrap().unwrap();
            let subject = Subject { alerts: &alerts, watchlists: Some(&lists), ..Subject::default() };
            assert_eq!(evaluate(&rule, &subject).matched, expected, "{alias} {who}");
        }
    }
}
