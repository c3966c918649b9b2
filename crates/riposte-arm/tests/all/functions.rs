//! Template functions, from the tables in `conformance/arm/functions`.

use riposte_arm::{Deployment, functions, read_value};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The text between the brackets.
    expression: String,
    #[serde(default, deserialize_with = "present")]
    result: Option<serde_json::Value>,
    error: Option<String>,
    help: Option<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

/// Tells `null` from nothing.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(from).map(Some)
}

pub fn deployment() -> Deployment {
    Deployment {
        subscription_id: "11111111-1111-1111-1111-111111111111".into(),
        tenant_id: "22222222-2222-2222-2222-222222222222".into(),
        resource_group: "soc".into(),
        location: "westeurope".into(),
        deployment_name: "cases".into(),
        timestamp: "2026-03-14T09:26:53.5Z".parse().unwrap(),
        ..Deployment::default()
    }
}

/// Whether it is an error, code, message, help.
type Told = (bool, String, String, Option<String>);

fn evaluated(case: &Case) -> (Option<Value>, Vec<Told>) {
    let template = value!({
        "parameters": { "Given": { "type": "string", "defaultValue": "value" } },
        "variables": { "Nested": { "list": ["a", "b"] } },
        "functions": [{ "namespace": "own", "members": {
            "greet": {
                "parameters": [{ "name": "who", "type": "string" }, { "name": "times", "type": "int" }],
                "output": { "type": "string", "value": "[concat('Hello ', join(map(range(0, parameters('times')), lambda('i', parameters('who'))), ', '))]" }
            },
            "reaches": { "parameters": [], "output": { "type": "string", "value": "[variables('Nested')]" } }
        } }],
        "resources": [],
        "outputs": { "it": { "type": "object", "value": (format!("[{}]", case.expression)) } }
    });
    let outcome = read_value(&template, &deployment());
    let told = outcome.diagnostics.iter().filter(|d| d.code != "NothingToDeploy");
    let told = told.map(|d| (d.is_error(), d.code.to_string(), d.message.clone(), d.help.clone())).collect();
    (outcome.outputs.get("it").and_then(|output| output.get("value")).cloned(), told)
}

#[test]
fn functions_give_what_the_tables_say() {
    let seen = RefCell::new(BTreeSet::new());
    Cases::<Case>::load("conformance/arm/functions").check(|case| {
        seen.borrow_mut().insert(case.expression.to_lowercase());
        let (result, told) = evaluated(case);
        let errors: Vec<_> = told.iter().filter(|(error, ..)| *error).collect();
        match (&case.result, &case.error) {
            (Some(expected), None) => {
                let expected = Value::from(expected.clone());
                if result.as_ref() != Some(&expected) {
                    return Err(format!("{}: expected {expected}, got {result:?}, {errors:?}", case.name));
                }
            }
            (None, Some(expected)) => {
                let found = errors.iter().find(|(_, _, message, _)| message == expected);
                let Some((.., help)) = found else {
                    return Err(format!("expected `{expected}`, got {result:?}, {errors:?}"));
                };
                if case.help.is_some() && case.help != *help {
                    return Err(format!("expected the help {:?}, got {help:?}", case.help));
                }
            }
            _ => return Err("a case has either a result or an error".into()),
        }
        let warnings: Vec<&String> =
            told.iter().filter(|(error, ..)| !error).map(|(_, code, ..)| code).collect();
        if warnings == case.warnings.iter().collect::<Vec<_>>() {
            Ok(())
        } else {
            Err(format!("warnings {warnings:?}"))
        }
    });
    let calls = seen.into_inner().into_iter().collect::<Vec<_>>().join(" ");
    let untested: Vec<_> = functions()
        .map(|function| function.name)
        .filter(|name| !calls.contains(&format!("{}(", name.to_lowercase())))
        .collect();
    // No Azure template that Riposte can deploy has a use for these two.
    assert_eq!(untested, ["deployer", "managementGroup"], "functions that no case calls");
}
