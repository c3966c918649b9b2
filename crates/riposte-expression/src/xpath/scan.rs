//! Tokens of XPath.

use crate::xml::is_name_part;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, with its prefix if it has one.
    Name(String),
    Literal(String),
    Number(f64),
    /// `(`, `)`, `[`, `]`, `.`, `..`, `@`, `,`, `::`, `/`, `//`, `|`, `+`, `-`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `*`, `$`
    Symbol(&'static str),
}

const SYMBOLS: [&str; 22] = [
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ".", "@", ",", "/", "|", "+", "-", "=", "<", ">",
    "*", "$",
];

/// Splits an expression into tokens.
pub(super) fn scan(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(c) = rest.chars().next() else {
            return Ok(tokens);
        };
        let digit_follows = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if c.is_ascii_digit() || (c == '.' && digit_follows) {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            let (number, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            tokens.push(Token::Number(number.parse().map_err(|_| format!("'{number}' is not a number"))?));
            rest = after;
        } else if c == '\'' || c == '"' {
            let (literal, after) = rest
                .get(1..)
                .and_then(|body| body.split_once(c))
                .ok_or_else(|| "a literal is not terminated".to_owned())?;
            tokens.push(Token::Literal(literal.to_owned()));
            rest = after;
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push(Token::Symbol(symbol));
            rest = rest.get(symbol.len()..).unwrap_or_default();
        } else {
            let (name, after) = name(rest).ok_or_else(|| format!("the character '{c}' is not expected"))?;
            tokens.push(Token::Name(name.to_owned()));
            rest = after;
        }
    }
}

/// A name at the beginning of a text; `prefix:*` counts as one.
fn name(text: &str) -> Option<(&str, &str)> {
    let part = |text: &str| text.find(|c| !is_name_part(c)).unwrap_or(text.len());
    let mut end = part(text);
    if end == 0 {
        return None;
    }
    let after = text.get(end..)?;
    if let Some(local) = after.strip_prefix(':').filter(|local| !local.starts_with(':')) {
        end += match part(local) {
            0 if local.starts_with('*') => 2,
            0 => return None,
            length => 1 + length,
        };
    }
    text.split_at_checked(end)
}
