//! A server with a playbook of many kinds of actions that ran once.

use crate::client::{Client, Reply};
use crate::harness::{Server, playbook};
use riposte_value::{Value, value};

pub struct Bed {
    pub server: Server,
    pub owner: Client,
    /// The run of `flow`.
    pub run: String,
}

/// A Request trigger; a call that the egress gate refuses and a handler for that; loops, nested and with branches inside; a
/// Response; and what is declared secure.
pub fn flow() -> Value {
    let compose = |inputs: Value| value!({ "type": "Compose", "inputs": inputs });
    value!({
        "location": "westeurope", "tags": { "a": "b" },
        "properties": {
            "definition": {
                "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
                "contentVersion": "1.0.0.0",
                "parameters": { "who": { "type": "String", "defaultValue": "nobody" } },
                "triggers": { "manual": { "type": "Request", "kind": "Http",
                    "inputs": { "schema": { "type": "object", "properties": { "title": { "type": "string" } } } } } },
                "actions": {
                    "Title": { "type": "Compose", "inputs": "@concat(triggerBody()?['title'], '!')", "runAfter": {} },
                    "Call": { "type": "Http", "inputs": { "method": "GET", "uri": "http://127.0.0.1:9/x", "retryPolicy": { "type": "none" } }, "runAfter": {} },
                    "Caught": { "type": "Compose", "inputs": "@actions('Call').status", "runAfter": { "Call": ["Failed"] } },
                    "Hidden": { "type": "Compose", "inputs": "a-secret-word", "runAfter": {},
                        "runtimeConfiguration": { "secureData": { "properties": ["inputs", "outputs"] } } },
                    "Outer": { "type": "Foreach", "foreach": [10, 20], "operationOptions": "Sequential", "runAfter": { "Title": ["Succeeded"] },
                        "actions": {
                            "Item": compose(value!("@string(items('Outer'))")),
                            "Even": { "type": "If", "expression": { "equals": ["@items('Outer')", 20] },
                                "actions": { "Broken": compose(value!("@int('x')")) }, "else": { "actions": {} }, "runAfter": { "Item": ["Succeeded"] } },
                            "Inner": { "type": "Foreach", "foreach": ["a", "b", "c"], "actions": { "Deep": compose(value!("@items('Inner')")) }, "runAfter": { "Item": ["Succeeded"] } }
                        } },
                    "Answer": { "type": "Response", "inputs": { "statusCode": 201, "body": "@outputs('Title')" }, "runAfter": { "Title": ["Succeeded"] } }
                },
                "outputs": { "said": { "type": "String", "value": "@outputs('Title')" } }
            },
            "parameters": { "who": { "value": "me" } }
        }
    })
}

/// A playbook that waits for an hour.
pub fn slow() -> Value {
    value!({ "location": "westeurope", "properties": { "definition": {
        "triggers": { "manual": { "type": "Request", "kind": "Http", "inputs": {} } },
        "actions": {
            "Rest": { "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Hour" } } },
            "Later": { "type": "Compose", "inputs": 1, "runAfter": { "Rest": ["Succeeded"] } }
        }
    } } })
}

impl Bed {
    pub async fn new() -> Self {
        let server = Server::start().await;
        let owner = server.owner();
        let made = owner.put(&playbook("flow", ""), &flow()).await.expect(201);
        assert_eq!(made.header("riposte-warning"), None, "{made:?}");
        let mut bed = Self { server, owner, run: String::new() };
        bed.run = bed.start("flow", &value!({ "title": "hello" })).await;
        bed.server.engine.wait_for_run(&bed.run).await;
        bed
    }

    /// Starts a run by the trigger `manual`; its name.
    pub async fn start(&self, name: &str, body: &Value) -> String {
        let reply = self.owner.post(&playbook(name, "/triggers/manual/run"), body).await.expect(202);
        reply.header("x-ms-workflow-run-id").unwrap().to_owned()
    }

    pub async fn get(&self, rest: &str) -> Reply {
        self.owner.get(&playbook("flow", rest)).await.expect(200)
    }

    /// Something of the run.
    pub async fn of_run(&self, rest: &str) -> Reply {
        self.get(&format!("/runs/{}{rest}", self.run)).await
    }

    /// Follows the links from page to page; the names on each.
    pub async fn pages(&self, rest: &str) -> Vec<Vec<String>> {
        let mut pages = Vec::new();
        let mut target = playbook("flow", rest);
        loop {
            let reply = self.owner.get(&target).await.expect(200);
            pages.push(reply.names());
            let Some(next) = reply.json().str_at(&["nextLink"]).map(str::to_owned) else { return pages };
            target = self.local(&next);
            assert!(pages.len() < 100, "the pages have no end");
        }
    }

    /// The path and query of an absolute address of this server.
    pub fn local(&self, address: &str) -> String {
        let base = format!("http://{}", self.server.address);
        address.strip_prefix(&base).unwrap_or_else(|| panic!("{address} is not absolute here")).to_owned()
    }
}

/// The value at a path of property names.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    value.at(&path.split('/').collect::<Vec<_>>())
}
