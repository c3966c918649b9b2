//! What the interface promises beyond the values: laziness, sharing, places of errors, references, limits.

use riposte_expression::{Limits, MapContext, NameKind, Template};
use riposte_value::{Value, value};
use std::sync::Arc;

fn context() -> MapContext {
    MapContext::new(value!({
        "parameters": { "n": 41 },
        "variables": { "list": [1, 2, 3] },
        "actions": { "Get_user": { "outputs": { "body": { "Name": "Ada", "Mail": "a@b" } } } }
    }))
}

#[test]
fn what_is_constant_is_shared() {
    let inputs =
        value!({ "fixed": { "deep": [1, "@@x", { "y": "@{concat('a', 'b')}" }] }, "n": "@parameters('n')" });
    let template = Template::compile(&inputs).unwrap();
    assert!(!template.is_constant());
    let (first, second) = (template.evaluate(&context()).unwrap(), template.evaluate(&context()).unwrap());
    assert_eq!(first, value!({ "fixed": { "deep": [1, "@x", { "y": "ab" }] }, "n": 41 }));
    match (first.get("fixed"), second.get("fixed")) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => assert!(Arc::ptr_eq(a, b)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_has_no_expression_is_the_value_itself() {
    let inputs = value!({ "a": [1, 2, { "b": "text" }] });
    let template = Template::compile(&inputs).unwrap();
    match (template.constant(), &inputs) {
        (Some(Value::Object(a)), Value::Object(b)) => assert!(Arc::ptr_eq(a, b)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_of_the_context_are_not_copied() {
    let list = value!([1, 2, 3]);
    let context = MapContext::new(Value::object([("variables", Value::object([("list", list.clone())]))]));
    let template = Template::compile(&value!("@variables('LIST')")).unwrap();
    match (template.evaluate(&context).unwrap(), list) {
        (Value::Array(a), Value::Array(b)) => assert!(Arc::ptr_eq(&a, &b)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_in_constants_wait_for_the_evaluation() {
    let template = Template::compile(&value!("@if(true, 'ok', int('abc'))")).unwrap();
    assert_eq!(template.evaluate(&context()).unwrap(), value!("ok"));
    let template = Template::compile(&value!("@div(100, 0)")).unwrap();
    assert!(template.evaluate(&context()).is_err());
    let template = Template::compile(&value!("@coalesce('x', nope(1))")).unwrap();
    assert_eq!(template.evaluate(&context()).unwrap(), value!("x"));
}

#[test]
fn an_error_says_where_and_what_to_do() {
    let template = Template::compile(&value!({ "to": ["a", "Dear @{body('Get_user')['nmae']}!"] })).unwrap();
    let error = template.evaluate(&context()).unwrap_err();
    assert_eq!(error.code, "InvalidTemplate");
    assert_eq!(
        error.message,
        "The template language expression 'body('Get_user')['nmae']' cannot be evaluated because property 'nmae' doesn't exist, available properties are 'Name, Mail'. Please see https://aka.ms/logicexpressions for usage details."
    );
    assert_eq!(error.expression, "body('Get_user')['nmae']");
    assert_eq!(&*error.path, "$.to[1]");
    assert_eq!((error.span.start, error.span.end), (0, 24));
    assert!(error.help.is_some());

    let template = Template::compile(&value!("@concat('a', lenght(body('Get_user')))")).unwrap();
    let error = template.evaluate(&context()).unwrap_err();
    assert_eq!(error.message, "The template function 'lenght' is not defined or not valid.");
    assert_eq!(error.help.as_deref(), Some("did you mean `length`?"));
    assert_eq!(&error.expression[error.span.start..error.span.end], "lenght(body('Get_user'))");

    let template = Template::compile(&value!("@parameters('nn')")).unwrap();
    let error = template.evaluate(&context()).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("did you mean `n`?"));
}

#[test]
fn every_faulty_string_is_reported_with_its_path() {
    let inputs = value!({ "a": "@concat('x'", "b": [1, "@{foo"], "c": { "d e": "@\"x\"" }, "ok": "@@" });
    let errors = Template::compile(&inputs).unwrap_err();
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["$.a", "$.b[1]", "$.c['d e']"]);
    assert_eq!(
        errors[0].to_string(),
        "Unable to parse template language expression 'concat('x'': expected token 'RightParenthesis' and actual 'EndOfData'."
    );
}

#[test]
fn references_are_collected() {
    let inputs = value!({
        "a": "@body('Get user')?['x'][variables('i')]",
        "b": "text @{items('L')} @{OUTPUTS(concat('a', parameters('p')))}",
        "c": "@if(true, utcNow(), result('S'))"
    });
    let template = Template::compile(&inputs).unwrap();
    let references = template.references();
    let names = |kind| references.names_of(kind).map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(NameKind::Action), ["Get user"]);
    assert_eq!(names(NameKind::Variable), ["i"]);
    assert_eq!(names(NameKind::Parameter), ["p"]);
    assert_eq!(names(NameKind::Loop), ["L"]);
    assert_eq!(names(NameKind::Scope), ["S"]);
    assert!(references.calls_function("utcnow") && !references.calls_function("item"));
    let computed = references.names.iter().find(|name| name.name.is_none()).unwrap();
    assert_eq!((computed.function.as_str(), &*computed.place.path), ("OUTPUTS", "$.b"));
    assert_eq!(&*computed.place.expression, "OUTPUTS(concat('a', parameters('p')))");
    assert_eq!((computed.place.span.start, computed.place.span.end), (0, 37));
}

#[test]
fn nesting_is_bounded() {
    let deep = |levels: usize| format!("{}1{}", "array(".repeat(levels), ")".repeat(levels));
    assert!(riposte_expression::parse(&deep(100)).is_ok());
    let error = riposte_expression::parse(&deep(100_000)).unwrap_err();
    assert!(error.message.contains("nested deeper than 128 levels"), "{}", error.message);
    let chain = format!("body('x'){}", "?['a']".repeat(100_000));
    assert!(riposte_expression::parse(&chain).is_ok());
    let brackets = format!("a(){}", "[a()".repeat(100_000));
    assert!(riposte_expression::parse(&brackets).is_err());
}

#[test]
fn sizes_are_bounded() {
    let limits = Limits {
        text_bytes_max: 1_000,
        range_items_max: 100,
        items_max: 100,
        depth_max: 5,
        ..Limits::default()
    };
    let error = |text: &str| {
        let template = Template::compile(&Value::from(text)).unwrap();
        template.evaluate_within(&context(), limits).unwrap_err().message
    };
    let doubled = "concat('0123456789', variables('list'))";
    let long = format!("concat({})", vec![doubled; 20].join(", "));
    let long = format!("replace({long}, '0', {long})");
    assert!(error(&format!("@{long}")).contains("limit"));
    assert!(error("@range(0, add(parameters('n'), 60))").contains("range"));
    assert!(error(&format!("@join(range(0, 100), {doubled})")).contains("limit"));
    assert!(error(&"@{variables('list')}0123456789".repeat(80)).contains("limit"));
    assert!(
        error("@createArray(createArray(createArray(createArray(createArray(variables('list'))))))")
            .contains("nested deeper")
    );
    let template =
        Template::compile(&value!({ "a": { "b": { "c": { "d": ["@variables('list')"] } } } })).unwrap();
    assert!(template.evaluate_within(&context(), limits).unwrap_err().message.contains("nested deeper"));
}

#[test]
fn time_and_chance_come_from_the_context() {
    let now = MapContext::new(value!({ "utcNow": "2026-01-15T10:30:00Z" }));
    let template =
        Template::compile(&value!("@concat(utcNow('yyyy'), '-', getPastTime(1, 'Month', 'MM'))")).unwrap();
    assert_eq!(template.evaluate(&now).unwrap(), value!("2026-12"));
    let guid = Template::compile(&value!("@guid()")).unwrap();
    assert_eq!(guid.evaluate(&context()).unwrap(), guid.evaluate(&context()).unwrap());
    assert_ne!(guid.evaluate(&context()).unwrap(), guid.evaluate(&context().seeded(7)).unwrap());
}

#[test]
fn names_of_properties_may_hold_expressions() {
    let template =
        Template::compile(&value!({ "@{parameters('n')}": 1, "@odata.type": "x", "@@y": 2 })).unwrap();
    assert_eq!(template.evaluate(&context()).unwrap(), value!({ "41": 1, "@odata.type": "x", "@y": 2 }));
}

#[test]
fn sharing_cannot_make_a_value_without_end() {
    // Each turn takes a few bytes of memory and doubles what would have to be written.
    let template = Template::compile(&value!("@createArray(variables('x'), variables('x'))")).unwrap();
    let mut x = value!("0123456789");
    let error = (0..200).find_map(|_| {
        let context = MapContext::new(Value::object([("variables", Value::object([("x", x.clone())]))]));
        match template.evaluate(&context) {
            Ok(value) => {
                x = value;
                None
            }
            Err(error) => Some(error),
        }
    });
    assert!(error.unwrap().message.contains("exceeds the limit of '104857600' characters"));
}

/// A context that only hands values out and lends none.
struct Sparing;

impl riposte_expression::Context for Sparing {
    fn parameter(&self, _: &str) -> Option<Value> {
        None
    }
    fn variable(&self, name: &str) -> Option<Value> {
        (name == "v").then(|| value!({ "a": [1, { "b": 2 }] }))
    }
    fn action(&self, _: &str) -> Option<Value> {
        None
    }
    fn action_outputs(&self, _: &str) -> Option<Value> {
        Some(value!({ "body": [7, 8] }))
    }
    fn trigger(&self) -> Option<Value> {
        None
    }
    fn trigger_outputs(&self) -> Option<Value> {
        Some(Value::Null)
    }
    fn item(&self) -> Option<Value> {
        Some(value!("i"))
    }
    fn items(&self, _: &str) -> Option<Value> {
        None
    }
    fn iteration_index(&self, _: &str) -> Option<i64> {
        None
    }
    fn result(&self, _: &str) -> Option<Value> {
        None
    }
    fn current_action(&self) -> Option<Value> {
        None
    }
    fn workflow(&self) -> Option<Value> {
        None
    }
    fn callback_url(&self) -> Option<Value> {
        None
    }
    fn app_setting(&self, _: &str) -> Option<Value> {
        None
    }
    fn utc_now(&self) -> riposte_expression::Ticks {
        riposte_expression::Ticks::UNIX_EPOCH
    }
    fn random(&self) -> u64 {
        4
    }
    fn names(&self, _: NameKind) -> Vec<riposte_value::Text> {
        Vec::new()
    }
}

#[test]
fn a_context_need_not_lend() {
    let evaluate = |text: &str| Template::compile(&Value::from(text)).unwrap().evaluate(&Sparing).unwrap();
    assert_eq!(evaluate("@variables('v')['A'][1].b"), value!(2));
    assert_eq!(evaluate("@last(body('x'))"), value!(8));
    assert_eq!(evaluate("@body('x')[0]"), value!(7));
    assert_eq!(evaluate("@{item()}-@{triggerBody()}-@{utcNow('yyyy')}"), value!("i--1970"));
}

#[test]
fn one_path_through_objects_of_different_shapes() {
    let template = Template::compile(&value!("@item()?['b']")).unwrap();
    for (item, expected) in [
        (value!({ "a": 1, "b": 2 }), value!(2)),
        (value!({ "b": 3 }), value!(3)),
        (value!({ "a": 4, "B": 5 }), value!(5)),
        (value!({ "B": 6, "b": 7 }), value!(7)),
        (value!({ "a": 8 }), value!(null)),
    ] {
        let context = MapContext::new(value!({ "item": item }));
        assert_eq!(template.evaluate(&context).unwrap(), expected);
    }
}

#[test]
fn an_array_that_is_kept_stays_as_it_is() {
    let context = context();
    let evaluate = |text: &str| Template::compile_expression(text).unwrap().evaluate(&context).unwrap();
    assert_eq!(evaluate("join(union(variables('list'), variables('list')), ',')"), value!("1,2,3"));
    let kept = evaluate("union(variables('list'), variables('list'))");
    assert_eq!(evaluate("length(union(variables('list'), createArray(4)))"), value!(4));
    assert_eq!(evaluate("coalesce(union(createArray(5), variables('list')))"), value!([5, 1, 2, 3]));
    assert_eq!(kept, value!([1, 2, 3]));
}

#[test]
fn errors_become_diagnostics() {
    let errors = Template::compile(&value!({ "a": "@concat('x'" })).unwrap_err();
    let diagnostic = riposte_diagnostic::Diagnostic::from(errors.first().unwrap());
    assert_eq!(diagnostic.location.path.as_deref(), Some("$.a"));
    assert_eq!(diagnostic.location.source.as_deref(), Some("concat('x'"));
    let template = Template::compile(&value!(["@int('x')"])).unwrap();
    let diagnostic = riposte_diagnostic::Diagnostic::from(&template.evaluate(&context()).unwrap_err());
    assert_eq!(
        (diagnostic.code.as_ref(), diagnostic.location.path.as_deref()),
        ("InvalidTemplate", Some("$[0]"))
    );
}
