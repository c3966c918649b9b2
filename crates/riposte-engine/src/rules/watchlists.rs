//! The watchlists that rules ask, in memory: those alone, since a workspace's watchlists may hold millions of rows.

use crate::error::{Error, Result};
use crate::shared::Shared;
use riposte_rules::{Watchlist, Watchlists};
use riposte_store::{Item, Read, WorkspaceKey};
use riposte_value::{Object, Text, Value, json};
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
        if asked.iter().any(|wanted| riposte_incident::same(wanted.trim(), alias.trim())) {
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
