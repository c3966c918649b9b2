//! The syntax tree of an expression. Printing it gives text that parses to the same tree.

use riposte_diagnostic::Span;
use riposte_value::Text;
use std::fmt;

/// An expression: a primary and the steps taken from it, `primary ?.name [key] …`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What the steps start from.
    pub primary: Primary,
    /// The steps, in order.
    pub accesses: Vec<Access>,
    /// Where it stands in the text that was parsed.
    pub span: Span,
}

/// What an expression starts with.
#[derive(Debug, Clone, PartialEq)]
pub enum Primary {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `'text'`, quotes undone.
    String(Text),
    /// `name(…)`
    Call(Call),
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The name as written.
    pub name: Text,
    /// Where the call stands, from its name to its closing parenthesis.
    pub span: Span,
    /// The arguments, in order.
    pub arguments: Vec<Expression>,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// Whether a `?` stands before it: what is missing is then null and no error.
    pub safe: bool,
    /// What it selects.
    pub key: Key,
    /// Where it stands.
    pub span: Span,
}

/// What a step selects.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// `.name`
    Name(Text),
    /// `[expression]`
    Index(Box<Expression>),
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.primary {
            Primary::Null => f.write_str("null")?,
            Primary::Bool(b) => write!(f, "{b}")?,
            Primary::Int(i) => write!(f, "{i}")?,
            Primary::Float(number) => write!(f, "{number:?}")?,
            Primary::String(text) => write!(f, "'{}'", text.replace('\'', "''"))?,
            Primary::Call(call) => call.fmt(f)?,
        }
        // `5.x` would be read as the number `5.`
        if let (Primary::Int(_), Some(Access { safe: false, key: Key::Name(_), .. })) =
            (&self.primary, self.accesses.first())
        {
            f.write_str(" ")?;
        }
        self.accesses.iter().try_for_each(|access| access.fmt(f))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.name)?;
        for (i, argument) in self.arguments.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            argument.fmt(f)?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.safe {
            f.write_str("?")?;
        }
        match &self.key {
            Key::Name(name) => write!(f, ".{name}"),
            Key::Index(key) => write!(f, "[{key}]"),
        }
    }
}
