//! The grammar of XPath 1.0.

use super::scan::{Token, scan};

/// How deep expressions may nest.
const NESTING_MAX: usize = 48;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// Operators that bind alike, from left to right: flat, so that no chain is too long to be followed.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    Negative(Box<Expression>),
    Literal(String),
    Number(f64),
    Call(String, Vec<Expression>),
    Path(Path),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Union,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    pub start: Start,
    pub steps: Vec<Step>,
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Start {
    Root,
    Context,
    /// At the nodes of an expression that satisfy predicates.
    Filter(Box<Expression>, Vec<Expression>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub axis: Axis,
    pub test: Test,
    pub predicates: Vec<Expression>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// `*`
    Any,
    /// A name in no namespace.
    Name(String),
    /// `node()`
    Node,
    /// `text()`
    Text,
    /// `comment()`
    Comment,
    /// `processing-instruction('target')`
    Instruction(Option<String>),
}

pub(super) fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser { tokens: scan(text)?, at: 0, depth: 0 };
    let expression = parser.expression()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(token) => Err(format!("{} is not expected", describe(token))),
    }
}

fn describe(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("the name '{name}'"),
        Token::Literal(text) => format!("the literal '{text}'"),
        Token::Number(number) => format!("the number '{number}'"),
        Token::Symbol(symbol) => format!("'{symbol}'"),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// The operators by how tightly they bind, loosest first: a name or a symbol each.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[("=", Operator::Equal), ("!=", Operator::NotEqual)],
    &[
        ("<", Operator::Less),
        ("<=", Operator::LessOrEqual),
        (">", Operator::Greater),
        (">=", Operator::GreaterOrEqual),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("div", Operator::Divide), ("mod", Operator::Modulo)],
];

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn peek_symbol(&self, ahead: usize) -> Option<&'static str> {
        match self.tokens.get(self.at + ahead) {
            Some(Token::Symbol(symbol)) => Some(symbol),
            _ => None,
        }
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.peek_symbol(0) == Some(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take(symbol) {
            return Ok(());
        }
        let found = self.peek().map_or_else(|| "the end".to_owned(), describe);
        Err(format!("'{symbol}' is expected and {found} found"))
    }

    fn expression(&mut self) -> Result<Expression, String> {
        if self.depth >= NESTING_MAX {
            return Err(format!("the expression is nested deeper than {NESTING_MAX} levels"));
        }
        self.depth += 1;
        let expression = self.binary(0)?;
        self.depth -= 1;
        Ok(expression)
    }

    fn binary(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let first = self.binary(level + 1)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator(operators) {
            self.at += 1;
            rest.push((operator, self.binary(level + 1)?));
        }
        Ok(chain(first, rest))
    }

    /// The operator that comes, if it is one of these.
    fn operator(&self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let word = match self.peek()? {
            Token::Name(name) => name.as_str(),
            Token::Symbol(symbol) => symbol,
            _ => return None,
        };
        operators.iter().find(|(name, _)| *name == word).map(|(_, operator)| *operator)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        let mut negative = false;
        while self.take("-") {
            negative = !negative;
        }
        let first = self.path()?;
        let mut rest = Vec::new();
        while self.take("|") {
            rest.push((Operator::Union, self.path()?));
        }
        let union = chain(first, rest);
        Ok(if negative { Expression::Negative(Box::new(union)) } else { union })
    }

    fn path(&mut self) -> Result<Expression, String> {
        if self.take("//") {
            let mut steps = vec![anywhere()];
            self.steps(&mut steps)?;
            return Ok(Expression::Path(Path { start: Start::Root, steps }));
        }
        if self.take("/") {
            let mut steps = Vec::new();
            if self.begins_step() {
                self.steps(&mut steps)?;
            }
            return Ok(Expression::Path(Path { start: Start::Root, steps }));
        }
        if self.begins_step() && !self.begins_primary() {
            let mut steps = Vec::new();
            self.steps(&mut steps)?;
            return Ok(Expression::Path(Path { start: Start::Context, steps }));
        }
        let primary = self.primary()?;
        let predicates = self.predicates()?;
        let mut steps = Vec::new();
        if self.take("//") {
            steps.push(anywhere());
            self.steps(&mut steps)?;
        } else if self.take("/") {
            self.steps(&mut steps)?;
        }
        if predicates.is_empty() && steps.is_empty() {
            return Ok(primary);
        }
        Ok(Expression::Path(Path { start: Start::Filter(Box::new(primary), predicates), steps }))
    }

    fn begins_step(&self) -> bool {
        matches!(self.peek(), Some(Token::Name(_) | Token::Symbol("." | ".." | "@" | "*")))
    }

    /// Whether a literal, a number, a group or a call comes; the tests of node kinds only look like calls.
    fn begins_primary(&self) -> bool {
        match self.peek() {
            Some(Token::Name(name)) => self.peek_symbol(1) == Some("(") && node_type(name).is_none(),
            Some(Token::Symbol(symbol)) => *symbol == "(" || *symbol == "$",
            Some(Token::Literal(_) | Token::Number(_)) => true,
            None => false,
        }
    }

    fn primary(&mut self) -> Result<Expression, String> {
        match self.peek().cloned() {
            Some(Token::Literal(text)) => {
                self.at += 1;
                Ok(Expression::Literal(text))
            }
            Some(Token::Number(number)) => {
                self.at += 1;
                Ok(Expression::Number(number))
            }
            Some(Token::Symbol("(")) => {
                self.at += 1;
                let expression = self.expression()?;
                self.expect(")")?;
                Ok(expression)
            }
            Some(Token::Symbol("$")) => Err("there are no variables".to_owned()),
            Some(Token::Name(name)) => {
                self.at += 1;
                self.expect("(")?;
                let mut arguments = Vec::new();
                if !self.take(")") {
                    loop {
                        arguments.push(self.expression()?);
                        if !self.take(",") {
                            break;
                        }
                    }
                    self.expect(")")?;
                }
                Ok(Expression::Call(name, arguments))
            }
            Some(token) => Err(format!("{} is not expected", describe(&token))),
            None => Err("the expression is not complete".to_owned()),
        }
    }

    fn predicates(&mut self) -> Result<Vec<Expression>, String> {
        let mut predicates = Vec::new();
        while self.take("[") {
            predicates.push(self.expression()?);
            self.expect("]")?;
        }
        Ok(predicates)
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), String> {
        loop {
            steps.push(self.step()?);
            if self.take("//") {
                steps.push(anywhere());
            } else if !self.take("/") {
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step, String> {
        if self.take(".") {
            return Ok(Step { axis: Axis::Itself, test: Test::Node, predicates: Vec::new() });
        }
        if self.take("..") {
            return Ok(Step { axis: Axis::Parent, test: Test::Node, predicates: Vec::new() });
        }
        let axis = if self.take("@") {
            Axis::Attribute
        } else if let (Some(Token::Name(name)), Some("::")) = (self.peek(), self.peek_symbol(1)) {
            let axis = axis(name).ok_or_else(|| format!("there is no axis '{name}'"))?;
            self.at += 2;
            axis
        } else {
            Axis::Child
        };
        let test = self.test()?;
        Ok(Step { axis, test, predicates: self.predicates()? })
    }

    fn test(&mut self) -> Result<Test, String> {
        if self.take("*") {
            return Ok(Test::Any);
        }
        let Some(Token::Name(name)) = self.peek().cloned() else {
            let found = self.peek().map_or_else(|| "the end".to_owned(), describe);
            return Err(format!("a step is expected and {found} found"));
        };
        self.at += 1;
        if let Some(test) = node_type(&name).filter(|_| self.peek_symbol(0) == Some("(")) {
            self.at += 1;
            let test = match (test, self.peek().cloned()) {
                (Test::Instruction(_), Some(Token::Literal(target))) => {
                    self.at += 1;
                    Test::Instruction(Some(target))
                }
                (test, _) => test,
            };
            self.expect(")")?;
            return Ok(test);
        }
        if name.contains(':') {
            return Err(format!(
                "the prefix of '{name}' stands for no namespace; compare local-name() and namespace-uri() instead"
            ));
        }
        Ok(Test::Name(name))
    }
}

fn chain(first: Expression, rest: Vec<(Operator, Expression)>) -> Expression {
    if rest.is_empty() { first } else { Expression::Chain(Box::new(first), rest) }
}

/// `descendant-or-self::node()`, which `//` stands for.
fn anywhere() -> Step {
    Step { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() }
}

fn node_type(name: &str) -> Option<Test> {
    match name {
        "node" => Some(Test::Node),
        "text" => Some(Test::Text),
        "comment" => Some(Test::Comment),
        "processing-instruction" => Some(Test::Instruction(None)),
        _ => None,
    }
}

fn axis(name: &str) -> Option<Axis> {
    Some(match name {
        "ancestor" => Axis::Ancestor,
        "ancestor-or-self" => Axis::AncestorOrSelf,
        "attribute" => Axis::Attribute,
        "child" => Axis::Child,
        "descendant" => Axis::Descendant,
        "descendant-or-self" => Axis::DescendantOrSelf,
        "following" => Axis::Following,
        "following-sibling" => Axis::FollowingSibling,
        "namespace" => Axis::Namespace,
        "parent" => Axis::Parent,
        "preceding" => Axis::Preceding,
        "preceding-sibling" => Axis::PrecedingSibling,
        "self" => Axis::Itself,
        _ => return None,
    })
}
