//! Every limit is hit by an expression, and says which it is, how wide, and how it is raised.

use riposte_expression::{Limits, MapContext, Template, parse};
use riposte_value::{Value, value};

fn context() -> MapContext {
    let rows = "<r/>".repeat(60);
    MapContext::new(value!({
        "variables": { "list": [1, 2], "ten": "0123456789", "rows": format!("<a>{rows}</a>"), "n": 2 }
    }))
}

/// What a template fails with: the message and the hint.
fn failure(template: &Template, limits: Limits) -> (String, String) {
    let error = template.evaluate(&context().within(limits)).unwrap_err();
    (error.message, error.help.unwrap_or_default().into())
}

#[test]
fn each_limit_is_named_with_its_value() {
    let wide = Limits::default();
    let text = Limits { text_bytes_max: 15, ..wide };
    let range = Limits { range_items_max: 10, ..wide };
    let items = Limits { items_max: 3, ..wide };
    let depth = Limits { depth_max: 2, ..wide };
    let xpath = Limits { xpath_visits_max: 50, ..wide };
    for (template, limits, value, name) in [
        ("@concat(variables('ten'), variables('ten'))", text, "'15'", "text_bytes_max"),
        ("@replace(variables('ten'), '1', variables('ten'))", text, "'15'", "text_bytes_max"),
        (
            "@join(variables('list'), variables('ten'))",
            Limits { text_bytes_max: 11, ..wide },
            "'11'",
            "text_bytes_max",
        ),
        ("@string(createArray(variables('ten'), 1))", text, "'15'", "text_bytes_max"),
        ("@createArray(variables('ten'), variables('ten'))", text, "'15'", "text_bytes_max"),
        (
            "@union(createArray(variables('ten')), createArray(variables('ten'), 1))",
            text,
            "'15'",
            "text_bytes_max",
        ),
        ("@setProperty(json('{}'), variables('ten'), variables('ten'))", text, "'15'", "text_bytes_max"),
        ("@base64(concat(variables('ten'), variables('n')))", text, "'15'", "text_bytes_max"),
        ("@uriComponent(concat(variables('n'), '       '))", text, "'15'", "text_bytes_max"),
        ("@{variables('ten')}@{variables('ten')}", text, "'15'", "text_bytes_max"),
        ("@range(0, add(variables('n'), 9))", range, "'10'", "range_items_max"),
        ("@split(variables('ten'), '5')", Limits { items_max: 1, ..wide }, "'1'", "items_max"),
        ("@chunk(variables('ten'), variables('n'))", items, "'3'", "items_max"),
        ("@xpath(xml(variables('rows')), '/a/r')", items, "'3'", "items_max"),
        ("@createArray(createArray(variables('list')))", depth, "'2'", "depth_max"),
        ("@xpath(xml(variables('rows')), 'count(//r)')", xpath, " 50 nodes", "xpath_visits_max"),
        (
            "@string(xpath(xml(variables('rows')), '/a'))",
            Limits { xml_nodes_max: 20, ..wide },
            " 20 nodes",
            "xml_nodes_max",
        ),
    ] {
        let compiled = Template::compile(&Value::from(template)).unwrap();
        let (message, help) = failure(&compiled, limits);
        let says =
            ["limit", "no larger than", "more than", "at most"].iter().any(|word| message.contains(word));
        assert!(says, "{template}: {message}");
        assert!(message.contains(value), "{template}: {message}");
        assert!(help.contains(name), "{template}: {message}: {help}");
        assert!(compiled.evaluate(&context().within(wide)).is_ok(), "{template}");
    }
}

