//! The parser: text to syntax tree, in one pass with one token of look-ahead.

use crate::ast::{Access, Call, Expression, Key, Primary};
use crate::error::ParseError;
use crate::scan::{Scanner, Token, TokenKind};
use riposte_diagnostic::Span;

/// How deep calls and indexes may nest in one expression, unless [`crate::Limits::nesting_max`] says otherwise.
pub const NESTING_MAX: usize = 128;

/// The deepest nesting that can be asked for: expressions are walked recursively, on stacks of two megabytes.
const NESTING_BOUND: usize = 512;

/// Parses a bare expression, without the `@` that introduces it in a definition.
///
/// ```
/// let expression = riposte_expression::parse("concat( 'a', body('Get')?['x'][0] )").unwrap();
/// assert_eq!(expression.to_string(), "concat('a', body('Get')?['x'][0])");
/// ```
pub fn parse(text: &str) -> Result<Expression, ParseError> {
    parse_within(text, NESTING_MAX)
}

/// As [`parse`], with another bound on the nesting.
pub(crate) fn parse_within(text: &str, nesting_max: usize) -> Result<Expression, ParseError> {
    let mut parser = Parser::new(text, 0, nesting_max)?;
    let expression = parser.expression()?;
    parser.expect(&TokenKind::End)?;
    Ok(expression)
}

/// Parses an expression that begins at `start` and ends at a `}`; returns it with the offset after the `}`.
pub(crate) fn parse_interpolated(
    text: &str,
    start: usize,
    nesting_max: usize,
) -> Result<(Expression, usize), ParseError> {
    let mut parser = Parser::new(text, start, nesting_max)?;
    let expression = parser.expression()?;
    if parser.token.kind != TokenKind::RightCurlyBracket {
        return Err(parser.unexpected(&TokenKind::RightCurlyBracket));
    }
    Ok((expression, parser.token.span.end))
}

struct Parser<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    token: Token,
    depth: usize,
    nesting_max: usize,
    /// Where the token before the current one ended.
    end: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, start: usize, nesting_max: usize) -> Result<Self, ParseError> {
        let mut scanner = Scanner::new(text, start);
        let token = scanner.next()?;
        let end = scanner.position();
        Ok(Self { text, scanner, token, depth: 0, nesting_max: nesting_max.min(NESTING_BOUND), end })
    }

    fn advance(&mut self) -> Result<Token, ParseError> {
        // A `}` may end an interpolation; what follows it is plain text and no token.
        let next = self.scanner.next()?;
        self.end = self.token.span.end;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn unexpected(&self, expected: &TokenKind) -> ParseError {
        let (expected, actual) = (expected.name(), self.token.kind.name());
        let message = format!("expected token '{expected}' and actual '{actual}'");
        ParseError::new(self.text, self.token.span, message)
    }

    fn expect(&mut self, kind: &TokenKind) -> Result<(), ParseError> {
        if self.token.kind != *kind {
            return Err(self.unexpected(kind));
        }
        if *kind != TokenKind::End {
            self.advance()?;
        }
        Ok(())
    }

    fn expression(&mut self) -> Result<Expression, ParseError> {
        if self.depth >= self.nesting_max {
            let message = format!("the expression is nested deeper than {} levels", self.nesting_max);
            let error = ParseError::new(self.text, self.token.span, message);
            return Err(error.help(crate::limits::Bound::Nesting.advice()));
        }
        self.depth += 1;
        let start = self.token.span.start;
        let primary = self.primary()?;
        let accesses = self.accesses()?;
        self.depth -= 1;
        Ok(Expression { primary, accesses, span: Span { start, end: self.end } })
    }

    fn primary(&mut self) -> Result<Primary, ParseError> {
        let kind = match &self.token.kind {
            TokenKind::String(_) | TokenKind::Integer(_) | TokenKind::Float(_) | TokenKind::Identifier(_) => {
                self.advance()?
            }
            TokenKind::LeftCurlyBracket | TokenKind::LeftSquareBracket => {
                let help = "there are no literals for objects and arrays: use json('…') or createArray(…)";
                return Err(self.unexpected(&TokenKind::Identifier("".into())).help(help));
            }
            _ => return Err(self.unexpected(&TokenKind::Identifier("".into()))),
        };
        match kind.kind {
            TokenKind::String(text) => Ok(Primary::String(text)),
            TokenKind::Integer(i) => Ok(Primary::Int(i)),
            TokenKind::Float(f) => Ok(Primary::Float(f)),
            TokenKind::Identifier(name) => {
                if self.token.kind == TokenKind::LeftParenthesis {
                    let arguments = self.arguments()?;
                    let span = Span { start: kind.span.start, end: self.end };
                    return Ok(Primary::Call(Call { name, span, arguments }));
                }
                match name.to_ascii_lowercase().as_str() {
                    "null" => Ok(Primary::Null),
                    "true" => Ok(Primary::Bool(true)),
                    "false" => Ok(Primary::Bool(false)),
                    _ => Err(self
                        .unexpected(&TokenKind::LeftParenthesis)
                        .help(format!("text stands between single quotation marks: '{name}'"))),
                }
            }
            _ => Err(self.unexpected(&TokenKind::Identifier("".into()))),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, ParseError> {
        self.expect(&TokenKind::LeftParenthesis)?;
        let mut arguments = Vec::new();
        if self.token.kind == TokenKind::RightParenthesis {
            self.close()?;
            return Ok(arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.token.kind != TokenKind::Comma {
                break;
            }
            self.advance()?;
        }
        if self.token.kind != TokenKind::RightParenthesis {
            return Err(self.unexpected(&TokenKind::RightParenthesis));
        }
        self.close()?;
        Ok(arguments)
    }

    fn accesses(&mut self) -> Result<Vec<Access>, ParseError> {
        let mut accesses = Vec::new();
        loop {
            let start = self.token.span.start;
            let safe = self.token.kind == TokenKind::QuestionMark;
            if safe {
                self.advance()?;
            }
            let key = match self.token.kind {
                TokenKind::Dot => {
                    self.advance()?;
                    let TokenKind::Identifier(name) = self.token.kind.clone() else {
                        return Err(self.unexpected(&TokenKind::Identifier("".into())));
                    };
                    self.close()?;
                    Key::Name(name)
                }
                TokenKind::LeftSquareBracket => {
                    self.advance()?;
                    let key = self.expression()?;
                    if self.token.kind != TokenKind::RightSquareBracket {
                        return Err(self.unexpected(&TokenKind::RightSquareBracket));
                    }
                    self.close()?;
                    Key::Index(Box::new(key))
                }
                _ if safe => return Err(self.unexpected(&TokenKind::Dot)),
                _ => return Ok(accesses),
            };
            accesses.push(Access { safe, key, span: Span { start, end: self.end } });
        }
    }

    /// Passes over a token after which the expression may end.
    fn close(&mut self) -> Result<(), ParseError> {
        self.advance().map(drop)
    }
}
