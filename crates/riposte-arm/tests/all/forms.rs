//! The rule of the description of the system, parameters files, samples, and ids by example.

use crate::corpus::text;
use crate::functions::deployment;
use riposte_arm::{
    Deployment, ResourceId, managed_identity_principal, read, read_parameters, sample_parameters,
};
use riposte_testing::shared;
use riposte_value::{Value, value};

#[test]
fn the_printed_automation_rule_imports_as_it_stands() {
    let Some(seed) = shared("seeds/003_1addc2546a1d730c.txt") else { return };
    let page = text(&seed);
    let start = page.find("\nJSON\n{").map(|at| at + 6).unwrap();
    let end = page.get(start..).unwrap().find("\n}\n").map(|at| start + at + 2).unwrap();
    let deployment = Deployment { workspace: Some("ne-soc".into()), ..deployment() };
    let outcome = read(page.get(start..end).unwrap(), &deployment);
    assert!(!outcome.has_errors(), "{:?}", outcome.diagnostics);
    let [rule] = outcome.resources.as_slice() else { panic!("{:?}", outcome.resources) };
    assert!(rule.is("Microsoft.SecurityInsights/automationRules"));
    assert_eq!(rule.id.name_of("workspaces"), Some("ne-soc"));
    assert_eq!(rule.name.len(), 36, "a GUID made from the display name");
    let action = rule.properties.get("actions").and_then(|actions| actions.item(1)).unwrap();
    let playbook = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/soc/providers/\
                    Microsoft.Logic/workflows/playbook-enrich-aitm";
    assert_eq!(action.str_at(&["actionConfiguration", "logicAppResourceId"]), Some(playbook));
    assert_eq!(
        action.str_at(&["actionConfiguration", "tenantId"]),
        Some("22222222-2222-2222-2222-222222222222")
    );
    let codes: Vec<_> = outcome.diagnostics.iter().map(|diagnostic| diagnostic.code.as_ref()).collect();
    assert_eq!(codes, ["IdCompleted", "IdCompleted", "IdCompleted"]);
    let again = read(page.get(start..end).unwrap(), &deployment);
    assert_eq!(again.resources.first().map(|rule| &rule.id), Some(&rule.id), "reading it again replaces it");
}

#[test]
fn parameters_files_come_in_three_forms() {
    let expected = value!({ "a": 1, "b": { "value": 1, "other": 2 } });
    for text in [
        r#"{ "$schema": "…", "parameters": { "a": { "value": 1 }, "b": { "value": { "value": 1, "other": 2 } } } }"#,
        r#"{ "a": { "value": 1 }, "b": { "value": { "value": 1, "other": 2 } } }"#,
        r#"{ "a": 1, "b": { "value": 1, "other": 2 } } // bare"#,
    ] {
        assert_eq!(Value::from(read_parameters(text).unwrap()), expected, "{text}");
    }
}

#[test]
fn parameters_files_are_refused_with_a_reason() {
    for (text, code, message) in [
        ("{", "InvalidJson", "the parameters file is not JSON: unexpected end of text"),
        ("[]", "InvalidParameter", "a parameters file holds an object"),
        (
            r#"{ "parameters": { "Key": { "reference": { "keyVault": { "id": "x" } } } } }"#,
            "InvalidParameter",
            "parameter `Key` refers to a key vault, which is not read",
        ),
    ] {
        let told = read_parameters(text).unwrap_err();
        assert_eq!((told[0].code.as_ref(), told[0].message.as_str()), (code, message));
    }
}

