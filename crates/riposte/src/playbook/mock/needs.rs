//! What a playbook expects of the answers to its calls, read from the expressions that use them.
//!
//! `body('Get_report')?['data']?['score']` says that the answer of `Get_report` is an object with `data.score`; a
//! Foreach over `body('List')?['value']` that `value` is a list; `greater(…, 5)` that a number is compared. So a mock
//! can answer with what the playbook goes on with.

use super::shape::{Shape, Step};
use riposte_expression::ast::{Access, Expression, Key, Primary};
use riposte_expression::{Template, parse};
use riposte_value::{Object, Text, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Functions whose arguments are numbers.
const NUMERIC: [&str; 11] =
    ["int", "float", "add", "sub", "mul", "div", "mod", "greater", "less", "greaterOrEquals", "lessOrEquals"];
/// Functions whose first argument is text in base64.
const BASE64: [&str; 2] = ["base64ToString", "base64ToBinary"];
/// Functions whose first argument is a time.
const TIMED: [&str; 13] = [
    "formatDateTime",
    "addDays",
    "addHours",
    "addMinutes",
    "addSeconds",
    "addToTime",
    "subtractFromTime",
    "ticks",
    "convertFromUtc",
    "convertToUtc",
    "convertTimeZone",
    "startOfDay",
    "parseDateTime",
];
/// Functions whose first argument is a list.
const LISTING: [&str; 6] = ["first", "last", "length", "join", "union", "intersection"];

/// What is taken apart at `/`, as a rule.
const RESOURCE_ID: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/sample-rg/providers/Microsoft.Compute/virtualMachines/sample";

/// A place in the body of an action's answer.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    action: String,
    path: Vec<Step>,
}

/// The shapes of the answers that a definition expects, by the action's name in lower case.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    shapes: BTreeMap<String, Shape>,
    /// Actions whose body is a part of another's (`ParseJson`), and the lists that loops go over.
    aliases: BTreeMap<String, Place>,
    loops: BTreeMap<String, Place>,
    schemas: BTreeMap<String, Value>,
    /// The types of variables, in lower case.
    variables: BTreeMap<String, String>,
}

/// What stands for the trigger where actions have a name.
const TRIGGER: &str = "";

impl Needs {
    /// Reads a definition.
    pub fn of(definition: &Value) -> Self {
        let mut needs = Self::default();
        if let Some(actions) = definition.get_ignore_case("actions") {
            // Twice, since a definition may use an answer above the action whose answer it is.
            needs.learn_names(actions);
            needs.learn_names(actions);
            needs.learn_uses(actions, None);
        }
        if let Some(outputs) = definition.get_ignore_case("outputs") {
            needs.value(outputs, None);
        }
        needs
    }

    /// What the body of an action's answer should look like.
    pub fn shape(&self, action: &str) -> Option<&Shape> {
        self.shapes.get(&action.to_lowercase())
    }

    /// What the trigger's outputs should look like.
    pub fn trigger(&self) -> Option<&Shape> {
        self.shapes.get(TRIGGER)
    }

    /// The schema by which a `ParseJson` reads the whole body of an action's answer.
    pub fn schema(&self, action: &str) -> Option<&Value> {
        self.schemas.get(&action.to_lowercase())
    }

