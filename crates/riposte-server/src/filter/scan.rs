//! The words of a filter.

use super::error::Error;

/// A word and the character at which it starts, counted from one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Comma,
    /// `'it''s'`, as its content.
    Text(String),
    /// A name, an operator, a number, a date, a GUID: told apart by the reader.
    Word(String),
}

pub(super) fn scan(text: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().enumerate().map(|(i, c)| (i + 1, c)).peekable();
    while let Some((at, c)) = characters.next() {
        let kind = match c {
            c if c.is_whitespace() => continue,
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '\'' => TokenKind::Text(quoted(&mut characters, at)?),
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some((_, c)) = characters.next_if(|(_, c)| is_word(*c)) {
                    word.push(c);
                }
                TokenKind::Word(word)
            }
            c => return Err(Error::new(format!("unexpected `{}`", c.escape_debug()), at)),
        };
        tokens.push(Token { kind, at });
    }
    Ok(tokens)
}

/// The rest of a text literal; a doubled quote is a quote.
fn quoted(
    characters: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>,
    at: usize,
) -> Result<String, Error> {
    let mut text = String::new();
    while let Some((_, c)) = characters.next() {
        if c != '\'' {
            text.push(c);
        } else if characters.next_if(|(_, c)| *c == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err(Error::new("a text without its closing quote", at)
        .help("a quote inside a text is written twice: `'it''s'`"))
}

/// Letters, digits and what names, numbers and dates hold: `properties/title`, `-1.5e3`, `2024-01-01T00:00:00+01:00`.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_/.$@:+-".contains(c)
}
