//! A job's view of the database. The statements are in [`crate::tables`], one file a group of tables; the traits are
//! one list of methods, and each forwards to the group that it belongs to.

use crate::sql::{Param, Params, Row, Sql};
use crate::{
    ConnectionRow, Error, EvaluationRow, EventRow, EventSubject, Generations, GroupRow, IncidentList,
    IncidentRow, Item, Log, NodeKey, Part, PlaybookRow, Read, ResourceKey, Result, RunProgress, RunRow,
    TakenOver, TriggerRow, WorkspaceKey, WorkspaceRow, Write,
};
use std::cell::RefCell;
use std::time::Duration;

/// One job on a connection.
pub(crate) struct Session<'c> {
    pub(crate) sql: &'c dyn Sql,
    /// The node in whose name the job was given.
    pub(crate) node: NodeKey,
    /// Why a statement failed. A job that goes on all the same is not kept: PostgreSQL would not keep it either.
    failure: RefCell<Option<Error>>,
}

impl<'c> Session<'c> {
    pub(crate) fn new(sql: &'c dyn Sql, node: NodeKey) -> Self {
        Self { sql, node, failure: RefCell::new(None) }
    }

    /// Waits for what the job has sent off; the first failure of its statements.
    pub(crate) fn finish(self) -> Result<()> {
        let settled = self.sql.settle();
        match self.failure.into_inner() {
            Some(first) => Err(first),
            None => settled,
        }
    }

    fn note<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result {
            self.failure.borrow_mut().get_or_insert_with(|| error.clone());
        }
        result
    }

    /// Runs a statement.
    pub(crate) fn run_statement(&self, sql: &'static str, params: impl Params) -> Result<()> {
        self.note(storable(params, |params| self.sql.run(sql, params)))
    }

    /// Makes sure that the transaction has a turn of its own among those that write.
    pub(crate) fn take_turn(&self) -> Result<()> {
        self.note(self.sql.take_turn())
    }

    /// Runs a statement, and refuses the whole job with `otherwise` where it touches no row.
    pub(crate) fn require(&self, sql: &'static str, params: impl Params, otherwise: Error) -> Result<()> {
        self.note(storable(params, |params| self.sql.require(sql, params, otherwise)))
    }

    /// Runs a statement; whether it changed anything.
    pub(crate) fn changes(&self, sql: &'static str, params: impl Params) -> Result<bool> {
        self.note(storable(params, |params| self.sql.count(sql, params))).map(|count| count > 0)
    }

    pub(crate) fn one<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let (mut map, mut found) = (Some(map), None);
        let mut first = |row: &Row<'_>| {
            found = map.take().map(|map| map(row)).transpose()?;
            Ok(false)
        };
        self.note(storable(params, |params| self.sql.rows(sql, params, &mut first)))?;
        Ok(found)
    }

    pub(crate) fn all<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut each = |row: &Row<'_>| {
            found.push(map(row)?);
            Ok(true)
        };
        self.note(storable(params, |params| self.sql.rows(sql, params, &mut each)))?;
        Ok(found)
    }

    /// Shows rows until `each` answers false.
    pub(crate) fn each(
        &self,
        sql: &'static str,
        params: impl Params,
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        self.note(storable(params, |params| self.sql.rows(sql, params, each)))
    }

    pub(crate) fn doc(&self, sql: &'static str, params: impl Params) -> Result<Option<String>> {
        self.one(sql, params, |row| row.get(0))
    }

    pub(crate) fn docs(&self, sql: &'static str, params: impl Params) -> Result<Vec<String>> {
        self.all(sql, params, |row| row.get(0))
    }
}

