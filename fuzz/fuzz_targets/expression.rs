//! Expressions: from text to a value, in a context in which every group has something. What stands after the first `\x01`
//! is handed in as `parameters('given')`, and as `parameters('json')` where it is JSON.
//!
//! An error must point into the text it is about; what is printed must parse to the same; a value must be within the
//! bounds and be JSON that can be read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use riposte_expression::{Limits, MapContext, Template, parse};
use riposte_value::{Object, Value, json, value};
use std::sync::LazyLock;

/// Bounds that an input can reach, so that they are tried too.
fn limits() -> Limits {
    Limits { text_bytes_max: 65_536, range_items_max: 2_000, items_max: 2_000, ..Limits::default() }
}

static CONTEXT: LazyLock<Value> = LazyLock::new(|| {
    value!({
        "parameters": { "a": "text", "n": 7, "f": 1.5, "t": "2026-01-15T10:30:00.1234567Z", "$connections": { "c": { "connectionId": "i" } } },
        "variables": { "a": [1, "b", { "c": null }], "o": { "a": { "b": [1, 2] }, "A b": true }, "x": "<a><b c='1'>2</b></a>", "i": 3 },
        "actions": {
            "A": { "name": "A", "status": "Succeeded", "inputs": {}, "outputs": { "statusCode": 200, "headers": { "h": "v" }, "body": { "value": [{ "id": 1 }] } } },
            "Form": { "name": "Form", "outputs": { "body": { "$content-type": "application/x-www-form-urlencoded", "$formdata": [{ "key": "k", "value": "v" }] } } },
            "Parts": { "name": "Parts", "outputs": { "body": { "$content-type": "multipart/form-data", "$multipart": [{ "headers": {}, "body": { "$content-type": "text/plain", "$content": "eA==" } }] } } },
            "Binary": { "name": "Binary", "outputs": { "body": { "$content-type": "application/octet-stream", "$content": "AP8Q" } } },
            "Xml": { "name": "Xml", "outputs": { "body": { "$content-type": "application/xml", "$content": "PGE+PGIvPjwvYT4=" } } },
            "None": { "name": "None" }
        },
        "trigger": { "name": "manual", "outputs": { "headers": {}, "body": { "object": { "properties": { "incidentNumber": 7, "relatedEntities": [] } } } } },
        "item": { "id": "i" }, "items": { "Loop": { "id": "l" } }, "iterationIndexes": { "Until": 2 },
        "result": { "Scope": [{ "name": "A", "status": "Failed" }] },
        "action": { "name": "Now", "inputs": {}, "outputs": { "body": 1 } },
        "workflow": { "id": "/w", "name": "w", "type": "t", "location": "l", "tags": {}, "run": { "id": "/r", "name": "r", "type": "t" } },
        "callbackUrl": "https://host/callback?sig=x", "appSettings": { "s": "v" }, "utcNow": "2026-01-15T10:30:00Z"
    })
});

fuzz_target!(|text: &str| {
    let (text, given) = text.split_once('\u{1}').unwrap_or((text, ""));
    let mut values = CONTEXT.as_object().cloned().unwrap_or_else(Object::new);
    if let Some(parameters) = values.get_mut("parameters").and_then(Value::as_object_mut) {
        parameters.insert("given", given);
        parameters.insert("json", json::parse_lenient(given).unwrap_or_default());
    }
    let context = MapContext::new(Value::from(values));
    if let Ok(tree) = parse(text) {
        let printed = tree.to_string();
        assert_eq!(parse(&printed).unwrap().to_string(), printed, "{text}");
    }
    match Template::compile_expression_within(text, &limits()) {
        Err(error) => {
            assert!(error.expression.get(error.span.start..error.span.end).is_some(), "{error:?}");
        }
        Ok(template) => evaluate(&template, &context, text.len() + given.len()),
    }
    if let Ok(template) = Template::compile_within(&Value::text(text), &limits()) {
        evaluate(&template, &context, text.len() + given.len());
    }
});

fn evaluate(template: &Template, context: &MapContext, given: usize) {
    let _ = template.references();
    match template.evaluate_within(context, limits()) {
        Err(error) => {
            assert!(error.expression.get(error.span.start..error.span.end).is_some(), "{error:?}");
            assert!(!error.message.is_empty(), "{error:?}");
        }
        Ok(value) => {
            let text = json::to_string(&value);
            // A character may take six in JSON; what was given may be handed on as it is.
            let most = 6 * (limits().text_bytes_max + given + 10_000);
            assert!(text.len() <= most, "{} bytes", text.len());
            let read = json::parse(&text).unwrap();
            let again = json::to_string(&read);
            assert_eq!(json::to_string(&json::parse(&again).unwrap()), again);
        }
    }
}
