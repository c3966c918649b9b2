//! Path templates of a definition, and the paths that playbooks call.

use crate::error::CallError;
use crate::query::{decode_component, encode_address, encode_component, read_query};
use riposte_value::Text;

/// A path template such as `/api/v3/files/{id}` or `/me/taskfolders('{folder_id}')/tasks`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathTemplate {
    segments: Vec<Vec<Piece>>,
    /// Constants of a template with a query (`/search?kind=ip`): only a call that says the same is meant.
    query: Vec<(Text, Text)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(Text),
    Parameter(Text),
}

/// A path that a playbook calls: segments as written, and what stood after `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CalledPath {
    raw: Vec<Text>,
    decoded: Vec<Text>,
    /// Names and values of the path's own query.
    pub(crate) query: Vec<(Text, Text)>,
}

/// A template that fits a path: the values of its parameters, and how literal the fit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathMatch {
    /// Names and values, decoded once.
    pub(crate) parameters: Vec<(Text, Text)>,
    /// Compares greater where earlier segments fit more literally.
    pub(crate) rank: Vec<u8>,
}

impl CalledPath {
    /// Reads a path. One that climbs (`..`) is refused: it would leave the operation that it names.
    pub(crate) fn read(path: &str) -> Result<Self, CallError> {
        let without_fragment = path.split('#').next().unwrap_or_default();
        let (path, query) = without_fragment.split_once('?').unwrap_or((without_fragment, ""));
        let raw: Vec<Text> = segments(path).map(Text::new).collect();
        let decoded: Vec<Text> = raw.iter().map(|segment| Text::from(decode_component(segment))).collect();
        if decoded.iter().any(|segment| matches!(segment.as_str(), "." | "..")) {
            return Err(CallError::bad_request("a segment of the `path` is `.` or `..`")
                .help("a value in the path must not climb out of the operation that it belongs to"));
        }
        Ok(Self { raw, decoded, query: read_query(query) })
    }

    /// The path as it was written, encoded where an address demands it.
    pub(crate) fn as_address(&self) -> String {
        let mut out = String::new();
        for segment in &self.raw {
            out.push('/');
            out.push_str(&encode_address(segment));
        }
        out
    }
}

impl PathTemplate {
    /// Reads a template.
    pub(crate) fn read(template: &str) -> Self {
        let without_fragment = template.split('#').next().unwrap_or_default();
        let (path, query) = without_fragment.split_once('?').unwrap_or((without_fragment, ""));
        // A constant only; `{value}` in a template's query is a parameter like any other query parameter.
        let query = read_query(query).into_iter().filter(|(_, value)| !value.contains('{')).collect();
        Self { segments: segments(path).map(read_segment).collect(), query }
    }

    /// Constants of the template's query.
    pub(crate) fn query(&self) -> &[(Text, Text)] {
        &self.query
    }

    /// Fits a path, if it does. Literals are compared without regard to case; a slash at the end may be missing.
    pub(crate) fn matches(&self, path: &CalledPath, queries: &[(Text, Text)]) -> Option<PathMatch> {
        let (own, called) =
            (without_end(&self.segments, Vec::is_empty), without_end(&path.decoded, Text::is_empty));
        // An empty last value is a value: `/incident/{id}` fits `/incident/`.
        let called = if own.len() == called.len() + 1 { path.decoded.as_slice() } else { called };
        if own.len() != called.len() {
            return None;
        }
        let says = |(name, value): &(Text, Text)| {
            queries.iter().any(|(n, v)| n.eq_ignore_ascii_case(name) && v.eq_ignore_ascii_case(value))
        };
        if !self.query.iter().all(says) {
            return None;
        }
        let mut fit = PathMatch { parameters: Vec::new(), rank: Vec::with_capacity(own.len() + 1) };
        for (pieces, segment) in own.iter().zip(called) {
            fit.rank.push(match_segment(pieces, segment, &mut fit.parameters)?);
        }
        fit.rank.push(u8::try_from(self.query.len()).unwrap_or(u8::MAX));
        Some(fit)
    }

    /// The path with values put in, each encoded once.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> Text) -> String {
        let mut out = String::new();
        for segment in &self.segments {
            out.push('/');
            for piece in segment {
                match piece {
                    Piece::Literal(text) => out.push_str(&encode_address(text)),
                    Piece::Parameter(name) => out.push_str(&encode_component(&value(name))),
                }
            }
        }
        out
    }
}

/// The segments of a path without its leading slash.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

/// Without one empty segment at the end, unless nothing else is there.
fn without_end<T>(segments: &[T], is_empty: impl Fn(&T) -> bool) -> &[T] {
    match segments {
        [before @ .., last] if !before.is_empty() && is_empty(last) => before,
        _ => segments,
    }
}

fn read_segment(segment: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = segment;
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(Text::new(literal)));
        }
        pieces.push(Piece::Parameter(Text::new(name.trim())));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(Text::new(rest)));
    }
    pieces
}

/// Fits one segment and returns how literally: 2 for a literal, 1 for a mixture, 0 for a parameter alone.
fn match_segment(pieces: &[Piece], segment: &str, found: &mut Vec<(Text, Text)>) -> Option<u8> {
    match pieces {
        [] => segment.is_empty().then_some(2),
        [Piece::Literal(text)] => {
            let same =
                text.eq_ignore_ascii_case(segment) || decode_component(text).eq_ignore_ascii_case(segment);
            same.then_some(2)
        }
        [Piece::Parameter(name)] => {
            found.push((name.clone(), Text::new(segment)));
            Some(0)
        }
        _ => match_mixture(pieces, segment, found).then_some(1),
    }
}

/// Literals between parameters are found leftmost, the last literal at the end; that decides every such pattern.
fn match_mixture(pieces: &[Piece], segment: &str, found: &mut Vec<(Text, Text)>) -> bool {
    let mut rest = segment;
    let mut open: Option<&Text> = None;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Parameter(name) => {
                // Two parameters side by side: the first is empty.
                if let Some(before) = open.replace(name) {
                    found.push((before.clone(), Text::default()));
                }
            }
            Piece::Literal(literal) => {
                let last = index + 1 == pieces.len();
                let Some((before, after)) = split_at_literal(rest, literal, last) else { return false };
                match open.take() {
                    Some(name) => found.push((name.clone(), Text::new(before))),
                    None if before.is_empty() => {}
                    None => return false,
                }
                rest = after;
            }
        }
    }
    match open {
        Some(name) => {
            found.push((name.clone(), Text::new(rest)));
            true
        }
        None => rest.is_empty(),
    }
}

/// What lies before and after a literal: its last occurrence at the very end, or its first one.
fn split_at_literal<'a>(text: &'a str, literal: &str, at_end: bool) -> Option<(&'a str, &'a str)> {
    // Lower case of ASCII keeps every byte's place.
    let (lower, wanted) = (text.to_ascii_lowercase(), literal.to_ascii_lowercase());
    let start = if at_end { lower.strip_suffix(&wanted)?.len() } else { lower.find(&wanted)? };
    Some((text.get(..start)?, text.get(start + literal.len()..)?))
}
