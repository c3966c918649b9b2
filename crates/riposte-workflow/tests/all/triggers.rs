//! Triggers, as data: `conformance/trigger/triggers.json`; and what must be true of all recurrences.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use riposte_testing::Cases;
use riposte_value::{Object, Text, Value, value};
use riposte_workflow::trigger::{
    Firing, Occurrence, RequestContent, Surroundings, read_poll, read_recurrence,
};
use riposte_workflow::{Program, compile};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "source")]
    _source: String,
    recurrence: Option<Value>,
    armed: Option<Timestamp>,
    #[serde(default)]
    slots: Vec<Timestamp>,
    /// Whether there is no slot after these.
    #[serde(default)]
    ends: bool,
    trigger: Option<Value>,
    diagnostics: Option<Vec<String>>,
    outputs: Option<Value>,
    fires: Option<Fires>,
    poll: Option<Poll>,
    answer: Option<Answer>,
    request: Option<Asked>,
    received: Option<Value>,
    refused: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Fires {
    runs: Option<Vec<Run>>,
    #[serde(default)]
    no_items: bool,
    #[serde(default)]
    condition_not_met: bool,
    code: Option<String>,
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    outputs: Value,
    tracking: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Poll {
    status: u16,
    headers: Object,
    #[serde(default)]
    conditions: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    fires: bool,
    location: Option<Text>,
    waits: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Asked {
    method: Text,
    #[serde(default)]
    relative_path: Text,
    #[serde(default)]
    headers: Object,
    #[serde(default)]
    queries: Object,
    body: Option<Value>,
}

#[test]
fn cases() {
    Cases::<Case>::load("conformance/trigger").check(check);
}

fn definition(trigger: &Value) -> Value {
    value!({
        "parameters": { "unit": { "type": "String" }, "every": { "type": "Int", "defaultValue": 5 } },
        "triggers": { "T": trigger.clone() }, "actions": {}
    })
}

fn program(trigger: &Value) -> Program {
    compile(&definition(trigger)).0.expect("the trigger compiles")
}

fn check(case: &Case) -> Result<(), String> {
    if let Some(recurrence) = &case.recurrence {
        return slots(case, recurrence);
    }
    if let Some(poll) = &case.poll {
        return polled(poll, case.answer.as_ref().expect("an answer"));
    }
    let trigger = case.trigger.as_ref().expect("a trigger");
    if let Some(expected) = &case.diagnostics {
        let (_, told) = compile(&definition(trigger));
        let told: Vec<String> =
            told.iter().map(|d| format!("{} {}", d.code, d.location.path.as_deref().unwrap_or(""))).collect();
        return same(&told, expected);
    }
    let program = program(trigger);
    let trigger = &program.triggers()[0];
    if let Some(asked) = &case.request {
        let request = RequestContent {
            method: asked.method.clone(),
            relative_path: asked.relative_path.clone(),
            headers: asked.headers.clone(),
            queries: asked.queries.clone(),
            body: asked.body.clone(),
        };
        return match trigger.receive(&request) {
            Ok(occurrence) => same(&Some(&occurrence.outputs), &case.received.as_ref()),
            Err(failure) => same(&Some(failure.code.as_str()), &case.refused.as_deref()),
        };
    }
    let occurrence = Occurrence::with_outputs(case.outputs.clone().expect("outputs"));
    fired(trigger.fire(&program, &occurrence, &Surroundings::default()), case.fires.as_ref().expect("fires"))
}

fn same<T: PartialEq + std::fmt::Debug>(got: &T, expected: &T) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("got {got:?}, expected {expected:?}")) }
}

fn slots(case: &Case, recurrence: &Value) -> Result<(), String> {
    let recurrence = read_recurrence(recurrence, "$").map_err(|faults| format!("{faults:?}"))?;
    let armed = case.armed.expect("armed");
    let anchor = recurrence.anchor(armed);
    let mut found = Vec::new();
    let mut next = recurrence.first(armed);
    for _ in 0..case.slots.len() {
        let Some(slot) = next else { break };
        found.push(slot);
        next = recurrence.next(anchor, slot);
    }
    same(&found, &case.slots)?;
    same(&(case.ends && next.is_some()), &false)
}

