//! Alerts become incidents.
//!
//! What comes in is read and judged beside the writer ([`incoming`]): which rule governs each alert ([`govern`]), and
//! what it is grouped by. Then it goes through transactions in chunks ([`batch`]), each of which writes an incident
//! once, however many of its alerts it takes. Alerts that may fall into one incident go into one chunk ([`chunks`]), so
//! that an incident that is made of many alerts at once is made with all of them.

mod batch;
mod chunks;
mod govern;
mod groups;
mod incoming;

use crate::Engine;
use crate::access::Caller;
use crate::analytics::AnalyticsRules;
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use batch::Batch;
use futures_util::future::try_join;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use incoming::{Incoming, Judged};
use riposte_incident::{Alert, Incident};
use riposte_value::Value;
use std::sync::Arc;

/// Alerts that are read and judged at a time. What falls into one incident is put together within as many.
const SEGMENT: usize = 4096;
/// Chunks of a request that are on their way to the disk at once: while one is written, the next one waits.
const UNDER_WAY: usize = 2;
/// So many alerts are read in place; more of them beside the threads that serve requests.
const READ_IN_PLACE: usize = 8;

/// What became of the alerts of a request.
#[derive(Debug, Clone)]
pub struct Ingested {
    /// One answer for each alert, in order: `{systemAlertId, status, incident, error?}`.
    pub items: Vec<Value>,
    /// How many were refused.
    pub rejected: usize,
    /// How many were taken.
    pub accepted: usize,
}

/// Alerts that are read, and the rules by which they were judged.
struct Segment {
    alerts: Vec<Judged>,
    rules: Arc<AnalyticsRules>,
}

impl Engine {
    /// Takes alerts in: one, a list, or `{"value": […]}`. What is accepted is on disk when this answers; the rest of
    /// the list does not suffer from one that is refused.
    pub async fn ingest_alerts(&self, ws: &Workspace, body: &Value, _caller: &Caller) -> Result<Ingested> {
        let (alerts, place) = alerts_of(body)?;
        let mut ingested = Ingested { items: Vec::with_capacity(alerts.len()), rejected: 0, accepted: 0 };
        let mut segments = alerts.chunks(SEGMENT);
        let mut judged = self.judge(ws, segments.next().unwrap_or_default()).await?;
        while !judged.alerts.is_empty() {
            ingested.rejected += judged.alerts.iter().filter(|judged| judged.is_err()).count();
            // The next ones are read while these are written.
            let next = self.judge(ws, segments.next().unwrap_or_default());
            let before = ingested.items.len();
            let written = self.write_judged(ws, judged, |at| place.of(before.saturating_add(at)));
            let (written, next) = try_join(written, next).await?;
            ingested.items.extend(written);
            judged = next;
        }
        ingested.accepted = ingested.items.len().saturating_sub(ingested.rejected);
        Ok(ingested)
    }

    /// Reads alerts, and finds out what governs them.
    async fn judge(&self, ws: &Workspace, alerts: &[Value]) -> Result<Segment> {
        let rules = self.shared.analytics_of(ws.key);
        let is_few = alerts.len() <= READ_IN_PLACE;
        let (ws, alerts, now) = (ws.clone(), alerts.to_vec(), self.shared.clock.now());
        let judge = move || {
            let alerts = alerts.iter().map(|alert| Incoming::read(alert, &ws, &rules, now)).collect();
            Segment { alerts, rules }
        };
        if is_few {
            return Ok(judge());
        }
        let judged = tokio::task::spawn_blocking(judge).await;
        judged.map_err(|error| Error::internal(format!("alerts could not be read: {error}")))
    }

