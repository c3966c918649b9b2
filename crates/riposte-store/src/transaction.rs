//! What a store job may do. Documents are JSON text; what is in them is the engine's matter.

use crate::{
    ConnectionRow, EvaluationRow, EventRow, EventSubject, Generations, GroupRow, IncidentList, IncidentRow,
    Item, Log, NodeKey, Part, PlaybookRow, ResourceKey, Result, RunProgress, RunRow, TakenOver, TriggerRow,
    WorkspaceKey, WorkspaceRow,
};
use std::time::Duration;

/// Reading. All reads of one job see one state of the data.
pub trait Read {
    /// Every workspace, oldest first.
    fn workspaces(&self) -> Result<Vec<WorkspaceRow>>;
    /// The workspace of this ARM id.
    fn workspace_by_resource(&self, resource: &ResourceKey) -> Result<Option<WorkspaceRow>>;
    /// The workspaces of this GUID or name: several if resource groups share the name.
    fn workspaces_by_name(&self, guid_or_name: &str) -> Result<Vec<WorkspaceRow>>;
    /// What people have put into a workspace and what works on it, in words; nothing if it is empty. Records and what
    /// is made from alerts do not count.
    fn workspace_contents(&self, workspace: WorkspaceKey) -> Result<Vec<&'static str>>;

