//! What holds for every input: reading never panics and always says why it gave nothing; ids and written templates
//! read back the same.

use crate::functions::deployment;
use proptest::prelude::*;
use riposte_arm::{Deployment, Home, ResourceId, read, read_value, write, write_portable};
use riposte_value::{Value, json, value};

/// Pieces of which template text is made, so that random text reaches deep into the reader.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "'",
        "\\",
        "//",
        "/*",
        "\u{feff}",
        "null",
        "true",
        "-1",
        "1e9",
        "\"resources\":",
        "\"type\":\"Microsoft.Logic/workflows\"",
        "\"name\":\"p\"",
        "\"properties\":",
        "\"copy\":",
        "\"parameters\":",
        "\"variables\":",
        "\"definition\":",
        "\"[concat(",
        "\"[parameters('a')]\"",
        "\"[[x]\"",
        ")]\"",
        "\"count\":9",
        "\"input\":",
        "\"condition\":",
        "\"dependsOn\":[\"p\"]",
        "\"scope\":\"/\"",
        "ü",
        "\n",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|words| words.concat())
}

/// Expressions that may be right or wrong.
fn expression() -> impl Strategy<Value = String> {
    let names: Vec<&str> =
        riposte_arm::functions().map(|f| f.name).chain(["nope", "own.f", "listKeys"]).collect();
    let leaf = prop_oneof![
        "[a-z/']{0,6}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        any::<i64>().prop_map(|number| number.to_string()),
        Just("parameters('p')".to_owned()),
        Just("variables('v')".to_owned()),
        Just("resourceGroup()".to_owned()),
        Just("'{0} {1,9:D3}'".to_owned()),
        Just("'/subscriptions/s/resourceGroups/g/providers/A.B/c/d'".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let call = (prop::sample::select(names.clone()), prop::collection::vec(inner.clone(), 0..4));
        prop_oneof![
            call.prop_map(|(name, arguments)| format!("{name}({})", arguments.join(", "))),
            (inner.clone(), "[a-z]{1,4}").prop_map(|(target, name)| format!("{target}.{name}")),
            (inner.clone(), inner).prop_map(|(target, index)| format!("{target}[{index}]")),
        ]
    })
}

/// JSON with strings that look like expressions and escapes.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        "[\\[\\]@{}a'() ]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[\\[\\]a-c]{0,3}", inner), 0..5).prop_map(Value::object),
        ]
    })
}

