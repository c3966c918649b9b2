//! What the records say about actions that failed.

use riposte_incident::names;

names! {
    /// How a rule's run ended, as `SentinelHealth` records it. It says that the actions were started, not what came of
    /// them.
    RuleRunStatus {
        /// All actions were started.
        Success = "Success",
        /// Some were.
        PartialSuccess = "Partial success",
        /// None was.
        Failure = "Failure",
    }
}

impl RuleRunStatus {
    /// The status of a run whose actions came to these ends (`true` for one that was started).
    pub fn of(started: impl IntoIterator<Item = bool>) -> Self {
        let (mut some, mut all) = (false, true);
        for started in started {
            some |= started;
            all &= started;
        }
        match (all, some) {
            (true, _) => Self::Success,
            (false, true) => Self::PartialSuccess,
            (false, false) => Self::Failure,
        }
    }
}

/// Why a playbook could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaybookFailure {
    /// There is no such playbook, or the service account has no role on its resource group.
    NotFoundOrNoPermission,
    /// The incident or alert is gone.
    SubjectNotFound,
    /// The playbook starts with another trigger.
    UnsupportedTrigger,
    /// The subscription is off or read-only.
    SubscriptionDisabled,
    /// The playbook is off.
    PlaybookDisabled,
    /// The playbook's definition has errors.
    InvalidTemplate,
    /// The playbook's access control shuts the service out.
    AccessControl,
    /// The service account lacks permission to run it.
    MissingPermissions,
    /// Too many runs are waiting.
    WorkflowThrottled,
    /// Too many requests.
    Throttled,
    /// The call was refused.
    AccessForbidden,
    /// The subscription or resource group is locked.
    Locked,
    /// Who asked for the run may not start playbooks.
    CallerPermissions,
    /// A connection of the playbook has no valid credentials.
    InvalidCredentials,
    /// The id is not the ARM id of a playbook.
    InvalidId,
}

impl PlaybookFailure {
    const fn reason(self) -> &'static str {
        match self {
            Self::NotFoundOrNoPermission => {
                "Either the playbook was not found, or Microsoft Sentinel was missing permissions on it."
            }
            Self::SubjectNotFound => "Incident/alert was not found.",
            Self::UnsupportedTrigger => "It contains an unsupported trigger type.",
            Self::SubscriptionDisabled => "The subscription is disabled and marked as read-only.",
            Self::PlaybookDisabled => "The playbook was disabled.",
            Self::InvalidTemplate => "Invalid template definition.",
            Self::AccessControl => {
                "The playbook's access control configuration restricts Microsoft Sentinel."
            }
            Self::MissingPermissions => "Microsoft Sentinel is missing permissions to run it.",
            Self::WorkflowThrottled => "Too many requests, exceeding workflow throttling limits.",
            Self::Throttled => "Too many requests, exceeding throttling limits.",
            Self::AccessForbidden => "Access was forbidden.",
            Self::Locked => "The subscription or resource group was locked.",
            Self::CallerPermissions => {
                "Caller is missing required playbook-triggering permissions on the playbook, or Microsoft Sentinel \
                 is missing permissions on it."
            }
            Self::InvalidCredentials => "Invalid credentials in connection.",
            Self::InvalidId => "The playbook's ARM ID is not valid.",
        }
    }
}

/// `Could not trigger playbook: {name}. …`
pub fn playbook_failure(playbook: &str, failure: PlaybookFailure) -> String {
    format!("Could not trigger playbook: {playbook}. {}", failure.reason())
}

/// `Could not add task: {title}. Incident/alert was not found.`
pub fn task_subject_not_found(title: &str) -> String {
    format!("Could not add task: {title}. Incident/alert was not found.")
}

/// `Could not add task: {title}. Incident already contains the maximum allowed number of tasks.`
pub fn task_limit_reached(title: &str) -> String {
    format!("Could not add task: {title}. Incident already contains the maximum allowed number of tasks.")
}

/// `Could not modify property: {property}. Incident/alert was not found.`
pub fn property_subject_not_found(property: &str) -> String {
    format!("Could not modify property: {property}. Incident/alert was not found.")
}

/// `Could not modify property: {property}. Too many requests, exceeding throttling limits.`
pub fn property_throttled(property: &str) -> String {
    format!("Could not modify property: {property}. Too many requests, exceeding throttling limits.")
}
