//! The parsed expression.

use riposte_value::Text;

/// Byte offsets in the text between the brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    pub node: Node,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `'text'`
    Text(Text),
    /// A name without quotes and parentheses. Azure refuses it; `parameters(name)` is understood all the same.
    Word(Text),
    /// `42`, `-1`
    Int(i64),
    /// `name(…)`; a function of the template itself is called by `namespace.name(…)`.
    Call { name: Text, arguments: Vec<Expression> },
    /// `target.name`
    Property { target: Box<Expression>, name: Text },
    /// `target[index]`
    Index { target: Box<Expression>, index: Box<Expression> },
}
