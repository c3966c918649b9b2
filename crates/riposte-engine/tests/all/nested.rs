//! Playbooks that call each other: Workflow and `SendToBatch` actions, and turns of playbooks that rules and people start.

use crate::bed::{Bed, Place, playbook_id};
use crate::triggers::{address, header, save, slow, until};
use riposte_engine::{CallbackRequest, Caller, ErrorKind, Principal, PrincipalKind};
use riposte_value::{Value, value};

fn request() -> Value {
    value!({ "type": "Request" })
}

fn call(child: &str) -> Value {
    value!({ "Call": { "type": "Workflow", "inputs": {
        "host": { "workflow": { "id": playbook_id(child) }, "triggerName": "t" }, "body": { "n": "@triggerBody()?['n']" }
    } } })
}

impl Bed {
    async fn begin(&self, id: &str) -> String {
        let invoked = self.engine.invoke(address(self, id, CallbackRequest::default()).await).await.unwrap();
        header(&invoked, "x-ms-workflow-run-id").unwrap().to_owned()
    }

    async fn ended(&self, run: &str) -> Value {
        self.engine.run_anywhere(run).await.unwrap()
    }

    async fn action_of(&self, id: &str, run: &str, action: &str) -> Value {
        self.engine.run_action(id, run, action).await.unwrap()
    }

    /// A record with its inputs and outputs.
    async fn record_of(&self, run: &str, action: &str) -> Value {
        let run = self.engine.run_anywhere(run).await.unwrap();
        let actions = run.at(&["properties", "actions"]).and_then(Value::as_array).unwrap();
        actions.iter().find(|record| record.str_at(&["name"]) == Some(action)).unwrap().clone()
    }

    async fn only_run(&self, id: &str) -> Value {
        let runs = self.engine.list_runs(id, None, 50, None).await.unwrap().items;
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.into_iter().next().unwrap()
    }
}

