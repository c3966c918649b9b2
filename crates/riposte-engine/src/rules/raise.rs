//! The event of an alert that was raised.

use super::evaluations::Unmatched;
use super::event::{Event, Happening};
use super::matter::Matter;
use crate::document::encode;
use crate::error::Result;
use crate::incidents::change::{Cause, engine_actor};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Alert, Change};
use riposte_store::EventSubject;

impl Transaction<'_> {
    /// Has the rules on alerts seen to for an alert that was raised just now, whether it has an incident or not.
    ///
    /// Several thousand alerts a second may come, and a rule is meant for a few of them: an alert that no rule matches has
    /// no event. That is as if its event had been looked at at once; no rule could have changed it before.
    pub(crate) fn raise_alert(
        &mut self,
        ws: &Workspace,
        alert: &Alert,
        incident: Option<&str>,
    ) -> Result<()> {
        if !self.shared.has_rules_for(ws.key, Happening::AlertCreated, self.now) {
            return Ok(());
        }
        let mut event =
            Event::new(Happening::AlertCreated, Change::default(), Cause::of(&engine_actor()), self.now);
        event.incident = incident.map(str::to_owned);
        let subject = EventSubject::alert(ws.key, &alert.system_alert_id);
        let (set, watchlists) = (self.shared.rules_of(ws.key), self.shared.watchlists_of(ws.key));
        let rules = set.of(Happening::AlertCreated);
        let mut unmatched = Unmatched::default();
        let matter = Matter::alert(ws, alert.clone(), None);
        if self.next_match(rules, &event, (&matter, &watchlists), &mut unmatched).is_none() {
            let undecided = std::mem::take(&mut unmatched.undecided);
            self.record_undecided(ws, &event, &matter, undecided)?;
            return self.keep_unmatched(ws, &subject, &event, rules, unmatched);
        }
        self.tx.add_event(&subject, &encode(&event)?)?;
        self.after.events.push(subject);
        Ok(())
    }
}
