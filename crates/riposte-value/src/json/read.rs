//! Reading JSON text. Recursive descent with a bound on depth; the lenient form accepts what Json.NET accepts, since
//! Azure's clients and template authors rely on it.

use super::DEPTH_MAX;
use crate::{Decimal, Object, Text, Value};
use std::fmt;

/// What the reader accepts.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Accept single quotes, comments, trailing commas, names without quotes and raw line breaks in text.
    pub lenient: bool,
    /// Accept text that ends before its arrays and objects are closed.
    pub unclosed: bool,
    /// How deep arrays and objects may nest.
    pub depth_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { lenient: false, unclosed: false, depth_max: DEPTH_MAX }
    }
}

/// Why text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Byte offset.
    pub offset: usize,
    /// One-based line.
    pub line: u32,
    /// One-based column, in characters.
    pub column: u32,
    /// Whether the text was refused for its depth only.
    pub too_deep: bool,
}

impl Error {
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { message: message.into(), offset, line: narrow(line), column: narrow(column), too_deep: false }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {}, column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for Error {}

/// Reads one JSON value and nothing after it.
pub fn read(text: &str, options: Options) -> Result<Value, Error> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, depth: 0, options };
    if text.starts_with('\u{feff}') {
        reader.at = 3;
    }
    reader.skip_blanks()?;
    let value = reader.value()?;
    reader.skip_blanks()?;
    if reader.at < reader.bytes.len() {
        return Err(reader.error("unexpected text after the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    options: Options,
}

impl Reader<'_> {
    fn error(&self, message: impl Into<String>) -> Error {
        Error::at(self.text, self.at, message)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn unexpected(&self) -> Error {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => self.error("unexpected end of text"),
            Some(c) => self.error(format!("unexpected `{}`", c.escape_debug())),
        }
    }

    fn skip_blanks(&mut self) -> Result<(), Error> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                Some(b'/') if self.options.lenient => self.skip_comment()?,
                _ if self.options.lenient => match self.other_blank() {
                    Some(blank) => self.at += blank.len_utf8(),
                    None => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    /// After a name no comment may stand, not even in the lenient form.
    fn skip_to_colon(&mut self) -> Result<(), Error> {
        if !self.options.lenient {
            return self.skip_blanks();
        }
        while let Some(blank) = self.other_blank() {
            self.at += blank.len_utf8();
        }
        Ok(())
    }

    /// White space that JSON does not know and .NET does, or a byte order mark.
    fn other_blank(&self) -> Option<char> {
        let next = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        next.filter(|c| c.is_whitespace() || *c == '\u{feff}')
    }

    fn skip_comment(&mut self) -> Result<(), Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").ok_or_else(|| self.error("unclosed comment"))?;
            self.at += end + 2;
        } else {
            return Err(self.unexpected());
        }
        Ok(())
    }

    fn value(&mut self) -> Result<Value, Error> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::String(self.string(b'"')?)),
            Some(b'\'') if self.options.lenient => Ok(Value::String(self.string(b'\'')?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'.') if self.options.lenient => self.number(),
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word(),
            _ => Err(self.unexpected()),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        if self.depth >= self.options.depth_max {
            let message = format!("nested deeper than {} levels", self.options.depth_max);
            return Err(Error { too_deep: true, ..self.error(message) });
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value, Error> {
        let mut items = Vec::new();
        loop {
            self.skip_blanks()?;
            if self.closes(b']', items.is_empty())? {
                return Ok(Value::from(items));
            }
            // Json.NET reads nothing between commas as an undefined value.
            let absent = self.options.lenient && self.peek() == Some(b',');
            items.push(if absent { Value::Null } else { self.value()? });
            if !self.another(b']')? {
                return Ok(Value::from(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value, Error> {
        let mut object = Object::new();
        loop {
            self.skip_blanks()?;
            if self.closes(b'}', object.is_empty())? {
                return Ok(Value::from(object));
            }
            let name = self.name()?;
            self.skip_to_colon()?;
            if self.peek() != Some(b':') {
                return Err(self.unexpected());
            }
            self.at += 1;
            self.skip_blanks()?;
            let value = self.value()?;
            object.insert_last(name, value);
            if !self.another(b'}')? {
                return Ok(Value::from(object));
            }
        }
    }

    /// Whether the container ends here, where an item may stand.
    fn closes(&mut self, close: u8, empty: bool) -> Result<bool, Error> {
        match self.peek() {
            Some(b) if b == close => {
                if !(empty || self.options.lenient) {
                    return Err(self.error("a comma with nothing after it"));
                }
                self.at += 1;
                Ok(true)
            }
            None if self.options.unclosed => Ok(true),
            _ => Ok(false),
        }
    }

    /// After an item: whether a comma leads to another one, or the container ends.
    fn another(&mut self, close: u8) -> Result<bool, Error> {
        self.skip_blanks()?;
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(b) if b == close => {
                self.at += 1;
                Ok(false)
            }
            None if self.options.unclosed => Ok(false),
            _ => Err(self.unexpected()),
        }
    }

    fn name(&mut self) -> Result<Text, Error> {
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') if self.options.lenient => self.string(b'\''),
            _ if self.options.lenient => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')))
                    .unwrap_or(rest.len());
                if end == 0 {
                    return Err(self.unexpected());
                }
                self.at += end;
                Ok(Text::new(rest.get(..end).unwrap_or_default()))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn string(&mut self, quote: u8) -> Result<Text, Error> {
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut clean_from = start;
        loop {
            match self.peek() {
                None => return Err(self.error("unclosed text")),
                Some(b) if b == quote => {
                    let tail = self.text.get(clean_from..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(match owned {
                        None => Text::new(tail),
                        Some(mut text) => {
                            text.push_str(tail);
                            Text::from(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(self.text.get(clean_from..self.at).unwrap_or_default());
                    let c = self.escape()?;
                    owned.get_or_insert_default().push(c);
                    clean_from = self.at;
                }
                Some(b) if b < 0x20 && !self.options.lenient => {
                    return Err(self.error("a control character in text must be escaped"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        self.at += 1;
        let byte = self.peek().ok_or_else(|| self.error("unclosed text"))?;
        let c = match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'\'' if self.options.lenient => '\'',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.error("unknown escape")),
        };
        self.at += 1;
        Ok(c)
    }

    /// `\uXXXX`, a surrogate pair taken together; a lone surrogate becomes U+FFFD.
    fn unicode_escape(&mut self) -> Result<char, Error> {
        let high = self.hex4()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or('\u{fffd}'));
        }
        let mark = self.at;
        if self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
            self.at += 1;
            let low = self.hex4()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.at = mark;
        }
        Ok('\u{fffd}')
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        self.at += 1;
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits
            .and_then(|d| u32::from_str_radix(d, 16).ok())
            .ok_or_else(|| self.error("an escape of the form \\uXXXX has four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        if self.options.lenient
            && let Some((value, length)) = self.text.get(start..).and_then(unusual_number)
        {
            self.at += length;
            return value.ok_or_else(|| self.error("not a hexadecimal or octal number of 64 bits"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let fail = |reader: &mut Self| {
            reader.at = start;
            Err(reader.error(format!("`{text}` is not a number")))
        };
        if !self.options.lenient && !is_json_number(text) {
            return fail(self);
        }
        let whole = !text.contains(['.', 'e', 'E']);
        if whole {
            if let Ok(i) = text.parse::<i64>() {
                return Ok(Value::Int(i));
            }
            if let Ok(d) = Decimal::from_str_exact(text) {
                return Ok(Value::Decimal(d));
            }
        }
        match text.parse::<f64>() {
            Ok(f) if f.is_finite() => Ok(Value::Float(f)),
            _ => fail(self),
        }
    }

    fn word(&mut self) -> Result<Value, Error> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let value = match rest.get(..end).unwrap_or_default() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "undefined" if self.options.lenient => Value::Null,
            "NaN" if self.options.lenient => Value::Float(f64::NAN),
            "Infinity" if self.options.lenient => Value::Float(f64::INFINITY),
            _ => return Err(self.unexpected()),
        };
        self.at += end;
        Ok(value)
    }
}

/// What Json.NET alone reads as a number, and how long it is: `-Infinity`, `0x1F`, and digits after a zero, which are
/// octal.
fn unusual_number(text: &str) -> Option<(Option<Value>, usize)> {
    if text.starts_with("-Infinity") {
        return Some((Some(Value::Float(f64::NEG_INFINITY)), "-Infinity".len()));
    }
    let after = text.strip_prefix('0')?.chars().next()?;
    let radix = match after {
        'x' | 'X' => 16,
        '0'..='9' => 8,
        _ => return None,
    };
    let skipped = if radix == 16 { 2 } else { 1 };
    let end =
        text.get(skipped..)?.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-')));
    let length = end.map_or(text.len(), |end| end + skipped);
    let digits = text.get(skipped..length)?;
    let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    // The highest bit is the sign, as .NET's conversion has it.
    let bits = all.then(|| u64::from_str_radix(digits, radix).ok()).flatten();
    Some((bits.map(|bits| Value::Int(bits.cast_signed())), length))
}

/// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
fn is_json_number(text: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
