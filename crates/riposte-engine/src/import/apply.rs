//! Applying an import in one transaction; a plan is the same, rolled back.

use super::plan::{Kind, Placement, Planned};
use super::{ImportRequest, Imported};
use crate::Engine;
use crate::access::{Caller, PreparedAssignment, automation_grant};
use crate::analytics::{PreparedAction, PreparedAnalyticsRule};
use crate::audit::changes;
use crate::collections::PreparedWatchlist;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::connections::{Announced, ConnectionState, PreparedConnection};
use crate::playbooks::{PlaybookState, PreparedPlaybook};
use crate::rules::{PreparedRule, TENANT_SCOPE};
use crate::shared::Shared;
use crate::workspaces::{Workspace, new_reference, of_row};
use riposte_diagnostic::Diagnostic;
use riposte_incident::WorkspaceRef;
use riposte_store::ResourceKey;
use riposte_value::Value;
use std::sync::Arc;

/// A resource, checked, and what is done with it.
enum Step {
    Connection(PreparedConnection),
    Playbook(Box<PreparedPlaybook>),
    RoleAssignment(PreparedAssignment),
    Workspace(WorkspaceRef),
    AnalyticsRule(WorkspaceRef, Box<PreparedAnalyticsRule>),
    AnalyticsRuleAction(WorkspaceRef, PreparedAction),
    Watchlist(WorkspaceRef, Box<PreparedWatchlist>),
    Rule(WorkspaceRef, Box<PreparedRule>),
    TenantRule(Box<PreparedRule>),
    Nothing,
    Failed,
}

impl Engine {
    pub(super) async fn apply_import(
        &self,
        mut planned: Vec<Planned>,
        placement: &Placement,
        request: &ImportRequest,
        any_failed: bool,
        caller: &Caller,
    ) -> Result<Vec<Imported>> {
        planned.sort_by_key(|one| one.group);
        let announced: Announced = planned
            .iter()
            .filter(|one| one.group == Kind::Connection)
            .map(|one| (ResourceKey::new(one.id.key()), ConnectionState::announced(&one.body).map(Arc::new)))
            .collect();
        let mut steps = Vec::with_capacity(planned.len());
        for mut one in planned {
            let prepared = self.prepare(&one, &announced, caller).await;
            let step = prepared.unwrap_or_else(|error| {
                let told = diagnostics_of(error).into_iter().map(|d| place(d, &one.file, &one.path));
                one.diagnostics.extend(told);
                Step::Failed
            });
            steps.push((one, step));
        }
        let grant = request.grant_automation.then(|| {
            let scope = format!(
                "/subscriptions/{}/resourceGroups/{}",
                placement.subscription, placement.resource_group
            );
            automation_grant(&scope)
        });
        if let Some(grant) = &grant {
            self.authorize(caller, "Microsoft.Authorization/roleAssignments/write", grant.scope())?;
        }
        // With what fails the files do not say what there is to be: nothing is applied then.
        let is_whole = !any_failed && !steps.iter().any(|(_, step)| matches!(step, Step::Failed));
        let keep = if request.prune { Some(self.prune_scope(placement).await?) } else { None };
        let rehearsal = request.plan || (request.prune && !is_whole);
        let mut imported = self.commit_import(steps, grant, keep, rehearsal, caller).await?;
        let is_whole = is_whole && !imported.iter().any(|one| one.result == "failed");
        if request.prune && !is_whole {
            imported.iter_mut().for_each(leave_off);
        }
        if !rehearsal {
            self.shared.refresh().await?;
        }
        Ok(imported)
    }

    /// Where resources that no file holds are removed: the workspace, if there is one, and the resource group.
    async fn prune_scope(&self, placement: &Placement) -> Result<(Option<Workspace>, ResourceKey)> {
        let Placement { subscription, resource_group, workspace } = placement;
        let ws = self.workspace_at(subscription, resource_group, workspace).await.ok();
        let group =
            ResourceKey::new(&format!("/subscriptions/{subscription}/resourceGroups/{resource_group}"));
        Ok((ws, group))
    }