/// Gives parameters to a statement, if they can be kept.
fn storable<T>(params: impl Params, take: impl FnOnce(&[Param<'_>]) -> Result<T>) -> Result<T> {
    let has_nul = |param: &Param<'_>| matches!(param, Param::Text(text) if text.contains('\0'));
    params.give(|params| if params.iter().any(has_nul) { Err(Error::Unstorable) } else { take(params) })
}

/// A count for SQL.
pub(crate) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

macro_rules! forward {
    ($(fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $out:ty;)+) => {
        $(fn $name(&self $(, $arg: $type)*) -> $out { Session::$name(self $(, $arg)*) })+
    };
}
macro_rules! forward_mut {
    ($(fn $name:ident(&mut self $(, $arg:ident: $type:ty)*) -> $out:ty;)+) => {
        $(fn $name(&mut self $(, $arg: $type)*) -> $out { Session::$name(self $(, $arg)*) })+
    };
}

impl Read for Session<'_> {
    forward! {
        fn workspaces(&self) -> Result<Vec<WorkspaceRow>>;
        fn workspace_by_resource(&self, resource: &ResourceKey) -> Result<Option<WorkspaceRow>>;
        fn workspaces_by_name(&self, guid_or_name: &str) -> Result<Vec<WorkspaceRow>>;
        fn workspace_contents(&self, workspace: WorkspaceKey) -> Result<Vec<&'static str>>;
        fn incident(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>>;
        fn incident_by_number(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<String>>;
        fn visit_incidents(&self, workspace: WorkspaceKey, list: &IncidentList, visit: &mut dyn FnMut((i64, i64), &str) -> bool) -> Result<()>;
        fn changed_incidents(&self, workspace: WorkspaceKey, after: (i64, i64), limit: usize, visit: &mut dyn FnMut((i64, i64), &str)) -> Result<()>;
        fn last_incident_number(&self, workspace: WorkspaceKey) -> Result<i64>;
        fn incident_created(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<(i64, i64)>>;
        fn unlisted_incidents(&self, after: (WorkspaceKey, &str), limit: usize) -> Result<Vec<(WorkspaceKey, String, String)>>;
        fn part(&self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str) -> Result<Option<String>>;
        fn parts(&self, workspace: WorkspaceKey, incident: &str, kind: Part) -> Result<Vec<(i64, String)>>;
        fn alert(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>>;
        fn alert_groups(&self, workspace: WorkspaceKey, rule: &str, key: &str, from: i64, to: i64) -> Result<Vec<GroupRow>>;
        fn known_alerts(&self, workspace: WorkspaceKey, ids: &[&str]) -> Result<Vec<String>>;
        fn timeline(&self, workspace: WorkspaceKey, incident: &str, after: Option<i64>, limit: usize) -> Result<Vec<(i64, String)>>;
        fn log_rows(&self, workspace: WorkspaceKey, log: Log, since: i64, limit: usize) -> Result<Vec<String>>;
        fn log_rows_back(&self, workspace: WorkspaceKey, log: Log, since: i64, before: i64, limit: usize) -> Result<Vec<(i64, String)>>;
        fn log_rows_after(&self, workspace: WorkspaceKey, log: Log, after: i64, limit: usize) -> Result<Vec<(i64, String)>>;
        fn log_rows_before(&self, workspace: WorkspaceKey, log: Log, before: i64, limit: usize) -> Result<Vec<(i64, String)>>;
        fn automation_rule(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>>;
        fn automation_rules(&self, workspace: WorkspaceKey) -> Result<Vec<String>>;
        fn automation_rule_count(&self, workspace: WorkspaceKey, most: i64) -> Result<i64>;
        fn events(&self) -> Result<Vec<EventRow>>;
        fn first_event(&self, subject: &EventSubject) -> Result<Option<i64>>;
        fn event(&self, seq: i64) -> Result<Option<EventRow>>;
        fn tenant_rule(&self, name: &str) -> Result<Option<String>>;
        fn tenant_rules(&self) -> Result<Vec<String>>;
        fn rule_runs(&self, workspace: WorkspaceKey, rule: Option<&str>) -> Result<Vec<(String, String)>>;
        fn evaluations(&self, subject: &EventSubject, limit: usize) -> Result<Vec<(String, String)>>;
        fn evaluations_after(&self, subject: &EventSubject, after: (i64, i64, i64), limit: usize) -> Result<Vec<EvaluationRow>>;
        fn evaluated_rules(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>>;
        fn knows_evaluated_rules(&self, workspace: WorkspaceKey, id: &str) -> Result<bool>;
        fn item(&self, workspace: WorkspaceKey, kind: Item, parent: &str, name: &str) -> Result<Option<String>>;
        fn items(&self, workspace: WorkspaceKey, kind: Item, parent: &str, after: &str, limit: usize) -> Result<Vec<(String, String)>>;
        fn playbook(&self, resource: &ResourceKey) -> Result<Option<PlaybookRow>>;
        fn playbooks(&self, scope: &ResourceKey) -> Result<Vec<PlaybookRow>>;
        fn playbook_definition(&self, resource: &ResourceKey, version: i64) -> Result<Option<String>>;
        fn playbook_versions(&self, resource: &ResourceKey, before: Option<i64>, limit: usize) -> Result<Vec<(i64, String)>>;
        fn last_playbook_version(&self, resource: &ResourceKey) -> Result<Option<i64>>;
        fn connection(&self, resource: &ResourceKey) -> Result<Option<ConnectionRow>>;
        fn connections(&self, scope: &ResourceKey) -> Result<Vec<ConnectionRow>>;
        fn run(&self, id: &str) -> Result<Option<RunRow>>;
        fn runs(&self, resource: &ResourceKey, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>>;
        fn runs_of_incident(&self, workspace: WorkspaceKey, incident: &str) -> Result<Vec<RunRow>>;
        fn all_runs(&self, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>>;
        fn open_runs(&self) -> Result<Vec<RunRow>>;
        fn parked_runs(&self) -> Result<Vec<(String, i64)>>;
        fn run_due(&self, id: &str) -> Result<Option<i64>>;
        fn inbox(&self, run: &str, command: &str) -> Result<Option<String>>;
        fn run_state(&self, id: &str) -> Result<Option<Vec<u8>>>;
        fn run_attempts(&self, id: &str) -> Result<Vec<(i64, String)>>;
        fn child(&self, parent: &str, command: &str) -> Result<Option<String>>;
        fn open_runs_of(&self, resource: &ResourceKey) -> Result<Vec<RunRow>>;
        fn open_run_count(&self, resource: &ResourceKey) -> Result<i64>;
        fn generations(&self) -> Result<Generations>;
        fn run_progress(&self, id: &str) -> Result<RunProgress>;
        fn run_records(&self, id: &str) -> Result<Vec<String>>;
        fn run_requests(&self, run: &str, action: &str, repetition: &str, after: &str, limit: usize) -> Result<Vec<(String, String)>>;
        fn run_request(&self, run: &str, action: &str, repetition: &str, name: &str) -> Result<Option<String>>;
        fn mail(&self) -> Result<Vec<(String, String, String)>>;
        fn trigger_state(&self, resource: &ResourceKey, name: &str) -> Result<Option<TriggerRow>>;
        fn trigger_states(&self, resource: &ResourceKey) -> Result<Vec<TriggerRow>>;
        fn due_triggers(&self, now: i64, limit: usize) -> Result<Vec<TriggerRow>>;
        fn next_trigger_due(&self) -> Result<Option<i64>>;
        fn trigger_history(&self, resource: &ResourceKey, trigger: &str, after: &str, limit: usize) -> Result<Vec<(String, String)>>;
        fn waiting_triggers(&self) -> Result<Vec<(ResourceKey, String)>>;
        fn all_waiting_runs(&self, resource: &ResourceKey) -> Result<i64>;
        fn waiting_runs(&self, resource: &ResourceKey, trigger: &str) -> Result<i64>;
        fn batch_total(&self, resource: &ResourceKey, batch: &str, part: &str) -> Result<(i64, i64)>;
        fn batch_parts(&self, resource: &ResourceKey, batch: &str) -> Result<Vec<String>>;
        fn workflow_key(&self, resource: &ResourceKey) -> Result<Option<(String, Vec<u8>)>>;
        fn workflow_of_key(&self, id: &str) -> Result<Option<ResourceKey>>;
        fn role_assignments(&self) -> Result<Vec<String>>;
        fn token(&self, hash: &str) -> Result<Option<String>>;
        fn service_principal(&self, id: &str) -> Result<Option<String>>;
        fn service_principal_of_app(&self, app: &str) -> Result<Option<String>>;
        fn service_principals(&self) -> Result<Vec<String>>;
        fn lasting_tokens(&self) -> Result<Vec<String>>;
        fn meta(&self, key: &str) -> Result<Option<String>>;
    }
}

impl Write for Session<'_> {
    forward_mut! {
        fn put_workspace(&mut self, resource: &ResourceKey, id: &str, name: &str, doc: &str) -> Result<WorkspaceKey>;
        fn delete_workspace(&mut self, workspace: WorkspaceKey) -> Result<()>;
        fn next_incident_number(&mut self, workspace: WorkspaceKey) -> Result<i64>;
        fn put_incident(&mut self, workspace: WorkspaceKey, incident: &IncidentRow<'_>) -> Result<()>;
        fn put_incident_count(&mut self, workspace: WorkspaceKey, count: i64) -> Result<()>;
        fn add_incidents(&mut self, workspace: WorkspaceKey, incidents: &[IncidentRow<'_>]) -> Result<()>;
        fn add_alerts(&mut self, workspace: WorkspaceKey, alerts: &[(&str, String)]) -> Result<()>;
        fn begin_timelines(&mut self, workspace: WorkspaceKey, entries: &[(String, String)]) -> Result<()>;
        fn append_logs(&mut self, workspace: WorkspaceKey, log: Log, time: i64, docs: &[&str]) -> Result<()>;
        fn delete_incident(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool>;
        fn put_part(&mut self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str, doc: &str) -> Result<()>;
        fn delete_part(&mut self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str) -> Result<bool>;
        fn put_alert(&mut self, workspace: WorkspaceKey, id: &str, doc: &str) -> Result<()>;
        fn put_alert_group(&mut self, workspace: WorkspaceKey, rule: &str, key: &str, row: &GroupRow) -> Result<()>;
        fn delete_alert_group(&mut self, workspace: WorkspaceKey, rule: &str, key: &str, row: &GroupRow) -> Result<()>;
        fn append_timeline(&mut self, workspace: WorkspaceKey, incident: &str, doc: &str) -> Result<()>;
        fn append_log(&mut self, workspace: WorkspaceKey, log: Log, time: i64, doc: &str) -> Result<()>;
        fn put_automation_rule(&mut self, workspace: WorkspaceKey, name: &str, doc: &str) -> Result<()>;
        fn delete_automation_rule(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool>;
        fn put_item(&mut self, workspace: WorkspaceKey, kind: Item, parent: &str, name: &str, doc: &str) -> Result<()>;
        fn delete_item(&mut self, workspace: WorkspaceKey, kind: Item, parent: &str, name: &str) -> Result<bool>;
        fn delete_items(&mut self, workspace: WorkspaceKey, kind: Item, parent: &str) -> Result<()>;
        fn add_event(&mut self, subject: &EventSubject, doc: &str) -> Result<i64>;
        fn put_event(&mut self, seq: i64, doc: &str) -> Result<()>;
        fn delete_event(&mut self, seq: i64) -> Result<()>;
        fn put_tenant_rule(&mut self, name: &str, doc: &str) -> Result<()>;
        fn delete_tenant_rule(&mut self, name: &str) -> Result<bool>;
        fn put_rule_run(&mut self, workspace: WorkspaceKey, rule: &str, status: &str, doc: &str) -> Result<()>;
        fn add_evaluation(&mut self, subject: &EventSubject, time: i64, rules: &str, doc: &str) -> Result<()>;
        fn put_evaluated_rules(&mut self, workspace: WorkspaceKey, id: &str, time: i64, doc: &str) -> Result<()>;
        fn prune_evaluations(&mut self, before: i64, kept: usize, limit: usize) -> Result<()>;
        fn prune_evaluated_rules(&mut self, before: i64) -> Result<()>;
        fn put_playbook(&mut self, resource: &ResourceKey, version: i64, doc: &str) -> Result<()>;
        fn put_playbook_version(&mut self, resource: &ResourceKey, version: i64, definition: &str) -> Result<()>;
        fn delete_playbook(&mut self, resource: &ResourceKey) -> Result<bool>;
        fn put_connection(&mut self, resource: &ResourceKey, doc: &str, secret: Option<&[u8]>) -> Result<()>;
        fn delete_connection(&mut self, resource: &ResourceKey) -> Result<bool>;
        fn add_run(&mut self, run: &RunRow) -> Result<()>;
        fn put_run_state(&mut self, id: &str, status: &str, state: &[u8], records: Option<&str>) -> Result<()>;
        fn put_inbox(&mut self, run: &str, command: &str, doc: &str) -> Result<()>;
        fn received(&mut self, run: &str, command: &str) -> Result<()>;
        fn delete_inbox(&mut self, run: &str, command: &str) -> Result<()>;
        fn park_run(&mut self, id: &str, due: i64) -> Result<()>;
        fn keep_run_state(&mut self, id: &str, state: &[u8]) -> Result<()>;
        fn reopen_run(&mut self, id: &str, state: &[u8], attempt: &str) -> Result<()>;
        fn add_run_request(&mut self, run: &str, action: &str, repetition: &str, name: &str, doc: &str) -> Result<()>;
        fn add_child(&mut self, parent: &str, command: &str, child: &str) -> Result<()>;
        fn forget_child(&mut self, parent: &str, command: &str) -> Result<bool>;
        fn end_run(&mut self, id: &str, status: &str, ended: i64, records: Option<&str>, outcome: &str) -> Result<()>;
        fn register_node(&mut self, name: &str, lease: Duration) -> Result<NodeKey>;
        fn renew_node(&mut self, lease: Duration) -> Result<()>;
        fn take_over(&mut self) -> Result<TakenOver>;
        fn leave(&mut self) -> Result<()>;
        fn put_trigger_state(&mut self, row: &TriggerRow) -> Result<()>;
        fn delete_trigger_state(&mut self, resource: &ResourceKey, name: &str) -> Result<bool>;
        fn add_trigger_history(&mut self, resource: &ResourceKey, trigger: &str, name: &str, doc: &str) -> Result<()>;
        fn add_waiting_run(&mut self, resource: &ResourceKey, trigger: &str, run: &str) -> Result<()>;
        fn take_waiting_run(&mut self, resource: &ResourceKey, trigger: &str, now: i64) -> Result<Option<String>>;
        fn forget_waiting_run(&mut self, run: &str) -> Result<bool>;
        fn add_batch_item(&mut self, resource: &ResourceKey, batch: &str, part: &str, bytes: i64, doc: &str) -> Result<()>;
        fn take_batch(&mut self, resource: &ResourceKey, batch: &str, part: &str) -> Result<Vec<String>>;
        fn put_workflow_key(&mut self, resource: &ResourceKey, id: &str, secret: &[u8]) -> Result<()>;
        fn forget_triggers(&mut self, resource: &ResourceKey) -> Result<()>;
        fn put_role_assignment(&mut self, resource: &ResourceKey, doc: &str) -> Result<()>;
        fn delete_role_assignment(&mut self, resource: &ResourceKey) -> Result<bool>;
        fn put_token(&mut self, hash: &str, expires: Option<i64>, doc: &str) -> Result<()>;
        fn delete_token(&mut self, hash: &str) -> Result<bool>;
        fn delete_tokens_expired(&mut self, before: i64) -> Result<()>;
        fn put_service_principal(&mut self, id: &str, app: &str, doc: &str) -> Result<()>;
        fn delete_service_principal(&mut self, id: &str) -> Result<bool>;
        fn put_meta(&mut self, key: &str, value: &str) -> Result<()>;
    }
}
