//! Calls of triggers: polls, subscriptions, and their end. A call is claimed in the store before it is made, by moving
//! the trigger's time behind the longest duration of a call; its outcome and the next time are committed together.

use super::fire::{Fired, Happening};
use super::state::{Phase, Waiting};
use crate::document::{decode, encode};
use crate::error::Result;
use crate::playbooks::Playbook;
use crate::runs::Reach;
use crate::shared::Shared;
use crate::transaction::Transaction;
use jiff::SignedDuration;
use riposte_connector::{Call, CallContext, CallError, ResponseContent};
use riposte_egress::CallOptions;
use riposte_value::{Text, Value};
use riposte_workflow::Trigger;
use riposte_workflow::trigger::{Occurrence, Starter, Surroundings, TriggerFailure, read_poll};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long a call may take before somebody else makes it again.
const CLAIM: SignedDuration = SignedDuration::from_mins(5);
/// How long the first wait after a failed subscription is; each further one is twice as long, an hour at the most.
const FIRST_WAIT: i64 = 15;
const LONGEST_WAIT: i64 = 3_600;
/// How often a subscription that is given up is tried: then the service is told no more.
const FAREWELLS_MAX: u32 = 8;

/// A call to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    /// The connection that it goes through; plain HTTP without one.
    connection: Option<String>,
    inputs: Value,
}

/// What came of a call.
type Answered = std::result::Result<ResponseContent, TriggerFailure>;

/// A call that was claimed.
struct Claimed {
    waiting: Waiting,
    /// None where the inputs cannot be evaluated.
    planned: std::result::Result<Planned, TriggerFailure>,
    /// What ends the subscription, where the definition says it.
    farewell: Option<Planned>,
    reach: Reach,
}

/// A call that was made.
struct Called {
    planned: Option<Planned>,
    farewell: Option<Planned>,
    answered: Answered,
}

impl Shared {
    /// Makes the call that a trigger is due for, in a task of its own.
    pub(super) async fn call_for(self: &Arc<Self>, waiting: Waiting) -> Result<()> {
        let Some(claimed) = self.transact(move |t| t.claim(&waiting)).await? else { return Ok(()) };
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            // Slow services hold up each other, not the schedules.
            let Ok(_turn) = shared.timer.calls.acquire().await else { return };
            let Claimed { waiting, planned, farewell, reach } = claimed;
            let answered = match &planned {
                Ok(planned) => shared.call_outside(planned, &reach, &waiting).await,
                Err(failure) => Err(failure.clone()),
            };
            // A failure of the store leaves the claim: the call is made again when it lapses.
            let called = Called { planned: planned.ok(), farewell, answered };
            if let Err(failure) = shared.transact(move |t| t.called(&waiting, called)).await {
                tracing::warn!(error = %failure, "what a trigger's call brought cannot be kept; it is made again");
            }
        });
        Ok(())
    }

    async fn call_outside(&self, planned: &Planned, reach: &Reach, waiting: &Waiting) -> Answered {
        // The same for a call that is made again because nothing is known of the first.
        let (armed, attempts) = (waiting.state.armed, waiting.state.attempts);
        let turn = match waiting.state.phase {
            Phase::Polling => waiting.due,
            _ => None,
        };
        let key =
            format!("{}/{}/{armed}/{attempts}/{}", waiting.resource, waiting.row, turn.unwrap_or_default());
        let context = CallContext::new(key);
        let built = match &planned.connection {
            None => riposte_connector::http_action::build(&planned.inputs, &context),
            Some(connection) => self.through_connector(connection, reach, &planned.inputs, &context),
        };
        let failed = |code: &str, message: String| TriggerFailure { code: Text::new(code), message };
        let request = match built {
            Err(error) => return Err(failed(&error.code, error.to_string())),
            Ok(Call::Ready(request)) => request,
            Ok(Call::NeedsToken { request, token }) => match self.token(&token, reach.identified).await {
                Ok(token) => request.with_bearer(&token),
                Err(outcome) => {
                    return Err(failed("AuthorizationFailed", format!("no token could be had: {outcome:?}")));
                }
            },
        };
        match self.egress.send(request, CallOptions::default()).await {
            Ok(response) => Ok(riposte_connector::read_response(&response)),
            Err(error) => Err(failed(error.code(), error.to_string())),
        }
    }

    fn through_connector(
        &self,
        connection: &str,
        reach: &Reach,
        inputs: &Value,
        context: &CallContext,
    ) -> std::result::Result<Call, CallError> {
        let state =
            self.connection_state(connection).filter(|_| reach.reaches(connection)).ok_or_else(|| {
                CallError::new("ConnectionNotFound", format!("connection `{connection}` does not exist"))
            })?;
        let definition = self.connector_definition(&state)?;
        riposte_connector::build_request(&definition, &state.connection, inputs, context)
    }
}

