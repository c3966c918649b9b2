//! What a playbook expects of the answers to its calls, read from the expressions that use them.
//!
//! `body('Get_report')?['data']?['score']` says that the answer of `Get_report` is an object with `data.score`; a
//! Foreach over `body('List')?['value']` that `value` is a list; `greater(…, 5)` that a number is compared. So a mock
//! can answer with what the playbook goes on with.

use super::shape::{Shape, Step};
use super::told::tell;
use riposte_expression::ast::{Access, Expression, Key, Primary};
use riposte_expression::{Template, parse};
use riposte_value::{Object, Text, Value};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Actions whose body is a part of another's (`ParseJson`), or made of its items (`Query`).
    aliases: BTreeMap<String, Place>,
    /// The items of loops.
    loops: BTreeMap<String, Place>,
    schemas: BTreeMap<String, Value>,
    /// The types of variables, in lower case.
    variables: BTreeMap<String, String>,
    /// What is put into variables, and what is appended to them.
    held: BTreeMap<String, Place>,
    appended: BTreeMap<String, Place>,
    /// The headers of answers that are read.
    headers: BTreeMap<String, BTreeSet<Text>>,
    /// The values of the definition's parameters.
    given: Object,
}

/// What stands for the trigger where actions have a name.
const TRIGGER: &str = "";
/// What stands for the definition's parameters there: no action has such a name.
const PARAMETERS: &str = "\u{0}parameters";

