//! What the engine answers when it cannot do what was asked. A refused call has changed nothing.

use crate::access::{Caller, Principal};
use riposte_diagnostic::Diagnostic;

/// What kind of refusal it is; the server turns it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is at fault.
    BadRequest,
    /// Nobody is signed in.
    Unauthorized,
    /// Who asks may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// It was there and is not any more.
    Gone,
    /// It has changed meanwhile, or stands in the way.
    Conflict,
    /// What the writer asked of the resource beforehand does not hold.
    PreconditionFailed,
    /// The request is larger than allowed.
    TooLarge,
    /// As much as may wait is waiting.
    TooManyRequests,
    /// Not now; the same request may work later.
    Unavailable,
    /// A fault of the engine's own.
    Internal,
}

/// A refusal: a code and a message in Azure's style, and diagnostics where the input is at fault.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    /// A stable name, Azure's where it has one.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
    /// Details, where the input is at fault.
    pub diagnostics: Vec<Diagnostic>,
}

const STORE_CLOSED: &str = "ServiceUnavailable";
const STORE_UNREACHABLE: &str = "StoreUnreachable";
const LOST_OWNERSHIP: &str = "LostOwnership";
const OUTCOME_UNKNOWN: &str = "OutcomeUnknown";
const MAIL_UNSEEN: &str = "MailUnseen";

/// The engine's results.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error without details.
    pub fn new(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), diagnostics: Vec::new() }
    }

    /// A fault in the request.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, "BadRequest", message)
    }

    /// No role assignment allows it; Azure's words.
    pub fn forbidden(caller: &Caller, action: &str, scope: &str) -> Self {
        let Principal { id, name, .. } = &caller.principal;
        let message = format!(
            "The client '{name}' with object id '{id}' does not have authorization to perform action '{action}' over \
             scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        );
        Self::new(ErrorKind::Forbidden, "AuthorizationFailed", message)
    }

    /// Faults in the request: the first is the message, all are the details.
    pub fn invalid(diagnostics: Vec<Diagnostic>) -> Self {
        let first = diagnostics.iter().find(|d| d.is_error()).or(diagnostics.first());
        let message = first.map_or_else(
            || "the request is not valid".to_owned(),
            |d| match &d.location.path {
                Some(path) => format!("{path}: {}", d.message),
                None => d.message.clone(),
            },
        );
        Self { diagnostics, ..Self::bad_request(message) }
    }

    /// There is no such resource, in Azure's words.
    pub fn resource_not_found(id: &str) -> Self {
        Self::new(ErrorKind::NotFound, "ResourceNotFound", format!("The Resource '{id}' was not found."))
    }

    /// There is no such part of a resource.
    pub fn not_found(what: &str, name: &str) -> Self {
        Self::new(ErrorKind::NotFound, "NotFound", format!("{what} '{name}' does not exist."))
    }

    /// The etag is stale, in Azure's words.
    pub fn stale(name: &str) -> Self {
        let message = format!("Newer version of resource '{name}' exists. Data was not saved");
        Self::new(ErrorKind::Conflict, "Conflict", message)
    }

    /// Whether another node has taken over what this one worked on.
    pub(crate) fn is_lost_ownership(&self) -> bool {
        self.code == LOST_OWNERSHIP
    }

    /// Whether the database cannot be reached now.
    pub(crate) fn is_store_unreachable(&self) -> bool {
        self.code == STORE_UNREACHABLE
    }

    /// Whether it is not known what became of the change.
    pub(crate) fn is_outcome_unknown(&self) -> bool {
        self.code == OUTCOME_UNKNOWN
    }

    /// Something came for a run that its last steps did not know of, and that would have led elsewhere.
    pub(crate) fn mail_unseen() -> Self {
        Self::new(ErrorKind::Conflict, MAIL_UNSEEN, "something came for the run before its time was over")
    }

    /// Whether it is that.
    pub(crate) fn is_mail_unseen(&self) -> bool {
        self.code == MAIL_UNSEEN
    }

    /// Whether the change went down inside the store, or the store is closed.
    pub(crate) fn is_store_closed(&self) -> bool {
        self.code == STORE_CLOSED
    }

    /// A fault of the engine's own.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, "InternalServerError", message)
    }
}

impl From<riposte_store::Error> for Error {
    fn from(error: riposte_store::Error) -> Self {
        match error {
            riposte_store::Error::Closed => {
                Self::new(ErrorKind::Unavailable, STORE_CLOSED, "the store is closed")
            }
            riposte_store::Error::Unreachable(_) => {
                Self::new(ErrorKind::Unavailable, STORE_UNREACHABLE, error.to_string())
            }
            riposte_store::Error::Unknown => {
                Self::new(ErrorKind::Unavailable, OUTCOME_UNKNOWN, error.to_string())
            }
            riposte_store::Error::LostOwnership => {
                Self::new(ErrorKind::Unavailable, LOST_OWNERSHIP, error.to_string())
            }
            riposte_store::Error::Unstorable => Self::bad_request(error.to_string()),
            riposte_store::Error::InUse(_) => {
                Self::new(ErrorKind::Unavailable, "DataInUse", error.to_string())
            }
            riposte_store::Error::Secret(_)
            | riposte_store::Error::TooNew { .. }
            | riposte_store::Error::Address(_) => {
                Self::new(ErrorKind::Unavailable, "DataUnusable", error.to_string())
            }
            other => Self::internal(other.to_string()),
        }
    }
}