impl Transaction<'_> {
    /// Claims the call of a trigger that is still due, and says what to call.
    fn claim(&mut self, waiting: &Waiting) -> Result<Option<Claimed>> {
        let Some(mut waiting) = self.still_due(waiting)? else { return Ok(None) };
        waiting.set_due(self.now.checked_add(CLAIM).ok());
        if waiting.state.phase == Phase::Unsubscribing {
            return self.claim_farewell(waiting);
        }
        let Ok(playbook) = self.shared.startable(&*self.tx, &waiting.resource)? else {
            waiting.set_due(None);
            self.tx.put_trigger_state(&waiting.to_row()?)?;
            return Ok(None);
        };
        let Some(trigger) = playbook.program.trigger(&waiting.state.name) else {
            self.tx.delete_trigger_state(&waiting.resource, &waiting.row)?;
            return Ok(None);
        };
        let url = self.callback_url(&playbook, trigger)?;
        let around = self.surroundings(&playbook, Some(url));
        let planned = plan(&playbook, trigger, &around, &waiting);
        let farewell = unsubscription(&playbook, trigger, &around);
        self.tx.put_trigger_state(&waiting.to_row()?)?;
        let reach = Reach::new(&playbook.program, &playbook.parameters, Some(&playbook.document));
        Ok(Some(Claimed { waiting, planned, farewell, reach }))
    }

    fn claim_farewell(&mut self, waiting: Waiting) -> Result<Option<Claimed>> {
        self.tx.put_trigger_state(&waiting.to_row()?)?;
        let sealed = waiting.secret.as_deref().unwrap_or_default();
        let text = self.shared.secret.open(&waiting.place(), sealed)?;
        let planned: Planned = decode("subscription", &String::from_utf8_lossy(&text))?;
        // The connection was the playbook's when the subscription was made.
        let document = self.tx.playbook(&waiting.resource)?.map(|row| crate::playbooks::document_of(&row));
        let reach = Reach::through(planned.connection.as_deref(), document.transpose()?.as_ref());
        Ok(Some(Claimed { waiting, planned: Ok(planned), farewell: None, reach }))
    }

    /// Keeps what a call brought, unless the trigger has changed meanwhile.
    fn called(&mut self, claimed: &Waiting, called: Called) -> Result<()> {
        let Some(waiting) = self.still_due(claimed)? else { return self.unwanted(claimed, called) };
        let answered = called.answered;
        if waiting.state.phase == Phase::Unsubscribing {
            return self.said_farewell(waiting, &answered);
        }
        let playbook = self.shared.startable(&*self.tx, &waiting.resource)?;
        let Ok(playbook) = playbook else { return Ok(()) };
        let Some(trigger) = playbook.program.trigger(&waiting.state.name) else { return Ok(()) };
        match waiting.state.phase {
            Phase::Polling => self.polled(waiting, &playbook, trigger, answered),
            _ => self.subscribed(waiting, &playbook, trigger, answered),
        }
    }

    /// Ends a subscription that was made for a trigger that has changed or gone while it was made.
    fn unwanted(&mut self, claimed: &Waiting, called: Called) -> Result<()> {
        let (Phase::Subscribing, Ok(content)) = (claimed.state.phase, &called.answered) else {
            return Ok(());
        };
        let at_location =
            || called.planned.as_ref().and_then(|planned| cancellation(&planned.inputs, content));
        match called.farewell.or_else(at_location) {
            Some(farewell) if matches!(content.status_code, 200..400) => {
                self.give_up(claimed.clone(), encode(&farewell)?.as_bytes())
            }
            _ => Ok(()),
        }
    }

    fn polled(
        &mut self,
        mut waiting: Waiting,
        playbook: &Playbook,
        trigger: &Trigger,
        answered: Answered,
    ) -> Result<()> {
        let around = self.surroundings(playbook, None);
        let recurrence = match trigger.recurrence(&playbook.program, &around) {
            Ok(Some(recurrence)) => recurrence,
            Ok(None) => return Ok(()),
            Err(failure) => return self.note_failure(playbook, trigger, &failure),
        };
        let next = self.next_slot(&waiting, &recurrence, trigger.plan.starter);
        self.wait_for(&mut waiting, playbook, trigger, next);
        match answered {
            Err(failure) => self.note_failure(playbook, trigger, &failure)?,
            Ok(content) => {
                let conditions = trigger.definition.get_ignore_case("conditions");
                let has_conditions =
                    conditions.and_then(Value::as_array).is_some_and(|list| !list.is_empty());
                let poll = read_poll(content.status_code, &content.headers, has_conditions, self.now);
                let before = waiting.state.location.clone();
                // An error that passes does not make the service begin anew.
                if poll.location.is_some() || matches!(content.status_code, 200 | 202) {
                    waiting.state.location = poll.location;
                }
                if let (Some(slot), Some(not_before)) = (next, poll.not_before) {
                    waiting.set_due(Some(slot.max(not_before)));
                }
                let code = riposte_workflow::status_name(content.status_code);
                let succeeded = matches!(content.status_code, 200..400);
                if poll.fires {
                    let occurrence = Occurrence {
                        inputs: Value::Null,
                        outputs: content.outputs(),
                        status: if succeeded { "Succeeded" } else { "Failed" },
                        code,
                    };
                    if self.fire(playbook, trigger, &Happening::of(trigger, occurrence))? == Fired::Full {
                        // What the service has for us it has again at the next poll.
                        waiting.state.location = before;
                        let failure = super::timer::full(playbook);
                        self.note_without_run(playbook, trigger, "Skipped", Some(&failure))?;
                    }
                } else if succeeded {
                    self.note_without_run(playbook, trigger, "Skipped", None)?;
                } else {
                    let message = format!("The web service answered with status {}.", content.status_code);
                    self.note_failure(playbook, trigger, &TriggerFailure { code, message })?;
                }
            }
        }
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }

    fn subscribed(
        &mut self,
        mut waiting: Waiting,
        playbook: &Playbook,
        trigger: &Trigger,
        answered: Answered,
    ) -> Result<()> {
        let failure = match answered {
            Ok(content) if matches!(content.status_code, 200..400) => {
                let url = self.callback_url(playbook, trigger)?;
                let around = self.surroundings(playbook, Some(url));
                if let Some(farewell) = farewell(playbook, trigger, &around, &content) {
                    let text = encode(&farewell)?;
                    waiting.secret = Some(self.shared.secret.seal(&waiting.place(), text.as_bytes())?);
                }
                waiting.state.phase = Phase::Subscribed;
                waiting.state.attempts = 0;
                waiting.set_due(None);
                return Ok(self.tx.put_trigger_state(&waiting.to_row()?)?);
            }
            Ok(content) => TriggerFailure {
                code: riposte_workflow::status_name(content.status_code),
                message: format!("The subscription was answered with status {}.", content.status_code),
            },
            Err(failure) => failure,
        };
        self.note_failure(playbook, trigger, &failure)?;
        self.try_later(&mut waiting);
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }

    fn said_farewell(&mut self, mut waiting: Waiting, answered: &Answered) -> Result<()> {
        let gone = |status: u16| matches!(status, 200..400 | 404 | 410);
        let done = answered.as_ref().is_ok_and(|content| gone(content.status_code));
        if done || waiting.state.attempts >= FAREWELLS_MAX {
            if !done {
                tracing::warn!(workflow = %waiting.resource, trigger = %waiting.state.name, "a subscription cannot be given up");
            }
            self.tx.delete_trigger_state(&waiting.resource, &waiting.row)?;
            return Ok(());
        }
        self.try_later(&mut waiting);
        Ok(self.tx.put_trigger_state(&waiting.to_row()?)?)
    }

    fn try_later(&self, waiting: &mut Waiting) {
        let wait = FIRST_WAIT.saturating_mul(1 << waiting.state.attempts.min(10)).min(LONGEST_WAIT);
        waiting.state.attempts = waiting.state.attempts.saturating_add(1);
        waiting.set_due(self.now.checked_add(SignedDuration::from_secs(wait)).ok());
    }
}

