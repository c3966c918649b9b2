//! Workflow definitions: compiled, and if they compile, run against services that answer at once. A definition that
//! cannot be run must say why; the same event must make the same step twice.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use riposte_value::{Object, Text, Value, json};
use riposte_workflow::{
    Command, CommandKind, Event, EventKind, Outcome, Program, RunStart, State, TriggerOccurrence, compile,
    step,
};

/// How many events a run is given before it is left alone: loops may go on for long.
const EVENTS_MAX: usize = 48;

fuzz_target!(|bytes: &[u8]| {
    let Ok(definition) = json::parse_bytes_lenient(bytes) else { return };
    let (program, diagnostics) = compile(&definition);
    match program {
        Some(program) => run(&program),
        None => {
            assert!(diagnostics.iter().any(|diagnostic| diagnostic.is_error()), "no program, and no error")
        }
    }
});

fn run(program: &Program) {
    let mut state = State::default();
    let mut waiting = vec![EventKind::Started(Box::new(start(program)))];
    for seed in 0..EVENTS_MAX as u64 {
        let Some(kind) = waiting.pop() else { break };
        let event = Event { at: Timestamp::UNIX_EPOCH, seed, kind };
        let twin = step(program, state.clone(), event.clone());
        let stepped = step(program, state, event);
        assert_eq!(twin.commands, stepped.commands);
        assert_eq!(twin.records, stepped.records);
        assert_eq!(twin.finished, stepped.finished);
        if stepped.finished.is_some() {
            assert!(stepped.state.is_finished());
            return;
        }
        waiting.extend(stepped.commands.iter().map(answer));
        state = stepped.state;
    }
}

fn start(program: &Program) -> RunStart {
    RunStart {
        run_id: Text::new("run"),
        workflow: Value::object([("name", Value::text("fuzzed"))]),
        parameters: Object::new(),
        trigger: TriggerOccurrence {
            name: program.triggers().first().map_or(Text::new("manual"), |trigger| trigger.name.clone()),
            inputs: Value::Null,
            outputs: Value::object([("body", Value::array([Value::Int(1), Value::text("two")]))]),
            start: Timestamp::UNIX_EPOCH,
            end: Timestamp::UNIX_EPOCH,
            tracking_id: Text::new("t"),
            client_tracking_id: Text::new("c"),
            history_name: Text::new("h"),
        },
        callback_base: Text::new("https://riposte.example/callbacks/"),
        caller_waits_until: None,
    }
}

/// What comes of a command: timers fire, calls succeed, but every third one fails.
fn answer(command: &Command) -> EventKind {
    match command.kind {
        CommandKind::Timer { .. } => EventKind::TimerFired { command: command.id.clone() },
        _ => {
            let failed = (command.action.len() + command.attempt as usize) % 3 == 0;
            let outcome = Outcome::Response {
                status_code: if failed { 503 } else { 200 },
                headers: Object::new(),
                body: Some(Value::object([("value", Value::array([Value::Int(1)]))])),
            };
            EventKind::Finished { command: command.id.clone(), outcome }
        }
    }
}
