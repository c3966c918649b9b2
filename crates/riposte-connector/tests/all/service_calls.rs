//! Functions and managed APIs.

use riposte_connector::service_call::{Service, function, managed_api};
use riposte_connector::{CallContext, Secret};
use riposte_value::{Value, value};

const FUNCTION: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/Sites/app/functions/Do it";
const API: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/svc/apis/intel";

fn service(key: Option<&str>) -> Service {
    Service { url: "https://real.example/base/".into(), key: key.map(Secret::new) }
}

#[test]
fn functions() {
    let context = CallContext::new("k");
    let inputs =
        value!({ "method": "put", "queries": { "q": "a b" }, "body": { "x": 1 }, "headers": { "A": "b" } });
    let call =
        function(FUNCTION, &inputs, |name| (name == "app").then(|| service(Some("f"))), &context).unwrap();
    let request = call.request();
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("PUT", "https://real.example/base/api/Do%20it?q=a%20b")
    );
    assert_eq!((request.header("a"), request.header("x-functions-key")), (Some("b"), Some("f")));
    assert!(request.is_credential("X-Functions-Key"));
    assert_eq!(request.body, br#"{"x":1}"#);
    let own = value!({ "headers": { "x-functions-key": "own" } });
    let call = function(FUNCTION, &own, |_| Some(service(Some("f"))), &context).unwrap();
    assert_eq!(call.request().header("x-functions-key"), Some("own"));
    let refused = |id: &str| function(id, &Value::Null, |_| None, &context).unwrap_err();
    assert_eq!(refused("/sites/app").code, "BadRequest");
    let error = refused(FUNCTION);
    assert_eq!(error.code, "FunctionAppNotFound");
    assert!(error.to_string().contains("[function_apps.app]"), "{error}");
}

#[test]
fn managed_apis() {
    let context = CallContext::new("k");
    let inputs = value!({ "pathTemplate": { "template": "/ip/{ip}/of/{N}", "parameters": { "ip": "a/b", "n": 7 } }, "subscriptionKey": "s" });
    let call = managed_api(API, &inputs, |name| (name == "svc/intel").then(|| service(Some("c"))), &context)
        .unwrap();
    let request = call.request();
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("GET", "https://real.example/base/ip/a%2Fb/of/7")
    );
    assert_eq!(request.header("ocp-apim-subscription-key"), Some("s"));
    let plain = value!({ "method": "POST", "pathTemplate": { "template": "x" } });
    let call =
        managed_api(API, &plain, |name| (name == "svc").then(|| service(Some("c"))), &context).unwrap();
    assert_eq!(call.request().url, "https://real.example/base/x");
    assert_eq!(call.request().header("ocp-apim-subscription-key"), Some("c"));
    for (template, code) in [("/{a}", "BadRequest"), ("/{a", "BadRequest")] {
        let inputs = Value::object([("pathTemplate", Value::object([("template", Value::text(template))]))]);
        assert_eq!(managed_api(API, &inputs, |_| Some(service(None)), &context).unwrap_err().code, code);
    }
    assert_eq!(managed_api(API, &plain, |_| None, &context).unwrap_err().code, "ApiManagementNotFound");
    assert_eq!(managed_api("/apis/x", &plain, |_| None, &context).unwrap_err().code, "BadRequest");
}