    /// Writes what is to be written, chunk by chunk; the answers in the order of the alerts. `path` says where in the
    /// body one of them stands.
    async fn write_judged(
        &self,
        ws: &Workspace,
        segment: Segment,
        path: impl Fn(usize) -> String,
    ) -> Result<Vec<Value>> {
        let Segment { alerts, rules } = segment;
        let mut answers: Vec<(usize, Value)> = Vec::with_capacity(alerts.len());
        let mut incoming = Vec::with_capacity(alerts.len());
        for (place, judged) in alerts.into_iter().enumerate() {
            match judged {
                Ok(alert) => incoming.push((place, alert)),
                Err(rejection) => answers.push((place, rejection.answer(&path(place)))),
            }
        }
        let chunks = chunks::chunked(incoming);
        let written: Vec<Vec<(usize, Value)>> = stream::iter(chunks)
            .map(|chunk| self.write_chunk(ws.clone(), chunk, Arc::clone(&rules)))
            .buffered(UNDER_WAY)
            .try_collect()
            .await?;
        answers.extend(written.into_iter().flatten());
        answers.sort_by_key(|(place, _)| *place);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    async fn write_chunk(
        &self,
        ws: Workspace,
        chunk: Vec<(usize, Incoming)>,
        rules: Arc<AnalyticsRules>,
    ) -> Result<Vec<(usize, Value)>> {
        self.shared
            .transact(move |t| {
                let (places, alerts): (Vec<_>, Vec<_>) = chunk.into_iter().unzip();
                let answers = t.take_in_judged(&ws, alerts, &rules)?;
                Ok(places.into_iter().zip(answers).collect())
            })
            .await
    }
}

impl Transaction<'_> {
    /// Takes alerts in that this transaction itself has made, by the rules as they stand; one answer for each.
    pub(crate) fn take_in_alerts(&mut self, ws: &Workspace, alerts: Vec<Alert>) -> Result<Vec<Value>> {
        let rules = self.shared.analytics_of(ws.key);
        let incoming = alerts.into_iter().map(|alert| Incoming::judge(alert, ws, &rules, self.now));
        let incoming: Vec<Incoming> = incoming.collect::<Result<_>>()?;
        self.take_in(ws, &incoming)
    }

    /// Takes alerts in that were judged by these rules. Should others hold by now, they are judged again.
    fn take_in_judged(
        &mut self,
        ws: &Workspace,
        alerts: Vec<Incoming>,
        rules: &Arc<AnalyticsRules>,
    ) -> Result<Vec<Value>> {
        if Arc::ptr_eq(rules, &self.shared.analytics_of(ws.key)) {
            return self.take_in(ws, &alerts);
        }
        let rules = self.shared.analytics_of(ws.key);
        let alerts = alerts.into_iter().map(|alert| alert.judged_again(ws, &rules));
        self.take_in(ws, &alerts.collect::<Result<Vec<_>>>()?)
    }

    fn take_in(&mut self, ws: &Workspace, alerts: &[Incoming]) -> Result<Vec<Value>> {
        let mut batch = Batch::new(self, ws, alerts)?;
        let taken: Vec<_> = alerts.iter().map(|alert| batch.take(self, alert)).collect::<Result<_>>()?;
        batch.write(self)?;
        Ok(taken.iter().map(|taken| batch.answer(taken)).collect())
    }

    /// How many alerts an incident takes: what the rules behind it allow, or as many as Azure does.
    pub(super) fn alerts_max_of(&self, ws: &Workspace, incident: &Incident) -> usize {
        govern::alerts_max(&self.shared.analytics_of(ws.key), &incident.related_analytic_rule_ids, ws)
    }
}

/// Where the alerts of a body stand in it.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The body is the alert.
    Body,
    /// The body is their list.
    List,
    /// They are the list `value` of the body.
    Value,
}

impl Place {
    /// The JSON path of the alert at an index.
    fn of(self, index: usize) -> String {
        match self {
            Self::Body => "$".to_owned(),
            Self::List => format!("$[{index}]"),
            Self::Value => format!("$.value[{index}]"),
        }
    }
}

/// One alert, a list of them, or `{"value": […]}`.
fn alerts_of(body: &Value) -> Result<(&[Value], Place)> {
    if let Some(list) = body.as_array() {
        return Ok((list, Place::List));
    }
    match (body.get("value").and_then(Value::as_array), body) {
        (Some(list), _) => Ok((list, Place::Value)),
        (None, Value::Object(_)) => Ok((std::slice::from_ref(body), Place::Body)),
        _ => Err(Error::bad_request("an alert is an object; several are a list, or `{\"value\": […]}`")),
    }
}