    /// Checks a resource and what the caller may do, without changing anything that a plan must not change.
    async fn prepare(&self, one: &Planned, announced: &Announced, caller: &Caller) -> Result<Step> {
        let id = one.id.to_string();
        match one.group {
            Kind::Other => {}
            Kind::TenantRule => {
                self.authorize(caller, "Microsoft.SecurityInsights/automationRules/write", TENANT_SCOPE)?;
            }
            _ => self.authorize(caller, &format!("{}/write", one.kind), &id)?,
        }
        Ok(match one.group {
            Kind::Connection => Step::Connection(PreparedConnection::new(&self.shared, &id, &one.body)?),
            Kind::Playbook => Step::Playbook(Box::new(PreparedPlaybook::new(
                &self.shared,
                &id,
                &one.body,
                announced,
                caller,
            )?)),
            Kind::RoleAssignment => Step::RoleAssignment(PreparedAssignment::new(&id, &one.body)?),
            Kind::AnalyticsRule => {
                let rule = PreparedAnalyticsRule::new(one.id.name(), &one.body)?;
                Step::AnalyticsRule(self.own_place_of(one, caller).await?, Box::new(rule))
            }
            Kind::AnalyticsRuleAction => {
                let rule = one.id.name_of("alertRules").unwrap_or_default();
                let action = PreparedAction::new(rule, one.id.name(), &one.body)?;
                Step::AnalyticsRuleAction(self.own_place_of(one, caller).await?, action)
            }
            Kind::Watchlist => {
                let list = PreparedWatchlist::new(one.id.name(), &one.body)?;
                Step::Watchlist(self.own_place_of(one, caller).await?, Box::new(list))
            }
            Kind::TenantRule => {
                Step::TenantRule(Box::new(PreparedRule::for_several(one.id.name(), &one.body)?))
            }
            Kind::AutomationRule => {
                let rule = PreparedRule::new(one.id.name(), &one.body)?;
                rule.check_scope()?;
                Step::Rule(self.own_place_of(one, caller).await?, Box::new(rule))
            }
            Kind::Workspace => Step::Workspace(self.place_of(one, one.id.name(), caller).await?),
            Kind::Other => Step::Nothing,
        })
    }

    /// The workspace whose id is a part of a resource's.
    async fn own_place_of(&self, one: &Planned, caller: &Caller) -> Result<WorkspaceRef> {
        self.place_of(one, one.id.name_of("workspaces").unwrap_or_default(), caller).await
    }

    /// The workspace that a resource belongs to. One that is not there is made with the import, by who may.
    async fn place_of(&self, one: &Planned, workspace: &str, caller: &Caller) -> Result<WorkspaceRef> {
        let subscription = one.id.subscription_id().unwrap_or_default();
        let group = one.id.resource_group().unwrap_or_default();
        if let Ok(known) = self.workspace_at(subscription, group, workspace).await {
            return Ok(known.reference);
        }
        let guid = one.body.str_at(&["properties", "customerId"]).map(str::to_owned);
        let reference = new_reference(subscription, group, workspace, guid)?;
        self.authorize(caller, "Microsoft.OperationalInsights/workspaces/write", &reference.arm_id())?;
        Ok(reference)
    }

    async fn commit_import(
        &self,
        steps: Vec<(Planned, Step)>,
        grant: Option<PreparedAssignment>,
        prune: Option<(Option<Workspace>, ResourceKey)>,
        plan: bool,
        caller: &Caller,
    ) -> Result<Vec<Imported>> {
        let caller = caller.clone();
        self.shared
            .rehearse(plan, move |t| {
                let mut imported = Vec::with_capacity(steps.len());
                // First, so that rules are judged with it.
                let granted = grant
                    .map(|grant| Ok::<_, Error>((t.save_assignment(&grant, &caller)?, grant)))
                    .transpose()?;
                let held: Vec<(Kind, String)> =
                    steps.iter().map(|(one, _)| (one.group, one.id.key().to_owned())).collect();
                for (one, step) in steps {
                    let made = t.place_for(&step, &caller)?;
                    let before = t.shown(&one)?;
                    let (result, more) = t.apply_step(&one, step, &caller)?;
                    let changes = match before {
                        Some(before) if result == "updated" || result == "disabled" => {
                            changes(Some(&before), t.shown(&one)?.as_ref())
                        }
                        _ => Vec::new(),
                    };
                    let diagnostics = one
                        .diagnostics
                        .into_iter()
                        .chain(made.map(|told| told.in_file(&one.file)))
                        .chain(more.into_iter().map(|d| place(d, &one.file, &one.path)));
                    imported.push(Imported {
                        id: one.id.to_string(),
                        kind: one.kind,
                        result,
                        diagnostics: diagnostics.collect(),
                        changes,
                    });
                }
                if let Some((created, grant)) = granted {
                    imported.push(Imported {
                        id: grant.id().to_owned(),
                        kind: "Microsoft.Authorization/roleAssignments".to_owned(),
                        result: if created { "created" } else { "unchanged" },
                        diagnostics: Vec::new(),
                        changes: Vec::new(),
                    });
                }
                if let Some((ws, group)) = prune {
                    // What fails here makes the whole import fail: it is rolled back.
                    let is_whole = !imported.iter().any(|one| one.result == "failed");
                    imported.extend(t.prune(ws.as_ref(), &group, &held, &caller)?);
                    return Ok((imported, is_whole));
                }
                Ok((imported, true))
            })
            .await
    }
}

