//! The template language inside strings: `[concat('a', parameters('b').c[0])]`.
//!
//! A string is an expression if it starts with `[` and ends with `]`; `[[` at the start of such a string stands for a
//! literal `[`. A string that does not end with `]` is literal as it is.

mod ast;
mod evaluate;
mod parse;

pub use ast::{Expression, Node, Span};
pub use evaluate::{Evaluator, Scope};
pub use parse::{parse, unquoted};

/// What a string in a template is.
#[derive(Debug, PartialEq, Eq)]
pub enum Written<'a> {
    /// Itself.
    Literal,
    /// An escaped literal: this text.
    Escaped(&'a str),
    /// An expression: the text between the brackets.
    Expression(&'a str),
}

/// What a string in a template is.
pub fn written(text: &str) -> Written<'_> {
    let Some(rest) = text.strip_prefix('[').filter(|rest| rest.ends_with(']')) else {
        return Written::Literal;
    };
    match (rest.starts_with('['), rest.strip_suffix(']')) {
        (true, _) => Written::Escaped(rest),
        (false, Some(inner)) => Written::Expression(inner),
        (false, None) => Written::Literal,
    }
}

#[cfg(test)]
mod tests {
    use super::{Written, written};

    #[test]
    fn brackets_make_expressions_and_escapes() {
        let cases = [
            ("", Written::Literal),
            ("[", Written::Literal),
            ("plain", Written::Literal),
            ("[start] only", Written::Literal),
            ("[[start] only", Written::Literal),
            (" [a()]", Written::Literal),
            ("[a()]", Written::Expression("a()")),
            ("[[a()]", Written::Escaped("[a()]")),
            ("[[]", Written::Escaped("[]")),
            ("[[[a()]", Written::Escaped("[[a()]")),
            ("[]", Written::Expression("")),
        ];
        for (text, expected) in cases {
            assert_eq!(written(text), expected, "{text}");
        }
    }
}
