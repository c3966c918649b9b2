//! Random trees, texts, values and contexts.

use proptest::prelude::*;
use riposte_expression::ast::{Access, Call, Expression, Key, Primary};
use riposte_expression::{Function, Limits, MapContext, Span, functions};
use riposte_value::{Decimal, Object, Text, Value, value};

pub const NOWHERE: Span = Span { start: 0, end: 0 };

/// Bounds that an expression of ordinary size may reach.
pub fn limits() -> Limits {
    Limits { text_bytes_max: 100_000, range_items_max: 1_000, items_max: 1_000, ..Limits::default() }
}

/// So many cases, or as many as `PROPTEST_CASES` asks for where that is more (`make soak`).
pub fn at_least(cases: u32) -> ProptestConfig {
    ProptestConfig::with_cases(ProptestConfig::default().cases.max(cases))
}

/// A name: what the scanner takes, common and odd.
fn identifier() -> impl Strategy<Value = Text> {
    prop_oneof![
        3 => "[a-zA-Z_$äß][a-zA-Z0-9_$-]{0,8}",
        1 => r#"[^\s.,(){}@\[\]?'"0-9+-][^\s.,(){}@\[\]?'"]{0,8}"#,
        // These are no literals after a point.
        1 => prop::sample::select(vec!["null", "true", "False", "body"]).prop_map(str::to_owned),
    ]
    .prop_map(Text::from)
}

/// The name of a function that exists, with as many arguments as it takes; now and then another one.
fn signature() -> impl Strategy<Value = (Text, usize)> {
    let fits = |function: Function, more: usize| {
        let most = function.arguments_max.unwrap_or(4);
        (Text::new(function.name), (function.arguments_min + more).min(most))
    };
    let name = identifier().prop_filter("a literal is no function", |name| {
        !["null", "true", "false"].iter().any(|literal| name.eq_ignore_ascii_case(literal))
    });
    prop_oneof![
        12 => (prop::sample::select(functions()), 0_usize..3).prop_map(move |(f, more)| fits(f, more)),
        1 => (prop::sample::select(functions()), 0_usize..5).prop_map(|(f, count)| (Text::new(f.name), count)),
        1 => (name, 0_usize..3),
    ]
}

fn literal() -> impl Strategy<Value = Primary> {
    prop_oneof![
        Just(Primary::Null),
        any::<bool>().prop_map(Primary::Bool),
        any::<i64>().prop_map(Primary::Int),
        (-3_i64..12).prop_map(Primary::Int),
        any::<f64>().prop_filter("a literal is finite", |f| f.is_finite()).prop_map(Primary::Float),
        text().prop_map(Primary::String),
        name_in_context().prop_map(|name| Primary::String(Text::new(name))),
    ]
}

/// The names of things in [`context`], in any case.
fn name_in_context() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "A", "x", "L", "U", "S", "_", "body", "outputs", "k"])
}

pub fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        any::<String>().prop_map(Text::from),
        "['\"@{}\\\\ \n\t]{0,6}".prop_map(Text::from),
        prop::sample::select(SPECIAL).prop_map(Text::new),
    ]
}

/// Texts that some function reads by rules of its own.
const SPECIAL: &[&str] = &[
    "2018-03-15T13:27:36.5Z",
    "03/15/2018",
    "dddd, d MMMM yyyy HH:mm:ss.fffK",
    "#,##0.00;(0.0);zero",
    "E3",
    "N99",
    "de-DE",
    "Pacific Standard Time",
    "Europe/Berlin",
    "Day",
    r#"{"a": [1, 2.5, {"b": null}], "A": "x"}"#,
    "<a x='1'><b>t</b><b/><![CDATA[c]]></a>",
    "/a/b[position() < 3 and not(@x)]/text() | //*[last()]",
    "sum(//b) * -2 mod 3 = string-length(concat(name(/*), 'é'))",
    "data:text/plain;charset=utf-16;base64,aGk=",
    "https://user@host:8080/a/../b?q=%20#f",
    "aGVsbG8=",
    "1.02:03:04.5",
    "-01,000.50e-3",
];

/// A tree as the parser makes them, without places.
pub fn expression() -> impl Strategy<Value = Expression> {
    let leaf = literal().prop_map(|primary| Expression { primary, accesses: Vec::new(), span: NOWHERE });
    leaf.prop_recursive(5, 40, 4, |inner| {
        let call = (signature(), prop::collection::vec(inner.clone(), 6)).prop_map(
            |((name, count), mut arguments)| {
                arguments.truncate(count);
                Primary::Call(Call { name, span: NOWHERE, arguments })
            },
        );
        let key = prop_oneof![
            identifier().prop_map(Key::Name),
            inner.prop_map(|index| Key::Index(Box::new(index))),
        ];
        let access = (any::<bool>(), key).prop_map(|(safe, key)| Access { safe, key, span: NOWHERE });
        (prop_oneof![1 => literal(), 4 => call], prop::collection::vec(access, 0..3))
            .prop_map(|(primary, accesses)| Expression { primary, accesses, span: NOWHERE })
    })
}

/// The tree without the places where its parts stand.
pub fn nowhere(expression: &Expression) -> Expression {
    let primary = match &expression.primary {
        Primary::Call(call) => Primary::Call(Call {
            name: call.name.clone(),
            span: NOWHERE,
            arguments: call.arguments.iter().map(nowhere).collect(),
        }),
        other => other.clone(),
    };
    let accesses = expression.accesses.iter().map(|access| Access {
        safe: access.safe,
        key: match &access.key {
            Key::Name(name) => Key::Name(name.clone()),
            Key::Index(index) => Key::Index(Box::new(nowhere(index))),
        },
        span: NOWHERE,
    });
    Expression { primary, accesses: accesses.collect(), span: NOWHERE }
}