impl crate::transaction::Transaction<'_> {
    /// Makes the workspace of a resource, if it is not there, and tells of it.
    fn place_for(&mut self, step: &Step, caller: &Caller) -> Result<Option<Diagnostic>> {
        let (Step::AnalyticsRule(reference, _)
        | Step::AnalyticsRuleAction(reference, _)
        | Step::Rule(reference, _)) = step
        else {
            return Ok(None);
        };
        let (created, ws) = self.ensure_workspace(reference, caller)?;
        let why = format!("there is no workspace `{}` yet; it is made", ws.reference.name);
        Ok(created.then(|| Diagnostic::info("WorkspaceMade", why)))
    }

    fn apply_step(
        &mut self,
        one: &Planned,
        step: Step,
        caller: &Caller,
    ) -> Result<(&'static str, Vec<Diagnostic>)> {
        Ok(match step {
            Step::Connection(prepared) => (self.import_connection(&prepared, caller)?, Vec::new()),
            Step::Playbook(prepared) => {
                let (created, written) = self.save_playbook(&prepared, caller)?;
                let diagnostics = prepared.diagnostics.clone();
                let unrunnable = riposte_diagnostic::has_errors(&diagnostics);
                match (prepared.state(), unrunnable) {
                    (PlaybookState::Disabled, true) => ("disabled", diagnostics),
                    _ => (written_as(created, written), diagnostics),
                }
            }
            Step::RoleAssignment(prepared) => {
                let told = match self.unknown_principal(&prepared) {
                    Ok(told) => told,
                    Err(error) if error.kind == ErrorKind::BadRequest => {
                        return Ok(("failed", diagnostics_of(error)));
                    }
                    Err(error) => return Err(error),
                };
                (written_as(self.save_assignment(&prepared, caller)?, true), told.into_iter().collect())
            }
            Step::Workspace(reference) => {
                let (created, _) = self.ensure_workspace(&reference, caller)?;
                (written_as(created, false), Vec::new())
            }
            Step::AnalyticsRule(reference, prepared) => {
                let (_, ws) = self.ensure_workspace(&reference, caller)?;
                let (created, written, diagnostics) = self.save_analytics_rule(&ws, &prepared, caller)?;
                (written_as(created, written), diagnostics)
            }
            Step::AnalyticsRuleAction(reference, prepared) => {
                let (_, ws) = self.ensure_workspace(&reference, caller)?;
                let (created, written, diagnostics) = self.save_action(&ws, &prepared, caller)?;
                (written_as(created, written), diagnostics)
            }
            Step::Watchlist(reference, prepared) => {
                let (_, ws) = self.ensure_workspace(&reference, caller)?;
                let (created, written) = self.save_watchlist(&ws, *prepared, caller)?;
                (written_as(created, written), Vec::new())
            }
            Step::TenantRule(prepared) => match self.save_tenant_rule(&prepared, caller) {
                Ok((created, written, diagnostics)) => (written_as(created, written), diagnostics),
                // It may name a workspace that there is not, which is known when the others are made.
                Err(error) if error.kind == ErrorKind::BadRequest => ("failed", diagnostics_of(error)),
                Err(error) => return Err(error),
            },
            Step::Rule(reference, prepared) => {
                let (_, ws) = self.ensure_workspace(&reference, caller)?;
                let (created, written, diagnostics) = self.save_rule(&ws, &prepared, caller)?;
                (written_as(created, written), diagnostics)
            }
            Step::Nothing => {
                let message = format!("resources of type `{}` are not kept here", one.kind);
                ("unchanged", vec![Diagnostic::info("ResourceTypeIgnored", message)])
            }
            Step::Failed => ("failed", Vec::new()),
        })
    }

    /// A resource as it stands, if it is there and is one of those whose changes are told.
    fn shown(&self, one: &Planned) -> Result<Option<Value>> {
        let key = ResourceKey::new(one.id.key());
        match one.group {
            Kind::Playbook => self.shown_playbook(&key),
            Kind::Connection => {
                let row = self.tx.connection(&key)?;
                row.map(|row| crate::document::decode("connection", &row.doc)).transpose()
            }
            Kind::AutomationRule => match self.own_workspace_of(one)? {
                Some(ws) => self.shown_rule(&ws, one.id.name()),
                None => Ok(None),
            },
            Kind::AnalyticsRule => match self.own_workspace_of(one)? {
                Some(ws) => self.shown_analytics_rule(&ws, one.id.name()),
                None => Ok(None),
            },
            Kind::AnalyticsRuleAction => match self.own_workspace_of(one)? {
                Some(ws) => {
                    self.shown_action(&ws, one.id.name_of("alertRules").unwrap_or_default(), one.id.name())
                }
                None => Ok(None),
            },
            Kind::Watchlist => match self.own_workspace_of(one)? {
                Some(ws) => self.shown_watchlist(&ws, one.id.name()),
                None => Ok(None),
            },
            Kind::TenantRule => self.shown_tenant_rule(one.id.name()),
            Kind::Workspace | Kind::RoleAssignment | Kind::Other => Ok(None),
        }
    }

    /// The workspace whose id is a part of a resource's, if it is there.
    fn own_workspace_of(&self, one: &Planned) -> Result<Option<Workspace>> {
        let subscription = one.id.subscription_id().unwrap_or_default();
        let group = one.id.resource_group().unwrap_or_default();
        let name = one.id.name_of("workspaces").unwrap_or_default();
        let id = crate::workspaces::arm_id(subscription, group, name);
        self.tx.workspace_by_resource(&ResourceKey::new(&id))?.map(|row| of_row(&row)).transpose()
    }

    fn import_connection(&mut self, prepared: &PreparedConnection, caller: &Caller) -> Result<&'static str> {
        let before = self.tx.connection(prepared.key())?;
        let (created, row) = self.save_connection(prepared, caller)?;
        let same = before.is_some_and(|before| before.doc == row.doc && !prepared.has_secret());
        Ok(written_as(created, !same))
    }
}

