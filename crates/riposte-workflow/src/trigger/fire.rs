//! What one occurrence of a trigger comes to: its conditions, and one run or one for each item.

use super::plan::Starter;
use super::read::{read_recurrence, too_far_ahead};
use super::recurrence::Recurrence;
use crate::Program;
use crate::program::Trigger;
use crate::time::ticks;
use jiff::Timestamp;
use riposte_expression::{EvaluationError, MapContext, Template};
use riposte_value::{Object, Text, Value};

/// How many items an occurrence may be split into (documented): 100 where concurrency is bounded.
const ITEMS_MAX: usize = 100_000;
const ITEMS_MAX_BOUNDED: usize = 100;

/// What expressions of a trigger see beside its outputs.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Values of the definition's parameters; what is missing takes its default.
    pub parameters: Object,
    /// What `workflow()` gives.
    pub workflow: Value,
    /// What `listCallbackUrl()` gives.
    pub callback_url: Option<Text>,
    /// Now.
    pub at: Timestamp,
    /// Where random values come from.
    pub seed: u64,
}

/// Something that happened to a trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// The trigger's inputs; null if it has none.
    pub inputs: Value,
    /// Its outputs: `{headers?, body?, …}`; null if it has none.
    pub outputs: Value,
    /// `Succeeded`, or `Failed` where a poll was answered otherwise.
    pub status: &'static str,
    /// `OK`, or the name of the status that a poll was answered with.
    pub code: Text,
}

impl Occurrence {
    /// An occurrence that brought these outputs.
    pub fn with_outputs(outputs: Value) -> Self {
        Self { inputs: Value::Null, outputs, status: "Succeeded", code: Text::new_static("OK") }
    }
}

/// What an occurrence comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Firing {
    /// Runs to begin: the outputs of each, and its tracking id if the definition gives one.
    Runs(Vec<(Value, Option<Text>)>),
    /// A condition does not hold: no run.
    ConditionNotMet,
    /// A split over an empty list: no run, and nothing wrong.
    NoItems,
    /// The trigger fails.
    Failed(TriggerFailure),
}

/// Why a trigger fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerFailure {
    /// The service's code.
    pub code: Text,
    /// Its words.
    pub message: String,
}

impl TriggerFailure {
    /// A failure of an expression, in the service's words.
    fn of_expression(trigger: &Trigger, error: &EvaluationError) -> Self {
        let message = format!(
            "Unable to process template language expressions for trigger '{}' at line '0' and column '0': '{}'.",
            trigger.name, error.message
        );
        Self { code: Text::new_static("InvalidTemplate"), message }
    }
}

impl Trigger {
    /// What an occurrence comes to.
    pub fn fire(&self, program: &Program, occurrence: &Occurrence, around: &Surroundings) -> Firing {
        let context = self.context(program, around, Some(occurrence));
        for (text, condition) in &self.plan.conditions {
            match condition.evaluate(&context) {
                Err(error) => return Firing::Failed(TriggerFailure::of_expression(self, &error)),
                Ok(Value::Bool(true)) => {}
                Ok(Value::Bool(false)) => return Firing::ConditionNotMet,
                Ok(other) => return Firing::Failed(self.not_a_condition(text, &other)),
            }
        }
        match &self.plan.split_on {
            None => match self.tracking(program, occurrence, around, self.plan.tracking.as_ref()) {
                Ok(tracking) => Firing::Runs(vec![(occurrence.outputs.clone(), tracking)]),
                Err(failure) => Firing::Failed(failure),
            },
            Some((text, split)) => match split.evaluate(&context) {
                Err(error) => Firing::Failed(TriggerFailure::of_expression(self, &error)),
                Ok(items) => self.split(program, occurrence, around, text, &items),
            },
        }
    }

    fn split(
        &self,
        program: &Program,
        occurrence: &Occurrence,
        around: &Surroundings,
        text: &Text,
        items: &Value,
    ) -> Firing {
        let most = if self.plan.concurrency.is_some() { ITEMS_MAX_BOUNDED } else { ITEMS_MAX };
        let Some(list) = items.as_array() else {
            return Firing::Failed(self.not_a_list(text, items));
        };
        if list.is_empty() {
            return Firing::NoItems;
        }
        if list.len() > most {
            let message = format!(
                "The 'splitOn' expression '{text}' of trigger '{}' gives {} items; at most {most} are allowed.",
                self.name,
                list.len()
            );
            return Firing::Failed(TriggerFailure { code: "SplitOnItemsLimitExceeded".into(), message });
        }
        let tracking = self.plan.split_tracking.as_ref().or(self.plan.tracking.as_ref());
        let mut runs = Vec::with_capacity(list.len());
        for item in list {
            let mut outputs = occurrence.outputs.as_object().cloned().unwrap_or_default();
            outputs.insert("body", item.clone());
            let one = Occurrence { outputs: Value::from(outputs), ..occurrence.clone() };
            match self.tracking(program, &one, around, tracking) {
                Ok(tracking) => runs.push((one.outputs, tracking)),
                Err(failure) => return Firing::Failed(failure),
            }
        }
        Firing::Runs(runs)
    }