    /// The incident of this name (a GUID, any case).
    fn incident(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>>;
    /// The incident of this number.
    fn incident_by_number(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<String>>;
    /// Shows incidents along a list, each with its place in it, until `visit` answers false.
    fn visit_incidents(
        &self,
        workspace: WorkspaceKey,
        list: &IncidentList,
        visit: &mut dyn FnMut((i64, i64), &str) -> bool,
    ) -> Result<()>;
    /// Shows incidents in the order in which they were last written, each with its place in that order, after one of
    /// these places, `limit` at most. Whoever goes on where he ended sees each incident as it stands now, once it has
    /// been written and again whenever it was written since.
    fn changed_incidents(
        &self,
        workspace: WorkspaceKey,
        after: (i64, i64),
        limit: usize,
        visit: &mut dyn FnMut((i64, i64), &str),
    ) -> Result<()>;
    /// The highest number that an incident of the workspace ever had; 0 if there was none.
    fn last_incident_number(&self, workspace: WorkspaceKey) -> Result<i64>;
    /// Number and time of creation of the first incident from a number on.
    fn incident_created(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<(i64, i64)>>;
    /// Incidents that an earlier version has kept without what they are listed by, after one of this workspace and
    /// name, `limit` at most: workspace, name and document.
    fn unlisted_incidents(
        &self,
        after: (WorkspaceKey, &str),
        limit: usize,
    ) -> Result<Vec<(WorkspaceKey, String, String)>>;
    /// The part of this name.
    fn part(&self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str)
    -> Result<Option<String>>;
    /// All parts of a kind, in the order in which they came, with their places in it.
    fn parts(&self, workspace: WorkspaceKey, incident: &str, kind: Part) -> Result<Vec<(i64, String)>>;
    /// The alert of this id (any case).
    fn alert(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>>;
    /// The ids, in lower case, of those alerts that are there.
    fn known_alerts(&self, workspace: WorkspaceKey, ids: &[&str]) -> Result<Vec<String>>;
    /// The incidents that take alerts of a rule with a key in common, those whose first alert was from `from` to `to`
    /// (nanoseconds since 1970 UTC, both included), the earliest first.
    fn alert_groups(
        &self,
        workspace: WorkspaceKey,
        rule: &str,
        key: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<GroupRow>>;
    /// The incident's timeline, oldest first, after `after` if given, `limit` entries at most; with their numbers.
    fn timeline(
        &self,
        workspace: WorkspaceKey,
        incident: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>>;
    /// Rows of a log since a time (nanoseconds since 1970 UTC), newest first, `limit` at most.
    fn log_rows(&self, workspace: WorkspaceKey, log: Log, since: i64, limit: usize) -> Result<Vec<String>>;
    /// Rows of a log from before the one of a number, newest first, none from before a time; with their numbers.
    fn log_rows_back(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        since: i64,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>>;
    /// Rows of a log after a number, `limit` at most, with their numbers.
    fn log_rows_after(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>>;
    /// Rows of a log before a number, the latest first, `limit` at most, with their numbers.
    fn log_rows_before(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>>;

    /// The automation rule of this name (any case).
    fn automation_rule(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>>;
    /// All automation rules of a workspace, by name.
    fn automation_rules(&self, workspace: WorkspaceKey) -> Result<Vec<String>>;
    /// How many automation rules a workspace has, counted up to so many.
    fn automation_rule_count(&self, workspace: WorkspaceKey, most: i64) -> Result<i64>;
    /// Events of this node that wait, oldest first.
    fn events(&self) -> Result<Vec<EventRow>>;
    /// The number of the oldest event of a subject that waits, if it is this node's.
    fn first_event(&self, subject: &EventSubject) -> Result<Option<i64>>;
    /// The event of this number, if it is this node's.
    fn event(&self, seq: i64) -> Result<Option<EventRow>>;
    /// The rule of this name (any case) that holds for several workspaces.
    fn tenant_rule(&self, name: &str) -> Result<Option<String>>;
    /// All rules that hold for several workspaces, by name.
    fn tenant_rules(&self) -> Result<Vec<String>>;
    /// The last runs of a rule, or of all rules of a workspace: the rule's name in lower case and a document for each
    /// status.
    fn rule_runs(&self, workspace: WorkspaceKey, rule: Option<&str>) -> Result<Vec<(String, String)>>;
    /// When rules of a subject were evaluated and did not match, newest first: the id of the rules as they were, and
    /// the document.
    fn evaluations(&self, subject: &EventSubject, limit: usize) -> Result<Vec<(String, String)>>;
    /// The same, oldest first, those after a place, `limit` at most.
    fn evaluations_after(
        &self,
        subject: &EventSubject,
        after: (i64, i64, i64),
        limit: usize,
    ) -> Result<Vec<EvaluationRow>>;
    /// The rules as they were when they were evaluated.
    fn evaluated_rules(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>>;
    /// Whether the rules as they are have been kept.
    fn knows_evaluated_rules(&self, workspace: WorkspaceKey, id: &str) -> Result<bool>;

    /// The item of this name (any case) below `parent`, which is empty for kinds that lie below nothing.
    fn item(&self, workspace: WorkspaceKey, kind: Item, parent: &str, name: &str) -> Result<Option<String>>;
    /// Items below `parent` by name, after the one named `after`, `limit` at most: name in lower case and document.
    fn items(
        &self,
        workspace: WorkspaceKey,
        kind: Item,
        parent: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>>;

    /// The playbook of this ARM id.
    fn playbook(&self, resource: &ResourceKey) -> Result<Option<PlaybookRow>>;
    /// All playbooks whose ARM id begins with this scope (a resource group or subscription), by id.
    fn playbooks(&self, scope: &ResourceKey) -> Result<Vec<PlaybookRow>>;
    /// The definition of a version of a playbook.
    fn playbook_definition(&self, resource: &ResourceKey, version: i64) -> Result<Option<String>>;
    /// The highest version that a playbook of this ARM id ever had, if there was one.
    fn last_playbook_version(&self, resource: &ResourceKey) -> Result<Option<i64>>;
    /// Versions of a playbook's definition below `before`, newest first: number and definition.
    fn playbook_versions(
        &self,
        resource: &ResourceKey,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>>;
    /// The connection of this ARM id.
    fn connection(&self, resource: &ResourceKey) -> Result<Option<ConnectionRow>>;
    /// All connections below a scope, by id.
    fn connections(&self, scope: &ResourceKey) -> Result<Vec<ConnectionRow>>;

    /// The run of this name.
    fn run(&self, id: &str) -> Result<Option<RunRow>>;
    /// Runs of a playbook, newest first, after the run `after` if given, `limit` at most.
    fn runs(&self, resource: &ResourceKey, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>>;
    /// Runs that were started for an incident, newest first.
    fn runs_of_incident(&self, workspace: WorkspaceKey, incident: &str) -> Result<Vec<RunRow>>;
    /// Runs of all playbooks, newest first, after the run `after` if given, `limit` at most.
    fn all_runs(&self, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>>;
    /// The runs of this node that have not ended and are not parked, oldest first.
    fn open_runs(&self) -> Result<Vec<RunRow>>;
    /// The parked runs of this node, and when each is to be looked at: nanoseconds since 1970 UTC, 0 for one with
    /// something in its inbox.
    fn parked_runs(&self) -> Result<Vec<(String, i64)>>;
    /// When a run is to be looked at, if it is this node's and parked.
    fn run_due(&self, id: &str) -> Result<Option<i64>>;
    /// What stands in the inbox of a run for a command.
    fn inbox(&self, run: &str, command: &str) -> Result<Option<String>>;
    /// The interpreter's state, sealed: of a run that has not ended, and of one that ended and can be resumed.
    fn run_state(&self, id: &str) -> Result<Option<Vec<u8>>>;
    /// The earlier attempts of a run, oldest first: the number of the last row of records, and how it ended.
    fn run_attempts(&self, id: &str) -> Result<Vec<(i64, String)>>;
    /// The run that a command of another has begun.
    fn child(&self, parent: &str, command: &str) -> Result<Option<String>>;
    /// The runs of a playbook that have not ended, whichever node's they are.
    fn open_runs_of(&self, resource: &ResourceKey) -> Result<Vec<RunRow>>;
    /// How many they are.
    fn open_run_count(&self, resource: &ResourceKey) -> Result<i64>;
    /// What is needed to go on with a run.
    fn run_progress(&self, id: &str) -> Result<RunProgress>;
    /// The action records of a run, oldest first.
    fn run_records(&self, id: &str) -> Result<Vec<String>>;
    /// The requests of an action, or of a repetition of it, after the one named `after`: name and document, newest first.
    fn run_requests(
        &self,
        run: &str,
        action: &str,
        repetition: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>>;
    /// A request of an action, or of a repetition of it.
    fn run_request(&self, run: &str, action: &str, repetition: &str, name: &str) -> Result<Option<String>>;

    /// Outcomes that other nodes have put into the inboxes of this node's runs: run, command, outcome.
    fn mail(&self) -> Result<Vec<(String, String, String)>>;
    /// How often what nodes keep in memory has changed.
    fn generations(&self) -> Result<Generations>;

    /// What a trigger of a playbook waits for.
    fn trigger_state(&self, resource: &ResourceKey, name: &str) -> Result<Option<TriggerRow>>;
    /// What the triggers of a playbook wait for, by name.
    fn trigger_states(&self, resource: &ResourceKey) -> Result<Vec<TriggerRow>>;
    /// The triggers that are due at `now`, the longest due first, `limit` at most.
    fn due_triggers(&self, now: i64, limit: usize) -> Result<Vec<TriggerRow>>;
    /// When the next trigger is due.
    fn next_trigger_due(&self) -> Result<Option<i64>>;
    /// Occurrences of a trigger without a run, newest first, after the one named `after`: name and document.
    fn trigger_history(
        &self,
        resource: &ResourceKey,
        trigger: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>>;
    /// The triggers, by their workflow, that have runs that wait for others to end.
    fn waiting_triggers(&self) -> Result<Vec<(ResourceKey, String)>>;
    /// How many runs of a workflow wait for others to end, whichever trigger started them.
    fn all_waiting_runs(&self, resource: &ResourceKey) -> Result<i64>;
    /// How many runs of a trigger wait for others to end.
    fn waiting_runs(&self, resource: &ResourceKey, trigger: &str) -> Result<i64>;
    /// How many messages with how many bytes a part of a batch holds.
    fn batch_total(&self, resource: &ResourceKey, batch: &str, part: &str) -> Result<(i64, i64)>;
    /// The parts of a batch that hold messages.
    fn batch_parts(&self, resource: &ResourceKey, batch: &str) -> Result<Vec<String>>;
    /// What stands for a playbook in addresses, and the sealed keys that they are signed with.
    fn workflow_key(&self, resource: &ResourceKey) -> Result<Option<(String, Vec<u8>)>>;
    /// The playbook that an id stands for in addresses.
    fn workflow_of_key(&self, id: &str) -> Result<Option<ResourceKey>>;

    /// All role assignments.
    fn role_assignments(&self) -> Result<Vec<String>>;
    /// The token of this hash.
    fn token(&self, hash: &str) -> Result<Option<String>>;
    /// The service principal of this object id (any case).
    fn service_principal(&self, id: &str) -> Result<Option<String>>;
    /// The service principal of this application id (any case).
    fn service_principal_of_app(&self, app: &str) -> Result<Option<String>>;
    /// All service principals, by object id.
    fn service_principals(&self) -> Result<Vec<String>>;
    /// The tokens that do not end by themselves: those that people were given.
    fn lasting_tokens(&self) -> Result<Vec<String>>;
    /// A setting of the store.
    fn meta(&self, key: &str) -> Result<Option<String>>;
}

/// Reading and writing. Everything that a job writes is committed together, or nothing of it.
pub trait Write: Read {
    /// Removes an empty workspace with its records. Its key is never another one's.
    fn delete_workspace(&mut self, workspace: WorkspaceKey) -> Result<()>;
    /// Makes a workspace, or replaces its document.
    fn put_workspace(
        &mut self,
        resource: &ResourceKey,
        id: &str,
        name: &str,
        doc: &str,
    ) -> Result<WorkspaceKey>;

    /// Takes the next incident number of a workspace, from 1.
    fn next_incident_number(&mut self, workspace: WorkspaceKey) -> Result<i64>;
    /// Says how many incident numbers have been taken, where several were counted on from
    /// [`Read::last_incident_number`] in this transaction.
    fn put_incident_count(&mut self, workspace: WorkspaceKey, count: i64) -> Result<()>;
    /// Makes incidents that are not there yet.
    fn add_incidents(&mut self, workspace: WorkspaceKey, incidents: &[IncidentRow<'_>]) -> Result<()>;
    /// Keeps alerts that are not there yet: ids and documents.
    fn add_alerts(&mut self, workspace: WorkspaceKey, alerts: &[(&str, String)]) -> Result<()>;
    /// Writes the first entries of incidents that have none: their names in lower case, and the entries.
    fn begin_timelines(&mut self, workspace: WorkspaceKey, entries: &[(String, String)]) -> Result<()>;
    /// Appends rows to a log, in this order.
    fn append_logs(&mut self, workspace: WorkspaceKey, log: Log, time: i64, docs: &[&str]) -> Result<()>;
    /// Makes or replaces an incident; number and time of creation of one that is there stay.
    fn put_incident(&mut self, workspace: WorkspaceKey, incident: &IncidentRow<'_>) -> Result<()>;
    /// Removes an incident with its parts and timeline; whether it was there.
    fn delete_incident(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool>;
    /// Makes or replaces a part; a new one comes last.
    fn put_part(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
        doc: &str,
    ) -> Result<()>;
    /// Removes a part; whether it was there.
    fn delete_part(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
    ) -> Result<bool>;
    /// Makes or replaces an alert.
    fn put_alert(&mut self, workspace: WorkspaceKey, id: &str, doc: &str) -> Result<()>;
    /// Adds an incident that takes alerts, or replaces the time of its last one. The time of the first belongs to what
    /// the row is found by.
    fn put_alert_group(
        &mut self,
        workspace: WorkspaceKey,
        rule: &str,
        key: &str,
        row: &GroupRow,
    ) -> Result<()>;
    /// Lets an incident take no more alerts.
    fn delete_alert_group(
        &mut self,
        workspace: WorkspaceKey,
        rule: &str,
        key: &str,
        row: &GroupRow,
    ) -> Result<()>;
    /// Appends to an incident's timeline.
    fn append_timeline(&mut self, workspace: WorkspaceKey, incident: &str, doc: &str) -> Result<()>;
    /// Appends to a log; time in nanoseconds since 1970 UTC.
    fn append_log(&mut self, workspace: WorkspaceKey, log: Log, time: i64, doc: &str) -> Result<()>;

    /// Makes or replaces an automation rule.
    fn put_automation_rule(&mut self, workspace: WorkspaceKey, name: &str, doc: &str) -> Result<()>;
    /// Removes an automation rule; whether it was there.
    fn delete_automation_rule(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool>;
    /// Makes or replaces an item.
    fn put_item(
        &mut self,
        workspace: WorkspaceKey,
        kind: Item,
        parent: &str,
        name: &str,
        doc: &str,
    ) -> Result<()>;
    /// Removes an item; whether it was there. What lies below it stays.
    fn delete_item(&mut self, workspace: WorkspaceKey, kind: Item, parent: &str, name: &str) -> Result<bool>;
    /// Removes all items of a kind below `parent`.
    fn delete_items(&mut self, workspace: WorkspaceKey, kind: Item, parent: &str) -> Result<()>;
    /// Adds an event and returns its number. It is this node's, or of the node that has the subject's events in hand.
    fn add_event(&mut self, subject: &EventSubject, doc: &str) -> Result<i64>;
    /// Replaces an event's document.
    fn put_event(&mut self, seq: i64, doc: &str) -> Result<()>;
    /// Removes an event that is seen to.
    fn delete_event(&mut self, seq: i64) -> Result<()>;
    /// Makes or replaces a rule that holds for several workspaces.
    fn put_tenant_rule(&mut self, name: &str, doc: &str) -> Result<()>;
    /// Removes a rule that holds for several workspaces; whether it was there.
    fn delete_tenant_rule(&mut self, name: &str) -> Result<bool>;
    /// Notes what a run of a rule came to, in the place of the last one of this status.
    fn put_rule_run(&mut self, workspace: WorkspaceKey, rule: &str, status: &str, doc: &str) -> Result<()>;
    /// Notes which rules did not match; time in nanoseconds since 1970 UTC.
    fn add_evaluation(&mut self, subject: &EventSubject, time: i64, rules: &str, doc: &str) -> Result<()>;
    /// Keeps rules as they are when they are evaluated, unless they are kept already.
    fn put_evaluated_rules(&mut self, workspace: WorkspaceKey, id: &str, time: i64, doc: &str) -> Result<()>;
    /// Forgets evaluations from before a time, and all but the newest `kept`; `limit` at most.
    fn prune_evaluations(&mut self, before: i64, kept: usize, limit: usize) -> Result<()>;
    /// Forgets rules from before a time that no evaluation names.
    fn prune_evaluated_rules(&mut self, before: i64) -> Result<()>;

    /// Makes or replaces a playbook.
    fn put_playbook(&mut self, resource: &ResourceKey, version: i64, doc: &str) -> Result<()>;
    /// Adds a version of a playbook's definition.
    fn put_playbook_version(&mut self, resource: &ResourceKey, version: i64, definition: &str) -> Result<()>;
    /// Removes a playbook; its versions stay for the runs that use them. Whether it was there.
    fn delete_playbook(&mut self, resource: &ResourceKey) -> Result<bool>;
    /// Makes or replaces a connection with its sealed credentials, if it has any.
    fn put_connection(&mut self, resource: &ResourceKey, doc: &str, secret: Option<&[u8]>) -> Result<()>;
    /// Removes a connection with its credentials; whether it was there.
    fn delete_connection(&mut self, resource: &ResourceKey) -> Result<bool>;

    /// Adds a run, which is this node's.
    fn add_run(&mut self, run: &RunRow) -> Result<()>;
    /// Keeps how far a run has come: its sealed state, and the records that are new or changed (none: empty). A run
    /// that is another node's refuses the job with [`crate::Error::LostOwnership`].
    fn put_run_state(&mut self, id: &str, status: &str, state: &[u8], records: Option<&str>) -> Result<()>;
    /// Parks a run until a time (nanoseconds since 1970 UTC); [`Self::put_run_state`] ends that.
    fn park_run(&mut self, id: &str, due: i64) -> Result<()>;
    /// Keeps the state of a run that has ended, so that it can be resumed.
    fn keep_run_state(&mut self, id: &str, state: &[u8]) -> Result<()>;
    /// Opens a run again that has ended; `attempt` tells how it had.
    fn reopen_run(&mut self, id: &str, state: &[u8], attempt: &str) -> Result<()>;
    /// Adds a request of an action of a run; the oldest of many go.
    fn add_run_request(
        &mut self,
        run: &str,
        action: &str,
        repetition: &str,
        name: &str,
        doc: &str,
    ) -> Result<()>;
    /// Notes that a command of a run has begun another.
    fn add_child(&mut self, parent: &str, command: &str, child: &str) -> Result<()>;
    /// Forgets which run a command has begun; whether it was known.
    fn forget_child(&mut self, parent: &str, command: &str) -> Result<bool>;
    /// Keeps the outcome of a command that the interpreter has not seen yet. Any node may do that; the run's own finds
    /// it in [`Read::mail`]. A run that has ended takes no more.
    fn put_inbox(&mut self, run: &str, command: &str, doc: &str) -> Result<()>;
    /// Notes that the run's node has seen what came by mail.
    fn received(&mut self, run: &str, command: &str) -> Result<()>;
    /// Removes an outcome that the interpreter has seen.
    fn delete_inbox(&mut self, run: &str, command: &str) -> Result<()>;
    /// Ends a run: its state and inbox go, the last records and the outcome stay. A run that is another node's refuses
    /// the job with [`crate::Error::LostOwnership`].
    fn end_run(
        &mut self,
        id: &str,
        status: &str,
        ended: i64,
        records: Option<&str>,
        outcome: &str,
    ) -> Result<()>;

    /// Makes a node with a lease, for [`crate::Store::register_node`].
    fn register_node(&mut self, name: &str, lease: Duration) -> Result<NodeKey>;
    /// Renews this node's lease. One that has lapsed and was taken is refused with [`crate::Error::LostOwnership`].
    fn renew_node(&mut self, lease: Duration) -> Result<()>;
    /// Ends the leases that have lapsed, and makes the open runs and the events of nodes that are gone this node's.
    fn take_over(&mut self) -> Result<TakenOver>;
    /// Gives this node's lease back: its runs and events are anybody's. Where no other node can be, nothing changes.
    fn leave(&mut self) -> Result<()>;

    /// Makes or replaces what a trigger waits for.
    fn put_trigger_state(&mut self, row: &TriggerRow) -> Result<()>;
    /// Removes what a trigger waits for; whether it was there.
    fn delete_trigger_state(&mut self, resource: &ResourceKey, name: &str) -> Result<bool>;
    /// Adds an occurrence of a trigger without a run; the oldest of many go.
    fn add_trigger_history(
        &mut self,
        resource: &ResourceKey,
        trigger: &str,
        name: &str,
        doc: &str,
    ) -> Result<()>;
    /// Lets a run that has not begun wait for others to end.
    fn add_waiting_run(&mut self, resource: &ResourceKey, trigger: &str, run: &str) -> Result<()>;
    /// Takes the run that has waited longest: it is this node's now, and due.
    fn take_waiting_run(&mut self, resource: &ResourceKey, trigger: &str, now: i64)
    -> Result<Option<String>>;
    /// Forgets that a run waits for others; whether it did.
    fn forget_waiting_run(&mut self, run: &str) -> Result<bool>;
    /// Adds a message to a part of a batch.
    fn add_batch_item(
        &mut self,
        resource: &ResourceKey,
        batch: &str,
        part: &str,
        bytes: i64,
        doc: &str,
    ) -> Result<()>;
    /// Takes all messages of a part of a batch, the oldest first.
    fn take_batch(&mut self, resource: &ResourceKey, batch: &str, part: &str) -> Result<Vec<String>>;
    /// Makes or replaces the sealed keys of a playbook.
    fn put_workflow_key(&mut self, resource: &ResourceKey, id: &str, secret: &[u8]) -> Result<()>;
    /// Removes what a playbook that is gone leaves of its triggers.
    fn forget_triggers(&mut self, resource: &ResourceKey) -> Result<()>;

    /// Makes or replaces a role assignment.
    fn put_role_assignment(&mut self, resource: &ResourceKey, doc: &str) -> Result<()>;
    /// Removes a role assignment; whether it was there.
    fn delete_role_assignment(&mut self, resource: &ResourceKey) -> Result<bool>;
    /// Adds or replaces a token by its hash; `expires` is in nanoseconds since 1970.
    fn put_token(&mut self, hash: &str, expires: Option<i64>, doc: &str) -> Result<()>;
    /// Removes a token; whether it was there.
    fn delete_token(&mut self, hash: &str) -> Result<bool>;
    /// Removes the tokens that ended before a time in nanoseconds since 1970.
    fn delete_tokens_expired(&mut self, before: i64) -> Result<()>;
    /// Makes or replaces the service principal of an object id. An application id belongs to one of them.
    fn put_service_principal(&mut self, id: &str, app: &str, doc: &str) -> Result<()>;
    /// Removes a service principal; whether it was there.
    fn delete_service_principal(&mut self, id: &str) -> Result<bool>;
    /// Sets a setting of the store.
    fn put_meta(&mut self, key: &str, value: &str) -> Result<()>;
}
