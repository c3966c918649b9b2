//! What the expressions of an action's inputs came to, told afterwards: from the definition that the run is pinned to,
//! what it began with, and the records that are kept. Nothing is kept for it while a run is under way.
//!
//! What records do not tell has no value: variables as they were at the time, the time and chance themselves, and what is
//! declared secure.

use crate::actions::Kind;
use crate::record::{language_record, secured_marker};
use crate::{ActionRecord, Program, RepetitionIndex, Status, TriggerOccurrence};
use riposte_diagnostic::{join_index, join_path};
use riposte_expression::ast::{Call, Primary};
use riposte_expression::{MapContext, Trace, trace};
use riposte_value::{Object, Value};

/// The most expressions that are told of one action.
const TRACES_MAX: usize = 1_000;
/// The properties of actions that hold expressions which are evaluated once, before anything inside.
const EVALUATED: [&str; 3] = ["inputs", "foreach", "expression"];

/// What is known of a run.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// What it runs.
    pub program: &'a Program,
    /// The definition that the program was compiled from.
    pub definition: &'a Value,
    /// The values of its parameters.
    pub parameters: &'a Object,
    /// What `workflow()` gave.
    pub workflow: &'a Value,
    /// What started it.
    pub trigger: &'a TriggerOccurrence,
    /// Its records.
    pub records: &'a [ActionRecord],
}

/// `[{path, text, value?, error?, subexpressions}]` of the inputs of an action, or of one repetition of it.
pub fn expression_traces(past: &Past<'_>, record: &ActionRecord) -> Value {
    let skipped = record.status == Status::Skipped;
    let definition = find_action(past.definition, &record.name);
    let Some(definition) = definition.filter(|_| !skipped && !past.program.hidden(&record.name).inputs)
    else {
        return Value::array([]);
    };
    let known = Known::at(*past, &record.repetition, is_per_item(past.program, &record.name));
    let mut traces = Vec::new();
    for name in EVALUATED {
        if let Some(value) = definition.get_ignore_case(name) {
            walk(value, &join_path("$", name), &known, &mut traces);
        }
    }
    Value::array(traces)
}

/// Whether `item()` is the action's own, of which there are many.
fn is_per_item(program: &Program, action: &str) -> bool {
    let action = program.find_action(action);
    action.is_some_and(|action| matches!(action.kind, Kind::Query(_) | Kind::Select(_) | Kind::Table(_)))
}

/// The definition of an action at any depth.
fn find_action<'a>(block: &'a Value, name: &str) -> Option<&'a Value> {
    let actions = block.get_ignore_case("actions").and_then(Value::as_object);
    for (known, action) in actions.into_iter().flatten() {
        if known.eq_ignore_ascii_case(name) {
            return Some(action);
        }
        let branches = ["else", "default"].iter().filter_map(|branch| action.get_ignore_case(branch));
        let cases = action.get_ignore_case("cases").and_then(Value::as_object);
        let cases = cases.into_iter().flat_map(Object::values);
        let found =
            std::iter::once(action).chain(branches).chain(cases).find_map(|inner| find_action(inner, name));
        if found.is_some() {
            return found;
        }
    }
    None
}

/// What can be told of a place in the run.
struct Known<'a> {
    past: Past<'a>,
    repetition: &'a [RepetitionIndex],
    per_item: bool,
    items: Object,
    turns: Object,
    /// The item of the innermost Foreach, if it is known.
    item: Option<Value>,
    context: MapContext,
}

impl<'a> Known<'a> {
    fn at(past: Past<'a>, repetition: &'a [RepetitionIndex], per_item: bool) -> Self {
        let mut known = Self {
            past,
            repetition: &[],
            per_item: false,
            items: Object::new(),
            turns: Object::new(),
            item: None,
            context: MapContext::default(),
        };
        // From the outermost loop inwards: the items of each are evaluated with those of the loops around it.
        for (depth, index) in repetition.iter().enumerate() {
            known.context = known.context();
            known.enter(index);
            known.repetition = repetition.get(..=depth).unwrap_or(repetition);
        }
        known.per_item = per_item;
        known.context = known.context();
        known
    }

    fn enter(&mut self, index: &RepetitionIndex) {
        let action = self.past.program.find_action(&index.scope);
        if !action.is_some_and(|action| matches!(action.kind, Kind::Foreach(_))) {
            self.turns.insert(index.scope.clone(), i64::from(index.index));
            return;
        }
        let definition = find_action(self.past.definition, &index.scope);
        let all = definition.and_then(|definition| self.value_of(definition.get_ignore_case("foreach")?));
        let at = usize::try_from(index.index).unwrap_or(usize::MAX);
        self.item = all.and_then(|all| all.as_array().and_then(|items| items.get(at)).cloned());
        if let Some(item) = &self.item {
            self.items.insert(index.scope.clone(), item.clone());
        }
    }

