//! What is measured: five expressions, one of each kind that playbooks live on, and the inputs of real playbooks.

use riposte_value::{Value, json, value};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/sentinel");

/// The aim for a path or text: so many times the speed of the peer.
const AIM: u32 = 20;
/// The aim for a date.
const AIM_DATE: u32 = 300;

pub struct Case {
    pub name: String,
    pub inputs: Value,
    pub context: Value,
    pub aim: u32,
    /// Whether the peer gets every function by the name that it has here, though it means something else there.
    pub literal: bool,
}

pub fn all() -> Vec<Case> {
    let mut cases = expressions();
    let context = json::parse(include_str!("context.json")).expect("the sample is JSON");
    let playbooks: Vec<_> = PLAYBOOKS.iter().filter_map(|playbook| playbook.case(&context)).collect();
    if playbooks.is_empty() {
        println!("skipped: {CORPUS} is absent; a request of our own stands for the playbooks");
        cases.push(Case {
            name: "own request".into(),
            inputs: own_request(),
            context,
            aim: AIM,
            literal: false,
        });
    }
    cases.extend(playbooks);
    cases
}

const LOGIC: &str = "if(and(equals(variables('name'),'Bob'),greater(length(variables('arr')),2)),toUpper(variables('name')),'n')";

fn expressions() -> Vec<Case> {
    let context = value!({ "variables": {
        "name": "Bob", "day": "2024-02-29T13:45:06.000Z", "arr": [1, 2, 3], "arr2": [3, 4],
        "o": { "AccountName": "ana", "a": { "b": [{ "c": "x" }] } }
    } });
    let case = |name: &str, expression: &str, aim| Case {
        name: name.into(),
        inputs: Value::from(format!("@{expression}")),
        context: context.clone(),
        aim,
        literal: false,
    };
    vec![
        case(
            "text: concat of four",
            "concat('Incident ', variables('name'), ' severity ', variables('o').AccountName)",
            AIM,
        ),
        case("logic: if, and, equals, greater", LOGIC, AIM),
        Case { literal: true, ..case("the same, to which the peer answers 'n'", LOGIC, AIM) },
        case(
            "date: addDays, formatDateTime",
            "formatDateTime(addDays(variables('day'),7),'yyyy-MM-dd')",
            AIM_DATE,
        ),
        case(
            "path: coalesce of two paths",
            "coalesce(variables('o')?['zzz'],variables('o')?['a']?['b'][0]?['c'])",
            AIM,
        ),
        case("set: join of a union", "join(union(variables('arr'),variables('arr2')),',')", AIM),
    ]
}

/// An action of a playbook in the corpus.
struct Playbook {
    name: &'static str,
    file: &'static str,
    action: &'static str,
}

const PLAYBOOKS: [Playbook; 4] = [
    Playbook {
        name: "playbook: ticket in Jira (HTTP request)",
        file: "NikTripathi__Azure-Sentinel/Playbooks/Sync-IncidentsWithJIRA/Playbooks/Sync-Incidents.json",
        action: "Create_JIRA_Ticket",
    },
    Playbook {
        name: "playbook: card for Teams (tree)",
        file: "noodlemctwoodle__Sentinel-As-Code/Content/Playbooks/Incident/TeamsNotification.json",
        action: "Compose_adaptive_care_template",
    },
    Playbook {
        name: "playbook: comment from Zscaler (text)",
        file: "cloudflare__Azure-Sentinel/Playbooks/Zscaler/Get-Sandbox-Report-For-Hash/azuredeploy.json",
        action: "Add_comment_to_incident_(V3)",
    },
    Playbook {
        name: "playbook: threat intelligence (sums)",
        file: "rod-trent__SentinelAutomationModules/Modules/TIModule/azuredeploy.json",
        action: "Response",
    },
];

impl Playbook {
    fn case(&self, context: &Value) -> Option<Case> {
        let text = std::fs::read_to_string(format!("{CORPUS}/{}", self.file)).ok()?;
        let document = json::parse(text.trim_start_matches('\u{feff}')).ok()?;
        let inputs = find_action(&document, self.action)?.get("inputs")?.clone();
        Some(Case { name: self.name.into(), inputs, context: context.clone(), aim: AIM, literal: false })
    }
}

/// The first action of this name, at whatever depth.
fn find_action<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object
            .get(name)
            .filter(|action| action.get("inputs").is_some())
            .or_else(|| object.values().find_map(|item| find_action(item, name))),
        Value::Array(items) => items.iter().find_map(|item| find_action(item, name)),
        _ => None,
    }
}

fn own_request() -> Value {
    value!({
        "method": "post",
        "path": "/Incidents/Comment",
        "body": {
            "incidentArmId": "@triggerBody()?['object']?['id']",
            "message": "Incident @{triggerBody()?['object']?['properties']?['incidentNumber']}: @{toUpper(triggerBody()?['object']?['properties']?['severity'])}",
            "count": "@length(coalesce(body('Select_-_IP'), variables('emptyArray')))"
        }
    })
}