    /// What stands for what: bodies of `ParseJson`, items of loops.
    fn learn_names(&mut self, actions: &Value) {
        for (name, action) in actions.as_object().into_iter().flat_map(Object::iter) {
            let name = name.to_lowercase();
            let kind =
                action.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
            let inputs = action.get_ignore_case("inputs");
            let place = |needs: &Self, value: Option<&Value>| needs.place_of(value?.as_str()?);
            match kind.as_str() {
                "parsejson" => {
                    let content = inputs.and_then(|inputs| inputs.get_ignore_case("content"));
                    if let Some(place) = place(self, content) {
                        // An empty schema takes anything and tells nothing.
                        let schema = inputs.and_then(|inputs| inputs.get_ignore_case("schema"));
                        let schema = schema.filter(|s| s.as_object().is_some_and(|s| !s.is_empty()));
                        match schema {
                            Some(schema) if place.path.is_empty() => {
                                self.schemas.insert(place.action.clone(), schema.clone());
                            }
                            Some(schema) => self.mark(&place).schema = Some(schema.clone()),
                            None => self.mark(&place).object = true,
                        }
                        self.aliases.insert(name.clone(), place);
                    }
                }
                "foreach" => {
                    if let Some(place) = place(self, action.get_ignore_case("foreach")) {
                        self.loops.insert(name.clone(), place);
                    }
                }
                "initializevariable" => self.learn_variables(inputs),
                "compose" => {
                    if let Some(place) = place(self, inputs) {
                        self.aliases.insert(name.clone(), place);
                    }
                }
                _ => {}
            }
            for inner in crate::tree::branches(action) {
                self.learn_names(inner);
            }
        }
    }

    fn learn_variables(&mut self, inputs: Option<&Value>) {
        let declared =
            inputs.and_then(|inputs| inputs.get_ignore_case("variables")).and_then(Value::as_array);
        for variable in declared.unwrap_or_default() {
            let text =
                |name: &str| variable.get_ignore_case(name).and_then(Value::as_str).map(str::to_lowercase);
            if let (Some(name), Some(kind)) = (text("name"), text("type")) {
                self.variables.insert(name, kind);
            }
        }
    }

    /// What is put into a variable has the variable's type.
    fn assigned(&mut self, action_type: &str, inputs: &Value, item: Option<&Place>) {
        // What is appended to a list is an item of it, which may be anything but a list.
        if action_type.eq_ignore_ascii_case("appendtoarrayvariable") {
            return;
        }
        let name = inputs.get_ignore_case("name").and_then(Value::as_str).map(str::to_lowercase);
        let text =
            inputs.get_ignore_case("value").and_then(Value::as_str).and_then(|text| text.strip_prefix('@'));
        let place = text.and_then(|text| self.place(&parse(text).ok()?, item));
        let kind = name.and_then(|name| self.variables.get(&name)).cloned().unwrap_or_default();
        let Some(place) = place else { return };
        let shape = self.mark(&place);
        match kind.as_str() {
            "array" => drop(shape.item.get_or_insert_default()),
            "integer" | "float" => shape.number = true,
            "boolean" => drop(shape.compared_with.get_or_insert(Value::Bool(true))),
            "object" => shape.object = true,
            _ => {}
        }
    }

    /// The place that a string which is one expression names.
    fn place_of(&self, text: &str) -> Option<Place> {
        let text = text.strip_prefix('@')?;
        let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        self.place(&parse(bare).ok()?, None)
    }

    fn learn_uses(&mut self, actions: &Value, around: Option<&Place>) {
        for (name, action) in actions.as_object().into_iter().flat_map(Object::iter) {
            let list = self.loops.get(&name.to_lowercase()).cloned();
            let inner_item = list.as_ref().map(Place::item);
            if let Some(list) = &inner_item {
                self.mark(list);
            }
            let action_type = action.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
            let from = action.get_ignore_case("inputs").and_then(|inputs| inputs.get_ignore_case("from"));
            let from =
                from.and_then(Value::as_str).and_then(|from| self.place_of(from)).map(|place| place.item());
            if let Some(item) = &from {
                // Select and Query take lists of anything, a table has rows with names.
                self.mark(item).object |= action_type.eq_ignore_ascii_case("table");
            }
            let inputs = action.get_ignore_case("inputs").unwrap_or(&Value::Null);
            let initial = inputs.get_ignore_case("variables").and_then(Value::as_array).unwrap_or_default();
            for assigned in std::iter::once(inputs).chain(initial) {
                self.assigned(action_type, assigned, around);
            }
            for (property, value) in action.as_object().into_iter().flat_map(Object::iter) {
                let own =
                    matches!(property.to_lowercase().as_str(), "actions" | "else" | "cases" | "default");
                if !own {
                    self.value(value, from.as_ref().or(around));
                }
            }
            for inner in crate::tree::branches(action) {
                self.learn_uses(inner, inner_item.as_ref().or(around));
            }
        }
    }