impl Needs {
    /// Reads a definition; the values of its parameters tell what answers are compared with.
    pub fn of(definition: &Value, given: Object) -> Self {
        let mut needs = Self { given, ..Self::default() };
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

    /// What the definition's parameters should look like.
    pub fn parameters(&self) -> Option<&Shape> {
        self.shapes.get(PARAMETERS)
    }

    /// The headers of an action's answer that the playbook reads.
    pub fn headers(&self, action: &str) -> impl Iterator<Item = &Text> {
        self.headers.get(&action.to_lowercase()).into_iter().flatten()
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
                    if let Some(item) = action.get_ignore_case("foreach").and_then(|list| self.item_of(list))
                    {
                        self.loops.insert(name.clone(), item);
                    }
                }
                "initializevariable" => self.learn_variables(inputs),
                "setvariable" | "appendtoarrayvariable" => {
                    self.learn_held(inputs.unwrap_or(&Value::Null), kind == "appendtoarrayvariable");
                }
                "compose" => {
                    if let Some(place) = place(self, inputs) {
                        self.aliases.insert(name.clone(), place);
                    }
                }
                // what is left of a list has the items of the list
                "query" => {
                    if let Some(place) = place(self, inputs.and_then(|inputs| inputs.get_ignore_case("from")))
                    {
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
            self.learn_held(variable, false);
        }
    }

    /// What a variable holds, where it is a part of an answer: the first that it is given.
    fn learn_held(&mut self, inputs: &Value, appends: bool) {
        let name = inputs.get_ignore_case("name").and_then(Value::as_str).map(str::to_lowercase);
        let place =
            inputs.get_ignore_case("value").and_then(Value::as_str).and_then(|text| self.place_of(text));
        if let (Some(name), Some(place)) = (name, place) {
            let known = if appends { &mut self.appended } else { &mut self.held };
            known.entry(name).or_insert(place);
        }
    }

    /// The items of what a loop, a Select or a Table goes over.
    fn item_of(&self, list: &Value) -> Option<Place> {
        let text = list.as_str()?.strip_prefix('@')?;
        let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        let expression = parse(bare).ok()?;
        let whole = self.place(&expression, None).map(|place| place.item());
        whole.or_else(|| match &expression.primary {
            Primary::Call(call) if call.name.eq_ignore_ascii_case("variables") => {
                let name = call.arguments.first().and_then(literal)?;
                self.appended.get(&name.as_str()?.to_lowercase()).cloned()
            }
            _ => None,
        })
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
            let inner_item = self.loops.get(&name.to_lowercase()).cloned();
            if let Some(item) = &inner_item {
                self.mark(item);
            }
            let action_type = action.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
            let from = action.get_ignore_case("inputs").and_then(|inputs| inputs.get_ignore_case("from"));
            let from = from.and_then(|from| self.item_of(from));
            if let Some(item) = &from {
                // Select and Query take lists of anything, a table has rows with names.
                self.mark(item).object |= action_type.eq_ignore_ascii_case("table");
            }
            let inputs = action.get_ignore_case("inputs").unwrap_or(&Value::Null);
            let initial = inputs.get_ignore_case("variables").and_then(Value::as_array).unwrap_or_default();
            for assigned in std::iter::once(inputs).chain(initial) {
                self.assigned(action_type, assigned, around);
            }
            self.chosen(action, around);
            self.updates_incident(inputs, around);
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
                    if let Some([one, other]) = inner.as_array() {
                        for (index, (one, other)) in [(one, other), (other, one)].into_iter().enumerate() {
                            let place = one.as_str().and_then(|text| self.whole(text, item));
                            if let Some(place) = place {
                                let other = self.known(other);
                                tell(self.mark(&place), name, index, other.as_ref());
                            }
                        }
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
        self.read_header(expression);
        for (index, argument) in call.arguments.iter().enumerate() {
            if let Some(place) = self.place(argument, item) {
                let other = call.arguments.iter().enumerate().find(|(at, _)| *at != index);
                let other = other.and_then(|(_, other)| self.constant(other));
                tell(self.mark(&place), &call.name, index, other.as_ref());
            }
            self.expression(argument, item);
        }
    }

    /// The place that a text which is one expression names, in a loop.
    fn whole(&self, text: &str, item: Option<&Place>) -> Option<Place> {
        self.place(&parse(text.strip_prefix('@')?).ok()?, item)
    }

    /// The value of a literal, or of a parameter.
    fn constant(&self, expression: &Expression) -> Option<Value> {
        literal(expression).or_else(|| match (&expression.primary, expression.accesses.as_slice()) {
            (Primary::Call(call), []) if call.name.eq_ignore_ascii_case("parameters") => {
                let name = call.arguments.first().and_then(literal)?;
                self.given.get_ignore_case(name.as_str()?).cloned()
            }
            _ => None,
        })
    }

    /// The value that is written in a condition.
    fn known(&self, value: &Value) -> Option<Value> {
        match value.as_str().and_then(|text| text.strip_prefix('@')) {
            Some(expression) => self.constant(&parse(expression).ok()?),
            None => Some(value.clone()),
        }
    }

    /// A Switch goes into its first case.
    fn chosen(&mut self, action: &Value, item: Option<&Place>) {
        let expression = action.get_ignore_case("expression").and_then(Value::as_str);
        let cases = action.get_ignore_case("cases").and_then(Value::as_object);
        let first = cases.and_then(|cases| cases.values().next()?.get_ignore_case("case").cloned());
        if let (Some(place), Some(first)) = (expression.and_then(|text| self.whole(text, item)), first) {
            tell(self.mark(&place), "equals", 0, Some(&first));
        }
    }

    /// What the Sentinel connector takes for an incident is one of few words.
    fn updates_incident(&mut self, inputs: &Value, item: Option<&Place>) {
        let path = inputs.get_ignore_case("path").and_then(Value::as_str).unwrap_or_default();
        if !path.trim_end_matches('/').eq_ignore_ascii_case("/incidents") {
            return;
        }
        let body = inputs.get_ignore_case("body").unwrap_or(&Value::Null);
        let classification = body.get_ignore_case("classification").unwrap_or(&Value::Null);
        for (holder, name, word) in [
            (body, "severity", "Medium"),
            (body, "status", "Active"),
            (classification, "ClassificationAndReason", "Undetermined"),
        ] {
            let text =
                holder.get_ignore_case(name).and_then(Value::as_str).and_then(|text| text.strip_prefix('@'));
            let bare =
                text.map(|text| text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text));
            let place = bare.and_then(|bare| self.place(&parse(bare).ok()?, item));
            if let Some(place) = place {
                self.mark(&place).text = Some(word);
            }
        }
    }

    /// `outputs('Sign_in')['headers']['X-Token']`: the answer has that header.
    fn read_header(&mut self, expression: &Expression) {
        let Primary::Call(call) = &expression.primary else { return };
        if !["outputs", "actionOutputs"].iter().any(|name| name.eq_ignore_ascii_case(&call.name)) {
            return;
        }
        let mut steps = expression.accesses.iter().filter_map(step);
        let (Some(Step::Field(part)), Some(Step::Field(header))) = (steps.next(), steps.next()) else {
            return;
        };
        let action = call.arguments.first().and_then(literal);
        if let Some(action) =
            action.as_ref().and_then(Value::as_str).filter(|_| part.eq_ignore_ascii_case("headers"))
        {
            self.headers.entry(action.to_lowercase()).or_default().insert(header);
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
            "items" => self.loops.get(&name()?)?.clone(),
            "variables" => self.held.get(&name()?)?.clone(),
            "parameters" => {
                let Some(Primary::String(name)) = call.arguments.first().map(|argument| &argument.primary)
                else {
                    return None;
                };
                let path = vec![Step::Field(name.clone())];
                (name != "$connections").then(|| Place { action: PARAMETERS.to_owned(), path })?
            }
            "item" => item?.clone(),
            // what wraps a value without changing what it looks like
            "coalesce" | "take" | "skip" | "reverse" | "sort" => self.place(call.arguments.first()?, item)?,
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
        let needs = Needs::of(&definition, Object::new());
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
            Needs::of(&definition, Object::new()).shape("Get").map(|shape| shape.sample("")),
            Some(value!({
                "id": crate::playbook::mock::told::RESOURCE_ID, "more": "sample", "text": "{\"score\":\"sample\"}", "value": ["sample"]
            }))
        );
    }

    #[test]
    fn what_goes_through_variables_and_lists_is_understood() {
        let definition = value!({"actions": {
            "Init": {"type": "InitializeVariable", "inputs": {"variables": [
                {"name": "rows", "type": "array"}, {"name": "all", "type": "array"}, {"name": "id", "type": "string", "value": "@body('Get')?['id']"}
            ]}},
            "Set": {"type": "SetVariable", "inputs": {"name": "rows", "value": "@body('Get')?['rules']"}},
            "Table": {"type": "Table", "inputs": {"format": "HTML", "from": "@variables('rows')"}},
            "Filter": {"type": "Query", "inputs": {"from": "@body('Get')?['orgs']", "where": "@equals(parameters('org'), item()?['name'])"}},
            "First": {"type": "Compose", "inputs": "@body('Filter')[0]['key']"},
            "Part": {"type": "Compose", "inputs": "@substring(variables('id'), 15, 36)"},
            "Three": {"type": "Foreach", "foreach": "@take(body('Get')?['hits'], 3)", "actions": {
                "When": {"type": "Compose", "inputs": "@addDays(items('Three')?['seen'], item()?['ttl'])"},
                "Add": {"type": "AppendToArrayVariable", "inputs": {"name": "all", "value": "@items('Three')"}}
            }},
            "Again": {"type": "Foreach", "foreach": "@variables('all')", "actions": {
                "Kind": {"type": "Switch", "expression": "@items('Again')?['kind']", "cases": {"One": {"case": "host", "actions": {}}}}
            }},
            "Close": {"type": "ApiConnection", "inputs": {"path": "/Incidents", "body": {"severity": "@{body('Get')?['level']}", "status": "@body('Get')?['state']"}}},
            "Token": {"type": "Compose", "inputs": "@outputs('Get')['headers']['X-Token']"},
            "Zone": {"type": "Compose", "inputs": "@convertFromUtc(utcNow(), parameters('zone'))"}
        }});
        let given = value!({"org": "Contoso"}).as_object().cloned().unwrap();
        let needs = Needs::of(&definition, given);
        assert_eq!(
            needs.shape("Get").map(|shape| shape.sample("")),
            Some(value!({
                "hits": [{"kind": "host", "seen": "2026-01-01T00:00:00Z", "ttl": 1}],
                "id": crate::playbook::mock::told::RESOURCE_ID, "level": "Medium",
                "orgs": [{"key": "sample", "name": "Contoso"}], "rules": [{}], "state": "Active"
            }))
        );
        assert_eq!(needs.headers("get").map(AsRef::as_ref).collect::<Vec<&str>>(), ["X-Token"]);
        assert_eq!(needs.parameters().map(|shape| shape.part("zone").sample("zone")), Some(value!("UTC")));
    }
}
