//! Seeing to an event: the next rule whose conditions hold for the incident or alert as it stands now.

use super::act::Match;
use super::evaluations::Unmatched;
use super::event::{Event, Loop, Progress, Waiting};
use super::matter::Matter;
use super::set::{LoadedRule, Ranked};
use super::wait::{PlaybookWait, Turn, turn};
use crate::document::{decode, encode};
use crate::error::Result;
use crate::transaction::Transaction;
use riposte_rules::{Decision, Prepared, Watchlists, evaluate_prepared, first_unmet};
use std::sync::Arc;

/// How long rules may start each other over one incident.
const CHAIN_MAX: usize = 16;

impl Transaction<'_> {
    /// Sees to an event up to the next rule that matches.
    /// `failing` says why the rule that is next could not be carried out again and again: it is recorded and passed
    /// over.
    pub(crate) fn advance_event(&mut self, seq: i64, failing: Option<&str>) -> Result<Progress> {
        let Some(row) = self.tx.event(seq)? else { return Ok(Progress::Done) };
        let mut event: Event = decode("event", &row.doc)?;
        event.about.clone_from(&row.subject.name);
        if let Some(waiting) = &event.waiting
            && let Some(wait) = self.still_waits(waiting)?
        {
            return Ok(wait);
        }
        event.waiting = None;
        let ws = self.shared.workspace_of(&*self.tx, row.subject.workspace)?;
        let Some(mut matter) = Matter::load(&*self.tx, &ws, &row.subject, &event)? else {
            return self.close_event(seq);
        };
        let (set, watchlists) = (self.shared.rules_of(ws.key), self.shared.watchlists_of(ws.key));
        let rules = set.of(event.happening);
        loop {
            let mut unmatched = Unmatched::default();
            let found = self.next_match(rules, &event, (&matter, &watchlists), &mut unmatched);
            self.record_undecided(&ws, &event, &matter, std::mem::take(&mut unmatched.undecided))?;
            // Before what the rule that is found does: the timeline shows them in the order in which they were evaluated.
            self.keep_unmatched(&ws, &row.subject, &event, rules, unmatched)?;
            let Some((loaded, decision)) = found else {
                self.note_prevented(&ws, &matter, &event)?;
                return self.close_event(seq);
            };
            event.cursor = Some(loaded.place.clone());
            let matched = Match::new(&ws, &loaded, &event);
            if let Some(why) = loop_of(&event, &loaded) {
                let prevented = self.loop_prevented(&matched, &matter, why)?;
                event.prevented.push(prevented);
                event.done.push(loaded.key());
                continue;
            }
            let runs = match failing {
                None => self.carry_out_rule(&matched, &mut matter, &decision)?,
                Some(why) => {
                    self.rule_failed(&matched, &matter, why)?;
                    Vec::new()
                }
            };
            event.done.push(loaded.key());
            if rules.rest(rules.after(event.cursor.as_ref()), self.now).next().is_none() {
                self.note_prevented(&ws, &matter, &event)?;
                return self.close_event(seq);
            }
            event.waiting = (!runs.is_empty()).then_some(Waiting {
                runs,
                since: self.now,
                policy: loaded.rule.playbook_wait.map(PlaybookWait::from),
            });
            self.tx.put_event(seq, &encode(&event)?)?;
            return Ok(Progress::More);
        }
    }

    fn close_event(&mut self, seq: i64) -> Result<Progress> {
        self.tx.delete_event(seq)?;
        Ok(Progress::Done)
    }

    /// The next rule after the event's cursor that matches, and why it does; the ones before it that do not are noted.
    pub(crate) fn next_match(
        &self,
        rules: &Ranked,
        event: &Event,
        (matter, watchlists): (&Matter, &Watchlists),
        unmatched: &mut Unmatched,
    ) -> Option<(Arc<LoadedRule>, Decision)> {
        let prepared = Prepared::new(matter.subject(event, watchlists));
        let from = rules.after(event.cursor.as_ref());
        let mut found = None;
        for (at, loaded) in rules.candidates(&prepared, from, self.now) {
            if event.has_done(loaded) {
                continue;
            }
            if first_unmet(&loaded.rule, &prepared).is_none() {
                found = Some((at, Arc::clone(loaded)));
                break;
            }
            unmatched.note_undecided(loaded, &prepared);
        }
        if self.shared.keeper.keeps() {
            let until = found.as_ref().map_or(rules.len(), |(at, _)| *at);
            unmatched.note_all(rules, from..until, event, &prepared, self.now);
        }
        found.map(|(_, loaded)| {
            let decision = evaluate_prepared(&loaded.rule, &prepared);
            (loaded, decision)
        })
    }

    /// Whether the playbooks of the last rule still run and the policy waits for them.
    fn still_waits(&self, waiting: &Waiting) -> Result<Option<Progress>> {
        let policy = waiting.policy.unwrap_or(self.shared.playbook_wait);
        if turn(policy, waiting.since, self.now, false) == Turn::Now {
            return Ok(None);
        }
        let mut open = Vec::new();
        for id in &waiting.runs {
            if self.tx.run(id)?.is_some_and(|run| run.ended.is_none()) {
                open.push(id.clone());
            }
        }
        Ok(match turn(policy, waiting.since, self.now, open.is_empty()) {
            Turn::Now => None,
            Turn::Later(until) => Some(Progress::Wait { runs: open, until }),
        })
    }
}

/// Why a rule must not run for an event: a rule does not run twice in one chain for one incident, and a chain has an end.
fn loop_of(event: &Event, loaded: &LoadedRule) -> Option<Loop> {
    let link = event.link(loaded);
    if event.chain.iter().any(|known| known.eq_ignore_ascii_case(&link)) {
        return Some(Loop::RanAlready);
    }
    (event.chain.len() >= CHAIN_MAX).then_some(Loop::TooLong)
}