    fn mark(&mut self, place: &Place) -> &mut Shape {
        self.shapes.entry(place.action.clone()).or_default().at(&place.path)
    }

    /// Every expression in a value; conditions in JSON (`{"greater": ["@…", 5]}`) tell like calls do.
    fn value(&mut self, value: &Value, item: Option<&Place>) {
        match value {
            Value::String(_) => {
                let Ok(template) = Template::compile(value) else { return };
                let texts: BTreeSet<_> =
                    template.references().calls.iter().map(|call| call.place.expression.clone()).collect();
                for expression in texts.iter().filter_map(|text| parse(text).ok()) {
                    self.expression(&expression, item);
                }
            }
            Value::Array(items) => items.iter().for_each(|one| self.value(one, item)),
            Value::Object(object) => {
                for (name, inner) in object.iter() {
                    if let Some([Value::String(text), other]) = inner.as_array()
                        && let Some(place) =
                            text.strip_prefix('@').and_then(|text| self.place(&parse(text).ok()?, item))
                    {
                        self.compared(name, &place, Some(other));
                    }
                    self.value(inner, item);
                }
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expression, item: Option<&Place>) {
        if let Some(place) = self.place(expression, item) {
            self.mark(&place);
        }
        for access in &expression.accesses {
            if let Key::Index(key) = &access.key {
                self.expression(key, item);
            }
        }
        let Primary::Call(call) = &expression.primary else { return };
        if let Some(place) = call.arguments.first().and_then(|first| self.place(first, item)) {
            let other = call.arguments.get(1).and_then(literal);
            self.compared(&call.name, &place, other.as_ref());
        }
        for argument in &call.arguments {
            self.expression(argument, item);
        }
    }

    /// What a function tells of its first argument.
    fn compared(&mut self, function: &str, place: &Place, other: Option<&Value>) {
        let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(function));
        let shape = self.mark(place);
        if is(&NUMERIC) {
            shape.number = true;
        } else if is(&BASE64) {
            shape.text = Some("c2FtcGxl");
        } else if is(&TIMED) {
            shape.text = Some("2026-01-01T00:00:00Z");
        } else if is(&["split"]) && other.and_then(Value::as_str) == Some("/") {
            shape.text = Some(RESOURCE_ID);
        } else if is(&LISTING) {
            shape.item.get_or_insert_default();
        } else if is(&["equals"])
            && let Some(other) = other
            && !matches!(other, Value::Null | Value::Array(_) | Value::Object(_))
            && !other.as_str().is_some_and(|text| text.is_empty() || text.contains('@'))
        {
            shape.compared_with.get_or_insert_with(|| other.clone());
        }
    }

    /// The place in an answer that an expression names: a call that reads an answer, and the properties after it.
    fn place(&self, expression: &Expression, item: Option<&Place>) -> Option<Place> {
        let Primary::Call(call) = &expression.primary else { return None };
        let name = || match call.arguments.first().map(|argument| &argument.primary) {
            Some(Primary::String(name)) => Some(name.to_lowercase()),
            _ => None,
        };
        let mut accesses = expression.accesses.iter().filter_map(step);
        let function = call.name.to_lowercase();
        let base = match function.as_str() {
            "triggerbody" => {
                Place { action: TRIGGER.to_owned(), path: vec![Step::Field(Text::new_static("body"))] }
            }
            "triggeroutputs" => Place { action: TRIGGER.to_owned(), path: Vec::new() },
            "body" | "actionbody" => self.body(&name()?),
            "outputs" | "actionoutputs" => {
                let name = name()?;
                match self.aliases.get(&name) {
                    // the output of a Compose is its input
                    Some(place) if !expression.accesses.first().is_some_and(is_body) => place.clone(),
                    _ => {
                        let Some(Step::Field(body)) = accesses.next() else { return None };
                        body.eq_ignore_ascii_case("body").then(|| self.body(&name))?
                    }
                }
            }
            "items" => self.loops.get(&name()?)?.item(),
            "item" => item?.clone(),
            // what wraps a value without changing what it looks like
            "coalesce" => self.place(call.arguments.first()?, item)?,
            "json" => self.place(call.arguments.first()?, item)?.json(),
            "first" | "last" => self.place(call.arguments.first()?, item)?.item(),
            _ => return None,
        };
        let mut path = base.path;
        path.extend(accesses);
        Some(Place { action: base.action, path })
    }

    fn body(&self, name: &str) -> Place {
        let own = || Place { action: name.to_owned(), path: Vec::new() };
        self.aliases.get(name).cloned().unwrap_or_else(own)
    }
}

impl Place {
    fn item(&self) -> Self {
        self.further(Step::Item)
    }

