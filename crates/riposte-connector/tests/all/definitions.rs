//! What is said about faulty definitions.

use riposte_connector::{ConnectorDefinition, ParameterKind};
use riposte_value::{Value, value};

fn codes(swagger: &Value, properties: Option<&Value>) -> (bool, Vec<(String, String)>) {
    let (definition, diagnostics) = ConnectorDefinition::read(swagger, properties);
    let said = diagnostics
        .into_iter()
        .map(|diagnostic| (diagnostic.location.path.unwrap_or_default(), diagnostic.message))
        .collect();
    (definition.is_some(), said)
}

#[test]
fn faults_are_named_with_their_place() {
    let one = |path: &str, message: &str| vec![(path.to_owned(), message.to_owned())];
    let cases = [
        (value!([]), false, one("$", "a connector definition is an object, not Array")),
        (value!({ "openapi": "3.0.1" }), false, one("$.openapi", "the definition is OpenAPI \"3.0.1\"")),
        (value!({ "swagger": "1.2" }), false, one("$.swagger", "the definition is Swagger `1.2`")),
        (value!({ "swagger": "2.0" }), false, one("$.paths", "the definition has no object `paths`")),
        (value!({ "swagger": 2.0, "paths": {} }), true, vec![]),
        (value!({ "paths": { "/a": 5, "x-note": 5 } }), true, one("$.paths['/a']", "path `/a` is no object")),
        (
            value!({ "paths": { "/a": { "fetch": {} } } }),
            true,
            one("$.paths['/a'].fetch", "`fetch` is not a method"),
        ),
        (
            value!({ "paths": { "/a": { "get": { "parameters": [{ "$ref": "#/parameters/none" }] } } } }),
            true,
            one("$.paths['/a'].get.parameters[0]", "the parameter's `$ref` leads nowhere"),
        ),
        (
            value!({ "paths": {}, "securityDefinitions": { "k": { "type": "apiKey", "in": "cookie", "name": "x" } } }),
            true,
            one("$.securityDefinitions.k", "security definition of type `apikey` is not usable"),
        ),
        (
            value!({ "paths": {}, "x-riposte-unlisted-paths": "maybe" }),
            false,
            one("$.x-riposte-unlisted-paths", "`\"maybe\"` says nothing about unlisted paths"),
        ),
    ];
    for (swagger, usable, said) in cases {
        assert_eq!(codes(&swagger, None), (usable, said), "{swagger}");
    }
}

#[test]
fn a_reference_to_itself_ends() {
    let swagger = value!({
        "paths": { "/a": { "post": { "parameters": [{ "name": "b", "in": "body", "schema": { "$ref": "#/definitions/A" } }] } } },
        "definitions": { "A": { "properties": { "x": { "$ref": "#/definitions/A" }, "y": { "$ref": "#/definitions/B" } } }, "B": { "$ref": "#/definitions/B" } },
    });
    assert_eq!(codes(&swagger, None), (true, vec![]));
}

#[test]
fn policies_that_cannot_be_honoured_are_warned_about() {
    let swagger = value!({ "paths": {} });
    let properties = value!({ "properties": { "policyTemplateInstances": [
        { "templateId": "stringtoarray", "parameters": {} },
        { "templateId": "setheader", "parameters": { "x-ms-apimTemplateParameter.value": "x" } },
        { "templateId": "setheader", "parameters": { "x-ms-apimTemplateParameter.name": "n", "x-ms-apimTemplateParameter.value": "@item().x" } },
        { "templateId": "setheader", "parameters": { "x-ms-apimTemplateParameter.name": "n", "x-ms-apimTemplateParameter.value": "me@example.com" } },
        { "templateId": "setheader", "parameters": { "x-ms-apimTemplate-policySection": "Response" } },
        { "templateId": "setproperty", "parameters": { "x-ms-apimTemplateParameter.newPropertyParentPathTemplate": "@body().a[*]", "x-ms-apimTemplateParameter.newPropertySubPathTemplate": "b", "x-ms-apimTemplateParameter.propertyValuePathTemplate": "c" } },
    ] } });
    let (_, said) = codes(&swagger, Some(&properties));
    let messages: Vec<(usize, &str)> = said
        .iter()
        .map(|(path, message)| {
            let index =
                path.trim_start_matches("$.properties.policyTemplateInstances[").trim_end_matches(']');
            (index.parse().unwrap(), message.as_str())
        })
        .collect();
    assert_eq!(
        messages,
        [
            (0, "policy `stringtoarray` is not supported"),
            (1, "policy `setheader` has no `name`"),
            (2, "policy `setheader`: the expression `@item().x` is not supported"),
            (4, "policy `setheader` on a response is not supported"),
            (5, "policy `setproperty`: `@body().a[*]` as `newPropertyParentPathTemplate` is not supported"),
        ]
    );
}

#[test]
fn connection_parameters() {
    let properties = value!({ "connectionParameters": {
        "api_key": { "type": "securestring", "uiDefinition": { "displayName": "Key", "constraints": { "required": "true" } } },
        "token:TenantId": { "type": "string", "uiDefinition": { "constraints": { "required": true, "hidden": "true" } } },
        "token": { "type": "oauthSetting" },
    }, "connectionParameterSets": { "values": [{ "name": "basic", "parameters": { "username": { "type": "string", "uiDefinition": { "constraints": { "required": true } } }, "API_KEY": { "type": "string" } } }] } });
    let (definition, _) = ConnectorDefinition::read(&value!({ "paths": {} }), Some(&properties));
    let parameters = definition.unwrap().connection_parameters;
    let read: Vec<_> =
        parameters.iter().map(|p| (p.name.as_str(), p.kind, p.required, p.display_name.as_str())).collect();
    assert_eq!(
        read,
        [
            ("api_key", ParameterKind::SecureString, true, "Key"),
            ("token:TenantId", ParameterKind::Plain, false, "token:TenantId"),
            ("token", ParameterKind::OAuth, false, "token"),
            ("username", ParameterKind::Plain, false, "username"),
        ]
    );
}
