//! What Riposte says about faulty input: severity, code, location, message and what to do.
//!
//! A message is one lower-case line without a full stop, with the user's input in backticks; *where* is the
//! [`Location`], *what to do* is the help. Checking collects: it hands back every diagnostic, not only the first.
//!
//! ```
//! use riposte_diagnostic::Diagnostic;
//!
//! let diagnostic = Diagnostic::error("UnknownActionType", "action type `Htpp` is not known")
//!     .at("$.definition.actions.Call.type")
//!     .help("did you mean `Http`?");
//! assert_eq!(diagnostic.severity.as_str(), "error");
//! ```

mod excerpt;
mod render;

pub use render::is_direction;

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing needs to change.
    Info,
    /// Works here; may surprise, or would not work in Azure.
    Warning,
    /// Does not work.
    Error,
}

impl Severity {
    /// The lower-case name, as in JSON output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A range of byte offsets in [`Location::source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// Where a diagnostic points.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The file as the user named it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// A JSON path such as `$.resources[0].properties.definition`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// One-based line and column in the file, where the text itself could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<(u32, u32)>,
    /// The text that `span` points into (an expression, for example).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// The faulty part of `source`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub span: Option<Span>,
}

/// One thing to tell about some input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// A stable name, in the style of Azure's error codes (`InvalidTemplate`, `UnknownActionType`).
    pub code: Cow<'static, str>,
    /// Where it points.
    #[serde(flatten)]
    pub location: Location,
    /// What is wrong: one lower-case line, user input in backticks.
    pub message: String,
    /// What else is worth knowing, such as the values that were there; a line each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without a location.
    pub fn new(severity: Severity, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.into(),
            location: Location::default(),
            message: message.into(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// An error: the input does not work.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning: it works, but may surprise.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A note.
    pub fn info(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    /// Points it at a JSON path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.location.path = Some(path.into());
        self
    }

    /// Points it at a file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.location.file = Some(file.into());
        self
    }

    /// Points it at a one-based line and column.
    #[must_use]
    pub fn at_line(mut self, line: u32, column: u32) -> Self {
        self.location.line = Some((line, column));
        self
    }

    /// Points it at part of a text.
    #[must_use]
    pub fn in_source(mut self, source: impl Into<String>, start: usize, end: usize) -> Self {
        self.location.source = Some(source.into());
        self.location.span = Some(Span { start, end });
        self
    }

    /// Adds what else is worth knowing.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Whether any of the diagnostics is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(Diagnostic::is_error)
}

/// Appends a property to a JSON path: `$.a` + `b` is `$.a.b`, and a name that is no identifier is quoted.
pub fn join_path(path: &str, property: &str) -> String {
    let plain = property.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'));
    if plain && !property.is_empty() {
        format!("{path}.{property}")
    } else {
        format!("{path}['{}']", property.replace('\'', "\\'"))
    }
}

/// Appends an index to a JSON path.
pub fn join_index(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// The candidate nearest to `name` if it is near enough to be a slip of the pen.
///
/// ```
/// use riposte_diagnostic::nearest;
/// assert_eq!(nearest("trigerBody", ["triggerBody", "body"]), Some("triggerBody"));
/// assert_eq!(nearest("itme", ["items", "item"]), Some("item"));
/// assert_eq!(nearest("xyz", ["triggerBody", "body"]), None);
/// // One letter for another is no slip if there is no other letter.
/// assert_eq!(nearest("x", ["y"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        // So long a name cannot be near; and a name from elsewhere may be very long.
        .filter(|candidate| candidate.len() <= 4 * (length + limit))
        .map(|candidate| (edit_distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit && *distance < length)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, replaced, or exchanged with their neighbour.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, ca) in a.chars().enumerate() {
        let mut row = Vec::with_capacity(last.len());
        let mut left = i + 1;
        row.push(left);
        let mut previous_b = None;
        for (j, cb) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let substituted = at(&last, j) + usize::from(ca != *cb);
            let mut best = substituted.min(at(&last, j + 1) + 1).min(left + 1);
            if previous_a == Some(*cb) && previous_b == Some(ca) {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
            left = best;
            previous_b = Some(*cb);
        }
        previous_a = Some(ca);
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}