    /// The value that the text here is the JSON of.
    fn json(&self) -> Self {
        self.further(Step::Json)
    }

    fn further(&self, step: Step) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { action: self.action.clone(), path }
    }
}

fn is_body(access: &Access) -> bool {
    matches!(step(access), Some(Step::Field(name)) if name.eq_ignore_ascii_case("body"))
}

fn step(access: &Access) -> Option<Step> {
    match &access.key {
        Key::Name(name) => Some(Step::Field(name.clone())),
        Key::Index(key) => match &key.primary {
            Primary::String(name) => Some(Step::Field(name.clone())),
            Primary::Int(_) => Some(Step::Item),
            _ => None,
        },
    }
}

fn literal(expression: &Expression) -> Option<Value> {
    match &expression.primary {
        _ if !expression.accesses.is_empty() => None,
        Primary::Bool(b) => Some(Value::Bool(*b)),
        Primary::Int(i) => Some(Value::Int(*i)),
        Primary::Float(f) => Some(Value::Float(*f)),
        Primary::String(text) => Some(Value::from(text)),
        Primary::Null | Primary::Call(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn answers_have_what_the_playbook_goes_on_with() {
        let definition = value!({"actions": {
            "Get_report": {"type": "Http", "inputs": {"method": "GET", "uri": "https://a.example"}},
            "Parse": {"type": "ParseJson", "inputs": {"content": "@body('Get_report')?['data']", "schema": {}}},
            "Each": {"type": "Foreach", "foreach": "@body('Parse')?['hits']", "actions": {
                "Check": {"type": "If", "expression": {"and": [{"greater": ["@items('Each')?['score']", 5]}]}, "actions": {
                    "Note": {"type": "Compose", "inputs": "Score of @{item()?['ip']} in @{outputs('Get_report')['body']['source']}"}
                }}
            }},
            "Verdict": {"type": "If", "expression": "@equals(body('Get_report')?['verdict'], 'bad')", "actions": {}}
        }});
        let needs = Needs::of(&definition);
        assert_eq!(
            needs.shape("get_REPORT").map(|shape| shape.sample("")),
            Some(value!({
                "data": {"hits": [{"ip": "203.0.113.7", "score": 1}]}, "source": "sample", "verdict": "bad"
            }))
        );
        assert_eq!(needs.shape("Parse"), None);
    }

    #[test]
    fn what_stands_above_its_answer_and_what_is_text_of_json_is_understood() {
        let definition = value!({"actions": {
            "Each": {"type": "Foreach", "foreach": "@body('Parse')?['value']", "actions": {
                "Add": {"type": "AppendToArrayVariable", "inputs": {"name": "all", "value": "@body('Get')?['more']"}}
            }},
            "Parse": {"type": "ParseJson", "inputs": {"content": "@body('Get')", "schema": {}}},
            "Get": {"type": "Http", "inputs": {}},
            "Set": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "all", "type": "array"}]}},
            "Text": {"type": "Compose", "inputs": "@json(body('Get')?['text'])?['score']"},
            "Group": {"type": "Compose", "inputs": "@split(body('Get')?['id'], '/')[4]"}
        }});
        assert_eq!(
            Needs::of(&definition).shape("Get").map(|shape| shape.sample("")),
            Some(value!({
                "id": RESOURCE_ID, "more": "sample", "text": "{\"score\":\"sample\"}", "value": ["sample"]
            }))
        );
    }
}
