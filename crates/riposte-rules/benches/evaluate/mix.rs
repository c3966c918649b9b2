//! The incident and the rules of the bench.

use cel::Context;
use riposte_incident::{Actor, ActorKind, Alert, Entity, Incident, IncidentPatch, fold, read_entities};
use riposte_rules::{AutomationRule, Subject, Watchlists};
use riposte_value::{Value, value};

const TITLE: &str = "Sign-in from an address of topic-0017 by a person who travels";
const TACTICS: [&str; 14] = [
    "Reconnaissance",
    "ResourceDevelopment",
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "CommandAndControl",
    "Exfiltration",
    "Impact",
];

/// The incident that rules are evaluated on, with its three alerts and nine entities.
pub struct Made {
    incident: Incident,
    alerts: Vec<Alert>,
    entities: Vec<Entity>,
    watchlists: Watchlists,
}

/// How many watchlists there are, with so many rows each.
const LISTS: usize = 20;
const ROWS: usize = 1_000;

fn id(at: usize) -> String {
    format!(
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/\
         Microsoft.SecurityInsights/alertRules/{at:08x}-0000-4000-8000-000000000000"
    )
}

fn address(at: usize) -> String {
    format!("10.{}.{}.{}", at / 65_536 % 256, at / 256 % 256, at % 256)
}

impl Made {
    pub fn new() -> Self {
        let ana = Actor::new(ActorKind::User, "ana");
        let at = "2026-03-02T08:00:00Z".parse().expect("a time");
        let patch = IncidentPatch::default()
            .titled(TITLE)
            .adding_labels(["tag-20", "vip", "case-2026"].map(Into::into).to_vec());
        let mut incident = Incident::create("one", 1, &patch, &ana, at).expect("an incident");
        incident.severity = riposte_incident::Severity::High;
        incident.tactics = vec!["InitialAccess".into(), "CredentialAccess".into()];
        incident.related_analytic_rule_ids = vec![id(13).into(), id(900_000).into()];
        let alert = |at: usize| {
            let alert = value!({
                "SystemAlertId": format!("alert-{at}"), "DisplayName": TITLE, "ProductName": "Azure Sentinel",
                "ExtendedProperties": {"Custom Details": {"team": [format!("team-{at}")], "score": ["40", "90"]}}
            });
            Alert::read(&alert).expect("an alert")
        };
        let entity = |at: usize| match at % 3 {
            0 => value!({"Type": "ip", "Address": address(at)}),
            1 => value!({"Type": "account", "Name": format!("user-{at}"), "UPNSuffix": "contoso.com"}),
            _ => value!({"Type": "host", "HostName": format!("host-{at}"), "NTDomain": "contoso"}),
        };
        let entities = Value::array((100..109).map(entity));
        let watchlists = (0..LISTS).fold(Watchlists::default(), |lists, list| {
            let rows: Vec<Value> = (0..ROWS).map(|row| value!({"ip": address(list * ROWS + row)})).collect();
            lists.with(&format!("list-{list}"), "ip", rows.iter().filter_map(Value::as_object))
        });
        Self {
            incident,
            alerts: (0..3).map(alert).collect(),
            entities: read_entities(&entities, "w"),
            watchlists,
        }
    }

    pub fn subject(&self) -> Subject<'_> {
        Subject {
            incident: Some(&self.incident),
            alerts: &self.alerts,
            entities: &self.entities,
            watchlists: Some(&self.watchlists),
            ..Subject::default()
        }
    }

    /// The same values for CEL, folded.
    pub fn cel_context(&self) -> Context<'static, 'static> {
        let mut context = Context::default();
        let folded = |texts: Vec<String>| texts.iter().map(|text| fold(text)).collect::<Vec<String>>();
        let of = |kind: &str, name: &str| {
            let entities =
                self.entities.iter().filter(|entity| entity.kind.as_str().eq_ignore_ascii_case(kind));
            folded(entities.filter_map(|entity| entity.text(name)).map(|text| text.to_string()).collect())
        };
        let text = |texts: &[riposte_value::Text]| folded(texts.iter().map(ToString::to_string).collect());
        context.add_variable_from_value("title", fold(&self.incident.title));
        context.add_variable_from_value("severity", fold(self.incident.severity.as_str()));
        context.add_variable_from_value("tactics", text(&self.incident.tactics));
        context.add_variable_from_value("rules", text(&self.incident.related_analytic_rule_ids));
        let labels = self.incident.labels.iter().map(|label| label.name.to_string()).collect();
        context.add_variable_from_value("labels", folded(labels));
        context.add_variable_from_value("addresses", of("Ip", "Address"));
        context.add_variable_from_value("accounts", of("Account", "Name"));
        context.add_variable_from_value("hosts", of("Host", "HostName"));
        let teams: Vec<String> = (0..3).map(|at| format!("team-{at}")).collect();
        context.add_variable_from_value("teams", teams);
        context
    }
}

fn property(name: &str, operator: &str, item: &str) -> Value {
    value!({"conditionType": "Property", "conditionProperties": {
        "propertyName": name, "operator": operator, "propertyValues": [item]}})
}