pub fn decimal() -> impl Strategy<Value = Decimal> {
    (any::<[u32; 3]>(), any::<bool>(), 0_u32..=28).prop_map(|([low, middle, high], negative, scale)| {
        Decimal::from_parts(low, middle, high, negative, scale)
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-3_i64..12).prop_map(Value::Int),
        any::<f64>().prop_filter("JSON has no infinity", |f| f.is_finite()).prop_map(Value::Float),
        decimal().prop_map(Value::Decimal),
        text().prop_map(Value::String),
    ]
}

/// Any value, with the shapes that functions look for: binary content, form data, parts of a multipart body.
pub fn any_value() -> impl Strategy<Value = Value> {
    let shapes = prop::sample::select(vec![
        value!({ "$content-type": "application/octet-stream", "$content": "aGVsbG8=" }),
        value!({ "$content-type": "application/xml; charset=utf-8", "$content": "PGE+PGIvPjwvYT4=" }),
        value!({ "$content-type": "text/plain", "$content": "not base64" }),
        value!({ "$content-type": 1, "$content": null }),
        value!({ "$formdata": [{ "key": "k", "value": "v" }, { "key": 1 }] }),
        value!({ "$content-type": "multipart/mixed", "$multipart": [{ "headers": {}, "body": "x" }, 1] }),
    ]);
    let names = prop_oneof![name_in_context().prop_map(Text::new), text()];
    prop_oneof![8 => scalar(), 1 => shapes].prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..5)
                .prop_map(|entries| Value::from(entries.into_iter().collect::<Object>())),
        ]
    })
}

/// A context with any values in it, of the right shapes or not.
pub fn context() -> impl Strategy<Value = Value> {
    let proper = any_value().prop_map(|any| {
        value!({
            "parameters": { "a": (any.clone()), "x": 1 },
            "variables": { "x": [1, { "y": null }, (any.clone())], "_": "é😀", "a": "<a><b>1</b></a>" },
            "actions": {
                "A": { "name": "A", "outputs": { "body": (any.clone()), "statusCode": 200 } },
                "x": { "name": "x", "outputs": null }, "S": (any.clone())
            },
            "trigger": { "outputs": { "body": (any.clone()), "headers": {} } },
            "item": (any.clone()), "items": { "L": (any.clone()) }, "iterationIndexes": { "U": 3 },
            "result": { "S": [{ "name": "x" }] }, "action": { "outputs": { "body": (any) } },
            "appSettings": { "a": "b" }, "callbackUrl": "https://h/c?sig=1",
            "workflow": { "name": "w", "run": { "name": "r" } }, "utcNow": "2026-01-15T10:30:00Z"
        })
    });
    let groups = vec![
        "parameters",
        "variables",
        "actions",
        "trigger",
        "item",
        "items",
        "iterationIndexes",
        "result",
        "action",
        "workflow",
        "callbackUrl",
        "appSettings",
        "utcNow",
    ];
    let odd =
        prop::collection::vec((prop::sample::select(groups), any_value()), 0..8).prop_map(Value::object);
    prop_oneof![4 => proper, 1 => odd]
}

/// One context in which most names mean something.
pub fn fixed_context() -> MapContext {
    MapContext::new(value!({
        "parameters": { "a": 1 }, "variables": { "x": [1, { "y": null }], "_": "é😀" },
        "actions": { "A": { "name": "A", "outputs": { "body": { "a": { "b": [1, 2] } }, "statusCode": 200 } } },
        "trigger": { "outputs": { "body": { "$formdata": [{ "key": "k", "value": "v" }] } } },
        "item": { "q": 1.5 }, "items": { "L": [true] }, "iterationIndexes": { "U": 3 },
        "workflow": { "name": "w", "run": { "name": "r" } }, "utcNow": "2026-01-15T10:30:00Z"
    }))
}

/// The tree with each literal that is an argument replaced by a parameter that has its value.
pub fn open(expression: &Expression, parameters: &mut Object) -> Expression {
    let mut value = |value: Value| {
        let name = format!("p{}", parameters.len());
        parameters.insert(name.as_str(), value);
        let name =
            Expression { primary: Primary::String(Text::from(name)), accesses: Vec::new(), span: NOWHERE };
        Primary::Call(Call { name: "parameters".into(), span: NOWHERE, arguments: vec![name] })
    };
    let primary = match &expression.primary {
        Primary::Null => value(Value::Null),
        Primary::Bool(b) => value(Value::Bool(*b)),
        Primary::Int(i) => value(Value::Int(*i)),
        Primary::Float(f) => value(Value::Float(*f)),
        Primary::String(text) => value(Value::String(text.clone())),
        Primary::Call(call) => Primary::Call(Call {
            name: call.name.clone(),
            span: NOWHERE,
            arguments: call.arguments.iter().map(|argument| open(argument, parameters)).collect(),
        }),
    };
    let accesses = expression.accesses.iter().map(|access| Access {
        safe: access.safe,
        key: match &access.key {
            Key::Name(name) => Key::Name(name.clone()),
            Key::Index(index) => Key::Index(Box::new(open(index, parameters))),
        },
        span: NOWHERE,
    });
    Expression { primary, accesses: accesses.collect(), span: NOWHERE }
}