    /// A value of the definition, if it is known; an array may hold expressions.
    fn value_of(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value_of(item)).collect::<Option<Vec<_>>>()?;
                Some(Value::array(items))
            }
            Value::String(text) if text.starts_with('@') => {
                let [trace] = self.trace(text)?.try_into().ok()?;
                trace.outcome?.ok()
            }
            Value::String(text) if text.contains("@{") => None,
            other => Some(other.clone()),
        }
    }

    fn trace(&self, text: &str) -> Option<Vec<Trace>> {
        trace(text, &self.context, &|call| self.knows(call)).ok()
    }

    fn context(&self) -> MapContext {
        let mut values = Object::new();
        values.insert("parameters", Value::from(self.parameters()));
        values.insert("actions", Value::from(self.actions()));
        values.insert("items", Value::from(self.items.clone()));
        values.insert("iterationIndexes", Value::from(self.turns.clone()));
        if let Some(item) = &self.item {
            values.insert("item", item.clone());
        }
        values.insert("workflow", self.past.workflow.clone());
        let trigger = self.past.trigger;
        let shown = Value::object([
            ("name", Value::from(&trigger.name)),
            ("inputs", trigger.inputs.clone()),
            ("outputs", trigger.outputs.clone()),
            ("status", Value::from("Succeeded")),
        ]);
        values.insert("trigger", shown);
        MapContext::new(Value::from(values))
    }

    fn parameters(&self) -> Object {
        let declared = self.past.program.parameters().iter().filter(|parameter| !parameter.is_secure());
        let value = |name: &str| self.past.parameters.get_ignore_case(name);
        declared
            .filter_map(|parameter| {
                let value = value(&parameter.name).or(parameter.default.as_ref())?;
                Some((parameter.name.clone(), value.clone()))
            })
            .collect()
    }

    /// The record of an action that is seen from here: of an iteration around, or of none.
    fn record(&self, name: &str) -> Option<&'a ActionRecord> {
        let seen = |record: &&ActionRecord| {
            record.name.eq_ignore_ascii_case(name) && self.repetition.starts_with(&record.repetition)
        };
        let found = self.past.records.iter().filter(seen).max_by_key(|record| record.repetition.len())?;
        let secured = Some(secured_marker());
        (found.inputs != secured && found.outputs != secured).then_some(found)
    }

    fn actions(&self) -> Object {
        let mut actions = Object::new();
        for record in self.past.records {
            if let Some(seen) = self.record(&record.name) {
                let shown = language_record(seen, seen.inputs.as_ref(), seen.outputs.as_ref());
                actions.insert(seen.name.clone(), shown);
            }
        }
        actions
    }

    /// Whether a call that asks the run is answered by what is known.
    fn knows(&self, call: &Call) -> bool {
        let named = call.arguments.first().and_then(|argument| match &argument.primary {
            Primary::String(text) if argument.accesses.is_empty() => Some(text.as_str()),
            _ => None,
        });
        match call.name.to_lowercase().as_str() {
            "workflow" => true,
            "item" => !self.per_item && self.item.is_some(),
            "items" => named.is_some_and(|name| self.items.get_ignore_case(name).is_some()),
            "iterationindexes" => named.is_some_and(|name| self.turns.get_ignore_case(name).is_some()),
            "parameters" => named.is_some_and(|name| {
                let mut declared = self.past.program.parameters().iter();
                !declared.any(|parameter| parameter.is_secure() && parameter.name.eq_ignore_ascii_case(name))
            }),
            "actionbody"
            | "actionoutputs"
            | "actions"
            | "body"
            | "formdatamultivalues"
            | "formdatavalue"
            | "multipartbody"
            | "outputs" => named.is_some_and(|name| self.record(name).is_some()),
            "trigger"
            | "triggerbody"
            | "triggerformdatamultivalues"
            | "triggerformdatavalue"
            | "triggermultipartbody"
            | "triggeroutputs"
            | "triggers" => {
                let trigger = self.past.program.trigger(&self.past.trigger.name);
                trigger.is_some_and(|trigger| trigger.hidden() == crate::Hidden::default())
            }
            _ => false,
        }
    }
}

fn walk(value: &Value, path: &str, known: &Known<'_>, traces: &mut Vec<Value>) {
    if traces.len() >= TRACES_MAX {
        return;
    }
    match value {
        Value::String(text) => {
            let found = known.trace(text).unwrap_or_default();
            traces.extend(found.iter().map(|trace| {
                let mut shown = Object::new();
                shown.insert("path", path);
                show(trace, &mut shown);
                Value::from(shown)
            }));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &join_index(path, index), known, traces);
            }
        }
        Value::Object(object) => {
            for (name, item) in object.iter() {
                walk(item, &join_path(path, name), known, traces);
            }
        }
        _ => {}
    }
}

