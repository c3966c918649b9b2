//! Bodies read and written.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use riposte_connector::{IncomingResponse, encode_body, read_response};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseCase {
    #[serde(rename = "name")]
    _name: String,
    content_type: Option<String>,
    text: Option<String>,
    base64: Option<String>,
    body: Option<Value>,
}

fn response(content_type: Option<&str>, body: Vec<u8>) -> IncomingResponse {
    let headers = content_type.map(|text| ("Content-Type".into(), text.into())).into_iter().collect();
    IncomingResponse { status: 200, headers, body }
}

#[test]
fn responses() {
    Cases::<ResponseCase>::load("conformance/connector/responses").check(|case| {
        let bytes = match (&case.text, &case.base64) {
            (Some(text), None) => text.as_bytes().to_vec(),
            (None, Some(base64)) => STANDARD.decode(base64).unwrap(),
            _ => return Err("`text` or `base64`".into()),
        };
        let read = read_response(&response(case.content_type.as_deref(), bytes.clone()));
        if read.body != case.body {
            return Err(format!("got {:?}, wanted {:?}", read.body, case.body));
        }
        // What was read as an envelope goes out as it came.
        match read.body.as_ref() {
            Some(envelope @ Value::Object(object)) if object.contains_key("$content") => {
                let written = encode_body(envelope, None).map_err(|error| error.to_string())?;
                if written.bytes == bytes { Ok(()) } else { Err(format!("goes out as {:?}", written.bytes)) }
            }
            _ => Ok(()),
        }
    });
}

#[test]
fn outputs() {
    let mut read = response(Some("text/plain"), b"x".to_vec());
    read.headers.push(("Set-Cookie".into(), "a=1".into()));
    read.headers.push(("set-cookie".into(), "b=2".into()));
    assert_eq!(
        read_response(&read).outputs(),
        value!({ "statusCode": 200, "headers": { "Content-Type": "text/plain", "Set-Cookie": "a=1,b=2" }, "body": "x" })
    );
    assert_eq!(
        read_response(&response(None, Vec::new())).outputs(),
        value!({ "statusCode": 200, "headers": {} })
    );
}

#[test]
fn multipart_in_multipart_is_bounded() {
    let wrap = |body: Value| {
        let parts = Value::array([Value::object([("body", body)])]);
        Value::object([("$content-type", value!("multipart/mixed")), ("$multipart", parts)])
    };
    let deep = (0..50).fold(value!("x"), |body, _| wrap(body));
    assert_eq!(encode_body(&deep, None).unwrap_err().code, "BadRequest");
    let written = encode_body(&wrap(wrap(value!("x"))), None).unwrap();
    let back = read_response(&response(written.content_type.as_deref(), written.bytes)).body.unwrap();
    let inner = back
        .get("$multipart")
        .and_then(|parts| parts.item(0)?.get("body")?.get("$multipart")?.item(0)?.get("body"));
    assert_eq!(inner, Some(&value!("x")));
}

#[test]
fn text_in_another_character_set() {
    assert_eq!(encode_body(&value!("ä"), Some("text/plain; charset=iso-8859-1")).unwrap().bytes, [0xe4]);
    assert_eq!(encode_body(&value!("ä"), Some("text/plain; charset=utf-16")).unwrap().bytes, [0xe4, 0]);
    assert_eq!(encode_body(&Value::Null, None).unwrap().content_type, None);
}
