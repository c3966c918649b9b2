//! Custom formats taken apart: fields, and text that stands for itself.

use super::format::BadFormat;

/// A piece of a custom format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A letter that stands for a field, so many times.
    Field(u8, usize),
    /// Text as it is.
    Literal(&'a str),
}

/// The pieces of a custom format, in order.
pub(super) struct Pieces<'a> {
    rest: &'a str,
    /// The quotation mark that the text at hand is within.
    quote: Option<u8>,
}

impl<'a> Pieces<'a> {
    pub(super) const fn new(format: &'a str) -> Self {
        Self { rest: format, quote: None }
    }

    /// What is yet to be taken.
    pub(super) const fn rest(&self) -> &'a str {
        self.rest
    }

    /// Takes bytes off the front.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes a backslash and what it escapes.
    fn escaped(&mut self) -> Result<Piece<'a>, BadFormat> {
        self.take(1);
        let escaped = self.rest.chars().next().ok_or(BadFormat)?;
        Ok(Piece::Literal(self.take(escaped.len_utf8())))
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'a>>, BadFormat> {
        if let Some(quote) = self.quote {
            return self.quoted(quote).map(Some);
        }
        let Some(&first) = self.rest.as_bytes().first() else {
            return Ok(None);
        };
        let piece = match first {
            b'\'' | b'"' => {
                self.take(1);
                self.quoted(first)?
            }
            b'\\' => self.escaped()?,
            b'%' => {
                self.take(1);
                let only = self.rest.chars().next().filter(|c| !matches!(c, '%' | '\'' | '"' | '\\'));
                let only = self.take(only.ok_or(BadFormat)?.len_utf8());
                match only.as_bytes() {
                    [field] if is_field(*field) => Piece::Field(*field, 1),
                    _ => Piece::Literal(only),
                }
            }
            field if is_field(field) => {
                let count = self.rest.bytes().take_while(|byte| *byte == field).count();
                self.take(count);
                Piece::Field(field, count)
            }
            _ => {
                let end = self.rest.bytes().position(is_special).unwrap_or(self.rest.len());
                Piece::Literal(self.take(end))
            }
        };
        Ok(Some(piece))
    }

    /// Text up to the closing quotation mark, or to a backslash on the way there.
    fn quoted(&mut self, quote: u8) -> Result<Piece<'a>, BadFormat> {
        self.quote = Some(quote);
        let end = self.rest.bytes().position(|byte| byte == quote || byte == b'\\').ok_or(BadFormat)?;
        if end == 0 && self.rest.starts_with('\\') {
            return self.escaped();
        }
        let text = self.take(end);
        if !self.rest.starts_with('\\') {
            self.take(1);
            self.quote = None;
        }
        Ok(Piece::Literal(text))
    }
}

const fn is_field(byte: u8) -> bool {
    matches!(
        byte,
        b'd' | b'f'
            | b'F'
            | b'g'
            | b'h'
            | b'H'
            | b'K'
            | b'm'
            | b'M'
            | b's'
            | b't'
            | b'y'
            | b'z'
            | b':'
            | b'/'
    )
}

const fn is_special(byte: u8) -> bool {
    is_field(byte) || matches!(byte, b'\'' | b'"' | b'\\' | b'%')
}