/// What to call for a poll or a subscription.
fn plan(
    playbook: &Playbook,
    trigger: &Trigger,
    around: &Surroundings,
    waiting: &Waiting,
) -> std::result::Result<Planned, TriggerFailure> {
    let inputs = trigger.inputs(&playbook.program, around)?;
    let location = waiting.state.location.as_ref();
    Ok(match trigger.plan.starter {
        Some(Starter::HttpWebhook) => Planned {
            connection: None,
            inputs: inputs.get_ignore_case("subscribe").cloned().unwrap_or_default(),
        },
        Some(Starter::ConnectorWebhook) => through(&inputs, "post", None),
        Some(Starter::ConnectorPoll) => through(&inputs, "get", location),
        _ => {
            let mut inputs = inputs.as_object().cloned().unwrap_or_default();
            if let Some(location) = location {
                inputs.remove_ignore_case("queries");
                inputs.insert("uri", location);
            }
            Planned { connection: None, inputs: Value::from(inputs) }
        }
    })
}

/// A connector's operation, with this method where the inputs name none.
fn through(inputs: &Value, method: &str, location: Option<&Text>) -> Planned {
    let connection = inputs
        .get_ignore_case("host")
        .and_then(|host| host.get_ignore_case("connection")?.get_ignore_case("name")?.as_str())
        .unwrap_or_default()
        .to_owned();
    let mut inputs = inputs.as_object().cloned().unwrap_or_default();
    if inputs.get_ignore_case("method").is_none() {
        inputs.insert("method", method);
    }
    if let Some(location) = location {
        inputs.remove_ignore_case("queries");
        inputs.remove_ignore_case("path");
        inputs.insert("path", location);
    }
    Planned { connection: Some(connection), inputs: Value::from(inputs) }
}

