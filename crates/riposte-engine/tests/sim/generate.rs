//! Random playbooks: every kind of control, calls that fail and are tried again, callbacks, waits, operations on an
//! incident. What an action says or asks for names the slot of its run and the iterations around it, so that it can be
//! told from all others.

use crate::live::{CONNECTION, HOST};
use riposte_testing::Random;
use riposte_value::{Object, Value, value};

/// How many runs each simulation asks for.
pub const SLOTS_MAX: u64 = 6;
const STATUSES: [&[&str]; 8] = [
    &["Succeeded"],
    &["Succeeded"],
    &["Succeeded", "Failed", "Skipped", "TimedOut"],
    &["Succeeded", "Failed", "Skipped", "TimedOut"],
    &["Failed", "TimedOut"],
    &["Succeeded", "Skipped"],
    &["Skipped"],
    &["Succeeded", "Failed"],
];

/// A playbook of a simulation.
pub struct Playbook {
    pub name: String,
    pub body: Value,
    pub actions: Value,
    /// Whether an incident starts it, through a rule.
    pub on_incident: bool,
    /// Whether what it comes to depends on which of its branches is faster.
    pub is_racy: bool,
}

struct Generator<'r> {
    random: &'r mut Random,
    names: u32,
    /// How many actions may still be made.
    left: u32,
    slot: &'static str,
    on_incident: bool,
    is_racy: bool,
}

/// Where a block is.
#[derive(Clone, Default)]
struct Place {
    depth: u32,
    /// What tells the iterations apart: `/@{items('F1')}…`.
    turns: String,
}

pub fn playbook(random: &mut Random, number: usize, on_incident: bool) -> Playbook {
    let slot = if on_incident {
        "triggerBody()?['object']?['properties']?['title']"
    } else {
        "triggerBody()?['slot']"
    };
    let left = 4 + u32::try_from(random.below(14)).unwrap();
    let mut generator = Generator { random, names: 0, left, slot, on_incident, is_racy: false };
    let actions = generator.root();
    let is_racy = generator.is_racy;
    let name = format!("P{number}");
    let body = if on_incident {
        self::on_incident(&actions)
    } else {
        let mut trigger = value!({ "type": "Request", "kind": "Http" });
        if random.chance(1, 3) {
            let runs = i64::try_from(1 + random.below(2)).unwrap();
            let bounded = value!({ "concurrency": { "runs": runs } });
            trigger.as_object_mut().unwrap().insert("runtimeConfiguration", bounded);
        }
        body(&trigger, &actions)
    };
    Playbook { name, body, actions, on_incident, is_racy }
}

/// A playbook that an incident starts.
pub fn on_incident(actions: &Value) -> Value {
    let trigger = value!({ "type": "ApiConnectionWebhook", "inputs": {
        "body": { "callback_url": "@{listCallbackUrl()}" },
        "host": { "connection": { "name": HOST } }, "path": "/incident-creation"
    } });
    body(&trigger, actions)
}

fn body(trigger: &Value, actions: &Value) -> Value {
    value!({
        "location": "local",
        "properties": {
            "definition": {
                "contentVersion": "1.0.0.0",
                "parameters": { "$connections": { "defaultValue": {}, "type": "Object" } },
                "triggers": { "T": trigger }, "actions": actions
            },
            "parameters": { "$connections": { "value": { "azuresentinel": {
                "connectionId": CONNECTION, "connectionName": "sentinel",
                "id": "/subscriptions/x/providers/Microsoft.Web/locations/local/managedApis/azuresentinel"
            } } } }
        }
    })
}

