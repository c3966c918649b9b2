//! Texts of policies: literals with `@connectionParameters('n'[, 'default'])`, `@headers('n')`, `@queryParameters('n')`,
//! `@body().a.b`, `@Request.OriginalHTTPMethod` and `{pathParameter}` in them.

use riposte_value::Text;

/// A text, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyText {
    pub(crate) pieces: Vec<PolicyPiece>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PolicyPiece {
    Literal(Text),
    ConnectionParameter(Text, Option<Text>),
    Header(Text, Option<Text>),
    Query(Text, Option<Text>),
    Body(Vec<Text>),
    PathParameter(Text),
    OriginalMethod,
}

type Make = fn(Text, Option<Text>) -> PolicyPiece;

/// A function of the little language, and the piece that it makes.
const FUNCTIONS: &[(&str, Make)] = &[
    ("connectionparameters", PolicyPiece::ConnectionParameter),
    ("connectionparameter", PolicyPiece::ConnectionParameter),
    ("headers", PolicyPiece::Header),
    ("header", PolicyPiece::Header),
    ("queryparameters", PolicyPiece::Query),
    ("queryparameter", PolicyPiece::Query),
];

impl PolicyText {
    /// Reads a text.
    ///
    /// # Errors
    /// Names the expression that is not supported.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut reader = Reader { pieces: Vec::new(), literal: String::new() };
        let mut rest = text;
        while let Some(at) = rest.find(['@', '{']) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            reader.literal.push_str(before);
            rest = if from.starts_with('@') { reader.expression(from)? } else { reader.parameter(from) };
        }
        reader.literal.push_str(rest);
        reader.flush();
        Ok(Self { pieces: reader.pieces })
    }
}

struct Reader {
    pieces: Vec<PolicyPiece>,
    literal: String,
}

impl Reader {
    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(PolicyPiece::Literal(Text::from(std::mem::take(&mut self.literal))));
        }
    }

    fn push(&mut self, piece: PolicyPiece) {
        self.flush();
        self.pieces.push(piece);
    }

    /// `{name}`; a brace that closes nowhere is a literal.
    fn parameter<'a>(&mut self, from: &'a str) -> &'a str {
        let inside = from.strip_prefix('{').unwrap_or(from);
        match inside.split_once('}') {
            Some((name, after)) if !name.is_empty() => {
                self.push(PolicyPiece::PathParameter(Text::new(name.trim())));
                after
            }
            _ => {
                self.literal.push('{');
                inside
            }
        }
    }

    /// `@name(…)` or `@Request.OriginalHTTPMethod`; an `@` before anything else is a literal.
    fn expression<'a>(&mut self, from: &'a str) -> Result<&'a str, String> {
        let inside = from.strip_prefix('@').unwrap_or(from);
        let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(inside.len());
        let (name, after) = inside.split_at_checked(end).unwrap_or((inside, ""));
        if name.eq_ignore_ascii_case("Request.OriginalHTTPMethod") {
            self.push(PolicyPiece::OriginalMethod);
            return Ok(after);
        }
        let Some(arguments) = after.strip_prefix('(') else {
            self.literal.push('@');
            return Ok(inside);
        };
        if name.eq_ignore_ascii_case("body") {
            let after = arguments.strip_prefix(')').ok_or_else(|| unsupported(from))?;
            let end = after
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-')))
                .unwrap_or(after.len());
            let (path, after) = after.split_at_checked(end).unwrap_or((after, ""));
            self.push(PolicyPiece::Body(super::split_properties(path).ok_or_else(|| unsupported(from))?));
            return Ok(after);
        }
        let lower = name.to_ascii_lowercase();
        let (_, make) =
            FUNCTIONS.iter().find(|(known, _)| *known == lower).ok_or_else(|| unsupported(from))?;
        let (name, default, after) = read_arguments(arguments).ok_or_else(|| unsupported(from))?;
        self.push(make(name, default));
        Ok(after)
    }
}

/// `'name')…` or `'name', 'default')…`: the name, the default, and what follows.
fn read_arguments(text: &str) -> Option<(Text, Option<Text>, &str)> {
    let (name, rest) = read_argument(text)?;
    let rest = rest.trim_start();
    if let Some(after) = rest.strip_prefix(')') {
        return Some((name, None, after));
    }
    let (default, rest) = read_argument(rest.strip_prefix(',')?)?;
    Some((name, Some(default), rest.trim_start().strip_prefix(')')?))
}

fn read_argument(text: &str) -> Option<(Text, &str)> {
    let inside = text.trim_start().strip_prefix('\'')?;
    let (name, rest) = inside.split_once('\'')?;
    Some((Text::new(name), rest))
}

fn unsupported(from: &str) -> String {
    let shown: String = from.chars().take(60).collect();
    format!("the expression `{shown}` is not supported")
}
