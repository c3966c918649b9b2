//! Arming: with each change of a playbook, in the same transaction, its triggers begin to wait or leave off.

use super::state::{GIVEN_UP, Phase, TriggerState, Waiting};
use crate::clock::new_guid;
use crate::error::Result;
use crate::playbooks::Playbook;
use crate::transaction::Transaction;
use jiff::Timestamp;
use riposte_store::ResourceKey;
use riposte_workflow::Trigger;
use riposte_workflow::trigger::{Recurrence, Starter, TriggerFailure};

impl Transaction<'_> {
    /// Lets the triggers of a playbook wait as its definition now says; `playbook` is none where it is disabled or
    /// gone. A trigger whose definition is as before goes on as it is.
    pub(crate) fn arm_triggers(&mut self, key: &ResourceKey, playbook: Option<&Playbook>) -> Result<()> {
        let wanted = playbook.map_or(&[] as &[Trigger], |playbook| playbook.program.triggers());
        let mut kept = Vec::new();
        for row in self.tx.trigger_states(key)? {
            let waiting = Waiting::read(row)?;
            if waiting.row.starts_with(GIVEN_UP) {
                continue;
            }
            // One that has been left off without being disarmed begins anew.
            let rests = waiting.due.is_none()
                && matches!(waiting.state.phase, Phase::Recurring | Phase::Polling | Phase::Broken);
            let same = !rests
                && wanted.iter().any(|trigger| {
                    trigger.name.eq_ignore_ascii_case(&waiting.state.name)
                        && trigger.definition == waiting.state.definition
                });
            if same {
                kept.push(waiting.row);
            } else {
                self.disarm(waiting)?;
            }
        }
        if let Some(playbook) = playbook {
            self.workflow_keys(key)?;
            for trigger in wanted.iter().filter(|trigger| !kept.contains(&trigger.name.to_lowercase())) {
                self.arm(playbook, trigger)?;
            }
            for trigger in wanted {
                self.begin_waiting(playbook, trigger)?;
            }
        }
        self.after.triggers = true;
        Ok(())
    }

    fn arm(&mut self, playbook: &Playbook, trigger: &Trigger) -> Result<()> {
        let Some(starter) = trigger.plan.starter else { return Ok(()) };
        let phase = match starter {
            Starter::Request | Starter::Sentinel => return Ok(()),
            Starter::Recurrence | Starter::SlidingWindow | Starter::Batch => Phase::Recurring,
            Starter::HttpPoll | Starter::ConnectorPoll => Phase::Polling,
            Starter::HttpWebhook | Starter::ConnectorWebhook => Phase::Subscribing,
        };
        let mut waiting = Waiting {
            resource: playbook.resource.clone(),
            row: trigger.name.to_lowercase(),
            due: None,
            state: TriggerState {
                name: trigger.name.clone(),
                definition: trigger.definition.clone(),
                armed: self.now,
                phase,
                slot: None,
                location: None,
                attempts: 0,
            },
            secret: None,
        };
        if phase == Phase::Subscribing {
            waiting.set_due(Some(self.now));
        } else {
            match self.first_slot(playbook, trigger, starter) {
                Ok(slot) => self.wait_for(&mut waiting, playbook, trigger, slot),
                Err(failure) => {
                    waiting.state.phase = Phase::Broken;
                    self.note_failure(playbook, trigger, &failure)?;
                }
            }
        }
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }

    /// Sets the slot that a trigger waits for, and the time at which it is due.
    pub(super) fn wait_for(
        &self,
        waiting: &mut Waiting,
        playbook: &Playbook,
        trigger: &Trigger,
        slot: Option<Timestamp>,
    ) {
        let delay = trigger.delay(&playbook.program, &self.surroundings(playbook, None));
        waiting.state.slot = slot;
        waiting.set_due(slot.and_then(|slot| slot.checked_add(delay).ok()));
    }

    fn first_slot(
        &self,
        playbook: &Playbook,
        trigger: &Trigger,
        starter: Starter,
    ) -> std::result::Result<Option<Timestamp>, TriggerFailure> {
        if starter == Starter::Batch {
            let all = trigger.plan.batches.iter().filter_map(|batch| batch.recurrence.as_ref());
            // What a batch holds at first is nothing: the first slot comes after one interval.
            return Ok(all
                .filter_map(|recurrence| recurrence.next(recurrence.anchor(self.now), self.now))
                .min());
        }
        let recurrence = trigger.recurrence(&playbook.program, &self.surroundings(playbook, None))?;
        Ok(recurrence.and_then(|recurrence| match starter {
            // No window is left out, those since the start time neither.
            Starter::SlidingWindow => recurrence.start.or_else(|| recurrence.first(self.now)),
            _ => recurrence.first(self.now),
        }))
    }

    /// The slot after this one. What was missed is made up for by one occurrence, windows by one each.
    pub(super) fn next_slot(
        &self,
        waiting: &Waiting,
        recurrence: &Recurrence,
        starter: Option<Starter>,
    ) -> Option<Timestamp> {
        let slot = waiting.state.slot.unwrap_or(self.now);
        let after = if starter == Some(Starter::SlidingWindow) { slot } else { slot.max(self.now) };
        recurrence.next(recurrence.anchor(waiting.state.armed), after)
    }

    /// Leaves off waiting; a subscription is given up.
    pub(super) fn disarm(&mut self, mut waiting: Waiting) -> Result<()> {
        self.tx.delete_trigger_state(&waiting.resource, &waiting.row)?;
        let Some(sealed) = waiting.secret.take() else { return Ok(()) };
        let said = self.shared.secret.open(&waiting.place(), &sealed)?;
        self.give_up(waiting, &said)
    }

    /// Sees to it that a subscription is ended, by a call that stands in `said`.
    pub(super) fn give_up(&mut self, mut waiting: Waiting, said: &[u8]) -> Result<()> {
        waiting.row = format!("{GIVEN_UP}{}/{}", waiting.row, new_guid());
        waiting.secret = Some(self.shared.secret.seal(&waiting.place(), said)?);
        waiting.state.phase = Phase::Unsubscribing;
        waiting.state.attempts = 0;
        waiting.set_due(Some(self.now));
        self.after.triggers = true;
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }
}
