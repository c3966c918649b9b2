//! The rows that are more than a document.

use crate::{Kind, ResourceKey, WorkspaceKey};

/// A workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceRow {
    /// The store's key.
    pub key: WorkspaceKey,
    /// The ARM id.
    pub resource: ResourceKey,
    /// The GUID, lower case.
    pub id: String,
    /// The document.
    pub doc: String,
}

/// A playbook as it stands.
#[derive(Debug, Clone)]
pub struct PlaybookRow {
    /// The ARM id.
    pub resource: ResourceKey,
    /// The number of the version that new runs use.
    pub version: i64,
    /// The document: everything but the definition.
    pub doc: String,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// The ARM id.
    pub resource: ResourceKey,
    /// What anybody who may read the connection may see.
    pub doc: String,
    /// The sealed credentials.
    pub secret: Option<Vec<u8>>,
}

/// What can have events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// An incident was made or changed.
    Incident,
    /// An alert was raised.
    Alert,
}

impl SubjectKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Alert => "alert",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        if text == "alert" { Self::Alert } else { Self::Incident }
    }
}

/// What an event happened to. Events of one subject are worked through in their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventSubject {
    /// Whose.
    pub workspace: WorkspaceKey,
    /// What it is.
    pub kind: SubjectKind,
    /// The incident's name or the alert's id, lower case.
    pub name: String,
}

impl EventSubject {
    /// An incident.
    pub fn incident(workspace: WorkspaceKey, name: &str) -> Self {
        Self { workspace, kind: SubjectKind::Incident, name: name.to_lowercase() }
    }

    /// An alert.
    pub fn alert(workspace: WorkspaceKey, id: &str) -> Self {
        Self { workspace, kind: SubjectKind::Alert, name: id.to_lowercase() }
    }
}

/// Something that happened whose automation rules have not all been seen to yet.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// Its number; events of one subject are worked through in this order.
    pub seq: i64,
    /// What it happened to.
    pub subject: EventSubject,
    /// What happened, and how far the rules have come.
    pub doc: String,
}

/// An incident that takes alerts of an analytics rule which have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The incident's name.
    pub incident: String,
    /// When its first alert was: nanoseconds since 1970 UTC.
    pub first: i64,
    /// When its last alert was: nanoseconds since 1970 UTC.
    pub last: i64,
}

/// An incident as it is kept.
#[derive(Debug, Clone, Copy)]
pub struct IncidentRow<'a> {
    /// The GUID that ends its ARM id.
    pub name: &'a str,
    /// Its number in the workspace.
    pub number: i64,
    /// When it was made: nanoseconds since 1970 UTC.
    pub created: i64,
    /// When it was last changed: nanoseconds since 1970 UTC.
    pub modified: i64,
    /// The status, as Azure names it.
    pub status: &'a str,
    /// The severity, as Azure names it.
    pub severity: &'a str,
    /// The document.
    pub doc: &'a str,
}

/// By what a list of incidents goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncidentOrder {
    /// By number, which is by time of creation.
    #[default]
    Number,
    /// By the time of the last change, then by number.
    Modified,
}

/// Which incidents to show, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentList {
    /// Only those of this status, as Azure names it.
    pub status: Option<String>,
    /// Only those of this severity, as Azure names it.
    pub severity: Option<String>,
    /// Only those last changed from the first of these times to the second: nanoseconds since 1970 UTC.
    pub modified: (i64, i64),
    /// By what the list goes.
    pub order: IncidentOrder,
    /// Whether the largest come first.
    pub descending: bool,
    /// The place in the list after which to begin.
    pub after: Option<(i64, i64)>,
}

impl Default for IncidentList {
    /// All of them, highest number first.
    fn default() -> Self {
        Self {
            status: None,
            severity: None,
            modified: (i64::MIN, i64::MAX),
            order: IncidentOrder::Number,
            descending: true,
            after: None,
        }
    }
}

