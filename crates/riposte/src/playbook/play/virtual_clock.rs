//! Playing with a virtual clock: events lie in a queue ordered by time, and time jumps to the next of them.

use super::{Answers, EVENTS_MAX, Journal};
use crate::playbook::call::Call;
use crate::playbook::mock::DELAY_DEFAULT;
use jiff::Timestamp;
use riposte_workflow::{Command, CommandKind, Event, EventKind, Outcome, Program, RunStart, State};
use std::collections::BTreeMap;
use std::time::Duration;

/// Plays a run from its start to its end. `seed` decides everything random.
pub fn play(
    program: &Program,
    start: RunStart,
    at: Timestamp,
    seed: u64,
    answers: &mut dyn Answers,
) -> Journal {
    let mut queue = Queue::default();
    queue.put(at, EventKind::Started(Box::new(start)));
    let mut journal = Journal::default();
    let mut state = State::default();
    for turn in 0..EVENTS_MAX as u64 {
        let Some((at, kind)) = queue.next() else {
            journal.give_up("RunStuck", "the run waits for something that never comes");
            return journal;
        };
        let event = Event { at, seed: seed.wrapping_add(turn), kind };
        let (next, commands) = journal.keep(riposte_workflow::step(program, state, event));
        state = next;
        if journal.has_ended() {
            return journal;
        }
        for command in commands {
            queue.carry_out(&command, at, answers, &mut journal);
        }
    }
    journal.give_up("RunTooLong", &format!("the run took more than {EVENTS_MAX} events"));
    journal
}

/// Events in order of their time; those of one moment in the order in which they were put in.
#[derive(Default)]
struct Queue {
    events: BTreeMap<(Timestamp, u64), EventKind>,
    put: u64,
}

impl Queue {
    fn put(&mut self, at: Timestamp, kind: EventKind) {
        self.put += 1;
        self.events.insert((at, self.put), kind);
    }

    fn next(&mut self) -> Option<(Timestamp, EventKind)> {
        self.events.pop_first().map(|((at, _), kind)| (at, kind))
    }

    fn carry_out(
        &mut self,
        command: &Command,
        at: Timestamp,
        answers: &mut dyn Answers,
        journal: &mut Journal,
    ) {
        if let CommandKind::Timer { due } = &command.kind {
            self.put((*due).max(at), EventKind::TimerFired { command: command.id.clone() });
            return;
        }
        let answer = crate::playbook::script::answer(command).unwrap_or_else(|| answers.answer(command, at));
        journal.called(command, &Call::of(command), &answer);
        // An action that waits for a callback is subscribed soon; it is the callback that takes its time.
        let after = if answer.callback.is_some() { answer.after.min(DELAY_DEFAULT) } else { answer.after };
        let ready = later(at, after);
        let finished = |outcome| EventKind::Finished { command: command.id.clone(), outcome };
        match command.deadline {
            Some(deadline) if deadline < ready => {
                let code = "ActionTimedOut".into();
                let message = "the mock's delay is longer than the action's timeout".to_owned();
                self.put(deadline.max(at), finished(Outcome::NoResponse { code, message }));
            }
            _ => self.put(ready, finished(answer.outcome)),
        }
        if let Some(request) = answer.callback {
            self.put(
                later(at, answer.after),
                EventKind::Callback { command: command.callback_id(), request },
            );
        }
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(by).ok().and_then(|by| at.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}