fn fired(firing: Firing, expected: &Fires) -> Result<(), String> {
    match firing {
        Firing::Runs(runs) => {
            let expected = expected.runs.as_ref().ok_or("runs were not expected")?;
            let expected: Vec<_> =
                expected.iter().map(|run| (run.outputs.clone(), run.tracking.clone())).collect();
            same(&runs, &expected)
        }
        Firing::ConditionNotMet => same(&expected.condition_not_met, &true),
        Firing::NoItems => same(&expected.no_items, &true),
        Firing::Failed(failure) => same(
            &(Some(failure.code.as_str()), Some(failure.message.as_str())),
            &(expected.code.as_deref(), expected.message.as_deref()),
        ),
    }
}

fn polled(poll: &Poll, expected: &Answer) -> Result<(), String> {
    let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let answer = read_poll(poll.status, &poll.headers, poll.conditions, now);
    same(&answer.fires, &expected.fires)?;
    same(&answer.location, &expected.location)?;
    same(&answer.not_before.map(|at| at.duration_since(now).as_secs()), &expected.waits)
}

fn any_recurrence() -> impl Strategy<Value = Value> {
    let zones = prop_oneof![
        Just("UTC"),
        Just("W. Europe Standard Time"),
        Just("America/New_York"),
        Just("Lord_Howe Standard Time"),
        Just("Australia/Lord_Howe"),
    ];
    let frequency = prop_oneof![
        (Just("Second"), 1..100_000_i64),
        (Just("Minute"), 1..10_000_i64),
        (Just("Hour"), 1..1_000_i64),
        (Just("Day"), 1..20_i64),
        (Just("Week"), 1..6_i64),
        (Just("Month"), 1..6_i64),
    ];
    let schedule = proptest::option::of((
        proptest::collection::vec(0..60_i64, 0..4),
        proptest::collection::vec(0..24_i64, 0..4),
        proptest::collection::vec(1..29_i64, 0..3),
    ));
    (frequency, zones, proptest::option::of(0..400_i64), schedule).prop_map(
        |((frequency, interval), zone, start, schedule)| {
            let mut recurrence = Object::new();
            recurrence.insert("frequency", frequency);
            recurrence.insert("interval", interval);
            if zone != "Lord_Howe Standard Time" {
                recurrence.insert("timeZone", zone);
            }
            if let Some(days) = start {
                let at = begin() + SignedDuration::from_hours(24 * (days - 200));
                recurrence.insert("startTime", at.to_string());
            }
            if let Some((minutes, hours, days)) = schedule {
                recurrence.insert(
                    "schedule",
                    value!({ "minutes": minutes.clone(), "hours": hours.clone(), "monthDays": days.clone() }),
                );
            }
            Value::from(recurrence)
        },
    )
}

fn begin() -> Timestamp {
    "2026-03-20T10:07:11Z".parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slots_increase_and_a_restart_skips_none(given in any_recurrence(), restart in 0_usize..20, part in 0..1_000_i64) {
        let recurrence = read_recurrence(&given, "$").unwrap();
        let anchor = recurrence.anchor(begin());
        let mut slots = Vec::new();
        let mut next = recurrence.first(begin());
        while let Some(slot) = next.filter(|_| slots.len() < 24) {
            prop_assert!(slot >= begin() || recurrence.start.is_some());
            prop_assert!(slots.last().is_none_or(|last| *last < slot), "{slots:?} {slot}");
            slots.push(slot);
            next = recurrence.next(anchor, slot);
        }
        // Whoever asks between two slots is told the second.
        if let (Some(one), Some(two)) = (slots.get(restart), slots.get(restart + 1)) {
            let between = two.duration_since(*one).as_secs() * part / 1_000;
            let moment = *one + SignedDuration::from_secs(between);
            prop_assert_eq!(recurrence.next(anchor, moment), Some(*two));
        }
    }
}
