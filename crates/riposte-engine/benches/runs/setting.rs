//! The engine with the playbooks that are measured.

use riposte_engine::{Caller, Config, Engine, ImportFile, ImportRequest, Workspace};
use riposte_value::{Object, Value, value};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/bench";
const WITH_COMMENT: &str = include_str!("five-actions.json");

/// What every measurement needs.
#[derive(Clone)]
pub struct Setting {
    pub engine: Engine,
    pub caller: Caller,
    pub workspace: Workspace,
}

/// The id of a playbook.
pub fn id(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Logic/workflows/{name}")
}

impl Setting {
    pub async fn new(config: Config) -> Self {
        let engine = Engine::open(config).await.expect("the engine opens");
        let token = engine.ensure_owner_token(None).await.expect("a token can be made");
        let token = token.expect("this is the first start");
        let caller = engine.authenticate(&token).await.expect("tokens can be read").expect("the owner");
        let request = ImportRequest {
            files: vec![ImportFile { name: "five-actions.json".into(), text: WITH_COMMENT.into() }],
            resource_group: Some("bench".into()),
            grant_automation: true,
            ..ImportRequest::default()
        };
        let imported = engine.import(request, &caller).await.expect("the template is imported").to_string();
        assert!(!imported.contains("\"failed\"") && !imported.contains("\"disabled\""), "{imported}");
        let workspace = engine
            .workspace_or_create("00000000-0000-0000-0000-000000000001", "bench", "bench", &caller)
            .await
            .expect("a workspace can be made");
        let setting = Self { engine, caller, workspace };
        setting.playbook("five", five_actions()).await;
        setting
    }

    /// Saves a playbook that a request starts.
    pub async fn playbook(&self, name: &str, actions: Value) {
        let definition = value!({ "triggers": { "manual": { "type": "Request" } }, "actions": actions });
        let body = value!({ "location": "local", "properties": { "definition": definition } });
        let (_, told) =
            self.engine.put_playbook(&id(name), &body, &self.caller).await.expect("the playbook is saved");
        assert!(told.is_empty(), "{told:?}");
    }

    /// Runs a playbook to its end.
    pub async fn run(&self, name: &str) -> String {
        let body = value!({ "title": "bench", "severity": "Low", "number": 7 });
        let run = self
            .engine
            .run_trigger(&id(name), "manual", Some(body), &self.caller)
            .await
            .expect("the playbook starts")
            .expect("the run begins at once");
        self.engine.wait_for_run(&run).await;
        run
    }

    /// Asserts that a run has succeeded.
    pub async fn assert_succeeded(&self, run: &str) {
        let shown = self.engine.run_anywhere(run).await.expect("the run is there");
        assert_eq!(shown.str_at(&["properties", "status"]), Some("Succeeded"), "{shown}");
    }
}

fn five_actions() -> Value {
    value!({
        "Note": { "type": "InitializeVariable", "inputs": { "variables": [{ "name": "note", "type": "string", "value": "seen" }] } },
        "Facts": { "type": "Compose", "runAfter": { "Note": ["Succeeded"] }, "inputs": {
            "title": "@triggerBody()?['title']", "severity": "@triggerBody()?['severity']", "number": "@triggerBody()?['number']"
        } },
        "Parse": { "type": "ParseJson", "runAfter": { "Facts": ["Succeeded"] }, "inputs": {
            "content": "@outputs('Facts')",
            "schema": { "type": "object", "properties": { "title": { "type": "string" }, "severity": { "type": "string" }, "number": { "type": "integer" } } }
        } },
        "More": { "type": "SetVariable", "runAfter": { "Parse": ["Succeeded"] }, "inputs": {
            "name": "note", "value": "@concat('seen ', body('Parse')?['title'], ' ', body('Parse')?['severity'])"
        } },
        "Said": { "type": "Compose", "runAfter": { "More": ["Succeeded"] }, "inputs": "@variables('note')" }
    })
}

/// `count` Compose actions, one after the other.
pub fn sequence(count: usize) -> Value {
    let mut actions = Object::new();
    for at in 0..count {
        let mut action = Object::new();
        action.insert("type", "Compose");
        match at.checked_sub(1) {
            None => action.insert("inputs", "@triggerBody()"),
            Some(before) => {
                action.insert("runAfter", Value::object([(format!("A{before}"), value!(["Succeeded"]))]));
                action.insert("inputs", format!("@outputs('A{before}')"))
            }
        };
        actions.insert(format!("A{at}"), Value::from(action));
    }
    Value::from(actions)
}
