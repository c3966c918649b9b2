//! What history may show.

use riposte_connector::{mask_headers, mask_inputs};
use riposte_value::value;

#[test]
fn inputs() {
    let cases = [
        (
            value!({ "uri": "u", "Authentication": { "type": "ActiveDirectoryOAuth", "tenant": "t", "secret": "s", "pfx": "p", "clientId": "c", "new": "n" } }),
            value!({ "uri": "u", "Authentication": { "type": "ActiveDirectoryOAuth", "tenant": "t", "secret": "*sanitized*", "pfx": "*sanitized*", "clientId": "c", "new": "*sanitized*" } }),
        ),
        (value!({ "authentication": "text" }), value!({ "authentication": "*sanitized*" })),
        (value!({ "authentication": null }), value!({ "authentication": null })),
        (
            value!({ "headers": { "authorization": "a", "X-ApiKey": "b", "x-vendor-token": "c", "Accept": "d" }, "cookie": "e" }),
            value!({ "headers": { "authorization": "*sanitized*", "X-ApiKey": "*sanitized*", "x-vendor-token": "*sanitized*", "Accept": "d" }, "cookie": "*sanitized*" }),
        ),
        (
            value!({ "subscribe": { "uri": "u", "authentication": { "type": "Raw", "value": "v" } } }),
            value!({ "subscribe": { "uri": "u", "authentication": { "type": "Raw", "value": "*sanitized*" } } }),
        ),
        (value!("plain"), value!("plain")),
    ];
    for (inputs, masked) in cases {
        assert_eq!(mask_inputs(&inputs), masked, "{inputs}");
    }
}

#[test]
fn headers() {
    let headers =
        [("Accept".into(), "a".into()), ("AUTHORIZATION".into(), "b".into()), ("Key".into(), "c".into())];
    let masked = mask_headers(&headers, &["key".into()]);
    assert_eq!(
        masked.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        ["a", "*sanitized*", "*sanitized*"]
    );
}
