//! Properties that hold for every input.

use proptest::prelude::*;
use riposte_connector::{
    CallContext, Connection, ConnectorDefinition, IncomingResponse, build_request, catalogue, http_action,
    read_response,
};
use riposte_value::{Value, value};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("method".to_owned()),
        Just("path".to_owned()),
        Just("$content-type".to_owned()),
        Just("$multipart".to_owned()),
        Just("parameters".to_owned()),
        Just("get".to_owned()),
        "[a-z$/{}]{0,8}",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::array),
            proptest::collection::vec((name.clone(), inner), 0..5).prop_map(Value::object),
        ]
    })
}

proptest! {
    #[test]
    fn any_response_is_read(content_type in "\\PC{0,30}|multipart/form-data; ?boundary=[a-c-]{0,3}|application/json", body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let headers = vec![("Content-Type".into(), content_type.into())];
        let read = read_response(&IncomingResponse { status: 200, headers, body: body.clone() });
        prop_assert_eq!(read.body.is_some(), !body.is_empty());
    }

    #[test]
    fn any_inputs_make_a_request_or_an_error(uri in "\\PC{0,20}|https://[a-z.]{1,8}/\\PC{0,9}", headers in any_value(), queries in any_value(), body in any_value(), authentication in any_value()) {
        let inputs = Value::object([("method", value!("POST")), ("uri", Value::from(uri)), ("headers", headers), ("queries", queries), ("body", body), ("authentication", authentication)]);
        if let Ok(call) = http_action::build(&inputs, &CallContext::new("k")) {
            let request = call.request();
            prop_assert!(request.url.starts_with("http"));
            prop_assert!(request.headers.iter().all(|(name, value)| !name.contains(['\r', '\n']) && !value.contains(['\r', '\n'])));
        }
    }

    #[test]
    fn a_value_in_the_path_stays_in_its_segment(value in "\\PC{1,20}") {
        prop_assume!(value != "." && value != "..");
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string();
        let inputs = Value::object([("method", value!("get")), ("path", Value::from(format!("/api/v3/files/{encoded}")))]);
        let connection = Connection::new(value!({ "api_key": "k" }).as_object().unwrap().clone());
        let call = build_request(catalogue::find("virustotal").unwrap(), &connection, &inputs, &CallContext::new("k")).unwrap();
        let url = url::Url::parse(&call.request().url).unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), 4);
        prop_assert_eq!(percent_encoding::percent_decode_str(segments[3]).decode_utf8().unwrap(), value);
        prop_assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("www.virustotal.com"), None, None));
    }

    #[test]
    fn any_path_stays_on_the_host(path in "\\PC{0,30}|[/.%2eE\\\\?#@:a]{0,20}") {
        let inputs = Value::object([("method", value!("get")), ("path", Value::from(path))]);
        let connection = Connection::new(value!({ "instance": "i", "username": "u" }).as_object().unwrap().clone());
        if let Ok(call) = build_request(catalogue::find("service-now").unwrap(), &connection, &inputs, &CallContext::new("k")) {
            prop_assert!(call.request().url.starts_with("https://i.service-now.com/"), "{}", call.request().url);
        }
    }

    #[test]
    fn any_definition_is_read(paths in any_value(), properties in any_value()) {
        let swagger = Value::object([("swagger", value!("2.0")), ("host", value!("a.example")), ("paths", Value::object([("/a/{b}", paths)]))]);
        let (definition, diagnostics) = ConnectorDefinition::read(&swagger, Some(&properties));
        prop_assert!(definition.is_some() || !diagnostics.is_empty());
    }
}
