//! Batch triggers: messages that other workflows send, kept until they are released together.

use super::fire::{Fired, Happening};
use super::state::Waiting;
use crate::clock::new_guid;
use crate::document::decode;
use crate::error::Result;
use crate::playbooks::Playbook;
use crate::transaction::Transaction;
use jiff::SignedDuration;
use riposte_store::ResourceKey;
use riposte_value::{Object, Text, Value, json};
use riposte_workflow::Trigger;
use riposte_workflow::trigger::{BatchItem, Occurrence, Starter, TriggerFailure, released};

/// A message for a batch.
#[derive(Debug, Clone)]
pub(crate) struct BatchMessage {
    pub(crate) batch: String,
    /// The part of the batch; `DEFAULT` without one.
    pub(crate) partition: Option<String>,
    /// The message's id; a new one without it.
    pub(crate) id: Option<String>,
    pub(crate) content: Value,
}

const DEFAULT_PARTITION: &str = "DEFAULT";

fn refusal(code: &'static str, message: String) -> TriggerFailure {
    TriggerFailure { code: code.into(), message }
}

impl Transaction<'_> {
    /// Takes a message into a batch of a playbook, and releases the batch if that is enough: the receiving side of
    /// `SendToBatch`. Answers the message's id, or why the message is refused.
    pub(crate) fn send_to_batch(
        &mut self,
        workflow: &str,
        trigger: &str,
        message: BatchMessage,
    ) -> Result<std::result::Result<String, TriggerFailure>> {
        let key = ResourceKey::new(workflow);
        let Ok(playbook) = self.shared.startable(&*self.tx, &key)? else {
            let why = format!("The workflow '{workflow}' could not be found or is disabled.");
            return Ok(Err(refusal("WorkflowNotFound", why)));
        };
        let found = if trigger.is_empty() {
            playbook.program.triggers().first()
        } else {
            playbook.program.trigger(trigger)
        };
        let Some(found) = found.filter(|found| found.plan.starter == Some(Starter::Batch)) else {
            let why = format!("The workflow '{}' has no Batch trigger '{trigger}'.", playbook.name());
            return Ok(Err(refusal("WorkflowTriggerNotFound", why)));
        };
        let batch = found.plan.batches.iter().find(|batch| batch.name.eq_ignore_ascii_case(&message.batch));
        let Some(batch) = batch else {
            let why = format!("The batch '{}' is not one of trigger '{}'.", message.batch, found.name);
            return Ok(Err(refusal("BatchConfigurationNotFound", why)));
        };
        let partition = message.partition.unwrap_or_else(|| DEFAULT_PARTITION.to_owned());
        let id = message.id.unwrap_or_else(new_guid);
        let content = json::to_string(&message.content);
        let bytes = i64::try_from(content.len()).unwrap_or(i64::MAX);
        let item = Value::object([("id", Value::from(&id)), ("content", message.content)]);
        self.tx.add_batch_item(&key, &batch.name, &partition, bytes, &json::to_string(&item))?;
        let (messages, bytes) = self.tx.batch_total(&key, &batch.name, &partition)?;
        if batch.is_full(messages, bytes) {
            self.release(&playbook, found, &batch.name, &partition)?;
        }
        Ok(Ok(id))
    }

    /// Starts a run with the messages of a part of a batch.
    fn release(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        batch: &str,
        partition: &str,
    ) -> Result<()> {
        let texts = self.tx.take_batch(&playbook.resource, batch, partition)?;
        let mut items = Vec::with_capacity(texts.len());
        for text in &texts {
            let item: Object = decode("message of a batch", text)?;
            items.push(BatchItem {
                id: Text::new(item.get("id").and_then(Value::as_str).unwrap_or_default()),
                content: item.get("content").cloned().unwrap_or_default(),
            });
        }
        let outputs = Value::object([("body", released(batch, partition, items))]);
        let happening = Happening::of(trigger, Occurrence::with_outputs(outputs));
        if self.fire(playbook, trigger, &happening)? == Fired::Full {
            // They wait for the next message or slot.
            for text in texts {
                let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
                self.tx.add_batch_item(&playbook.resource, batch, partition, bytes, &text)?;
            }
        }
        Ok(())
    }

    /// Releases the batches whose time has come; those without a message wait for the next.
    pub(super) fn release_due(
        &mut self,
        mut waiting: Waiting,
        playbook: &Playbook,
        trigger: &Trigger,
    ) -> Result<()> {
        let slot = waiting.state.slot.unwrap_or(self.now);
        let before = slot.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(slot);
        let mut next = None;
        for batch in &trigger.plan.batches {
            let Some(recurrence) = &batch.recurrence else { continue };
            let anchor = recurrence.anchor(waiting.state.armed);
            if recurrence.next(anchor, before).is_some_and(|due| due <= self.now) {
                for partition in self.tx.batch_parts(&playbook.resource, &batch.name)? {
                    self.release(playbook, trigger, &batch.name, &partition)?;
                }
            }
            next = [next, recurrence.next(anchor, self.now)].into_iter().flatten().min();
        }
        self.wait_for(&mut waiting, playbook, trigger, next);
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }
}
