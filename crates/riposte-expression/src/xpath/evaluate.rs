//! Evaluating XPath: node sets are kept in document order, and the work is bounded.

use super::core;
use super::node::{NodeId, ROOT};
use super::parse::{Axis, Expression, Operator, Path, Start, Step, Test, parse};
use crate::xml::{Document, NodeKind};
use std::cell::Cell;
use std::collections::BTreeSet;

/// What an expression gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// In document order, each once.
    Nodes(Vec<NodeId>),
    Number(f64),
    Text(String),
    Boolean(bool),
}

/// Evaluates an expression at the root of a document. So many nodes may be visited, one counted as often as it is
/// looked at, that a hostile expression cannot keep the engine busy; eight bytes of text count as a node.
pub(crate) fn evaluate(document: &Document, text: &str, visits_max: usize) -> Result<Found, String> {
    let expression = parse(text)?;
    let evaluator = Evaluator { document, visits: Cell::new(0), visits_max };
    evaluator.expression(&expression, Focus { node: ROOT, position: 1, size: 1 })
}

/// The node that is looked at, its place among those looked at, and how many those are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Focus {
    pub node: NodeId,
    pub position: usize,
    pub size: usize,
}

pub(super) struct Evaluator<'d> {
    pub document: &'d Document,
    visits: Cell<usize>,
    visits_max: usize,
}

impl Found {
    pub fn boolean(&self) -> bool {
        match self {
            Self::Nodes(nodes) => !nodes.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Boolean(b) => *b,
        }
    }
}