fn show(trace: &Trace, shown: &mut Object) {
    shown.insert("text", &trace.text);
    match &trace.outcome {
        Some(Ok(value)) => {
            shown.insert("value", value.clone());
        }
        Some(Err(error)) => {
            let error = [("code", Value::from("InvalidTemplate")), ("message", Value::from(&error.message))];
            shown.insert("error", Value::object(error));
        }
        None => {}
    }
    let inner = trace.inner.iter().map(|inner| {
        let mut shown = Object::new();
        show(inner, &mut shown);
        Value::from(shown)
    });
    shown.insert("subexpressions", Value::array(inner));
}

#[cfg(test)]
mod tests {
    use super::{Past, expression_traces};
    use crate::{Outcome, RunStart, compile, drive};
    use riposte_value::{Object, Value, value};

    /// `path text = value` of each trace of an action, or of a repetition of it.
    fn traces(action: &str, repetition: &[u32]) -> Vec<String> {
        let definition = value!({
            "parameters": { "n": { "type": "int", "defaultValue": 4 }, "key": { "type": "securestring" } },
            "triggers": { "manual": { "type": "Request" } },
            "actions": {
                "Count": { "type": "InitializeVariable", "inputs": { "variables": [{ "name": "v", "type": "integer", "value": 1 }] } },
                "First": { "type": "Compose", "inputs": { "a": "@triggerBody()?['x']", "b": ["n is @{parameters('n')}"], "c": "plain" }, "runAfter": { "Count": ["Succeeded"] } },
                "Unknown": { "type": "Compose", "inputs": "@add(variables('v'), int(string(parameters('n'))))", "runAfter": { "First": ["Succeeded"] } },
                "Keyed": { "type": "Compose", "inputs": "@parameters('key')", "runAfter": { "First": ["Succeeded"] } },
                "Each": { "type": "Foreach", "foreach": "@outputs('First')['b']", "runAfter": { "First": ["Succeeded"] }, "actions": {
                    "Inside": { "type": "Compose", "inputs": "@concat(items('Each'), outputs('First')['a'])" },
                    "Bad": { "type": "Compose", "inputs": "@int(outputs('Inside'))", "runAfter": { "Inside": ["Succeeded"] } } } }
            }
        });
        let (program, told) = compile(&definition);
        let program = program.unwrap_or_else(|| panic!("{told:?}"));
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut start = RunStart::of_trigger("r", "manual", value!({ "body": { "x": "y" } }), at);
        start.parameters.insert("key", "a-secret-word");
        let kept = start.clone();
        let run = drive(
            &program,
            start,
            &mut |_| Outcome::Response { status_code: 200, headers: Object::new(), body: None },
            at,
        );
        let past = Past {
            program: &program,
            definition: &definition,
            parameters: &kept.parameters,
            workflow: &kept.workflow,
            trigger: &kept.trigger,
            records: &run.records,
        };
        let of = |record: &&crate::ActionRecord| {
            record.name == action
                && record.repetition.iter().map(|index| index.index).eq(repetition.iter().copied())
        };
        let record = run.records.iter().rfind(of).unwrap();
        let shown = expression_traces(&past, record);
        let line = |trace: &Value| {
            let text = |name: &str| trace.str_at(&[name]).unwrap_or_default().to_owned();
            let outcome = match (trace.get("value"), trace.get("error")) {
                (Some(value), _) => format!(" = {value}"),
                (None, Some(_)) => " fails".to_owned(),
                (None, None) => " ?".to_owned(),
            };
            format!("{} {}{outcome}", text("path"), text("text"))
        };
        shown.as_array().unwrap().iter().map(line).collect()
    }

    #[test]
    fn what_inputs_came_to() {
        assert_eq!(
            traces("First", &[]),
            ["$.inputs.a triggerBody()?['x'] = \"y\"", "$.inputs.b[0] parameters('n') = 4"]
        );
        assert_eq!(traces("Each", &[]), ["$.foreach outputs('First')['b'] = [\"n is 4\"]"]);
        assert_eq!(
            traces("Inside", &[0]),
            ["$.inputs concat(items('Each'), outputs('First')['a']) = \"n is 4y\""]
        );
        assert_eq!(traces("Bad", &[0]), ["$.inputs int(outputs('Inside')) fails"]);
    }

    #[test]
    fn what_is_not_kept_or_secret_has_no_value() {
        assert_eq!(traces("Unknown", &[]), ["$.inputs add(variables('v'), int(string(parameters('n')))) ?"]);
        assert_eq!(traces("Keyed", &[]), [""; 0]);
    }
}
