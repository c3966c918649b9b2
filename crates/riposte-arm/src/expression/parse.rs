//! Recursive descent over the text between the brackets.
//!
//! `expression := primary ( '.' name | '[' expression ']' )*`,
//! `primary := call | text | integer | name`, `call := name ('.' name)? '(' (expression (',' expression)*)? ')'`,
//! `text := '\'' ( not-quote | '\'\'' )* '\''`.

use super::ast::{Expression, Node, Span};
use crate::fault::{Evaluated, Fault};
use crate::limits::{EXPRESSION_DEPTH_MAX, EXPRESSION_LENGTH_MAX};
use riposte_value::Text;

/// Parses the text between the brackets of an expression.
pub fn parse(text: &str) -> Evaluated<Expression> {
    if text.chars().count() > EXPRESSION_LENGTH_MAX {
        return Err(Fault::limit(format!("an expression is longer than {EXPRESSION_LENGTH_MAX} characters"))
            .help("move parts of it into variables"));
    }
    let mut parser = Parser { text, at: 0, depth: 0 };
    let expression = parser.expression()?;
    if let Node::Word(name) = &expression.node {
        return Err(unquoted(name, expression.span));
    }
    parser.skip_blanks();
    if parser.at < text.len() {
        return Err(parser.unexpected("the end of the expression"));
    }
    Ok(expression)
}

/// A name that stands neither in quotes nor before parentheses.
pub fn unquoted(name: &str, span: Span) -> Fault {
    Fault::expression(format!("`{name}` is not followed by `(`")).within(span).help(format!(
        "functions are called with parentheses and texts stand in single quotes: `{name}()` or `'{name}'`; a text that \
         only happens to stand in brackets starts with `[[`"
    ))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn span_from(&self, start: usize) -> Span {
        Span { start, end: self.at }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let (found, width) = match self.peek() {
            None => ("the end".to_owned(), 0),
            Some(c) => (format!("`{c}`"), c.len_utf8()),
        };
        Fault::expression(format!("expected {wanted}, found {found}"))
            .within(Span { start: self.at, end: self.at + width })
    }

    /// Steps over `c`, if it is next after blanks.
    fn takes(&mut self, c: char) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn expect(&mut self, c: char) -> Evaluated<()> {
        if self.takes(c) { Ok(()) } else { Err(self.unexpected(&format!("`{c}`"))) }
    }

    fn expression(&mut self) -> Evaluated<Expression> {
        if self.depth >= EXPRESSION_DEPTH_MAX {
            return Err(Fault::limit(format!(
                "an expression nests deeper than {EXPRESSION_DEPTH_MAX} levels"
            )));
        }
        self.depth += 1;
        let expression = self.primary().and_then(|primary| self.accesses(primary));
        self.depth -= 1;
        expression
    }

    fn accesses(&mut self, mut target: Expression) -> Evaluated<Expression> {
        let start = target.span.start;
        let mut count = 0;
        loop {
            let node = if self.takes('.') {
                self.skip_blanks();
                Node::Property { target: Box::new(target), name: self.name("a property name")? }
            } else if self.takes('[') {
                let index = self.expression()?;
                self.expect(']')?;
                Node::Index { target: Box::new(target), index: Box::new(index) }
            } else {
                return Ok(target);
            };
            count += 1;
            if count > EXPRESSION_DEPTH_MAX {
                return Err(Fault::limit(format!(
                    "more than {EXPRESSION_DEPTH_MAX} accesses follow each other"
                )));
            }
            target = Expression { node, span: self.span_from(start) };
        }
    }

    fn primary(&mut self) -> Evaluated<Expression> {
        self.skip_blanks();
        let start = self.at;
        let node = match self.peek() {
            Some('\'') => Node::Text(self.literal()?),
            Some('0'..='9' | '-' | '+') => Node::Int(self.integer()?),
            Some(c) if c.is_alphabetic() || c == '_' => self.call()?,
            _ => return Err(self.unexpected("a function, a text in single quotes or a number")),
        };
        Ok(Expression { node, span: self.span_from(start) })
    }

    fn call(&mut self) -> Evaluated<Node> {
        let mut name = self.name("a function")?.to_string();
        while self.rest().starts_with('.') {
            self.at += 1;
            name.push('.');
            name.push_str(&self.name("a function name")?);
        }
        if !self.takes('(') {
            return Ok(Node::Word(Text::from(name)));
        }
        let mut arguments = Vec::new();
        if !self.takes(')') {
            loop {
                arguments.push(self.expression()?);
                if self.takes(')') {
                    break;
                }
                if !self.takes(',') {
                    return Err(self.unexpected("`,` or `)`"));
                }
            }
        }
        Ok(Node::Call { name: Text::from(name), arguments })
    }

    fn name(&mut self, wanted: &str) -> Evaluated<Text> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
        let name = Text::new(rest.get(..end).unwrap_or_default());
        if name.is_empty() {
            return Err(self.unexpected(wanted));
        }
        self.at += end;
        Ok(name)
    }

    fn literal(&mut self) -> Evaluated<Text> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(quote) = rest.find('\'') else {
                let fault = Fault::expression("a text in single quotes does not end");
                return Err(fault.within(Span { start, end: self.text.len() }));
            };
            text.push_str(rest.get(..quote).unwrap_or_default());
            let doubled = rest.get(quote + 1..).is_some_and(|after| after.starts_with('\''));
            self.at += quote + 1;
            if !doubled {
                return Ok(Text::from(text));
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn integer(&mut self) -> Evaluated<i64> {
        let start = self.at;
        let rest = self.rest();
        let end = rest
            .char_indices()
            .find(|(i, c)| !(c.is_ascii_digit() || (*i == 0 && matches!(c, '-' | '+'))))
            .map_or(rest.len(), |(i, _)| i);
        let digits = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        digits.parse().map_err(|_| {
            Fault::expression(format!("`{digits}` is not a whole number of 64 bits"))
                .within(self.span_from(start))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::expression::Node;
    use crate::fault::Fault;
    use riposte_value::Text;

    fn message(text: &str) -> String {
        match parse(text) {
            Err(Fault::Told(told)) => told.message,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn doubled_quotes_are_one() {
        assert_eq!(parse("'it''s'").unwrap().node, Node::Text(Text::new("it's")));
        assert_eq!(parse("''").unwrap().node, Node::Text(Text::new("")));
    }

    #[test]
    fn faults_say_what_was_expected() {
        assert_eq!(message("concat('a'"), "expected `,` or `)`, found the end");
        assert_eq!(message("a() b"), "expected the end of the expression, found `b`");
        assert_eq!(message("parameters"), "`parameters` is not followed by `(`");
        assert_eq!(message("'a"), "a text in single quotes does not end");
        assert_eq!(message(""), "expected a function, a text in single quotes or a number, found the end");
        assert_eq!(
            message("99999999999999999999"),
            "`99999999999999999999` is not a whole number of 64 bits"
        );
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{}'a'{}", "concat(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(
            message(&deep.chars().take(20_000).collect::<String>()),
            "an expression nests deeper than 64 levels"
        );
    }
}