impl Generator<'_> {
    fn name(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}{}", self.names)
    }

    fn root(&mut self) -> Value {
        let mut actions = Object::new();
        let variable = |name: &str, kind: &str, value: Value| value!({ "variables": [{ "name": name, "type": kind, "value": value }] });
        let number = variable("n", "Integer", value!(0));
        actions.insert("InitN", value!({ "type": "InitializeVariable", "inputs": number }));
        let list = variable("list", "Array", value!([]));
        actions.insert(
            "InitList",
            value!({ "type": "InitializeVariable", "inputs": list, "runAfter": { "InitN": ["Succeeded"] } }),
        );
        let after_start = value!({ "InitList": ["Succeeded"] });
        if !self.on_incident && self.random.chance(1, 3) {
            let name = self.name("Response");
            let inputs = value!({ "statusCode": 200, "body": "@variables('n')" });
            actions.insert(
                name,
                value!({ "type": "Response", "kind": "Http", "inputs": inputs, "runAfter": (after_start.clone()) }),
            );
        }
        let inner = self.block(&Place::default(), Some(&after_start));
        for (name, action) in inner.iter() {
            actions.insert(name.clone(), action.clone());
        }
        if self.random.chance(1, 2) {
            let mut after = Object::new();
            for (name, _) in inner.iter() {
                after.insert(name.clone(), value!(["Succeeded", "Failed", "Skipped", "TimedOut"]));
            }
            let inputs = value!({ "n": "@variables('n')", "list": "@variables('list')" });
            actions.insert(
                "Last",
                value!({ "type": "Compose", "inputs": inputs, "runAfter": (Value::from(after)) }),
            );
        }
        Value::from(actions)
    }

    /// The actions of a block; those without predecessors run after `first`.
    fn block(&mut self, place: &Place, first: Option<&Value>) -> Object {
        let mut actions = Object::new();
        let mut names: Vec<String> = Vec::new();
        for _ in 0..=self.random.below(4) {
            if self.left == 0 && !names.is_empty() {
                break;
            }
            self.left = self.left.saturating_sub(1);
            let before = self.random.pick(&names).cloned().filter(|_| self.random.chance(3, 4));
            let (name, mut action) = self.action(place, before.as_deref());
            let mut after = Object::new();
            if let Some(before) = before {
                after.insert(before.clone(), self.statuses());
                let other = self.random.pick(&names).cloned().filter(|_| self.random.chance(1, 3));
                if let Some(other) = other.filter(|other| *other != before) {
                    after.insert(other, self.statuses());
                }
            } else if let Some(first) = first {
                after = first.as_object().unwrap().clone();
            }
            action.as_object_mut().unwrap().insert("runAfter", Value::from(after));
            actions.insert(name.clone(), action);
            names.push(name);
        }
        actions
    }

    fn statuses(&mut self) -> Value {
        Value::array(self.random.pick(&STATUSES).unwrap().iter().map(|status| Value::from(*status)))
    }

    fn action(&mut self, place: &Place, before: Option<&str>) -> (String, Value) {
        let can_nest = place.depth < 3 && self.left > 0;
        let is_root = place.depth == 0;
        match self.random.below(if can_nest { 20 } else { 12 }) {
            1 => (self.name("Bad"), value!({ "type": "Compose", "inputs": "@int('x')" })),
            2..=4 => self.http(place),
            5 | 6 => self.webhook(place),
            7 | 8 if self.on_incident => self.comment(place),
            0 | 7 | 8 => self.compose(place, before),
            9 => {
                let seconds = self.random.pick(&[1_i64, 3, 30, 400]).copied().unwrap();
                let interval = value!({ "count": seconds, "unit": "Second" });
                (self.name("Wait"), value!({ "type": "Wait", "inputs": { "interval": interval } }))
            }
            10 if is_root && self.random.chance(1, 2) => {
                self.is_racy = true;
                let status = self.random.pick(&["Failed", "Cancelled", "Succeeded"]).copied().unwrap();
                (self.name("Terminate"), value!({ "type": "Terminate", "inputs": { "runStatus": status } }))
            }
            10 => {
                let inputs = value!({ "name": "n", "value": 1 });
                (self.name("Count"), value!({ "type": "IncrementVariable", "inputs": inputs }))
            }
            11 => {
                let name = self.name("Append");
                let text = format!("{name}{}", place.turns);
                let inputs = value!({ "name": "list", "value": text });
                (name, value!({ "type": "AppendToArrayVariable", "inputs": inputs }))
            }
            12 | 13 => self.scope(place),
            14 | 15 => self.branch(place),
            16 => self.switch(place),
            17 | 18 => self.foreach(place),
            _ => self.until(place),
        }
    }

    fn compose(&mut self, place: &Place, before: Option<&str>) -> (String, Value) {
        let name = self.name("Say");
        let heard =
            before.map_or_else(String::new, |before| format!(" after @{{actions('{before}')?['status']}}"));
        let text = format!("{name} @{{{}}}{}{heard}", self.slot, place.turns);
        (name, value!({ "type": "Compose", "inputs": text }))
    }

    fn url(&self, kind: &str, name: &str, place: &Place) -> String {
        format!("https://vendor.example/{kind}/@{{{}}}/{name}{}", self.slot, place.turns)
    }

    fn http(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Http");
        if self.random.chance(1, 12) {
            let inputs = value!({ "method": "GET", "uri": (self.url("never", &name, place)) });
            return (name, value!({ "type": "Http", "inputs": inputs, "limit": { "timeout": "PT20M" } }));
        }
        let mut inputs = value!({ "method": "POST", "uri": (self.url("h", &name, place)), "body": { "about": (name.as_str()) } });
        let policy = match self.random.below(4) {
            0 => Some(value!({ "type": "none" })),
            1 => Some(value!({ "type": "fixed", "count": 2, "interval": "PT5S" })),
            2 => Some(
                value!({ "type": "exponential", "count": 3, "interval": "PT7S", "maximumInterval": "PT1M" }),
            ),
            _ => None,
        };
        if let Some(policy) = policy {
            inputs.as_object_mut().unwrap().insert("retryPolicy", policy);
        }
        (name, value!({ "type": "Http", "inputs": inputs }))
    }

    fn webhook(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Ask");
        let subscribe = value!({
            "method": "POST", "uri": (self.url("ask", &name, place)), "body": { "to": "@{listCallbackUrl()}" }
        });
        let unsubscribe = value!({ "method": "DELETE", "uri": (self.url("leave", &name, place)) });
        let inputs = value!({ "subscribe": subscribe, "unsubscribe": unsubscribe });
        (name, value!({ "type": "HttpWebhook", "inputs": inputs, "limit": { "timeout": "PT1H" } }))
    }

    fn comment(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Comment");
        let message = format!("@{{workflow()['run']['name']}} {name}{}", place.turns);
        let id = "@{triggerBody()?['object']?['id']}";
        let incident = if self.random.chance(1, 8) { format!("{id}0") } else { id.to_owned() };
        let body = value!({ "incidentArmId": incident, "message": message });
        let inputs = value!({
            "host": { "connection": { "name": HOST } }, "method": "post", "path": "/Incidents/Comment", "body": body
        });
        (name, value!({ "type": "ApiConnection", "inputs": inputs }))
    }

    fn inside(&mut self, place: &Place, turn: Option<String>) -> Value {
        let turns = turn.map_or_else(|| place.turns.clone(), |turn| format!("{}/@{{{turn}}}", place.turns));
        Value::from(self.block(&Place { depth: place.depth + 1, turns }, None))
    }

    fn scope(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Scope");
        (name, value!({ "type": "Scope", "actions": (self.inside(place, None)) }))
    }

    fn branch(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("If");
        let wanted = self.some_slot();
        let expression = value!({ "and": [{ "equals": [(format!("@{}", self.slot)), wanted] }] });
        let (yes, no) = (self.inside(place, None), self.inside(place, None));
        (name, value!({ "type": "If", "expression": expression, "actions": yes, "else": { "actions": no } }))
    }

    fn switch(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Switch");
        let mut cases = Object::new();
        for case in ["slot0", "slot1", "slot2"] {
            cases.insert(
                format!("{name}{case}"),
                value!({ "case": case, "actions": (self.inside(place, None)) }),
            );
        }
        let default = value!({ "actions": (self.inside(place, None)) });
        let expression = format!("@{}", self.slot);
        (
            name,
            value!({ "type": "Switch", "expression": expression, "cases": (Value::from(cases)), "default": default }),
        )
    }

    fn foreach(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Each");
        let items = Value::array((0..self.random.below(5)).map(|item| Value::from(format!("i{item}"))));
        let actions = self.inside(place, Some(format!("items('{name}')")));
        let mut action = value!({ "type": "Foreach", "foreach": items, "actions": actions });
        match self.random.below(3) {
            0 => drop(action.as_object_mut().unwrap().insert("operationOptions", "Sequential")),
            1 => {
                let two = value!({ "concurrency": { "repetitions": 2 } });
                action.as_object_mut().unwrap().insert("runtimeConfiguration", two);
            }
            _ => {}
        }
        (name, action)
    }

    fn until(&mut self, place: &Place) -> (String, Value) {
        let name = self.name("Until");
        let last = self.random.below(4);
        let expression = format!("@equals(iterationIndexes('{name}'), {last})");
        let actions = self.inside(place, Some(format!("iterationIndexes('{name}')")));
        let limit = value!({ "count": 3, "timeout": "P10D" });
        (name, value!({ "type": "Until", "expression": expression, "limit": limit, "actions": actions }))
    }

    fn some_slot(&mut self) -> String {
        format!("slot{}", self.random.below(SLOTS_MAX))
    }
}
