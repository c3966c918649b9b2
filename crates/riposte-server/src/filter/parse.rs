//! Reading a filter: `or` binds loosest, then `and`, then `not`, then comparisons.

use super::error::Error;
use super::fields::{ELEMENT, Field, Kind, field};
use super::scan::{Token, TokenKind, scan};
use jiff::Timestamp;
use std::collections::VecDeque;

/// How deep parentheses, `not` and functions may nest.
const DEPTH_MAX: usize = 32;

/// A filter, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    pub(super) condition: Condition,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Operand, Comparison, Operand),
    Test(Test, Operand, Operand),
    /// Whether a condition holds for one element of a list at least, or for each.
    Elements(&'static Field, Quantifier, Box<Condition>),
    Constant(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// How many elements of a list a condition must hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    One,
    Each,
}

/// A function with a Boolean result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Field(&'static Field),
    Text(String),
    Number(f64),
    Bool(bool),
    Time(Timestamp),
    Null,
    Lower(Box<Operand>),
    Upper(Box<Operand>),
}

impl Filter {
    /// Reads a filter over these fields.
    pub(crate) fn parse(text: &str, fields: &'static [Field]) -> Result<Self, Error> {
        let end = text.chars().count() + 1;
        let mut reader = Reader { tokens: scan(text)?.into(), fields, depth: 0, end };
        let condition = reader.any()?;
        match reader.tokens.pop_front() {
            None => Ok(Self { condition }),
            Some(token) => Err(unexpected(&token).help("join conditions with `and` or `or`")),
        }
    }

    /// The value, if the filter asks for exactly this: `name eq 'value'`.
    pub(crate) fn only_equals(&self, name: &str) -> Option<&str> {
        match &self.condition {
            Condition::Compare(Operand::Field(field), Comparison::Equal, Operand::Text(text)) => {
                (field.path.last() == Some(&name)).then_some(text.as_str())
            }
            _ => None,
        }
    }
}

struct Reader {
    tokens: VecDeque<Token>,
    fields: &'static [Field],
    depth: usize,
    /// Where the text ends, for messages.
    end: usize,
}