    fn tracking(
        &self,
        program: &Program,
        occurrence: &Occurrence,
        around: &Surroundings,
        template: Option<&Template>,
    ) -> Result<Option<Text>, TriggerFailure> {
        let Some(template) = template else { return Ok(None) };
        let context = self.context(program, around, Some(occurrence));
        let value =
            template.evaluate(&context).map_err(|error| TriggerFailure::of_expression(self, &error))?;
        Ok(match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(Text::from(other.to_string())),
        })
    }

    /// The recurrence, its expressions evaluated; none where there is none.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn recurrence(
        &self,
        program: &Program,
        around: &Surroundings,
    ) -> Result<Option<Recurrence>, TriggerFailure> {
        let Some(template) = &self.plan.recurrence else { return Ok(None) };
        let context = self.context(program, around, None);
        let value =
            template.evaluate(&context).map_err(|error| TriggerFailure::of_expression(self, &error))?;
        let invalid = |message: String| TriggerFailure { code: "InvalidRecurrence".into(), message };
        let recurrence = read_recurrence(&value, "recurrence").map_err(|faults| {
            invalid(faults.first().map_or_else(String::new, |fault| fault.message.clone()))
        })?;
        if too_far_ahead(&recurrence, around.at) {
            return Err(invalid("`startTime` lies more than 49 years ahead".to_owned()));
        }
        Ok(Some(recurrence))
    }

    /// The inputs, their expressions evaluated; null where there are none.
    ///
    /// # Errors
    /// An expression that has no value.
    pub fn inputs(&self, program: &Program, around: &Surroundings) -> Result<Value, TriggerFailure> {
        let Some(template) = &self.plan.inputs else { return Ok(Value::Null) };
        let context = self.context(program, around, None);
        template.evaluate(&context).map_err(|error| TriggerFailure::of_expression(self, &error))
    }

    /// How long after its slot a window is due (`inputs.delay` of a `SlidingWindow`); nothing for others.
    pub fn delay(&self, program: &Program, around: &Surroundings) -> jiff::SignedDuration {
        if self.plan.starter != Some(Starter::SlidingWindow) {
            return jiff::SignedDuration::ZERO;
        }
        let inputs = self.inputs(program, around).unwrap_or_default();
        let delay = inputs.get_ignore_case("delay").and_then(Value::as_str).and_then(crate::duration::parse);
        delay.unwrap_or_default()
    }

    fn context(
        &self,
        program: &Program,
        around: &Surroundings,
        occurrence: Option<&Occurrence>,
    ) -> MapContext {
        let mut parameters = around.parameters.clone();
        for parameter in program.parameters() {
            if parameters.get_ignore_case(&parameter.name).is_none()
                && let Some(default) = &parameter.default
            {
                parameters.insert(parameter.name.clone(), default.clone());
            }
        }
        let mut values = Object::new();
        values.insert("parameters", parameters);
        values.insert("workflow", around.workflow.clone());
        if let Some(url) = &around.callback_url {
            values.insert("callbackUrl", url);
        }
        if let Some(occurrence) = occurrence {
            let mut trigger = Object::new();
            trigger.insert("name", &self.name);
            trigger.insert("inputs", occurrence.inputs.clone());
            trigger.insert("outputs", occurrence.outputs.clone());
            trigger.insert("status", occurrence.status);
            trigger.insert("code", &occurrence.code);
            values.insert("trigger", trigger);
        }
        MapContext::new(Value::from(values)).at(ticks(around.at)).seeded(around.seed)
    }

    fn not_a_condition(&self, text: &Text, value: &Value) -> TriggerFailure {
        let message = format!(
            "The template language expression evaluation failed: 'The execution of template trigger '{}' failed: the \
             result of the evaluation of condition '{text}' is of type '{}'. The result must be of type 'Boolean'.'",
            self.name,
            kind_name(value)
        );
        TriggerFailure { code: Text::new_static("InvalidTemplate"), message }
    }

    /// Recorded from the service.
    fn not_a_list(&self, text: &Text, value: &Value) -> TriggerFailure {
        let message = format!(
            "The template language expression evaluation failed: 'The execution of template trigger '{}' failed: the \
             result of the evaluation of 'splitOn' expression '{text}' is of type '{}'. The result must be a valid array.'",
            self.name,
            kind_name(value)
        );
        TriggerFailure { code: Text::new_static("InvalidTemplate"), message }
    }
}

/// The service's name of a value's type: those of Newtonsoft.Json.
fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
        number if number.as_i64().is_some() => "Integer",
        _ => "Float",
    }
}