#[test]
fn nesting_can_be_set() {
    let deep = |levels: usize| format!("{}1{}", "array(".repeat(levels), ")".repeat(levels));
    let error = parse(&deep(128)).unwrap_err();
    assert!(error.message.contains("128 levels"), "{}", error.message);
    assert!(error.help.unwrap_or_default().contains("nesting_max"));
    let shallow = Limits { nesting_max: 10, ..Limits::default() };
    assert!(Template::compile_expression_within(&deep(10), &shallow).is_err());
    assert!(Template::compile_expression_within(&deep(9), &shallow).is_ok());
    assert!(Template::compile_within(&Value::from(format!("@{{{}}}", deep(10))), &shallow).is_err());
    // However much is asked for, the stack is not at risk.
    let wide = Limits { nesting_max: usize::MAX, ..Limits::default() };
    assert!(Template::compile_expression_within(&deep(100_000), &wide).is_err());
    let calls = format!("{}variables('n'){}", "if(true,".repeat(500), ",1)".repeat(500));
    let template = Template::compile_expression_within(&calls, &wide).unwrap();
    assert_eq!(template.evaluate(&context()).unwrap(), value!(2));
}

#[test]
fn constants_are_bound_by_the_limits_too() {
    let wide = Limits::default();
    for (expression, limits) in [
        ("range(0, 11)", Limits { range_items_max: 10, ..wide }),
        ("length(range(0, 11))", Limits { range_items_max: 10, ..wide }),
        ("split('a,b,c', ',')", Limits { items_max: 2, ..wide }),
        ("concat('aaa', 'bbb')", Limits { text_bytes_max: 5, ..wide }),
        ("@{concat('aaa', 'bbb')}", Limits { text_bytes_max: 5, ..wide }),
        ("if(true, concat('aaa', 'bbb'), variables('n'))", Limits { text_bytes_max: 5, ..wide }),
        ("json('[[[1]]]')", Limits { depth_max: 2, ..wide }),
        ("xpath(xml('<a><b/><b/></a>'), 'count(//b)')", Limits { xpath_visits_max: 2, ..wide }),
        ("string(xpath(xml('<a><b/><b/></a>'), '/a'))", Limits { xml_nodes_max: 2, ..wide }),
    ] {
        let text = if expression.starts_with('@') { expression.to_owned() } else { format!("@{expression}") };
        let template = Template::compile_within(&Value::from(text), &limits).unwrap();
        assert!(template.evaluate_within(&context(), limits).is_err(), "{expression}");
        assert!(template.evaluate_within(&context(), wide).is_ok(), "{expression}");
    }
}

#[test]
fn constants_of_a_template_take_no_more_room_than_they_may() {
    let is_constant = |count: usize, text: &str| {
        let items = (0..count).map(|_| Value::text(text));
        Template::compile(&Value::array(items)).unwrap().is_constant()
    };
    assert!(is_constant(20, "@range(0, 1000)"));
    assert!(!is_constant(1_000, "@range(0, 1000)"));
    assert!(!is_constant(1_000, "@{range(0, 1000)}"));
    assert!(is_constant(1_000, "@range(0, 10)"));
}

/// Values that have much in common are told apart in time that grows with their number, or not at all.
#[test]
fn values_that_are_alike_end_soon() {
    let shape = |bits: usize| {
        let parts = (0..16).map(|bit| if bits >> bit & 1 == 1 { "[]" } else { "[[]]" });
        format!("[{}]", parts.collect::<Vec<_>>().join(","))
    };
    let array = |item: &dyn Fn(usize) -> String, count: usize| {
        format!("[{}]", (0..count).map(item).collect::<Vec<_>>().join(","))
    };
    let digits = |n: usize| format!("99999999999999999999{n:08}");
    for (text, few) in
        [(array(&shape, 20_000), true), (array(&digits, 2_000), true), (array(&digits, 10_000), false)]
    {
        let context = MapContext::new(value!({ "variables": { "a": text, "b": [1] } }));
        for (expression, expected) in [
            ("empty(union(json(variables('a')), variables('b')))", false),
            ("empty(intersection(variables('b'), json(variables('a'))))", true),
        ] {
            let found = Template::compile_expression(expression).unwrap().evaluate(&context);
            match found {
                Ok(value) => assert!(few && value == value!(expected), "{expression}"),
                Err(error) => assert!(!few && error.message.contains("alike"), "{}", error.message),
            }
        }
    }
}