fn joined(kind: &str, mut properties: Value, name: &str, inner: Vec<Value>) -> Value {
    if let Some(object) = properties.as_object_mut() {
        object.insert(name, inner);
    }
    Value::object([("conditionType", Value::from(kind)), ("conditionProperties", properties)])
}

/// The conditions of the rule of a number.
fn conditions(at: usize) -> Vec<Value> {
    if at.is_multiple_of(33) {
        let severity = if at.is_multiple_of(2) { "Low" } else { "High" };
        return vec![
            property("IncidentSeverity", "Equals", severity),
            property("IncidentTitle", "NotContains", "travels"),
        ];
    }
    match at % 7 {
        0 => vec![
            property("IncidentSeverity", "Equals", "High"),
            property("IncidentTitle", "Contains", &format!("TOPIC-{at:04}")),
        ],
        1 => vec![property("IPAddress", "Equals", &address(at))],
        2 => vec![
            property("IncidentTactics", "Contains", TACTICS.get(at % 14).copied().unwrap_or("Impact")),
            property("AccountName", "Equals", &format!("User-{at}")),
        ],
        3 => {
            let inner = vec![
                property("IncidentTitle", "StartsWith", &format!("Alarm {at}")),
                property("HostName", "Equals", &format!("HOST-{at}")),
            ];
            vec![joined("Boolean", value!({"operator": "Or"}), "innerConditions", inner)]
        }
        4 => vec![
            property("IncidentSeverity", "NotEquals", "Low"),
            property("IncidentLabel", "Equals", &format!("Tag-{at}")),
        ],
        5 => {
            let value = property("IncidentCustomDetailsValue", "Equals", &format!("Team-{at}"));
            let list = |array: &str| value!({"arrayType": array, "arrayConditionType": "AnyItem"});
            let values = joined("PropertyArray", list("CustomDetailValues"), "itemConditions", vec![value]);
            let key = property("IncidentCustomDetailsKey", "Equals", "team");
            vec![joined("PropertyArray", list("CustomDetails"), "itemConditions", vec![key, values])]
        }
        _ => vec![property("IncidentRelatedAnalyticRuleIds", "Contains", &id(at))],
    }
}

/// The rule of a number.
pub fn rule(at: usize) -> AutomationRule {
    made(at, conditions(at), None)
}

/// The rule of a number that asks with a condition that Sentinel does not have: a network of 256 addresses, a number, a
/// watchlist that few of the incident's addresses are in, a regular expression.
pub fn extended_rule(at: usize) -> AutomationRule {
    let condition = |kind: &str, properties: Value| {
        Value::object([("conditionType", Value::from(kind)), ("conditionProperties", properties)])
    };
    let number = i64::try_from(at).unwrap_or_default();
    let own = match at % 4 {
        0 => condition(
            "Cidr",
            value!({"operator": "In", "propertyValues": [format!("10.{}.{}.0/24", at / 256 % 256, at % 256)]}),
        ),
        1 => condition(
            "Number",
            value!({"propertyName": "CommentCount", "operator": "Equals", "propertyValues": [number]}),
        ),
        2 => condition(
            "Watchlist",
            value!({"propertyName": "IPAddress", "operator": "In", "watchlistAlias": format!("list-{}", at / 4 % LISTS)}),
        ),
        _ => condition(
            "Regex",
            value!({"propertyName": "IncidentTitle", "operator": "Matches",
                "propertyValues": [format!("address of (topic|subject)-{at:04}\\b.*travels$")]}),
        ),
    };
    made(at, Vec::new(), Some(own))
}

fn made(at: usize, conditions: Vec<Value>, extended: Option<Value>) -> AutomationRule {
    let mut properties = value!({
        "displayName": "a rule", "order": i64::try_from(at % 1000).unwrap_or_default() + 1,
        "triggeringLogic": {"isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created"},
        "actions": [{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}]
    });
    let logic = properties.as_object_mut().and_then(|object| object.get_mut("triggeringLogic"));
    if let Some(logic) = logic.and_then(Value::as_object_mut) {
        logic.insert("conditions", conditions);
    }
    if let (Some(object), Some(extended)) = (properties.as_object_mut(), extended) {
        object.insert("riposte", Value::object([("conditions", Value::array([extended]))]));
    }
    AutomationRule::from_arm(&format!("rule-{at:06}"), &properties).0.expect("a good rule")
}

/// The same rule in CEL, over folded values.
pub fn cel(at: usize) -> String {
    if at.is_multiple_of(33) {
        let severity = if at.is_multiple_of(2) { "low" } else { "high" };
        return format!("severity == '{severity}' && !title.contains('travels')");
    }
    let any = |list: &str, item: &str| format!("'{}' in {list}", fold(item));
    match at % 7 {
        0 => format!("severity == 'high' && title.contains('topic-{at:04}')"),
        1 => any("addresses", &address(at)),
        2 => {
            let tactic = TACTICS.get(at % 14).copied().unwrap_or("Impact");
            format!("{} && {}", any("tactics", tactic), any("accounts", &format!("user-{at}")))
        }
        3 => format!("title.startsWith('alarm {at}') || {}", any("hosts", &format!("host-{at}"))),
        4 => format!("severity != 'low' && {}", any("labels", &format!("tag-{at}"))),
        5 => any("teams", &format!("team-{at}")),
        _ => any("rules", &id(at)),
    }
}