#[test]
fn samples_make_a_template_readable() {
    let template = value!({
        "parameters": {
            "workspaceName": { "type": "string" }, "Short": { "type": "string", "maxLength": 3 },
            "Long": { "type": "string", "minLength": 30 }, "Days": { "type": "int", "defaultValue": "how many days?" },
            "Given": { "type": "array" }, "Principal": { "type": "object" }, "Flag": { "type": "bool" },
            "Some": { "type": "array", "allowedValues": ["a", "b"] }, "Kept": { "type": "string", "defaultValue": "" },
        },
        "resources": [
            { "type": "Microsoft.Logic/workflows", "name": "[parameters('Short')]",
              "properties": { "tenant": "[parameters('principal').tenantId]", "long": "[parameters('Long')]" } },
            { "type": "Microsoft.Resources/templateSpecs/versions", "name": "s/1",
              "properties": { "mainTemplate": { "parameters": { "Inner": { "type": "securestring" } }, "resources": [] } } }
        ]
    });
    let mut deployment = deployment();
    deployment.parameters.insert("given", vec![Value::Int(1)]);
    let sample = sample_parameters(&template, &deployment);
    let names: Vec<&str> = sample.keys().map(riposte_value::Text::as_str).collect();
    assert_eq!(names, ["workspaceName", "Short", "Long", "Days", "Principal", "Flag", "Some", "Inner"]);
    deployment.parameters.extend(sample);
    let outcome = riposte_arm::read_value(&template, &deployment);
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    assert_eq!(outcome.resources[0].properties.str_at(&["tenant"]), Some("sample-tenantId"));
    assert!(outcome.declared_parameters.contains("short"));
}

#[test]
fn what_exists_already_answers_references() {
    let mut deployment = deployment();
    let id: ResourceId =
        "/subscriptions/S/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
            .parse()
            .unwrap();
    deployment.existing.insert(id.key().into(), value!({ "properties": { "customerId": "c-1" } }));
    let trigger = "/subscriptions/s/resourcegroups/g/providers/microsoft.logic/workflows/p/triggers/manual";
    deployment.listed.insert(format!("listcallbackurl {trigger}"), value!({ "value": "https://here/" }));
    let template = value!({
        "resources": [],
        "outputs": {
            "customer": { "type": "string", "value": (format!("[reference('{id}', '2020-08-01').customerId]")) },
            "address": { "type": "string", "value": (format!("[listCallbackUrl('{}', '2019-05-01').value]", trigger.to_uppercase())) }
        }
    });
    let outputs = riposte_arm::read_value(&template, &deployment).outputs;
    assert_eq!(outputs.get("customer").and_then(|output| output.str_at(&["value"])), Some("c-1"));
    assert_eq!(outputs.get("address").and_then(|output| output.str_at(&["value"])), Some("https://here/"));
}

#[test]
fn ids_by_example() {
    let group = ResourceId::group("s", "g");
    let playbook = ResourceId::under(&group, "Microsoft.Logic/workflows", "p").unwrap();
    let trigger = playbook.child("triggers", "manual").unwrap();
    assert_eq!(
        trigger.to_string(),
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p/triggers/manual"
    );
    assert_eq!(
        (trigger.resource_type().as_str(), trigger.full_name().as_str()),
        ("Microsoft.Logic/workflows/triggers", "p/manual")
    );
    assert_eq!(trigger.parent(), Some(playbook.clone()));
    assert_eq!(playbook.parent(), Some(group.clone()));
    assert_eq!(group.parent(), Some(ResourceId::subscription("s")));
    assert_eq!((trigger.scope(), trigger.resource_group_id()), (Some(group.clone()), Some(group.clone())));
    assert!(
        trigger.is_within(&playbook)
            && !playbook.is_within(&trigger)
            && playbook.is_within(&ResourceId::tenant())
    );
    let near = ResourceId::under(&group, "Microsoft.Logic/workflows", "pp").unwrap();
    assert!(!near.is_within(&playbook), "a longer name is no child");
    assert_eq!(group.resource_type(), "Microsoft.Resources/resourceGroups");
    assert_eq!(
        managed_identity_principal(&playbook),
        managed_identity_principal(&playbook.to_string().to_uppercase().parse().unwrap())
    );
    for wrong in [
        "",
        "a",
        "/subscriptions",
        "/subscriptions/s/x",
        "/subscriptions//resourceGroups/g",
        "/providers/A.B",
        "/providers/A.B/c",
        "/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e",
        "/subscriptions/.../p",
    ] {
        assert!(wrong.parse::<ResourceId>().is_err(), "{wrong}");
    }
}
