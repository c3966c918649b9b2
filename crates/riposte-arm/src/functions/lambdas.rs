//! Functions that take a lambda: `map(array, lambda('x', …lambdaVariables('x')…))`.

use super::{Body, Call, Function};
use crate::expression::{Expression, Node};
use crate::fault::{Evaluated, Fault};
use riposte_value::{Object, Text, Value};

pub const FUNCTIONS: &[Function] = &[
    row("filter", 2, 2, "the items for which a lambda gives true", filter),
    row("groupBy", 2, 2, "an object of arrays: items by the text that a lambda gives for them", group_by),
    row("lambda", 1, 9, "names of variables and the expression that uses them", lambda),
    row("lambdaVariables", 1, 1, "the value of a variable of a lambda around it", lambda_variables),
    row("map", 2, 2, "what a lambda gives for each item", map),
    row("mapValues", 2, 2, "an object with what a lambda gives for each value", map_values),
    row("reduce", 3, 3, "one value, made by a lambda from a first value and item after item", reduce),
    row(
        "sort",
        2,
        2,
        "the items in the order that a lambda gives (whether the first comes before the second)",
        sort,
    ),
    row("toObject", 2, 3, "an object: names and values from lambdas over the items", to_object),
];

type Run = fn(&Call<'_>, &[Expression]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: usize, doc: &'static str, run: Run) -> Function {
    Function { name, min, max: Some(max), doc, body: Body::Lazy(run) }
}

/// How many items may be sorted: each comparison evaluates an expression.
const SORT_COUNT_MAX: usize = 2_000;

struct Lambda<'a> {
    names: Vec<Text>,
    body: &'a Expression,
}

impl<'a> Lambda<'a> {
    fn read(call: &Call<'_>, arguments: &'a [Expression], index: usize, counts: &[usize]) -> Evaluated<Self> {
        let wrong =
            || call.refuse(format!("takes a lambda as argument {}", index + 1)).help("lambda('item', …)");
        let Some(Node::Call { name, arguments }) = arguments.get(index).map(|argument| &argument.node) else {
            return Err(wrong());
        };
        let (body, names) = arguments.split_last().ok_or_else(wrong)?;
        if !name.eq_ignore_ascii_case("lambda") || !counts.contains(&names.len()) {
            return Err(wrong());
        }
        let name = |name: &Expression| match &name.node {
            Node::Text(name) => Ok(name.clone()),
            _ => Err(call.refuse("takes the names of a lambda as texts")),
        };
        Ok(Self { names: names.iter().map(name).collect::<Evaluated<_>>()?, body })
    }

    fn run(&self, call: &Call<'_>, values: &[&Value]) -> Evaluated<Value> {
        let mut scope = call.scope.clone();
        for (name, value) in self.names.iter().zip(values) {
            scope = scope.with_local(name, (*value).clone());
        }
        call.evaluator.argument(&scope, self.body)
    }

    fn run_indexed(&self, call: &Call<'_>, item: &Value, index: usize) -> Evaluated<Value> {
        self.run(call, &[item, &Value::from(index)])
    }

    fn decides(&self, call: &Call<'_>, values: &[&Value]) -> Evaluated<bool> {
        let value = self.run(call, values)?;
        value.as_bool().ok_or_else(|| call.refuse("takes a lambda that gives true or false"))
    }

    fn names_it(&self, call: &Call<'_>, item: &Value) -> Evaluated<Text> {
        match self.run(call, &[item])? {
            Value::String(text) => Ok(text),
            other => Err(call
                .refuse(format!("takes a lambda that gives a text, not a value of type `{}`", other.kind()))),
        }
    }
}

fn items(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Vec<Value>> {
    match call.evaluate(arguments, 0)? {
        Value::Array(items) => Ok(items.to_vec()),
        other => Err(call.wrong(0, "an array", &other)),
    }
}

fn lambda(call: &Call<'_>, _: &[Expression]) -> Evaluated<Value> {
    Err(call.refuse("stands only where a function takes a lambda"))
}

fn lambda_variables(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let name = call.evaluate(arguments, 0)?;
    let name = name.as_str().ok_or_else(|| call.wrong(0, "a text", &name))?;
    let found = call.scope.locals.iter().rev().find(|(own, _)| own.eq_ignore_ascii_case(name));
    found
        .map(|(_, value)| value.clone())
        .ok_or_else(|| Fault::expression(format!("lambda variable `{name}` is not declared")))
}

fn map(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let lambda = Lambda::read(call, arguments, 1, &[1, 2])?;
    let made = items(call, arguments)?
        .iter()
        .enumerate()
        .map(|(i, item)| lambda.run_indexed(call, item, i))
        .collect::<Evaluated<Vec<_>>>();
    Ok(Value::from(made?))
}

fn filter(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let lambda = Lambda::read(call, arguments, 1, &[1, 2])?;
    let mut kept = Vec::new();
    for (index, item) in items(call, arguments)?.into_iter().enumerate() {
        if lambda.decides(call, &[&item, &Value::from(index)])? {
            kept.push(item);
        }
    }
    Ok(Value::from(kept))
}

fn reduce(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let lambda = Lambda::read(call, arguments, 2, &[2, 3])?;
    let mut value = call.evaluate(arguments, 1)?;
    for (index, item) in items(call, arguments)?.iter().enumerate() {
        value = lambda.run(call, &[&value, item, &Value::from(index)])?;
    }
    Ok(value)
}

fn sort(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let lambda = Lambda::read(call, arguments, 1, &[2])?;
    let mut items = items(call, arguments)?;
    if items.len() > SORT_COUNT_MAX {
        return Err(Fault::limit(format!("`sort` takes {SORT_COUNT_MAX} items at most")));
    }
    // Insertion by binary search: the lambda may be inconsistent, which the standard sort answers with a panic.
    let mut sorted: Vec<Value> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        let mut fault = None;
        let at = sorted.partition_point(|other| match lambda.decides(call, &[&item, other]) {
            Ok(before) => !before,
            Err(error) => {
                fault.get_or_insert(error);
                false
            }
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        sorted.insert(at, item);
    }
    Ok(Value::from(sorted))
}

fn to_object(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let key = Lambda::read(call, arguments, 1, &[1])?;
    let value = arguments.get(2).map(|_| Lambda::read(call, arguments, 2, &[1])).transpose()?;
    let mut object = Object::new();
    for item in items(call, arguments)? {
        let made = match &value {
            Some(lambda) => lambda.run(call, &[&item])?,
            None => item.clone(),
        };
        object.insert(key.names_it(call, &item)?, made);
    }
    Ok(Value::from(object))
}

fn group_by(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let key = Lambda::read(call, arguments, 1, &[1])?;
    let mut groups = Object::new();
    for item in items(call, arguments)? {
        let name = key.names_it(call, &item)?;
        if let Some(group) = groups.get_mut(&name).and_then(Value::as_array_mut) {
            group.push(item);
        } else {
            groups.insert(name, vec![item]);
        }
    }
    Ok(Value::from(groups))
}

fn map_values(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let lambda = Lambda::read(call, arguments, 1, &[1])?;
    let object = call.evaluate(arguments, 0)?;
    let object = object.as_object().ok_or_else(|| call.wrong(0, "an object", &object))?;
    let mapped = object.iter().map(|(name, value)| Ok((name.clone(), lambda.run(call, &[value])?)));
    Ok(Value::from(mapped.collect::<Evaluated<Object>>()?))
}
