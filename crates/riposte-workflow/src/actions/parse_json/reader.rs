//! Reading JSON as the service does, which reads with Json.NET: comments, single quotes, names without quotes, trailing
//! and missing items, octal and hexadecimal integers, text after the value and containers that are never closed are
//! all taken. Measured on the service, wording of errors included.

use riposte_value::{Object, Text, Value, json};

/// How deep arrays and objects may nest.
const DEPTH_MAX: usize = json::DEPTH_MAX - 8;

/// Reads the first value of a text. The error is Json.NET's message.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader { chars, at: 0, path: Vec::new(), depth: 0 };
    reader.skip_blanks()?;
    if reader.peek().is_none() {
        return Ok(Value::Null);
    }
    reader.value()
}

/// A step of the path that errors name.
enum Step {
    /// A property.
    Name(Text),
    /// An item; none before the first one.
    Item(Option<usize>),
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    path: Vec<Step>,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn error(&self, message: &str) -> String {
        let before = self.chars.get(..self.at).unwrap_or_default();
        let line = if self.at == 0 { 0 } else { before.iter().filter(|c| **c == '\n').count() + 1 };
        let position = before.iter().rev().take_while(|c| **c != '\n').count();
        format!("{message} Path '{}', line {line}, position {position}.", self.path_text())
    }