fn segment() -> impl Strategy<Value = String> {
    "[A-Za-zäÖ0-9._() -]{0,8}[A-Za-z0-9]"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn reading_any_text_gives_resources_or_says_why_not(text in prop_oneof![pieces(), "\\PC{0,80}"]) {
        let outcome = read(&text, &deployment());
        prop_assert!(!outcome.resources.is_empty() || outcome.left_out > 0 || outcome.has_errors(), "{text}");
    }

    #[test]
    fn evaluating_any_expression_gives_a_value_or_an_error(expression in expression()) {
        let template = value!({
            "parameters": { "p": { "type": "object", "defaultValue": { "a": [1, "x"] } } },
            "variables": { "v": [1, { "b": "c" }] },
            "resources": [{ "type": "A.B/c", "name": "n" }],
            "outputs": { "it": { "type": "object", "value": (format!("[{expression}]")) } }
        });
        let outcome = read_value(&template, &deployment());
        prop_assert!(outcome.outputs.contains_key("it") != outcome.has_errors(), "{expression}: {:?}", outcome.diagnostics);
        let again = read_value(&template, &deployment());
        prop_assert_eq!(outcome.outputs, again.outputs);
    }

    #[test]
    fn what_is_written_reads_back_the_same(properties in tree(), key in "[a-z]{1,5}") {
        let tree = Value::object([(key.as_str(), properties)]);
        let source = value!({ "resources": [
            { "type": "Microsoft.Logic/workflows", "apiVersion": "2019-05-01", "name": "p", "location": "x",
              "identity": { "type": "SystemAssigned" }, "tags": { "a": "b" }, "sku": { "name": "S" } },
            { "type": "Microsoft.SecurityInsights/automationRules", "name": "r", "dependsOn": ["p"],
              "scope": "Microsoft.OperationalInsights/workspaces/w" },
        ] });
        let mut before = read_value(&source, &deployment()).resources;
        prop_assert_eq!(before.len(), 2);
        for resource in &mut before {
            resource.properties = tree.clone();
        }
        let written = json::to_string_pretty(&write(&before));
        let outcome = read(&written, &deployment());
        prop_assert!(!outcome.has_errors(), "{written}\n{:?}", outcome.diagnostics);
        prop_assert_eq!(before.len(), outcome.resources.len());
        for (before, after) in before.iter().zip(&outcome.resources) {
            prop_assert_eq!(&before.properties, &after.properties, "{}", written);
            prop_assert_eq!((&before.id, &before.tags, &before.identity), (&after.id, &after.tags, &after.identity));
            prop_assert_eq!((&before.extras, &before.depends_on), (&after.extras, &after.depends_on));
        }
    }

    #[test]
    fn a_portable_template_reads_back_the_same_at_home_and_leads_elsewhere(
        pieces in prop::collection::vec(prop_oneof![
            Just("{S}".to_owned()), Just("{S}/resourceGroups/{G}".to_owned()), Just("{W}".to_owned()),
            "[ /'@][ a-z'@/{}-]{0,8}",
        ], 0..6),
    ) {
        let text = |subscription: &str, group: &str, workspace: &str| {
            let subscription = format!("/subscriptions/{subscription}");
            let place = format!(
                "{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}"
            );
            pieces.concat().replace("{W}", &place).replace("{S}", &subscription).replace("{G}", group)
        };
        let at = |subscription: &str, group: &str, workspace: &str| Deployment {
            subscription_id: subscription.into(),
            resource_group: group.into(),
            workspace: Some(workspace.into()),
            ..deployment()
        };
        let source = value!({ "resources": [
            { "type": "Microsoft.SecurityInsights/automationRules", "name": "r",
              "scope": "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.OperationalInsights/workspaces/w1",
              "properties": { "text": (text("s1", "g1", "w1")) } },
        ] });
        let before = read_value(&source, &at("s1", "g1", "w1")).resources;
        prop_assert_eq!(before.len(), 1);
        let written = json::to_string(&write_portable(&before, &Home::new("s1", "g1", Some("w1"))));
        let home = read(&written, &at("s1", "g1", "w1"));
        prop_assert!(!home.has_errors(), "{written}\n{:?}", home.diagnostics);
        prop_assert_eq!(&before[0].properties, &home.resources[0].properties, "{}", written);
        prop_assert_eq!(&before[0].id, &home.resources[0].id);
        let away = read(&written, &at("s2", "g2", "w2"));
        prop_assert!(!away.has_errors(), "{written}\n{:?}", away.diagnostics);
        let expected = text("s2", "g2", "w2");
        prop_assert_eq!(away.resources[0].properties.str_at(&["text"]), Some(expected.as_str()), "{}", written);
        prop_assert_eq!(away.resources[0].id.name_of("workspaces"), Some("w2"));
    }

    #[test]
    fn ids_read_back_the_same_and_ignore_case(
        group in prop::option::of((segment(), prop::option::of(segment()))),
        parts in prop::collection::vec((segment(), prop::collection::vec((segment(), segment()), 1..3)), 0..3),
    ) {
        // A name that is a word of the form would read as that word.
        let mut text = String::new();
        if let Some((subscription, group)) = &group {
            text = format!("/subscriptions/{subscription}");
            if let Some(group) = group {
                text = format!("{text}/resourceGroups/{group}");
            }
        }
        for (namespace, segments) in &parts {
            text = format!("{text}/providers/{namespace}");
            for (kind, name) in segments {
                text = format!("{text}/t{kind}/{name}");
            }
        }
        if text.is_empty() {
            text.push('/');
        }
        let id: ResourceId = text.parse().map_err(|error| TestCaseError::fail(format!("{error}")))?;
        prop_assert_eq!(id.to_string(), text.as_str());
        let upper: ResourceId = text.to_uppercase().parse().unwrap();
        prop_assert_eq!(&id, &upper);
        prop_assert_eq!(id.key(), upper.key());
        if let Some((scope, parent)) = id.scope().zip(id.parent()) {
            prop_assert!(id.is_within(&scope) && id.is_within(&parent));
            prop_assert_eq!(ResourceId::under(&scope, &id.resource_type(), &id.full_name()).unwrap(), id);
        }
    }

    #[test]
    fn parsing_any_id_never_panics(text in "(/?(subscriptions|resourceGroups|providers|[a-z ]{0,3})){0,9}/?") {
        if let Ok(id) = text.parse::<ResourceId>() {
            prop_assert_eq!(id.to_string().parse::<ResourceId>().unwrap(), id);
        }
    }
}
