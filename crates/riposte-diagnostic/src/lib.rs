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

mod render;

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
/// assert_eq!(riposte_diagnostic::nearest("trigerBody", ["triggerBody", "body"]), Some("triggerBody"));
/// assert_eq!(riposte_diagnostic::nearest("xyz", ["triggerBody", "body"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (edit_distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (cb, above) in b.iter().zip(row.iter().skip(1)) {
            let substituted = diagonal + usize::from(ca != *cb);
            left = substituted.min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
