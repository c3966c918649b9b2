//! Tokens of the expression language.

use crate::error::ParseError;
use riposte_diagnostic::Span;
use riposte_value::Text;

/// A token with the place where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    Identifier(Text),
    String(Text),
    Integer(i64),
    Float(f64),
    LeftParenthesis,
    RightParenthesis,
    LeftSquareBracket,
    RightSquareBracket,
    LeftCurlyBracket,
    RightCurlyBracket,
    Comma,
    Dot,
    QuestionMark,
    End,
}

impl TokenKind {
    /// The name of the token in messages, as the service writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Identifier(_) => "Identifier",
            Self::String(_) => "StringLiteral",
            Self::Integer(_) => "Integer",
            Self::Float(_) => "Float",
            Self::LeftParenthesis => "LeftParenthesis",
            Self::RightParenthesis => "RightParenthesis",
            Self::LeftSquareBracket => "LeftSquareBracket",
            Self::RightSquareBracket => "RightSquareBracket",
            Self::LeftCurlyBracket => "LeftCurlyBracket",
            Self::RightCurlyBracket => "RightCurlyBracket",
            Self::Comma => "Comma",
            Self::Dot => "Dot",
            Self::QuestionMark => "QuestionMark",
            Self::End => "EndOfData",
        }
    }
}

/// Reads tokens one by one, so that a template can stop at the `}` that ends an interpolation.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// Where the next token is looked for.
    pub fn position(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, start: usize, end: usize, message: impl Into<String>) -> ParseError {
        ParseError::new(self.text, Span { start, end }, message)
    }

    pub fn next(&mut self) -> Result<Token, ParseError> {
        self.at += self.rest().len() - self.rest().trim_start_matches(is_blank).len();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token { kind: TokenKind::End, span: Span { start, end: start } });
        };
        let kind = match first {
            '(' => self.single(TokenKind::LeftParenthesis),
            ')' => self.single(TokenKind::RightParenthesis),
            '[' => self.single(TokenKind::LeftSquareBracket),
            ']' => self.single(TokenKind::RightSquareBracket),
            '{' => self.single(TokenKind::LeftCurlyBracket),
            '}' => self.single(TokenKind::RightCurlyBracket),
            ',' => self.single(TokenKind::Comma),
            '.' => self.single(TokenKind::Dot),
            '?' => self.single(TokenKind::QuestionMark),
            '\'' => self.string(start)?,
            '"' => {
                return Err(self
                    .error(start, start + 1, "double quotation marks cannot be used in an expression")
                    .help("put text between single quotation marks"));
            }
            '0'..='9' | '+' | '-' => self.number(start)?,
            c if is_identifier(c) => self.identifier(),
            c => {
                let end = start + c.len_utf8();
                return Err(self.error(start, end, format!("the character '{c}' is not expected")));
            }
        };
        Ok(Token { kind, span: Span { start, end: self.at } })
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    fn identifier(&mut self) -> TokenKind {
        let rest = self.rest();
        let end = rest.find(|c| !is_identifier(c)).unwrap_or(rest.len());
        self.at += end;
        TokenKind::Identifier(Text::new(rest.get(..end).unwrap_or_default()))
    }

    /// `'…'` with `''` for a quotation mark; there are no other escapes.
    fn string(&mut self, start: usize) -> Result<TokenKind, ParseError> {
        let body = self.text.get(start + 1..).unwrap_or_default();
        let mut quotes = 0;
        let mut at = 0;
        loop {
            let Some(quote) = body.get(at..).and_then(|rest| rest.find('\'')) else {
                return Err(self
                    .error(start, self.text.len(), "the string literal is not terminated")
                    .help("close it with a single quotation mark; inside, write the mark twice"));
            };
            at += quote + 1;
            if body.as_bytes().get(at) != Some(&b'\'') {
                break;
            }
            quotes += 1;
            at += 1;
        }
        self.at = start + 1 + at;
        let inner = body.get(..at - 1).unwrap_or_default();
        Ok(TokenKind::String(if quotes == 0 {
            Text::new(inner)
        } else {
            Text::from(inner.replace("''", "'"))
        }))
    }

    /// `[+-] digits [. digits] [e [+-] digits]`; a sign may stand before a point, a point alone may not begin one.
    fn number(&mut self, start: usize) -> Result<TokenKind, ParseError> {
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            let from = at;
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            (at, at - from)
        };
        let sign = usize::from(matches!(bytes.get(start), Some(b'+' | b'-')));
        let (mut at, whole) = digits(start + sign);
        let mut float = false;
        let mut fraction = 0;
        if bytes.get(at) == Some(&b'.') {
            float = true;
            (at, fraction) = digits(at + 1);
        }
        let mut well_formed = whole + fraction > 0;
        if well_formed && matches!(bytes.get(at), Some(b'e' | b'E')) {
            float = true;
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent;
            (at, exponent) = digits(at + 1 + sign);
            well_formed = exponent > 0;
        }
        self.at = at;
        let after = self.rest().chars().next();
        if !well_formed || after.is_some_and(is_identifier) {
            let end = (at + after.map_or(0, char::len_utf8)).max(start + 1);
            return Err(self.error(start, end, "the number is not well-formed"));
        }
        let text = self.text.get(start..at).unwrap_or_default();
        let kind = if float {
            text.parse().ok().filter(|f: &f64| f.is_finite()).map(TokenKind::Float)
        } else {
            text.parse().ok().map(TokenKind::Integer)
        };
        kind.ok_or_else(|| self.error(start, at, format!("the number '{text}' is out of range")))
    }
}

/// White space as .NET's `Char.IsWhiteSpace` has it; Rust's set is the same.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

/// What names may hold, as the designer's scanner has it.
pub(crate) fn is_identifier(c: char) -> bool {
    !matches!(c, '.' | ',' | '(' | ')' | '{' | '}' | '@' | '[' | ']' | '?' | '\'' | '"') && !is_blank(c)
}
