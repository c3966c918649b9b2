//! What actions ask for outside: scripts, functions, managed APIs, and how their requests look.

use crate::bed::{Bed, rule, run_playbook};
use riposte_value::{Value, value};

fn action<'a>(run: &'a Value, name: &str) -> &'a Value {
    let actions = run.at(&["properties", "actions"]).and_then(Value::as_array).unwrap();
    actions.iter().find(|action| action.str_at(&["name"]) == Some(name)).unwrap()
}

/// A run of these actions on an incident, whole.
pub async fn ran(bed: &Bed, actions: Value) -> Value {
    let id = bed.playbook("Calls", actions).await;
    bed.rule("r", rule("r", 1, &[], value!([run_playbook(1, &id)]))).await;
    let incident = bed.alert("a", "High", value!([])).await;
    bed.settle().await;
    bed.run(&incident).await
}

#[tokio::test]
async fn scripts_run_and_their_faults_are_told() {
    let bed = Bed::new().await;
    let run = ran(
        &bed,
        value!({
            "Numbers": { "type": "Compose", "inputs": [3, 4] },
            "Sum": { "type": "JavaScriptCode", "inputs": { "code": "return workflowContext.actions.Numbers.outputs.reduce((a, b) => a + b, 0);" }, "runAfter": { "Numbers": ["Succeeded"] } },
            "Use": { "type": "Compose", "inputs": "@add(body('Sum'), 1)", "runAfter": { "Sum": ["Succeeded"] } },
            "Bad": { "type": "JavaScriptCode", "inputs": { "code": "return nobody;" } }
        }),
    )
    .await;
    assert_eq!(action(&run, "Use").at(&["outputs"]), Some(&value!(8)), "{run}");
    let bad = action(&run, "Bad");
    assert_eq!(bad.str_at(&["code"]), Some("InlineCodeScriptRuntimeFailure"), "{bad}");
    let message = bad.str_at(&["error", "message"]).unwrap();
    assert!(message.contains("ReferenceError: nobody is not defined"), "{message}");
}

#[tokio::test]
async fn functions_and_managed_apis_are_called_where_the_configuration_says() {
    let bed = Bed::with(|request| (200, value!({ "called": request.url.as_str() }))).await;
    let run = ran(
        &bed,
        value!({
            "F": { "type": "Function", "inputs": { "function": { "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/Enrich/functions/Look" }, "body": {} }, "operationOptions": "SuppressWorkflowHeaders" },
            "A": { "type": "ApiManagement", "inputs": { "api": { "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/svc/apis/intel" }, "method": "get", "pathTemplate": { "template": "/ip/1" } } },
            "N": { "type": "Function", "inputs": { "function": { "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/Other/functions/Look" } } }
        }),
    )
    .await;
    let called = |name: &str| action(&run, name).str_at(&["outputs", "body", "called"]).map(str::to_owned);
    assert_eq!(called("F").as_deref(), Some("https://enrich.example/api/Look"), "{run}");
    assert_eq!(called("A").as_deref(), Some("https://intel.example/ip/1"));
    let unknown = action(&run, "N");
    assert_eq!(unknown.str_at(&["code"]), Some("FunctionAppNotFound"), "{unknown}");
    let asked = bed.vendor.asked.lock().unwrap();
    let function = asked.iter().find(|request| request.url.contains("enrich")).unwrap();
    assert_eq!(function.header("x-functions-key"), Some("the-key"));
    assert_eq!(function.header("x-ms-workflow-id"), None, "suppressed");
    let api = asked.iter().find(|request| request.url.contains("intel")).unwrap();
    assert!(api.header("x-ms-workflow-id").is_some());
}
