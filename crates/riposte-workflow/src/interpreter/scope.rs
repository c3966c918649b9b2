//! What expressions see at a place in a run.

use super::Machine;
use super::lookup::Located;
use super::records::mix;
use crate::actions::{Kind, Progress};
use crate::record::time_text;
use crate::state::{FrameId, Here};
use crate::time::ticks;
use riposte_expression::{Context, NameKind, Ticks};
use riposte_value::{Object, Text, Value};

/// A place in a run as expressions see it.
pub(crate) struct Scope<'m, 'p> {
    pub machine: &'m Machine<'p>,
    pub frame: FrameId,
    /// The item of a Query, Select or Table.
    pub item: Option<&'m Value>,
    /// What `action()` gives.
    pub current: Option<&'m Value>,
    /// What `listCallbackUrl()` gives.
    pub callback: Option<&'m Value>,
}

static NULL: Value = Value::Null;

impl<'m> Scope<'m, '_> {
    /// The loops around, from the innermost, each with its iteration.
    fn loops(&self) -> impl Iterator<Item = (Here, u32)> + '_ {
        self.machine
            .frames_around(self.frame)
            .filter_map(|id| self.machine.state.frame(id))
            .filter_map(|frame| Some((frame.parent?, frame.iteration?)))
    }

    fn item_of(&self, (here, iteration): (Here, u32)) -> Option<&'m Value> {
        match self.machine.state.slot(here).progress.as_deref() {
            Some(Progress::Foreach(progress)) => progress.items.item(usize::try_from(iteration).ok()?),
            _ => None,
        }
    }

    fn trigger_record(&self) -> Option<Value> {
        let trigger = &self.machine.start_of_run()?.trigger;
        let mut record = Object::with_capacity(9);
        record.insert("name", &trigger.name);
        for (name, value) in [("inputs", &trigger.inputs), ("outputs", &trigger.outputs)] {
            if !value.is_null() {
                record.insert(name, value.clone());
            }
        }
        record.insert("startTime", time_text(trigger.start));
        record.insert("endTime", time_text(trigger.end));
        record.insert("trackingId", &trigger.tracking_id);
        record.insert("clientTrackingId", &trigger.client_tracking_id);
        record.insert("originHistoryName", &trigger.history_name);
        record.insert("status", "Succeeded");
        Some(Value::from(record))
    }
}

impl Context for Scope<'_, '_> {
    fn parameter(&self, name: &str) -> Option<Value> {
        self.parameter_ref(name).cloned()
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.variable_ref(name).cloned()
    }

    fn action(&self, name: &str) -> Option<Value> {
        let target = self.machine.program.find_action(name)?;
        Some(self.machine.action_record(self.frame, target).unwrap_or(Value::Null))
    }

    fn action_outputs(&self, name: &str) -> Option<Value> {
        let target = self.machine.program.find_action(name)?;
        Some(match self.machine.locate(self.frame, target) {
            Located::Nowhere => Value::Null,
            Located::One(here) => self.machine.outputs_at(here).cloned().unwrap_or_default(),
            // known use: outside a loop, the outputs of an action inside it are those of all iterations
            Located::Many(places) => Value::array(
                places.iter().map(|here| self.machine.outputs_at(*here).cloned().unwrap_or_default()),
            ),
        })
    }

    fn trigger(&self) -> Option<Value> {
        self.trigger_record()
    }

    fn trigger_outputs(&self) -> Option<Value> {
        self.trigger_outputs_ref().cloned()
    }

    fn item(&self) -> Option<Value> {
        self.item_ref().cloned()
    }

    fn items(&self, loop_name: &str) -> Option<Value> {
        self.items_ref(loop_name).cloned()
    }

    fn iteration_index(&self, until: &str) -> Option<i64> {
        let target = self.machine.program.find_action(until)?;
        self.loops()
            .find(|(here, _)| std::ptr::eq(self.machine.action(*here), target))
            .map(|(_, iteration)| i64::from(iteration))
    }

    fn result(&self, scope: &str) -> Option<Value> {
        let target = self.machine.program.find_action(scope)?;
        Some(self.machine.result_of(self.frame, target))
    }

    fn current_action(&self) -> Option<Value> {
        self.current.cloned()
    }

    fn workflow(&self) -> Option<Value> {
        Some(self.machine.start_of_run()?.workflow.clone())
    }

    fn callback_url(&self) -> Option<Value> {
        self.callback.cloned()
    }

    fn app_setting(&self, _name: &str) -> Option<Value> {
        None
    }

    fn utc_now(&self) -> Ticks {
        ticks(self.machine.at)
    }

    fn random(&self) -> u64 {
        let drawn = mix(self.machine.random.get());
        self.machine.random.set(drawn);
        drawn
    }

    fn names(&self, kind: NameKind) -> Vec<Text> {
        let program = self.machine.program;
        match kind {
            NameKind::Parameter => {
                program.parameters().iter().map(|parameter| parameter.name.clone()).collect()
            }
            NameKind::Variable => program.variables.iter().map(|variable| variable.name.clone()).collect(),
            NameKind::Action => program.action_names().cloned().collect(),
            NameKind::Loop | NameKind::Until => {
                self.loops().map(|(here, _)| self.machine.action(here).name.clone()).collect()
            }
            NameKind::Scope => {
                let blocks = program.actions.iter().filter(|action| action.kind.is_block());
                blocks.map(|action| action.name.clone()).collect()
            }
        }
    }

    fn parameter_ref(&self, name: &str) -> Option<&Value> {
        let given = self.machine.start_of_run().and_then(|start| start.parameters.get_ignore_case(name));
        given.or_else(|| {
            let declared = self.machine.program.parameters().iter();
            declared.into_iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name))?.default.as_ref()
        })
    }

    fn variable_ref(&self, name: &str) -> Option<&Value> {
        let number = self.machine.program.find_variable(name)?;
        Some(self.machine.state.variables.get(number).and_then(Option::as_ref).unwrap_or(&NULL))
    }

    fn action_outputs_ref(&self, name: &str) -> Option<&Value> {
        let target = self.machine.program.find_action(name)?;
        match self.machine.locate(self.frame, target) {
            Located::Nowhere => Some(&NULL),
            Located::One(here) => Some(self.machine.outputs_at(here).unwrap_or(&NULL)),
            Located::Many(_) => None,
        }
    }

    fn trigger_outputs_ref(&self) -> Option<&Value> {
        Some(&self.machine.start_of_run()?.trigger.outputs)
    }

    fn item_ref(&self) -> Option<&Value> {
        self.item.or_else(|| {
            let foreach =
                |(here, _): &(Here, u32)| matches!(self.machine.action(*here).kind, Kind::Foreach(_));
            self.loops().find(foreach).and_then(|found| self.item_of(found))
        })
    }

    fn items_ref(&self, loop_name: &str) -> Option<&Value> {
        let target = self.machine.program.find_action(loop_name)?;
        let found = self.loops().find(|(here, _)| std::ptr::eq(self.machine.action(*here), target))?;
        self.item_of(found)
    }
}