/// What to call when a subscription is given up: what the definition says, or what the service gave as `Location`.
fn farewell(
    playbook: &Playbook,
    trigger: &Trigger,
    around: &Surroundings,
    content: &ResponseContent,
) -> Option<Planned> {
    if trigger.plan.starter == Some(Starter::HttpWebhook) {
        return unsubscription(playbook, trigger, around);
    }
    cancellation(&trigger.inputs(&playbook.program, around).ok()?, content)
}

/// What an `HttpWebhook` trigger says to end its subscription.
fn unsubscription(playbook: &Playbook, trigger: &Trigger, around: &Surroundings) -> Option<Planned> {
    if trigger.plan.starter != Some(Starter::HttpWebhook) {
        return None;
    }
    let inputs = trigger.inputs(&playbook.program, around).ok()?;
    let inputs = inputs.get_ignore_case("unsubscribe").filter(|inputs| inputs.as_object().is_some())?;
    Some(Planned { connection: None, inputs: inputs.clone() })
}

/// What ends a connector's subscription: a DELETE at the address that it gave.
fn cancellation(inputs: &Value, content: &ResponseContent) -> Option<Planned> {
    let location = Text::new(content.headers.get_ignore_case("location")?.as_str()?);
    let mut planned = through(inputs, "delete", Some(&location));
    if let Some(object) = planned.inputs.as_object_mut() {
        object.remove_ignore_case("body");
        object.remove_ignore_case("method");
        object.insert("method", "delete");
    }
    Some(planned)
}