impl Evaluator<'_> {
    /// Counts work; fails when there is too much of it.
    pub fn visit(&self, nodes: usize) -> Result<(), String> {
        self.visits.set(self.visits.get().saturating_add(nodes));
        if self.visits.get() > self.visits_max {
            return Err(format!("it visits more than {} nodes", self.visits_max));
        }
        Ok(())
    }

    fn visit_text(&self, text: &str) -> Result<(), String> {
        self.visit(text.len() / 8 + 1)
    }

    /// The string value of a node.
    fn node_text(&self, node: NodeId) -> Result<String, String> {
        let mut nodes = 0;
        let text = node.text(self.document, &mut nodes);
        self.visit(nodes)?;
        self.visit_text(&text)?;
        Ok(text)
    }

    pub fn text(&self, found: &Found) -> Result<String, String> {
        match found {
            Found::Nodes(nodes) => match nodes.first() {
                Some(node) => self.node_text(*node),
                None => Ok(String::new()),
            },
            Found::Number(number) => Ok(core::text_of(*number)),
            Found::Text(text) => {
                self.visit_text(text)?;
                Ok(text.clone())
            }
            Found::Boolean(b) => Ok(b.to_string()),
        }
    }

    pub fn number(&self, found: &Found) -> Result<f64, String> {
        match found {
            Found::Number(number) => Ok(*number),
            Found::Boolean(b) => Ok(f64::from(u8::from(*b))),
            other => Ok(core::number_of(&self.text(other)?)),
        }
    }

    pub fn expression(&self, expression: &Expression, focus: Focus) -> Result<Found, String> {
        self.visit(1)?;
        match expression {
            Expression::Literal(text) => {
                self.visit_text(text)?;
                Ok(Found::Text(text.clone()))
            }
            Expression::Number(number) => Ok(Found::Number(*number)),
            Expression::Negative(inner) => Ok(Found::Number(-self.number(&self.expression(inner, focus)?)?)),
            Expression::Call(name, arguments) => core::call(self, name, arguments, focus),
            Expression::Path(path) => self.path(path, focus).map(Found::Nodes),
            Expression::Chain(first, rest) => {
                let left = self.expression(first, focus)?;
                rest.iter()
                    .try_fold(left, |left, (operator, right)| self.binary(*operator, left, right, focus))
            }
        }
    }

    fn binary(
        &self,
        operator: Operator,
        left: Found,
        right: &Expression,
        focus: Focus,
    ) -> Result<Found, String> {
        match operator {
            Operator::Or if left.boolean() => return Ok(Found::Boolean(true)),
            Operator::And if !left.boolean() => return Ok(Found::Boolean(false)),
            _ => {}
        }
        let right = self.expression(right, focus)?;
        let arithmetic = |compute: fn(f64, f64) -> f64| {
            Ok(Found::Number(compute(self.number(&left)?, self.number(&right)?)))
        };
        match operator {
            Operator::Or | Operator::And => Ok(Found::Boolean(right.boolean())),
            Operator::Add => arithmetic(|a, b| a + b),
            Operator::Subtract => arithmetic(|a, b| a - b),
            Operator::Multiply => arithmetic(|a, b| a * b),
            Operator::Divide => arithmetic(|a, b| a / b),
            Operator::Modulo => arithmetic(|a, b| a % b),
            Operator::Union => match (left, right) {
                (Found::Nodes(mut nodes), Found::Nodes(more)) => {
                    nodes.extend(more);
                    // The whole of it is put in order, once for each operator of a chain.
                    self.visit(nodes.len())?;
                    Ok(Found::Nodes(in_order(nodes)))
                }
                _ => Err("'|' joins sets of nodes".to_owned()),
            },
            _ => self.compare(operator, &left, &right).map(Found::Boolean),
        }
    }

    /// Sets of nodes compare by their members: it is enough that one does.
    fn compare(&self, operator: Operator, left: &Found, right: &Found) -> Result<bool, String> {
        match (left, right) {
            (Found::Nodes(nodes), Found::Boolean(b)) => Ok(scalars(operator, &!nodes.is_empty(), b)),
            (Found::Boolean(b), Found::Nodes(nodes)) => Ok(scalars(operator, b, &!nodes.is_empty())),
            (Found::Nodes(nodes), Found::Nodes(others)) => self.compare_sets(operator, nodes, others),
            (Found::Nodes(nodes), scalar) => {
                let texts = self.texts(nodes)?;
                any(texts.iter().map(|text| self.compare_scalars(operator, text, scalar)))
            }
            (scalar, Found::Nodes(nodes)) => {
                let texts = self.texts(nodes)?;
                any(texts.iter().map(|text| self.compare_scalars(operator, scalar, text)))
            }
            _ => self.compare_scalars(operator, left, right),
        }
    }

    /// Whether some member of one set and some member of the other compare so, without trying every pair.
    fn compare_sets(&self, operator: Operator, left: &[NodeId], right: &[NodeId]) -> Result<bool, String> {
        let texts =
            |nodes: &[NodeId]| nodes.iter().map(|node| self.node_text(*node)).collect::<Result<Vec<_>, _>>();
        let (left, right) = (texts(left)?, texts(right)?);
        let (Some(first), Some(other)) = (left.first(), right.first()) else {
            return Ok(false);
        };
        let numbers = |texts: &[String], pick: fn(f64, f64) -> f64| {
            let numbers = texts.iter().map(|text| core::number_of(text)).filter(|number| !number.is_nan());
            numbers.reduce(pick).unwrap_or(f64::NAN)
        };
        Ok(match operator {
            Operator::Equal => {
                let left: BTreeSet<&String> = left.iter().collect();
                right.iter().any(|text| left.contains(text))
            }
            // All pairs are equal only if there is one text.
            Operator::NotEqual => first != other || left.iter().chain(&right).any(|text| text != first),
            Operator::Less | Operator::LessOrEqual => {
                scalars(operator, &numbers(&left, f64::min), &numbers(&right, f64::max))
            }
            _ => scalars(operator, &numbers(&left, f64::max), &numbers(&right, f64::min)),
        })
    }

    fn texts(&self, nodes: &[NodeId]) -> Result<Vec<Found>, String> {
        nodes.iter().map(|node| self.node_text(*node).map(Found::Text)).collect()
    }

    fn compare_scalars(&self, operator: Operator, left: &Found, right: &Found) -> Result<bool, String> {
        let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
        match (left, right) {
            (Found::Boolean(_), _) | (_, Found::Boolean(_)) if equality => {
                Ok(scalars(operator, &left.boolean(), &right.boolean()))
            }
            (Found::Text(left), Found::Text(right)) if equality => Ok(scalars(operator, left, right)),
            _ => Ok(scalars(operator, &self.number(left)?, &self.number(right)?)),
        }
    }

    fn path(&self, path: &Path, focus: Focus) -> Result<Vec<NodeId>, String> {
        let mut nodes = match &path.start {
            Start::Root => vec![ROOT],
            Start::Context => vec![focus.node],
            Start::Filter(expression, predicates) => {
                let Found::Nodes(mut nodes) = self.expression(expression, focus)? else {
                    return Err("only a set of nodes can be filtered or stepped from".to_owned());
                };
                for predicate in predicates {
                    nodes = self.filter(nodes, predicate)?;
                }
                nodes
            }
        };
        for step in &path.steps {
            let mut found = Vec::new();
            for node in &nodes {
                found.extend(self.step(*node, step)?);
            }
            nodes = in_order(found);
        }
        Ok(nodes)
    }

    fn step(&self, node: NodeId, step: &Step) -> Result<Vec<NodeId>, String> {
        let reached = self.axis(node, step.axis)?;
        self.visit(reached.len() + 1)?;
        let mut kept: Vec<NodeId> = reached.into_iter().filter(|node| self.passes(*node, step)).collect();
        for predicate in &step.predicates {
            kept = self.filter(kept, predicate)?;
        }
        Ok(kept)
    }

    /// The nodes for which a predicate holds; a number means the place along the axis.
    fn filter(&self, nodes: Vec<NodeId>, predicate: &Expression) -> Result<Vec<NodeId>, String> {
        let size = nodes.len();
        self.visit(size)?;
        let mut kept = Vec::new();
        for (at, node) in nodes.into_iter().enumerate() {
            let position = at + 1;
            let holds = match self.expression(predicate, Focus { node, position, size })? {
                Found::Number(number) => core::is_position(number, position),
                other => other.boolean(),
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    fn passes(&self, node: NodeId, step: &Step) -> bool {
        let document = self.document;
        let principal = match step.axis {
            Axis::Attribute => node.is_attribute(),
            Axis::Namespace => node.is_namespace(),
            _ => node.element(document).is_some(),
        };
        match &step.test {
            Test::Node => true,
            Test::Any => principal,
            Test::Name(name) => {
                principal && node.name(document) == name && node.namespace(document).is_empty()
            }
            Test::Text => node.is_text(document),
            Test::Comment => matches!(node.kind(document), Some(NodeKind::Comment(_))),
            Test::Instruction(wanted) => match node.kind(document) {
                Some(NodeKind::Instruction { target, .. }) => {
                    wanted.as_ref().is_none_or(|wanted| wanted == target)
                }
                _ => false,
            },
        }
    }

    /// The nodes along an axis, nearest first.
    fn axis(&self, node: NodeId, axis: Axis) -> Result<Vec<NodeId>, String> {
        let document = self.document;
        match axis {
            Axis::Itself => Ok(vec![node]),
            Axis::Child => self.children(node),
            Axis::Attribute => {
                self.visit(self.attribute_count(node))?;
                Ok(node.attributes(document))
            }
            Axis::Namespace => {
                let above = self.ancestors(node).into_iter().map(|node| self.attribute_count(node));
                self.visit(self.attribute_count(node) + above.sum::<usize>())?;
                Ok(node.namespaces(document))
            }
            Axis::Parent => Ok(node.parent(document).into_iter().collect()),
            Axis::Ancestor => Ok(self.ancestors(node)),
            Axis::AncestorOrSelf => Ok(std::iter::once(node).chain(self.ancestors(node)).collect()),
            Axis::Descendant => self.descendants(node),
            Axis::DescendantOrSelf => {
                let mut found = vec![node];
                found.extend(self.descendants(node)?);
                Ok(found)
            }
            Axis::FollowingSibling | Axis::PrecedingSibling => {
                self.siblings(node, axis == Axis::FollowingSibling)
            }
            Axis::Following | Axis::Preceding => {
                let forward = axis == Axis::Following;
                // The children of an element follow what it has beside them.
                let beside = forward && (node.is_attribute() || node.is_namespace());
                let element = node.parent(document).filter(|_| beside);
                let mut found =
                    element.map_or_else(|| Ok(Vec::new()), |element| self.descendants(element))?;
                for from in std::iter::once(node).chain(self.ancestors(node)) {
                    for sibling in self.siblings(from, forward)? {
                        let mut below = vec![sibling];
                        below.extend(self.descendants(sibling)?);
                        if !forward {
                            below.reverse();
                        }
                        found.extend(below);
                    }
                }
                Ok(found)
            }
        }
    }

    fn children(&self, node: NodeId) -> Result<Vec<NodeId>, String> {
        self.visit(node.in_tree().map_or(0, |index| self.document.children(index).len()))?;
        Ok(node.children(self.document))
    }

    /// How many attributes an element has, namespace declarations among them.
    pub fn attribute_count(&self, node: NodeId) -> usize {
        let element = node.element(self.document).and_then(|index| self.document.element(index));
        element.map_or(0, |element| element.attributes.len())
    }

    fn ancestors(&self, node: NodeId) -> Vec<NodeId> {
        std::iter::successors(node.parent(self.document), |node| node.parent(self.document)).collect()
    }

    fn siblings(&self, node: NodeId, forward: bool) -> Result<Vec<NodeId>, String> {
        let Some(parent) = node.parent(self.document).filter(|_| node.in_tree().is_some()) else {
            return Ok(Vec::new());
        };
        let all = self.children(parent)?;
        Ok(if forward {
            all.into_iter().filter(|sibling| *sibling > node).collect()
        } else {
            all.into_iter().rev().filter(|sibling| *sibling < node).collect()
        })
    }

    fn descendants(&self, node: NodeId) -> Result<Vec<NodeId>, String> {
        let mut found = Vec::new();
        let mut open = self.children(node)?;
        open.reverse();
        while let Some(next) = open.pop() {
            found.push(next);
            open.extend(self.children(next)?.into_iter().rev());
        }
        Ok(found)
    }
}

fn in_order(mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

fn scalars<T: PartialOrd + ?Sized>(operator: Operator, a: &T, b: &T) -> bool {
    match operator {
        Operator::Equal => a == b,
        Operator::NotEqual => a != b,
        Operator::Less => a < b,
        Operator::LessOrEqual => a <= b,
        Operator::Greater => a > b,
        Operator::GreaterOrEqual => a >= b,
        _ => false,
    }
}

/// Whether one holds; stops at the first that does, or fails.
fn any(results: impl Iterator<Item = Result<bool, String>>) -> Result<bool, String> {
    for result in results {
        if result? {
            return Ok(true);
        }
    }
    Ok(false)
}
