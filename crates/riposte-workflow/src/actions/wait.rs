//! Wait: a delay, or until a point in time. A time that has passed is no wait.
//! A wait that is longer than `limit.timeout` ends then, `TimedOut`.
//!
//! ```json
//! { "type": "Wait", "inputs": { "interval": { "count": 5, "unit": "Minute" } } }
//! { "type": "Wait", "inputs": { "until": { "timestamp": "@addDays(utcNow(), 1)" } } }
//! ```

use super::{Completion, Kind, Progress, Started};
use crate::interpreter::Machine;
use crate::program::Reader;
use crate::state::Here;
use jiff::{SignedDuration, Timestamp};
use riposte_expression::Template;
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct Wait {
    inputs: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let object = reader.inputs_object()?;
    let path = reader.path_of("inputs");
    if object.get_ignore_case("interval").is_none() && object.get_ignore_case("until").is_none() {
        reader.error(
            "MissingProperty",
            "`interval` or `until` is missing: an action of type `Wait` needs one",
            &*path,
        );
        return None;
    }
    let inputs = reader.inputs()?;
    Some(Kind::Wait(Wait { inputs: reader.template(inputs, &path)? }))
}

impl Wait {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let inputs = machine.evaluate(here, &self.inputs)?;
        let deadline = machine.deadline(here)?;
        let due = match inputs.get_ignore_case("interval") {
            Some(interval) => after(machine.at, interval),
            None => until(inputs.get_ignore_case("until").unwrap_or(&Value::Null)),
        };
        let due = due.map_err(|detail| machine.invalid_inputs(here, &detail))?;
        if due <= machine.at {
            return Ok(Started::Done(Completion::succeeded("OK").inputs(inputs)));
        }
        machine.open(here, Some(inputs));
        let over = deadline.filter(|deadline| *deadline < due);
        let progress = if over.is_some() { Progress::WaitInVain } else { Progress::Wait };
        machine.state.slot_mut(here).progress = Some(Box::new(progress));
        machine.note(here);
        machine.timer(here, 1, "", over.unwrap_or(due));
        Ok(Started::Waiting)
    }
}

/// The units and their seconds; a month has 30 days.
const UNITS: [(&str, i64); 6] = [
    ("Second", 1),
    ("Minute", 60),
    ("Hour", 3_600),
    ("Day", 86_400),
    ("Week", 604_800),
    ("Month", 2_592_000),
];

fn after(at: Timestamp, interval: &Value) -> Result<Timestamp, String> {
    let count = interval.get_ignore_case("count").cloned().unwrap_or_default();
    let whole = count.as_i64().or_else(|| count.as_str()?.trim().parse().ok());
    let Some(whole) = whole else {
        return Err(format!("The value '{count}' of 'count' is not valid. It must be an integer."));
    };
    let unit = interval.get_ignore_case("unit").and_then(Value::as_str).unwrap_or_default();
    let seconds = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).map(|(_, seconds)| *seconds);
    let Some(seconds) = seconds else {
        return Err(format!(
            "The value '{unit}' of 'unit' is not one of 'Second, Minute, Hour, Day, Week, Month'."
        ));
    };
    let wait = whole.checked_mul(seconds).map(SignedDuration::from_secs);
    Ok(wait.and_then(|wait| at.checked_add(wait).ok()).unwrap_or(Timestamp::MAX))
}

fn until(until: &Value) -> Result<Timestamp, String> {
    let given = until.get_ignore_case("timestamp").cloned().unwrap_or_default();
    given
        .as_str()
        .and_then(|text| riposte_expression::time::DateTime::parse(text).ok())
        .and_then(|time| crate::time::timestamp(time.ticks()))
        .ok_or_else(|| format!("The value '{given}' of 'timestamp' is not a valid time."))
}
