//! What holds for every expression: printing it gives text that parses to the same tree, and evaluating it never
//! panics.

use proptest::prelude::*;
use riposte_expression::ast::{Access, Call, Expression, Key, Primary};
use riposte_expression::{Limits, MapContext, Span, Template, functions, parse};
use riposte_value::{Text, Value, json};

const NOWHERE: Span = Span { start: 0, end: 0 };

fn identifier() -> impl Strategy<Value = Text> {
    "[a-zA-Z_$äß][a-zA-Z0-9_$-]{0,8}".prop_map(Text::from)
}

fn function_name() -> impl Strategy<Value = Text> {
    prop_oneof![
        9 => prop::sample::select(functions()).prop_map(|function| Text::new(function.name)),
        1 => identifier(),
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
    ]
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        any::<String>().prop_map(Text::from),
        prop::sample::select(vec![
            "2018-03-15T13:27:36.5Z",
            "03/15/2018",
            "dddd, d MMMM yyyy HH:mm:ss.fffK",
            "#,##0.00;(0.0);zero",
            "E3",
            "N99",
            "de-DE",
            "Pacific Standard Time",
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
        ])
        .prop_map(Text::new),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let leaf = literal().prop_map(|primary| Expression { primary, accesses: Vec::new(), span: NOWHERE });
    leaf.prop_recursive(5, 40, 4, |inner| {
        let call = (function_name(), prop::collection::vec(inner.clone(), 0..4))
            .prop_map(|(name, arguments)| Primary::Call(Call { name, span: NOWHERE, arguments }));
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
fn nowhere(expression: &Expression) -> Expression {
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

fn context() -> MapContext {
    MapContext::new(
        json::parse(
            r#"{
                "parameters": {"a": 1}, "variables": {"x": [1, {"y": null}], "_": "é😀"},
                "actions": {"A": {"name": "A", "outputs": {"body": {"a": {"b": [1, 2]}}, "statusCode": 200}}},
                "trigger": {"outputs": {"body": {"$formdata": [{"key": "k", "value": "v"}]}}},
                "item": {"q": 1.5}, "items": {"L": [true]}, "iterationIndexes": {"U": 3},
                "workflow": {"name": "w", "run": {"name": "r"}}, "utcNow": "2026-01-15T10:30:00Z"
            }"#,
        )
        .unwrap(),
    )
}

const LIMITS: Limits =
    Limits { text_bytes_max: 100_000, range_items_max: 1_000, items_max: 1_000, depth_max: 64 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn printing_and_parsing_is_identity(expression in expression()) {
        let printed = expression.to_string();
        let parsed = parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(nowhere(&parsed), expression);
    }

    #[test]
    fn evaluation_never_panics(expression in expression()) {
        let printed = expression.to_string();
        let template = Template::compile_expression(&printed).unwrap();
        match template.evaluate_within(&context(), LIMITS) {
            Ok(value) => { json::to_string(&value); }
            Err(error) => {
                prop_assert!(!error.message.is_empty());
                prop_assert!(error.expression.get(error.span.start..error.span.end).is_some(), "{:?}", error);
            }
        }
    }

    #[test]
    fn compiling_any_text_never_panics(text in "[@{}()'a-z0-9.,?\\[\\] éß\"+-]{0,60}") {
        let _ = parse(&text);
        if let Ok(template) = Template::compile(&Value::from(text)) {
            let _ = template.evaluate_within(&context(), LIMITS);
        }
    }

    #[test]
    fn constants_and_run_time_values_agree(expression in expression()) {
        // The same call with its literals handed in as parameters cannot be folded, and must give the same.
        let mut parameters = riposte_value::Object::new();
        let opened = open(&expression, &mut parameters);
        let folded = Template::compile_expression(&expression.to_string()).unwrap();
        let late = Template::compile_expression(&opened.to_string()).unwrap();
        let context = || MapContext::new(Value::object([("parameters", Value::from(parameters.clone()))]));
        let (early, late) =
            (folded.evaluate_within(&context(), LIMITS), late.evaluate_within(&context(), LIMITS));
        match (early, late) {
            (Ok(a), Ok(b)) => prop_assert_eq!(a, b),
            (Err(_), Err(_)) => {}
            (a, b) => return Err(TestCaseError::fail(format!("{a:?} is not {b:?}"))),
        }
    }
}

/// The tree with each literal that is an argument replaced by a parameter that has its value.
fn open(expression: &Expression, parameters: &mut riposte_value::Object) -> Expression {
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

/// A call of a function that reads text by rules of its own, with any text.
fn reading_call() -> impl Strategy<Value = String> {
    let shapes = vec![
        "formatDateTime('2018-03-15T13:27:36.5Z', 'A', 'B')",
        "formatDateTime('A')",
        "parseDateTime('A', 'B')",
        "parseDateTime('A', 'B', 'A')",
        "parseDateTime('2018-03-15', 'en-US', 'A')",
        "addDays('A', 1)",
        "dateDifference('A', '2018-03-15')",
        "convertFromUtc('2018-03-15T13:27:36Z', 'A')",
        "formatTimeSpan('A', 'A')",
        "formatTimeSpan('-1.02:03:04.5', 'A')",
        "formatNumber(-1234567.891, 'A', 'B')",
        "formatNumber(12, 'A')",
        "formatNumber(decimal('-0.005'), 'A')",
        "formatNumber(1e300, 'A')",
        "float('A', 'B')",
        "int('A')",
        "decimal('A')",
        "json('A')",
        "xml('A')",
        "json(xml('A'))",
        "xml(json('A'))",
        "xpath(xml('<a x=\"1\"><b>2</b>t<c/></a>'), 'A')",
        "uriPathAndQuery('A')",
        "uriHost('https://A')",
        "uriQuery('https://h/A')",
        "decodeUriComponent('A')",
        "encodeXmlName('A')",
        "decodeXmlName('A')",
        "dataUriToBinary('A')",
        "dataUriToString('data:A')",
        "base64ToString('A')",
        "chunk('A', 3)",
        "slice('A', -3, 2)",
        "substring('A', 1, 2)",
        "nthIndexOf('A', 'a', -2)",
    ];
    let piece = prop_oneof![
        "[yMdHhmsfFtKzgoGrRuUDTY%:/'. -]{0,12}",
        "[0#.,%‰;eE+'\"A-C-]{0,14}",
        "[0-9TZ:. /,+-]{0,28}",
        "(January|Mar|5|2018|Monday|AM|13:07|,| |/|Z){0,6}",
        "[/*@.a-c()\\[\\]|=<>+ -]{0,16}",
        "(<a>|</a>|<b x='1'/>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&lt;|t|<\\?xml version=\"1.0\"\\?>|\\{|\\}|\"@x\":|1|,){0,8}",
        "\\PC{0,12}",
    ];
    let locale = prop::sample::select(vec!["en-US", "de-DE", "ja-JP", "fr-FR", "da-DK", "tr-TR", "xx"]);
    (prop::sample::select(shapes), piece, locale).prop_map(|(shape, piece, locale)| {
        shape.replace('B', locale).replace('A', &piece.replace('\'', "''"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn functions_that_read_text_never_panic(call in reading_call()) {
        if let Ok(template) = Template::compile_expression(&call) {
            let _ = template.evaluate_within(&context(), LIMITS);
        }
    }

    #[test]
    fn timestamps_survive_writing_and_reading(ticks in 0..=3_155_378_975_999_999_999_i64, format in 0..3_usize) {
        let time = riposte_expression::time::DateTime::new(ticks, riposte_expression::time::Kind::Utc).unwrap();
        let text = match format {
            0 => time.round_trip(),
            1 => riposte_expression::Ticks(ticks).to_string(),
            _ => time.round_trip().replace('T', " "),
        };
        prop_assert_eq!(riposte_expression::time::DateTime::parse(&text), Ok(time));
    }
}
