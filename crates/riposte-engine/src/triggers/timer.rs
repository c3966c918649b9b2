//! The one task that sees to triggers when they are due. The queue is the store's index of dues.

use super::fire::{Fired, Happening};
use super::state::{Phase, Waiting};
use crate::clock::{from_nanoseconds, nanoseconds, time_text};
use crate::error::Result;
use crate::playbooks::Playbook;
use crate::shared::Shared;
use crate::transaction::Transaction;
use futures_util::future::join_all;
use riposte_value::Value;
use riposte_workflow::Trigger;
use riposte_workflow::trigger::{Occurrence, Recurrence, Starter, TriggerFailure};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};
use tracing::{error, warn};

/// How many triggers are seen to together.
const TOGETHER: usize = 100;
/// How long to sleep at the most: another node may have armed a trigger.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// How long to wait after the store has failed.
const RETRY: Duration = Duration::from_secs(1);
/// How many calls of triggers may be under way.
const CALLS_MAX: usize = 64;

/// Wakes the task, and bounds its calls.
pub(crate) struct Timer {
    pub(crate) wake: Notify,
    pub(super) calls: Arc<Semaphore>,
}

impl Default for Timer {
    fn default() -> Self {
        Self { wake: Notify::new(), calls: Arc::new(Semaphore::new(CALLS_MAX)) }
    }
}

impl Shared {
    /// Starts the task.
    pub(crate) fn start_timer(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        let mut stopping = self.stopping.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                () = keep_time(&shared) => {}
            }
        });
    }
}

async fn keep_time(shared: &Arc<Shared>) {
    let mut swept: Option<Instant> = None;
    loop {
        if swept.is_none_or(|at| at.elapsed() >= SLEEP_MAX) {
            match shared.sweep_waiting().await {
                Ok(()) => swept = Some(Instant::now()),
                Err(failure) => {
                    warn!(error = %failure, "runs that wait for others cannot be seen to; trying again");
                }
            }
        }
        let sleep = match see_to_due(shared).await {
            Ok(sleep) => sleep,
            Err(failure) => {
                warn!(error = %failure, "triggers cannot be seen to; trying again");
                RETRY
            }
        };
        tokio::select! {
            () = shared.timer.wake.notified() => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Sees to what is due; how long there is nothing to do then.
async fn see_to_due(shared: &Arc<Shared>) -> Result<Duration> {
    let now = nanoseconds(shared.clock.now());
    let due = shared.store.read(move |tx| tx.due_triggers(now, TOGETHER)).await?;
    let many = due.len() == TOGETHER;
    let mut waiting = Vec::with_capacity(due.len());
    for row in due {
        waiting.push(Waiting::read(row)?);
    }
    let seen = join_all(waiting.into_iter().map(|waiting| see_to(shared, waiting))).await;
    let failed = seen.into_iter().filter_map(Result::err).inspect(|failure| {
        error!(error = %failure, "a trigger cannot be seen to; trying again");
    });
    if failed.count() > 0 {
        return Ok(RETRY);
    }
    if many {
        return Ok(Duration::ZERO);
    }
    let next = shared.store.read(|tx| tx.next_trigger_due()).await?;
    let sleep = next.map(|next| from_nanoseconds(next).duration_since(shared.clock.now()));
    Ok(sleep.map_or(SLEEP_MAX, |sleep| Duration::try_from(sleep).unwrap_or(Duration::ZERO).min(SLEEP_MAX)))
}

async fn see_to(shared: &Arc<Shared>, waiting: Waiting) -> Result<()> {
    match waiting.state.phase {
        Phase::Recurring => shared.transact(move |t| t.slot_has_come(&waiting)).await,
        Phase::Polling | Phase::Subscribing | Phase::Unsubscribing => shared.call_for(waiting).await,
        // There is nothing to be seen to.
        Phase::Subscribed | Phase::Broken => shared.transact(move |t| t.rest(&waiting)).await,
    }
}

impl Transaction<'_> {
    /// The trigger as it waits now, if nobody else has seen to it since it was read.
    pub(super) fn still_due(&self, waiting: &Waiting) -> Result<Option<Waiting>> {
        let row = self.tx.trigger_state(&waiting.resource, &waiting.row)?;
        Ok(row.map(Waiting::read).transpose()?.filter(|now| now.due.is_some() && now.due == waiting.due))
    }

    fn rest(&mut self, waiting: &Waiting) -> Result<()> {
        let Some(mut waiting) = self.still_due(waiting)? else { return Ok(()) };
        waiting.set_due(None);
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }

    /// Sees to a slot of a recurrence: its runs and the next slot are committed together.
    fn slot_has_come(&mut self, waiting: &Waiting) -> Result<()> {
        let Some(mut waiting) = self.still_due(waiting)? else { return Ok(()) };
        let playbook = self.shared.startable(&*self.tx, &waiting.resource)?;
        let Ok(playbook) = playbook else {
            waiting.set_due(None);
            return Ok(self.tx.put_trigger_state(&waiting.to_row()?)?);
        };
        let Some(trigger) = playbook.program.trigger(&waiting.state.name) else {
            self.tx.delete_trigger_state(&waiting.resource, &waiting.row)?;
            return Ok(());
        };
        if trigger.plan.starter == Some(Starter::Batch) {
            return self.release_due(waiting, &playbook, trigger);
        }
        let around = self.surroundings(&playbook, None);
        match trigger.recurrence(&playbook.program, &around) {
            Ok(Some(recurrence)) => self.recur(waiting, &playbook, trigger, &recurrence),
            Ok(None) => Ok(()),
            Err(failure) => {
                waiting.set_due(None);
                waiting.state.phase = Phase::Broken;
                self.note_failure(&playbook, trigger, &failure)?;
                Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
            }
        }
    }

    fn recur(
        &mut self,
        mut waiting: Waiting,
        playbook: &Playbook,
        trigger: &Trigger,
        recurrence: &Recurrence,
    ) -> Result<()> {
        let slot = waiting.state.slot.unwrap_or(self.now);
        let outputs = if trigger.plan.starter == Some(Starter::SlidingWindow) {
            let begin = recurrence.before(recurrence.anchor(waiting.state.armed), slot);
            Value::object([
                ("windowStartTime", Value::from(time_text(begin))),
                ("windowEndTime", Value::from(time_text(slot))),
            ])
        } else {
            Value::Null
        };
        let mut happening = Happening::of(trigger, Occurrence::with_outputs(outputs));
        happening.scheduled = Some(slot);
        let is_window = trigger.plan.starter == Some(Starter::SlidingWindow);
        match self.fire(playbook, trigger, &happening)? {
            // A window waits until there is room for it; a recurrence passes.
            Fired::Full if is_window => {
                let later = self.now.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(self.now);
                waiting.set_due(Some(later));
                return Ok(self.tx.put_trigger_state(&waiting.to_row()?)?);
            }
            Fired::Full => {
                let failure = full(playbook);
                self.note_without_run(playbook, trigger, "Skipped", Some(&failure))?;
            }
            Fired::Runs(_) | Fired::Skipped | Fired::Failed(_) => {}
        }
        let next = self.next_slot(&waiting, recurrence, trigger.plan.starter);
        self.wait_for(&mut waiting, playbook, trigger, next);
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }
}

/// As many runs wait as may.
pub(super) fn full(playbook: &Playbook) -> TriggerFailure {
    TriggerFailure {
        code: super::fire::FULL.into(),
        message: format!(
            "The number of waiting runs for workflow '{}' has reached its limit; further runs are not started until some have ended.",
            playbook.name()
        ),
    }
}