impl Shared {
    /// As [`Shared::transact`]. A rehearsal is rolled back, and so is a change that says that it is not to be kept.
    async fn rehearse<T, F>(self: &Arc<Self>, rehearsal: bool, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut crate::transaction::Transaction<'_>) -> Result<(T, bool)> + Send + 'static,
    {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let done = self
            .transact::<(), _>(move |t| {
                let (value, is_to_be_kept) = change(t)?;
                let is_kept = is_to_be_kept && !rehearsal;
                // The receiver waits below.
                let _ = sender.send((value, is_kept));
                if is_kept { Ok(()) } else { Err(Error::internal("rolled back: this was a plan")) }
            })
            .await;
        match (receiver.await, done) {
            (Ok((value, false)), _) | (Ok((value, true)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error),
            (Err(_), Ok(())) => Err(Error::internal("the plan was lost")),
        }
    }
}

/// What would have become of a resource, if the import had been applied.
fn leave_off(one: &mut Imported) {
    if matches!(one.result, "failed" | "unchanged") {
        return;
    }
    let message = format!("nothing is applied, because something failed; this would be {}", one.result);
    let diagnostic = Diagnostic::warning("NotApplied", message);
    one.diagnostics.push(diagnostic.help("mend what failed, or leave it out of the import"));
    one.result = "unchanged";
}

fn written_as(created: bool, written: bool) -> &'static str {
    match (created, written) {
        (true, _) => "created",
        (false, true) => "updated",
        (false, false) => "unchanged",
    }
}

/// A diagnostic of a resource, as one of the file that it stands in.
fn place(mut diagnostic: Diagnostic, file: &str, path: &str) -> Diagnostic {
    let below = diagnostic.location.path.take();
    let below = below.as_deref().and_then(|below| below.strip_prefix('$')).unwrap_or_default();
    diagnostic.location.path = Some(format!("{path}{below}"));
    diagnostic.in_file(file)
}

fn diagnostics_of(error: Error) -> Vec<Diagnostic> {
    if error.diagnostics.is_empty() {
        return vec![Diagnostic::error(error.code, error.message)];
    }
    error.diagnostics
}
