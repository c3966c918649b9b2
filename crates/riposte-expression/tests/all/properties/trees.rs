//! Trees: printed, parsed, compiled and evaluated.

use super::generate::{any_value, at_least, context, expression, fixed_context, limits, nowhere, open};
use proptest::prelude::*;
use riposte_expression::ast::{Expression, Key, Primary};
use riposte_expression::{MapContext, Template, parse};
use riposte_value::{Object, Value, json};

proptest! {
    #![proptest_config(at_least(2_000))]

    #[test]
    fn printing_and_parsing_is_identity(expression in expression()) {
        let printed = expression.to_string();
        let parsed = parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
        prop_assert_eq!(nowhere(&parsed), expression);
    }

    #[test]
    fn places_in_the_tree_are_places_in_the_text(expression in expression()) {
        let printed = expression.to_string();
        let parsed = parse(&printed).unwrap();
        for_each(&parsed, &mut |part| {
            let text = printed.get(part.span.start..part.span.end).unwrap();
            assert_eq!(nowhere(&parse(text).unwrap()), nowhere(part), "{text} in {printed}");
        });
    }

    #[test]
    fn evaluation_never_panics(expression in expression(), context in context()) {
        let printed = expression.to_string();
        let template = Template::compile_expression(&printed).unwrap();
        match template.evaluate_within(&MapContext::new(context), limits()) {
            Ok(value) => { json::to_string(&value); }
            Err(error) => {
                prop_assert!(!error.message.is_empty());
                prop_assert!(error.expression.get(error.span.start..error.span.end).is_some(), "{:?}", error);
            }
        }
    }

    #[test]
    fn evaluating_again_gives_the_same(expression in expression(), context in context()) {
        let template = Template::compile_expression(&expression.to_string()).unwrap();
        let evaluate = || {
            let context = MapContext::new(context.clone()).seeded(7);
            let outcome = template.evaluate_within(&context, limits());
            outcome.map(|value| json::to_string(&value)).map_err(|error| error.message)
        };
        prop_assert_eq!(evaluate(), evaluate());
    }

    #[test]
    fn a_whole_template_and_its_text_agree(expression in expression()) {
        // `@…` and `@{…}` compile the same expression; the second gives its text.
        let printed = expression.to_string();
        let evaluate = |text: String| {
            Template::compile(&Value::from(text)).unwrap().evaluate_within(&fixed_context(), limits())
        };
        let (whole, text) = (evaluate(format!("@{printed}")), evaluate(format!("@{{{printed}}}")));
        match (whole, text) {
            (Ok(Value::String(whole)), Ok(Value::String(text))) => prop_assert_eq!(whole, text),
            (Ok(Value::Null), Ok(text)) => prop_assert_eq!(text, Value::text("")),
            (Ok(Value::Int(whole)), Ok(text)) => prop_assert_eq!(text, Value::from(whole.to_string())),
            // The text of a large value may be too long where the value is not.
            (Ok(_), Ok(_)) | (Ok(Value::Array(_) | Value::Object(_)) | Err(_), Err(_)) => {}
            (whole, text) => return Err(TestCaseError::fail(format!("{whole:?} is not {text:?}"))),
        }
    }

    #[test]
    fn compiling_any_text_never_panics(text in "[@{}()'a-z0-9.,?\\[\\] éß\"+-]{0,60}") {
        let _ = parse(&text);
        if let Ok(template) = Template::compile(&Value::from(text)) {
            let _ = template.evaluate_within(&fixed_context(), limits());
        }
    }

    #[test]
    fn compiling_any_value_never_panics(value in any_value()) {
        match Template::compile(&value) {
            Ok(template) => drop(template.evaluate_within(&fixed_context(), limits())),
            Err(errors) => prop_assert!(errors.iter().all(|error| !error.to_string().is_empty())),
        }
    }

    #[test]
    fn constants_and_run_time_values_agree(expression in expression()) {
        // The same call with its literals handed in as parameters cannot be folded, and must give the same.
        let mut parameters = Object::new();
        let opened = open(&expression, &mut parameters);
        let folded = Template::compile_expression(&expression.to_string()).unwrap();
        let late = Template::compile_expression(&opened.to_string()).unwrap();
        let context = || MapContext::new(Value::object([("parameters", Value::from(parameters.clone()))]));
        let (early, late) =
            (folded.evaluate_within(&context(), limits()), late.evaluate_within(&context(), limits()));
        match (early, late) {
            (Ok(a), Ok(b)) => prop_assert_eq!(json::to_string(&a), json::to_string(&b)),
            (Err(_), Err(_)) => {}
            (a, b) => return Err(TestCaseError::fail(format!("{a:?} is not {b:?}"))),
        }
    }
}

/// Calls with every expression in a tree.
fn for_each(expression: &Expression, see: &mut dyn FnMut(&Expression)) {
    see(expression);
    if let Primary::Call(call) = &expression.primary {
        call.arguments.iter().for_each(|argument| for_each(argument, see));
    }
    for access in &expression.accesses {
        if let Key::Index(index) = &access.key {
            for_each(index, see);
        }
    }
}
