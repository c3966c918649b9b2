//! Playing against the real world: calls go out, delays pass. The Sentinel connector works on the run's own incident.

use super::{Answer, Answers, EVENTS_MAX, Journal};
use crate::playbook::call::Call;
use crate::playbook::mock::Auto;
use crate::playbook::vendors::Vendors;
use jiff::Timestamp;
use riposte_workflow::{Command, CommandKind, Event, EventKind, Outcome, Program, RunStart, State};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// What has happened: the event, and the call that it answers.
type Happening = (EventKind, Option<(Command, Answer)>);

/// Plays a run from its start to its end.
pub async fn play(
    program: &Program,
    start: RunStart,
    seed: u64,
    vendors: Vendors,
    sentinel: &mut Auto,
) -> Journal {
    let vendors = Arc::new(vendors);
    let mut under_way: JoinSet<Happening> = JoinSet::new();
    let mut journal = Journal::default();
    let mut state = State::default();
    let mut kind = EventKind::Started(Box::new(start));
    for turn in 0..EVENTS_MAX as u64 {
        let event = Event { at: Timestamp::now(), seed: seed.wrapping_add(turn), kind };
        let (next, commands) = journal.keep(riposte_workflow::step(program, state, event));
        state = next;
        if journal.has_ended() {
            return journal;
        }
        for command in commands {
            carry_out(command, &vendors, sentinel, &mut under_way);
        }
        let Some(Ok((happened, call))) = under_way.join_next().await else {
            journal.give_up("RunStuck", "the run waits for something that never comes");
            return journal;
        };
        if let Some((command, answer)) = call {
            journal.called(&command, &Call::of(&command), &answer);
        }
        kind = happened;
    }
    journal.give_up("RunTooLong", &format!("the run took more than {EVENTS_MAX} events"));
    journal
}

fn carry_out(
    command: Command,
    vendors: &Arc<Vendors>,
    sentinel: &mut Auto,
    under_way: &mut JoinSet<Happening>,
) {
    let id = command.id.clone();
    if let CommandKind::Timer { due } = &command.kind {
        let wait = until(*due);
        under_way.spawn(async move {
            tokio::time::sleep(wait).await;
            (EventKind::TimerFired { command: id }, None)
        });
        return;
    }
    if sentinel.is_sentinel(&Call::of(&command)) {
        let answer = sentinel.answer(&command, Timestamp::now());
        under_way.spawn(async move {
            (EventKind::Finished { command: id, outcome: answer.outcome.clone() }, Some((command, answer)))
        });
        return;
    }
    let vendors = Arc::clone(vendors);
    under_way.spawn(async move {
        let outcome = match command.deadline {
            Some(deadline) => {
                tokio::time::timeout(until(deadline), vendors.call(&command)).await.unwrap_or_else(|_| {
                    let message = "the action's time is over".to_owned();
                    Outcome::NoResponse { code: "ActionTimedOut".into(), message }
                })
            }
            None => vendors.call(&command).await,
        };
        let answer = Answer {
            after: Duration::ZERO,
            outcome: outcome.clone(),
            callback: None,
            source: "the vendor".to_owned(),
        };
        (EventKind::Finished { command: id, outcome }, Some((command, answer)))
    });
}

fn until(time: Timestamp) -> Duration {
    Duration::try_from(time.duration_since(Timestamp::now())).unwrap_or_default()
}