impl Reader {
    fn any(&mut self) -> Result<Condition, Error> {
        let mut conditions = vec![self.all()?];
        while self.takes_word("or") {
            conditions.push(self.all()?);
        }
        Ok(single(conditions, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Error> {
        let mut conditions = vec![self.unary()?];
        while self.takes_word("and") {
            conditions.push(self.unary()?);
        }
        Ok(single(conditions, Condition::All))
    }

    fn unary(&mut self) -> Result<Condition, Error> {
        let at = self.at();
        if self.takes_word("not") {
            return self.nested(at, |reader| Ok(Condition::Not(Box::new(reader.unary()?))));
        }
        if self.takes(&TokenKind::Open) {
            let condition = self.nested(at, Self::any)?;
            self.expect_close()?;
            return self.maybe_compared(condition);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, Error> {
        let at = self.at();
        if let Some(test) = self.takes_function(&[
            ("contains", Test::Contains),
            ("startswith", Test::StartsWith),
            ("endswith", Test::EndsWith),
        ]) {
            let left = self.text_operand()?;
            if !self.takes(&TokenKind::Comma) {
                return Err(self
                    .unexpected_here()
                    .help("the function takes two values, with a comma between them"));
            }
            let right = self.text_operand()?;
            self.expect_close()?;
            return self.maybe_compared(Condition::Test(test, left, right));
        }
        if let Some(condition) = self.elements(at)? {
            return self.maybe_compared(condition);
        }
        let left = self.operand()?;
        if self.takes_word("in") {
            return self.one_of(&left, at);
        }
        let Some(comparison) = self.takes_comparison() else {
            return match left {
                Operand::Bool(constant) => Ok(Condition::Constant(constant)),
                _ if self.tokens.is_empty() => {
                    Err(Error::new("a value alone is no condition", at)
                        .help("compare it, as in `name eq 'x'`"))
                }
                _ => Err(self
                    .unexpected_here()
                    .help("compare with `eq`, `ne`, `gt`, `ge`, `lt`, `le` or `in (…)`")),
            };
        };
        let right = self.operand()?;
        compare(&left, comparison, right, at)
    }

    /// The rest of `name in ('x', 'y')`.
    fn one_of(&mut self, left: &Operand, at: usize) -> Result<Condition, Error> {
        if !self.takes(&TokenKind::Open) {
            return Err(self
                .unexpected_here()
                .help("write the values in parentheses, as in `name in ('x', 'y')`"));
        }
        let mut conditions = Vec::new();
        loop {
            conditions.push(compare(left, Comparison::Equal, self.operand()?, at)?);
            if !self.takes(&TokenKind::Comma) {
                self.expect_close()?;
                return Ok(single(conditions, Condition::Any));
            }
        }
    }

    /// A value that a function of texts is given.
    fn text_operand(&mut self) -> Result<Operand, Error> {
        let at = self.at();
        let operand = self.operand()?;
        let why = match &operand {
            Operand::Field(field) if !field.kind.is_text() => {
                format!("`{}` is {}", field.name, field.kind.what())
            }
            Operand::Number(_) | Operand::Bool(_) | Operand::Time(_) => "a value is no text".to_owned(),
            _ => return Ok(operand),
        };
        Err(Error::new(why, at).help("the function takes texts: a field that is one, or `'…'`"))
    }

    /// `properties/labels/any(label: label/labelName eq 'x')`, with `any()` for a list that is not empty.
    fn elements(&mut self, at: usize) -> Result<Option<Condition>, Error> {
        let (Some(TokenKind::Word(word)), Some(TokenKind::Open)) =
            (self.tokens.front().map(|token| &token.kind), self.tokens.get(1).map(|token| &token.kind))
        else {
            return Ok(None);
        };
        let Some((list, name)) = word.rsplit_once('/') else { return Ok(None) };
        let quantifier = match name.to_ascii_lowercase().as_str() {
            "any" => Quantifier::One,
            "all" => Quantifier::Each,
            _ => return Ok(None),
        };
        let list = field(list, self.fields).map_err(|error| Error { at, ..error })?;
        let Kind::Each(of_element) = list.kind else {
            return Err(Error::new(format!("`{}` is no list", list.name), at));
        };
        self.tokens.drain(..2);
        if quantifier == Quantifier::One && self.takes(&TokenKind::Close) {
            let holds = Box::new(Condition::Constant(true));
            return Ok(Some(Condition::Elements(list, quantifier, holds)));
        }
        let variable = self.takes_if(|kind| matches!(kind, TokenKind::Word(_)));
        let Some(Token { kind: TokenKind::Word(variable), .. }) = variable else {
            return Err(self.unexpected_here().help("name the element, as in `any(x: x eq 'y')`"));
        };
        let variable = self.lambda_variable(variable)?;
        let end = self.closing();
        for token in self.tokens.iter_mut().take(end) {
            if let TokenKind::Word(word) = &mut token.kind
                && let Some(rest) = word.strip_prefix(&variable)
                && (rest.is_empty() || rest.starts_with('/'))
            {
                *word = format!("{ELEMENT}{rest}");
            }
        }
        let outer = std::mem::replace(&mut self.fields, of_element);
        let condition = self.nested(at, Self::any);
        self.fields = outer;
        let condition = condition?;
        self.expect_close()?;
        Ok(Some(Condition::Elements(list, quantifier, Box::new(condition))))
    }

    /// The name of an element: `x` of `x:`, `x :` or `x:x`, whose rest is the first word of the condition.
    fn lambda_variable(&mut self, word: String) -> Result<String, Error> {
        let at = self.at();
        if let Some((variable, rest)) = word.split_once(':') {
            if !rest.is_empty() {
                self.tokens.push_front(Token { kind: TokenKind::Word(rest.to_owned()), at });
            }
            return Ok(variable.to_owned());
        }
        let colon = self.takes_if(|kind| matches!(kind, TokenKind::Word(text) if text.starts_with(':')));
        match colon {
            Some(Token { kind: TokenKind::Word(text), at }) => {
                let rest = text.trim_start_matches(':');
                if !rest.is_empty() {
                    self.tokens.push_front(Token { kind: TokenKind::Word(rest.to_owned()), at });
                }
                Ok(word)
            }
            _ => Err(self
                .unexpected_here()
                .help("a colon follows the element's name, as in `any(x: x eq 'y')`")),
        }
    }

    /// How many tokens there are before the parenthesis that closes the one just opened.
    fn closing(&self) -> usize {
        let mut open = 0_usize;
        let close = self.tokens.iter().position(|token| {
            match token.kind {
                TokenKind::Open => open += 1,
                TokenKind::Close if open == 0 => return true,
                TokenKind::Close => open -= 1,
                _ => {}
            }
            false
        });
        close.unwrap_or(self.tokens.len())
    }

    /// `contains(…) eq true` and `(…) eq true`, as some clients write it.
    fn maybe_compared(&mut self, test: Condition) -> Result<Condition, Error> {
        let Some(comparison) = self.takes_comparison() else { return Ok(test) };
        let at = self.at();
        match (comparison, self.operand()?) {
            (Comparison::Equal, Operand::Bool(true)) | (Comparison::NotEqual, Operand::Bool(false)) => {
                Ok(test)
            }
            (Comparison::Equal, Operand::Bool(false)) | (Comparison::NotEqual, Operand::Bool(true)) => {
                Ok(Condition::Not(Box::new(test)))
            }
            _ => Err(Error::new("a condition compares with `eq` or `ne` to `true` or `false` only", at)),
        }
    }

    fn operand(&mut self) -> Result<Operand, Error> {
        let at = self.at();
        if let Some(make) = self.takes_function::<fn(Box<Operand>) -> Operand>(&[
            ("tolower", Operand::Lower),
            ("toupper", Operand::Upper),
        ]) {
            let inner = self.nested(at, Self::text_operand)?;
            self.expect_close()?;
            return Ok(make(Box::new(inner)));
        }
        match self.tokens.pop_front() {
            Some(Token { kind: TokenKind::Text(text), .. }) => Ok(Operand::Text(text)),
            Some(Token { kind: TokenKind::Word(word), at }) => self.word(&word, at),
            Some(token) => Err(unexpected(&token)),
            None => Err(Error::new("the filter ends where a value should stand", self.end)),
        }
    }

    fn word(&mut self, word: &str, at: usize) -> Result<Operand, Error> {
        match word {
            "true" => return Ok(Operand::Bool(true)),
            "false" => return Ok(Operand::Bool(false)),
            "null" => return Ok(Operand::Null),
            _ => {}
        }
        // `datetime'2024-01-01T00:00:00Z'`, the older form of a date.
        if (word.eq_ignore_ascii_case("datetime") || word.eq_ignore_ascii_case("datetimeoffset"))
            && let Some(Token { kind: TokenKind::Text(text), .. }) =
                self.takes_if(|kind| matches!(kind, TokenKind::Text(_)))
        {
            return time(&text).map(Operand::Time).ok_or_else(|| not_a_time(&text, at));
        }
        if let Some(time) = time(word) {
            return Ok(Operand::Time(time));
        }
        if is_guid(word) {
            return Ok(Operand::Text(word.to_owned()));
        }
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+' || c == '.') {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            return number
                .map(Operand::Number)
                .ok_or_else(|| Error::new(format!("`{word}` is no number"), at));
        }
        if self.tokens.front().is_some_and(|token| token.kind == TokenKind::Open) {
            return Err(Error::new(format!("unknown function `{word}`"), at)
                .help("known are `contains`, `startswith`, `endswith`, `tolower` and `toupper`, and `any` and `all` of lists"));
        }
        let field = field(word, self.fields).map_err(|error| Error { at, ..error })?;
        if matches!(field.kind, Kind::Each(_)) {
            return Err(Error::new(format!("`{}` is a list", field.name), at)
                .help(format!("ask about its elements: `{}/any(x: …)`", field.name)));
        }
        Ok(Operand::Field(field))
    }

    fn nested<T>(&mut self, at: usize, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= DEPTH_MAX {
            return Err(Error::new(format!("nested deeper than {DEPTH_MAX} levels"), at));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn at(&self) -> usize {
        self.tokens.front().map_or(self.end, |token| token.at)
    }

    fn takes_if(&mut self, wanted: impl FnOnce(&TokenKind) -> bool) -> Option<Token> {
        if wanted(&self.tokens.front()?.kind) { self.tokens.pop_front() } else { None }
    }

    fn takes(&mut self, kind: &TokenKind) -> bool {
        self.takes_if(|next| next == kind).is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.takes_if(|kind| matches!(kind, TokenKind::Word(text) if text.eq_ignore_ascii_case(word)))
            .is_some()
    }

    /// A known function's name with its opening parenthesis.
    fn takes_function<T: Copy>(&mut self, known: &[(&str, T)]) -> Option<T> {
        let (Some(TokenKind::Word(word)), Some(TokenKind::Open)) =
            (self.tokens.front().map(|token| &token.kind), self.tokens.get(1).map(|token| &token.kind))
        else {
            return None;
        };
        let (_, function) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(word))?;
        self.tokens.drain(..2);
        Some(*function)
    }

    fn takes_comparison(&mut self) -> Option<Comparison> {
        const KNOWN: [(&str, Comparison); 6] = [
            ("eq", Comparison::Equal),
            ("ne", Comparison::NotEqual),
            ("gt", Comparison::Greater),
            ("ge", Comparison::GreaterOrEqual),
            ("lt", Comparison::Less),
            ("le", Comparison::LessOrEqual),
        ];
        KNOWN.into_iter().find(|(word, _)| self.takes_word(word)).map(|(_, comparison)| comparison)
    }

    fn expect_close(&mut self) -> Result<(), Error> {
        if self.takes(&TokenKind::Close) {
            Ok(())
        } else {
            Err(self.unexpected_here().help("a `)` is missing"))
        }
    }

    fn unexpected_here(&self) -> Error {
        match self.tokens.front() {
            Some(token) => unexpected(token),
            None => Error::new("the filter ends too early", self.end),
        }
    }
}

fn single(mut conditions: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match (conditions.pop(), conditions.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            conditions.extend(last);
            many(conditions)
        }
    }
}

fn unexpected(token: &Token) -> Error {
    let text = match &token.kind {
        TokenKind::Open => "(",
        TokenKind::Close => ")",
        TokenKind::Comma => ",",
        TokenKind::Text(text) | TokenKind::Word(text) => text,
    };
    let shown: String = text.chars().take(60).collect();
    Error::new(format!("unexpected `{shown}`"), token.at)
}

fn compare(left: &Operand, comparison: Comparison, right: Operand, at: usize) -> Result<Condition, Error> {
    for (field, value) in [(left, &right), (&right, left)] {
        if matches!(field, Operand::Field(Field { kind: Kind::Whole, .. }))
            && !(matches!(value, Operand::Null)
                && matches!(comparison, Comparison::Equal | Comparison::NotEqual))
        {
            return Err(Error::new("an object compares with `eq null` or `ne null` only", at)
                .help("ask about one of its properties, as in `properties/owner/email eq 'x'`"));
        }
    }
    Ok(Condition::Compare(coerced(left.clone(), &right, at)?, comparison, coerced(right, left, at)?))
}

/// A literal in the form that the field on the other side compares in.
fn coerced(operand: Operand, other: &Operand, at: usize) -> Result<Operand, Error> {
    match (operand, other) {
        (Operand::Text(text), Operand::Field(Field { kind: Kind::Time, .. })) => {
            time(&text).map(Operand::Time).ok_or_else(|| not_a_time(&text, at))
        }
        (Operand::Text(text), Operand::Field(Field { kind: Kind::Number, name, .. })) => {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Operand::Number).ok_or_else(|| Error::new(format!("`{name}` is a number"), at))
        }
        (Operand::Number(_) | Operand::Bool(_) | Operand::Time(_), Operand::Lower(_) | Operand::Upper(_)) => {
            Err(Error::new("a text is compared with what is none", at).help("write texts as `'…'`"))
        }
        (operand, Operand::Field(field)) => {
            let fits = match &operand {
                Operand::Number(_) => field.kind == Kind::Number,
                Operand::Time(_) => field.kind == Kind::Time,
                Operand::Bool(_) => false,
                _ => true,
            };
            let why = || Error::new(format!("`{}` is {}", field.name, field.kind.what()), at);
            if fits {
                Ok(operand)
            } else {
                Err(why().help("write texts as `'…'`, times as `2024-01-31T08:00:00Z`"))
            }
        }
        (operand, _) => Ok(operand),
    }
}

fn not_a_time(text: &str, at: usize) -> Error {
    let shown: String = text.chars().take(60).collect();
    Error::new(format!("`{shown}` is no point in time"), at).help("write it as in `2024-01-31T08:00:00Z`")
}

/// A date, or a date and time; without an offset it is UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let digits_first = text.get(..4).is_some_and(|year| year.bytes().all(|b| b.is_ascii_digit()));
    if !digits_first || text.get(4..5) != Some("-") {
        return None;
    }
    riposte_engine::parse_time(text)
}

fn is_guid(word: &str) -> bool {
    word.len() == 36
        && word
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}