/// One look at the rules of an event, those of them that did not match.
#[derive(Debug, Clone)]
pub struct EvaluationRow {
    /// Where it stands among those of its subject: when it was (nanoseconds since 1970 UTC), the number of the entry of
    /// the incident's timeline that it comes after (-1 if that is not known), and its own number.
    pub place: (i64, i64, i64),
    /// The id of the rules as they were.
    pub rules: String,
    /// The document.
    pub doc: String,
}

/// A playbook run.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// The run's name.
    pub id: String,
    /// The playbook.
    pub resource: ResourceKey,
    /// The version of the definition that it runs.
    pub version: i64,
    /// The workspace and incident that it was started for.
    pub incident: Option<(WorkspaceKey, String)>,
    /// The run status, as Azure names it.
    pub status: String,
    /// When it started: nanoseconds since 1970 UTC.
    pub started: i64,
    /// When it ended: nanoseconds since 1970 UTC.
    pub ended: Option<i64>,
    /// What it began with.
    pub doc: String,
    /// How it ended.
    pub outcome: Option<String>,
}

/// What a trigger waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerRow {
    /// The playbook.
    pub resource: ResourceKey,
    /// The trigger's name, lower case.
    pub name: String,
    /// When it is to be seen to: nanoseconds since 1970 UTC; never without it.
    pub due: Option<i64>,
    /// What it waits for.
    pub doc: String,
    /// What it will say to a web service, sealed.
    pub secret: Option<Vec<u8>>,
}

/// What is needed to go on with a run after a restart.
#[derive(Debug, Clone)]
pub struct RunProgress {
    /// The interpreter's state, sealed; none if the run has not taken its first step.
    pub state: Option<Vec<u8>>,
    /// Its action records, oldest first.
    pub records: Vec<String>,
    /// Outcomes that were committed before the interpreter saw them: command and outcome.
    pub inbox: Vec<(String, String)>,
}

/// The appended logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// A row for each change of an incident.
    SecurityIncident,
    /// A row for each alert.
    SecurityAlert,
    /// Rule runs and playbook triggers.
    SentinelHealth,
    /// Who changed which rule, playbook or other object.
    SentinelAudit,
}

impl Log {
    /// The table's name in queries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecurityIncident => "SecurityIncident",
            Self::SecurityAlert => "SecurityAlert",
            Self::SentinelHealth => "SentinelHealth",
            Self::SentinelAudit => "SentinelAudit",
        }
    }
}

/// A kind of thing that hangs on an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Comments.
    Comment,
    /// Tasks.
    Task,
    /// Relations to alerts and bookmarks.
    Relation,
}

impl Part {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Task => "task",
            Self::Relation => "relation",
        }
    }
}

/// A kind of thing that a workspace keeps by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// Analytics rules (`alertRules`).
    AnalyticsRule,
    /// The playbooks that an analytics rule starts itself; below the rule.
    AnalyticsRuleAction,
    /// Bookmarks.
    Bookmark,
    /// Data connectors.
    DataConnector,
    /// Entities that alerts have named.
    Entity,
    /// What says that a workspace is set up.
    OnboardingState,
    /// Indicators of threat intelligence.
    ThreatIndicator,
    /// Watchlists.
    Watchlist,
    /// Rows of a watchlist; below it.
    WatchlistItem,
}

impl Item {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::AnalyticsRule => "analyticsRule",
            Self::AnalyticsRuleAction => "analyticsRuleAction",
            Self::Bookmark => "bookmark",
            Self::DataConnector => "dataConnector",
            Self::Entity => "entity",
            Self::OnboardingState => "onboardingState",
            Self::ThreatIndicator => "threatIndicator",
            Self::Watchlist => "watchlist",
            Self::WatchlistItem => "watchlistItem",
        }
    }

    /// What of it nodes keep in memory: changes of it are counted.
    pub(crate) const fn kept_in_memory(self) -> Option<Kind> {
        match self {
            Self::AnalyticsRule | Self::AnalyticsRuleAction => Some(Kind::Analytics),
            Self::Watchlist | Self::WatchlistItem => Some(Kind::Watchlists),
            Self::Bookmark
            | Self::DataConnector
            | Self::Entity
            | Self::OnboardingState
            | Self::ThreatIndicator => None,
        }
    }
}
