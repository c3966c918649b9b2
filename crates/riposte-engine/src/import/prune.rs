//! What an import removes: what no file holds, of the kinds of which the files hold something. A folder of rules does not
//! speak of playbooks; an analytics rule that a file holds speaks of its actions.

use super::Imported;
use super::plan::Kind;
use crate::access::Caller;
use crate::document::decode;
use crate::error::Result;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_store::ResourceKey;
use riposte_value::Value;

/// What the files hold: the kinds and ids of resources.
struct Held<'a>(&'a [(Kind, String)]);

impl Held<'_> {
    fn speaks_of(&self, kind: Kind) -> bool {
        self.0.iter().any(|(held, _)| *held == kind)
    }

    fn holds(&self, id: &str) -> bool {
        self.0.iter().any(|(_, key)| key.eq_ignore_ascii_case(id))
    }
}

fn deleted(id: String, kind: &str) -> Imported {
    let (kind, result) = (kind.to_owned(), "deleted");
    Imported { id, kind, result, diagnostics: Vec::new(), changes: Vec::new() }
}

impl Transaction<'_> {
    /// Removes what no file holds: rules and watchlists of the workspace, playbooks of the resource group, and the actions of
    /// those analytics rules that stay.
    pub(super) fn prune(
        &mut self,
        ws: Option<&Workspace>,
        group: &ResourceKey,
        held: &[(Kind, String)],
        caller: &Caller,
    ) -> Result<Vec<Imported>> {
        let held = Held(held);
        let mut removed = Vec::new();
        if let Some(ws) = ws {
            self.prune_automation_rules(ws, &held, caller, &mut removed)?;
            self.prune_analytics_rules(ws, &held, caller, &mut removed)?;
            self.prune_watchlists(ws, &held, caller, &mut removed)?;
        }
        let playbooks = if held.speaks_of(Kind::Playbook) { self.tx.playbooks(group)? } else { Vec::new() };
        for row in playbooks {
            if !held.holds(row.resource.as_str()) {
                self.shared.authorize(caller, "Microsoft.Logic/workflows/delete", row.resource.as_str())?;
                self.remove_playbook(&row.resource, caller)?;
                removed.push(deleted(row.resource.to_string(), "Microsoft.Logic/workflows"));
            }
        }
        Ok(removed)
    }

    fn prune_automation_rules(
        &mut self,
        ws: &Workspace,
        held: &Held<'_>,
        caller: &Caller,
        removed: &mut Vec<Imported>,
    ) -> Result<()> {
        if !held.speaks_of(Kind::AutomationRule) {
            return Ok(());
        }
        for text in self.tx.automation_rules(ws.key)? {
            let rule: Value = decode("automation rule", &text)?;
            let name = rule.str_at(&["name"]).unwrap_or_default();
            let id = ws.reference.resource_id("automationRules", name);
            if !held.holds(&id) {
                let action = "Microsoft.SecurityInsights/automationRules/delete";
                self.shared.authorize(caller, action, &id)?;
                self.remove_rule(ws, name, caller)?;
                removed.push(deleted(id, "Microsoft.SecurityInsights/automationRules"));
            }
        }
        Ok(())
    }

    fn prune_analytics_rules(
        &mut self,
        ws: &Workspace,
        held: &Held<'_>,
        caller: &Caller,
        removed: &mut Vec<Imported>,
    ) -> Result<()> {
        if !held.speaks_of(Kind::AnalyticsRule) {
            return Ok(());
        }
        for rule in self.analytics_rule_names(ws)? {
            let id = ws.reference.alert_rule_id(&rule);
            if !held.holds(&id) {
                self.shared.authorize(caller, "Microsoft.SecurityInsights/alertRules/delete", &id)?;
                self.remove_analytics_rule(ws, &rule, caller)?;
                removed.push(deleted(id, riposte_incident::ANALYTICS_RULE_TYPE));
                continue;
            }
            for name in self.action_names(ws, &rule)? {
                let id = format!("{id}/actions/{name}");
                if !held.holds(&id) {
                    let action = "Microsoft.SecurityInsights/alertRules/actions/delete";
                    self.shared.authorize(caller, action, &id)?;
                    self.remove_action(ws, &rule, &name, caller)?;
                    removed.push(deleted(id, "Microsoft.SecurityInsights/alertRules/actions"));
                }
            }
        }
        Ok(())
    }

    fn prune_watchlists(
        &mut self,
        ws: &Workspace,
        held: &Held<'_>,
        caller: &Caller,
        removed: &mut Vec<Imported>,
    ) -> Result<()> {
        if !held.speaks_of(Kind::Watchlist) {
            return Ok(());
        }
        for name in self.watchlist_names(ws)? {
            let id = ws.reference.resource_id("watchlists", &name);
            if !held.holds(&id) {
                self.shared.authorize(caller, "Microsoft.SecurityInsights/watchlists/delete", &id)?;
                self.remove_watchlist(ws, &name, caller)?;
                removed.push(deleted(id, "Microsoft.SecurityInsights/watchlists"));
            }
        }
        Ok(())
    }
}