    fn path_text(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for step in &self.path {
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Name(name) if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') => {
                    write!(text, "{}{name}", if text.is_empty() { "" } else { "." })
                }
                Step::Name(name) => write!(text, "['{name}']"),
                Step::Item(Some(index)) => write!(text, "[{index}]"),
                Step::Item(None) => Ok(()),
            };
        }
        text
    }

    fn unexpected_end() -> String {
        "Unexpected end when reading token. Path ''.".to_owned()
    }

    fn skip_blanks(&mut self) -> Result<(), String> {
        loop {
            match self.peek() {
                Some(c) if c.is_whitespace() || c == '\u{feff}' => self.at += 1,
                Some('/') => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), String> {
        self.at += 1;
        match self.next() {
            Some('/') => {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                Ok(())
            }
            Some('*') => loop {
                match self.next() {
                    Some('*') if self.peek() == Some('/') => {
                        self.at += 1;
                        return Ok(());
                    }
                    Some(_) => {}
                    None => return Err(self.error("Unexpected end while parsing comment.")),
                }
            },
            other => {
                let found = other.map(String::from).unwrap_or_default();
                Err(self.error(&format!("Error parsing comment. Expected: *, got {found}.")))
            }
        }
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip_blanks()?;
        match self.peek() {
            None => Err(Self::unexpected_end()),
            Some('{') => self.nested(Self::object),
            Some('[') => self.nested(Self::array),
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                self.text(quote).map(Value::from)
            }
            Some('t') => self.word("true", Value::Bool(true), "Error parsing boolean value."),
            Some('f') => self.word("false", Value::Bool(false), "Error parsing boolean value."),
            Some('n') => self.word("null", Value::Null, "Error parsing null value."),
            Some('u') => self.word("undefined", Value::Null, "Error parsing undefined value."),
            Some('N') => self.word("NaN", Value::text("NaN"), "Error parsing NaN value."),
            Some('I') => {
                self.word("Infinity", Value::text("Infinity"), "Error parsing positive infinity value.")
            }
            Some('-') if self.chars.get(self.at + 1) == Some(&'I') => {
                self.word("-Infinity", Value::text("-Infinity"), "Error parsing negative infinity value.")
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '.') => self.number(),
            Some(c) => {
                Err(self.error(&format!("Unexpected character encountered while parsing value: {c}.")))
            }
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error(&format!("The reader's MaxDepth of {DEPTH_MAX} has been exceeded.")));
        }
        let value = read(self)?;
        self.path.pop();
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value, String> {
        self.path.push(Step::Item(None));
        let mut items: Vec<Value> = Vec::new();
        loop {
            self.skip_blanks()?;
            match self.peek() {
                None if items.is_empty() => break,
                None => return Err(Self::unexpected_end()),
                Some(']') => {
                    self.at += 1;
                    break;
                }
                // an item that is not there
                Some(',') => {
                    self.at += 1;
                    items.push(Value::Null);
                    self.item_read(items.len());
                    continue;
                }
                Some(_) => {
                    let number =
                        matches!(self.peek(), Some(c) if c.is_ascii_digit() || matches!(c, '-' | '.'));
                    if number {
                        self.item_read(items.len() + 1);
                    }
                    items.push(self.item(items.len())?);
                    self.item_read(items.len());
                }
            }
            if !self.more(']')? {
                break;
            }
        }
        Ok(Value::from(items))
    }

    /// Reads an item; what is nested in it sees its index in the path.
    fn item(&mut self, index: usize) -> Result<Value, String> {
        self.skip_blanks()?;
        if matches!(self.peek(), Some('{' | '[')) {
            self.item_read(index + 1);
        }
        self.value()
    }

    fn item_read(&mut self, count: usize) {
        if let Some(step) = self.path.last_mut() {
            *step = Step::Item(count.checked_sub(1));
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut object = Object::new();
        let place = self.path.len();
        self.path.push(Step::Item(None));
        loop {
            self.skip_blanks()?;
            match self.peek() {
                None if object.is_empty() => break,
                None => return Err(Self::unexpected_end()),
                Some('}') => {
                    self.at += 1;
                    break;
                }
                Some(_) => {}
            }
            let name = self.name()?;
            self.path.truncate(place);
            self.path.push(Step::Name(name.clone()));
            self.skip_blanks()?;
            match self.next() {
                Some(':') => {}
                None => return Err(Self::unexpected_end()),
                Some(c) => {
                    self.at -= 1;
                    let message =
                        format!("Invalid character after parsing property name. Expected ':' but got: {c}.");
                    return Err(self.error(&message));
                }
            }
            let value = self.value()?;
            object.insert_last(name, value);
            if !self.more('}')? {
                break;
            }
        }
        Ok(Value::from(object))
    }

    /// After a value: whether another may follow.
    fn more(&mut self, close: char) -> Result<bool, String> {
        self.skip_blanks()?;
        match self.peek() {
            None => Ok(false),
            Some(c) if c == close => {
                self.at += 1;
                Ok(false)
            }
            Some(',') => {
                self.at += 1;
                Ok(true)
            }
            Some(c) => {
                Err(self
                    .error(&format!("After parsing a value an unexpected character was encountered: {c}.")))
            }
        }
    }

    fn name(&mut self) -> Result<Text, String> {
        if let Some(quote @ ('"' | '\'')) = self.peek() {
            self.at += 1;
            return self.text(quote).map(Text::from);
        }
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
            self.at += 1;
        }
        match (self.at == start, self.peek()) {
            (false, _) => {
                Ok(self.chars.get(start..self.at).unwrap_or_default().iter().collect::<String>().into())
            }
            (true, Some(c)) => Err(self.error(&format!("Invalid property identifier character: {c}."))),
            (true, None) => Err(Self::unexpected_end()),
        }
    }

    fn text(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.error(&format!("Unterminated string. Expected delimiter: {quote}."))),
                Some(c) if c == quote => return Ok(text),
                Some('\\') => text.push(self.escape(quote)?),
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char, String> {
        Ok(match self.next() {
            Some('b') => '\u{8}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('f') => '\u{c}',
            Some('r') => '\r',
            Some(c @ ('\\' | '"' | '\'' | '/')) => c,
            Some('u') => self.unicode()?,
            Some(c) => return Err(self.error(&format!("Bad JSON escape sequence: \\{c}."))),
            None => return Err(self.error(&format!("Unterminated string. Expected delimiter: {quote}."))),
        })
    }

    /// `\uD83D\uDE00` is one character; half of one is replaced.
    fn unicode(&mut self) -> Result<char, String> {
        let high = self.hex4()?;
        if !(0xd800..0xdc00).contains(&high) {
            return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let follows = self.chars.get(self.at..self.at + 2) == Some(&['\\', 'u']);
        if !follows {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let mark = self.at;
        self.at += 2;
        let low = self.hex4()?;
        if (0xdc00..0xe000).contains(&low) {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at = mark;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> Result<u32, String> {
        let digits: String = self.chars.get(self.at..self.at + 4).unwrap_or_default().iter().collect();
        let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
        let code = code
            .ok_or_else(|| self.error(&format!("Could not convert Unicode escape sequence: \\u{digits}.")))?;
        self.at += 4;
        Ok(code)
    }

    fn word(&mut self, word: &str, value: Value, message: &str) -> Result<Value, String> {
        for expected in word.chars() {
            match self.peek() {
                Some(c) if c == expected => self.at += 1,
                None => return Err(Self::unexpected_end()),
                Some(_) => return Err(self.error(message)),
            }
        }
        match self.peek() {
            Some(c) if c.is_alphanumeric() || c == '_' => Err(self.error(message)),
            _ => Ok(value),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) {
            self.at += 1;
        }
        let digits: String = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        number(&digits).ok_or_else(|| self.error(&format!("Input string '{digits}' is not a valid number.")))
    }
}

fn number(digits: &str) -> Option<Value> {
    let bytes = digits.as_bytes();
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok().map(Value::Int);
    }
    let plain = bytes.iter().all(u8::is_ascii_digit);
    if plain && bytes.len() > 1 && bytes.first() == Some(&b'0') {
        return i64::from_str_radix(digits, 8).ok().map(Value::Int);
    }
    if let Ok(whole) = digits.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    if plain {
        return json::parse(digits).ok();
    }
    let float = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    digits.parse::<f64>().ok().filter(|value| float && value.is_finite()).map(Value::Float)
}