fn status(resource: &Value) -> &str {
    resource.str_at(&["properties", "status"]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_answers_with_its_response_and_goes_on() {
    let bed = Bed::new().await;
    let child = value!({
        "R": { "type": "Response", "inputs": { "statusCode": 200, "headers": { "x-child": "yes" }, "body": { "twice": "@mul(2, triggerBody()['n'])" } } },
        "End": { "type": "Terminate", "runAfter": { "R": ["Succeeded"] }, "inputs": { "runStatus": "Failed" } }
    });
    let child = save(&bed, "Child", request(), child).await;
    let parent = save(&bed, "Parent", request(), call("Child")).await;
    let run = bed.begin(&parent).await;
    bed.settle().await;
    assert_eq!(
        status(&bed.ended(&run).await),
        "Succeeded",
        "what the child does after its response is its own"
    );
    let outputs = bed.record_of(&run, "Call").await;
    assert!(outputs.to_string().contains(r#""twice":2"#), "{outputs}");
    let of_child = bed.only_run(&child).await;
    assert_eq!(status(&of_child), "Failed");
    let tracking =
        |run: &Value| run.str_at(&["properties", "correlation", "clientTrackingId"]).map(str::to_owned);
    assert_eq!(tracking(&of_child), tracking(&bed.ended(&run).await));
}

/// Measured on the service: the caller is told 502.
#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_never_responds_is_a_bad_gateway() {
    let bed = Bed::new().await;
    save(&bed, "Mute", request(), value!({ "A": { "type": "Compose", "inputs": 1 } })).await;
    let parent = save(&bed, "Parent", request(), no_retry(call("Mute"))).await;
    let run = bed.begin(&parent).await;
    bed.settle().await;
    let action = bed.action_of(&parent, &run, "Call").await;
    assert_eq!(
        (status(&action), action.str_at(&["properties", "code"])),
        ("Failed", Some("BadGateway")),
        "{action}"
    );
    for (child, code) in [("Absent", "NotFound"), ("Parent2", "BadRequest")] {
        let actions = no_retry(call(child));
        let id = save(&bed, "Parent2", value!({ "type": "Request", "inputs": { "method": "GET" } }), actions)
            .await;
        let mut invocation = address(&bed, &id, CallbackRequest::default()).await;
        invocation.method = "GET".into();
        let invoked = bed.engine.invoke(invocation).await.unwrap();
        bed.settle().await;
        let action = bed.action_of(&id, header(&invoked, "x-ms-workflow-run-id").unwrap(), "Call").await;
        assert_eq!(action.str_at(&["properties", "code"]), Some(code), "{action}");
    }
}

fn no_retry(mut actions: Value) -> Value {
    let inputs = actions.as_object_mut().unwrap().get_mut("Call").unwrap().as_object_mut().unwrap();
    let inputs = inputs.get_mut("inputs").unwrap().as_object_mut().unwrap();
    inputs.insert("retryPolicy", value!({ "type": "none" }));
    actions
}

/// Both leave the memory, and both are found again by a later start.
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_waits_for_its_child_across_a_restart() {
    let folder = std::env::temp_dir().join(format!("riposte-nested-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let place = Place::lasting(&folder);
    let mut actions = slow();
    let response =
        value!({ "type": "Response", "runAfter": { "W": ["Succeeded"] }, "inputs": { "statusCode": 200 } });
    actions.as_object_mut().unwrap().insert("R", response);
    let (child, parent, run) = {
        let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
        let child = save(&bed, "Child", request(), actions).await;
        let parent = save(&bed, "Parent", request(), no_retry(call("Child"))).await;
        let run = bed.begin(&parent).await;
        until("both are parked", async || bed.engine.counts() == (0, 2)).await;
        bed.engine.shutdown().await;
        (child, parent, run)
    };
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    assert_eq!(status(&bed.ended(&run).await), "Waiting");
    let of_child = bed.only_run(&child).await;
    bed.engine.cancel_run(&child, of_child.str_at(&["name"]).unwrap(), &bed.caller).await.unwrap();
    until("the parent ends", async || status(&bed.ended(&run).await) == "Failed").await;
    let action = bed.action_of(&parent, &run, "Call").await;
    assert_eq!(action.str_at(&["properties", "code"]), Some("BadGateway"), "{action}");
    bed.only_run(&child).await;
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn playbooks_that_call_themselves_come_to_an_end() {
    let bed = Bed::new().await;
    let mut actions = no_retry(call("Snake"));
    let response = value!({ "type": "Response", "runAfter": { "Call": ["Succeeded", "Failed"] }, "inputs": { "statusCode": 200, "body": "@body('Call')" } });
    actions.as_object_mut().unwrap().insert("R", response);
    let id = save(&bed, "Snake", request(), actions).await;
    let invoked = bed.engine.invoke(address(&bed, &id, CallbackRequest::default()).await).await.unwrap();
    assert_eq!(invoked.status, 200);
    let text = String::from_utf8(invoked.body).unwrap();
    assert!(text.contains("NestedWorkflowDepthExceeded"), "{text}");
    assert_eq!(bed.engine.list_runs(&id, None, 50, None).await.unwrap().items.len(), 33);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_several_runs_make_one_batch() {
    let bed = Bed::new().await;
    let batch = value!({ "type": "Batch", "inputs": { "mode": "Inline", "configurations": { "alerts": { "releaseCriteria": { "messageCount": 2 } } } } });
    let receiver =
        save(&bed, "Receiver", batch, value!({ "A": { "type": "Compose", "inputs": "@triggerBody()" } }))
            .await;
    let send = |batch: &str| {
        value!({ "Send": { "type": "SendToBatch", "inputs": {
            "host": { "workflow": { "id": playbook_id("Receiver") }, "triggerName": "T" },
            "batchName": batch, "content": { "n": "@triggerBody()?['n']" }, "partitionName": "p", "retryPolicy": { "type": "none" }
        } } })
    };
    let sender = save(&bed, "Sender", request(), send("alerts")).await;
    let first = bed.begin(&sender).await;
    bed.settle().await;
    assert_eq!(status(&bed.ended(&first).await), "Succeeded");
    bed.begin(&sender).await;
    bed.settle().await;
    let run = bed.only_run(&receiver).await;
    let action = bed.record_of(run.str_at(&["name"]).unwrap(), "A").await;
    let items = action.at(&["outputs", "items"]).and_then(Value::as_array).unwrap();
    assert_eq!(items.len(), 2, "{action}");
    let wrong = save(&bed, "Wrong", request(), send("others")).await;
    let run = bed.begin(&wrong).await;
    bed.settle().await;
    let action = bed.record_of(&run, "Send").await;
    assert!(action.to_string().contains("BatchConfigurationNotFound"), "{action}");
}

#[tokio::test]
async fn who_may_not_start_a_playbook_may_not_call_it_from_another() {
    let bed = Bed::new().await;
    save(&bed, "Child", request(), value!({})).await;
    let author = Principal { id: "author".into(), name: "author".into(), kind: PrincipalKind::User };
    let nobody = Caller::new(author);
    let body = value!({ "location": "local", "properties": { "definition": { "triggers": { "T": request() }, "actions": call("Child") } } });
    let refused = bed.engine.put_playbook(&playbook_id("Parent"), &body, &nobody).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    assert!(refused.message.contains("listCallbackUrl"), "{refused}");
    assert!(bed.engine.playbook(&playbook_id("Parent")).await.is_err(), "nothing was kept");
}

/// The limit of a trigger holds for what people and rules start, too: a run beyond it is kept and waits.
#[tokio::test(flavor = "multi_thread")]
async fn started_runs_keep_to_the_limit_and_none_is_lost() {
    let bed = Bed::new().await;
    let template =
        with_trigger("Narrow", slow(), "runtimeConfiguration", value!({ "concurrency": { "runs": 1 } }));
    bed.import(&[("narrow.json", &template.to_string())], value!({})).await;
    let incident = bed.alert("busy", "Low", value!([])).await;
    let id = playbook_id("Narrow");
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(bed.engine.run_playbook_on_incident(&bed.ws, &incident, &id, &bed.caller).await.unwrap());
    }
    for run in &runs {
        until("its turn", async || bed.engine.run_actions(&id, run).await.unwrap().len() == 1).await;
        for later in runs.iter().skip_while(|other| *other != run).skip(1) {
            assert!(bed.engine.run_actions(&id, later).await.unwrap().is_empty());
        }
        bed.engine.cancel_run(&id, run, &bed.caller).await.unwrap();
    }
    bed.settle().await;
    for run in &runs {
        assert_eq!(status(&bed.ended(run).await), "Cancelled");
    }
    let kinds = bed.timeline_kinds(&incident).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "playbookTriggered").count(), 3, "{kinds:?}");
}

/// The template of a playbook with an incident trigger that has one member more.
fn with_trigger(name: &str, actions: Value, member: &str, value: Value) -> Value {
    fn at<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
        value.as_object_mut().unwrap().get_mut(name).unwrap()
    }
    let mut template = crate::bed::playbook_template(name, actions);
    let workflow = &mut at(&mut template, "resources").as_array_mut().unwrap()[1];
    let definition = at(at(workflow, "properties"), "definition");
    at(at(definition, "triggers"), "Incident").as_object_mut().unwrap().insert(member, value);
    template
}

/// The conditions of a trigger hold for what rules and people start, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_starts_no_run_where_the_conditions_of_the_trigger_are_not_met() {
    let bed = Bed::new().await;
    let high = "@equals(triggerBody()?['object']?['properties']?['severity'], 'High')";
    let conditions = value!([{ "expression": high }]);
    let template =
        with_trigger("Picky", value!({ "A": { "type": "Compose", "inputs": 1 } }), "conditions", conditions);
    bed.import(&[("picky.json", &template.to_string())], value!({})).await;
    let id = playbook_id("Picky");
    bed.rule("start", crate::bed::rule("Start", 1, &[], value!([crate::bed::run_playbook(1, &id)]))).await;
    for (severity, runs) in [("Low", 0), ("High", 1)] {
        let incident = bed.alert("picky", severity, value!([])).await;
        bed.settle().await;
        assert_eq!(bed.engine.list_runs(&id, None, 50, None).await.unwrap().items.len(), runs, "{severity}");
        let kinds = bed.timeline_kinds(&incident).await;
        assert!(
            kinds.contains(&"playbookTriggered".to_owned()) && !kinds.contains(&"ruleFailed".to_owned()),
            "{kinds:?}"
        );
        if severity == "Low" {
            let refused =
                bed.engine.run_playbook_on_incident(&bed.ws, &incident, &id, &bed.caller).await.unwrap_err();
            assert!(refused.message.contains("conditions"), "{refused}");
        }
    }
}

/// What waits behind one trigger does not hold up what waits behind another.
#[tokio::test(flavor = "multi_thread")]
async fn limits_of_two_triggers_do_not_block_each_other() {
    let bed = Bed::new().await;
    let narrow = value!({ "type": "Request", "runtimeConfiguration": { "concurrency": { "runs": 1 } } });
    let definition = value!({ "triggers": { "A": narrow.clone(), "B": narrow }, "actions": slow() });
    let body = value!({ "location": "local", "properties": { "definition": definition } });
    let id = playbook_id("Two");
    bed.engine.put_playbook(&id, &body, &bed.caller).await.unwrap();
    let mut runs = Vec::new();
    for trigger in ["A", "A", "B"] {
        runs.push(bed.engine.run_trigger(&id, trigger, None, &bed.caller).await.unwrap().unwrap());
    }
    let begun = async |run: &str| bed.engine.run_actions(&id, run).await.unwrap().len() == 1;
    until("the first begins", async || begun(&runs[0]).await).await;
    assert!(!begun(&runs[1]).await && !begun(&runs[2]).await, "both wait");
    for run in &runs {
        until("its turn", async || begun(run).await).await;
        bed.engine.cancel_run(&id, run, &bed.caller).await.unwrap();
    }
}

/// Who may change a playbook does not come to know the values of its secure parameters.
#[tokio::test]
async fn another_definition_needs_the_secrets_anew() {
    let bed = Bed::new().await;
    let definition = |kind: &str| {
        value!({ "parameters": { "key": { "type": kind } }, "triggers": { "T": request() },
            "actions": { "A": { "type": "Compose", "inputs": "@parameters('key')" } } })
    };
    let body = value!({ "location": "local", "properties": {
        "definition": definition("SecureString"), "parameters": { "key": { "value": "correct-horse" } }
    } });
    let id = playbook_id("Keeps");
    bed.engine.put_playbook(&id, &body, &bed.caller).await.unwrap();
    let same = value!({ "tags": { "a": "b" }, "properties": { "definition": definition("SecureString") } });
    let (_, told) = bed.engine.patch_playbook(&id, &same, &bed.caller).await.unwrap();
    assert!(told.is_empty(), "{told:?}");
    let shown = value!({ "properties": { "definition": definition("String") } });
    let refused = bed.engine.patch_playbook(&id, &shown, &bed.caller).await.unwrap_err();
    assert_eq!(refused.code, "InvalidTemplate");
    let told = &refused.diagnostics;
    assert!(told.iter().any(|told| told.code == "MissingWorkflowParameter"), "{told:?}");
    let kept = bed.engine.playbook(&id).await.unwrap();
    assert_eq!(kept.str_at(&["properties", "definition", "parameters", "key", "type"]), Some("SecureString"));
    assert!(!kept.to_string().contains("correct-horse") && !refused.to_string().contains("correct-horse"));
}
