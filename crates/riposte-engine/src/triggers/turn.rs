//! Turns: a trigger with a limit of concurrency lets only so many runs be under way. A run beyond it is on disk like any
//! other, with the status Waiting, and begins when one before it has ended (documented: waiting runs). Whoever starts
//! a run, the limit holds: what a rule starts is acknowledged and waits without a limit of its own.

use crate::clock::nanoseconds;
use crate::error::Result;
use crate::playbooks::{NotStartable, Playbook};
use crate::runs::Beginning;
use crate::shared::Shared;
use crate::transaction::Transaction;
use riposte_store::ResourceKey;
use riposte_workflow::{Program, Trigger};
use std::sync::Arc;

/// When a run is due that waits for others: never by itself.
pub(crate) const NEVER: i64 = i64::MAX;

impl Shared {
    /// Sees to the runs that wait while nothing is left whose end would begin them: the limit was raised or taken away, or the
    /// trigger is gone.
    pub(super) async fn sweep_waiting(self: &Arc<Self>) -> Result<()> {
        for (key, trigger) in self.store.read(|tx| tx.waiting_triggers()).await? {
            self.transact(move |t| t.sweep(&key, &trigger)).await?;
        }
        Ok(())
    }
}

impl Transaction<'_> {
    fn sweep(&mut self, key: &ResourceKey, trigger: &str) -> Result<()> {
        let playbook = match self.shared.startable(&*self.tx, key)? {
            Ok(playbook) => playbook,
            // It begins what waits when it is enabled again.
            Err(NotStartable::Disabled) => return Ok(()),
            Err(_) => return self.begin_all_waiting(key, trigger),
        };
        match playbook.program.trigger(trigger) {
            Some(trigger) => self.begin_waiting(&playbook, trigger),
            None => self.begin_all_waiting(key, trigger),
        }
    }

    /// Begins the runs of a trigger that is gone: they are pinned to the version that had it.
    pub(crate) fn begin_all_waiting(&mut self, key: &ResourceKey, trigger: &str) -> Result<()> {
        let now = nanoseconds(self.now);
        while let Some(run) = self.tx.take_waiting_run(key, trigger, now)? {
            self.after.turns.push(run);
        }
        Ok(())
    }

    /// Whether a run that a trigger starts now has to wait for others to end.
    pub(crate) fn must_wait(&mut self, playbook: &Playbook, trigger: &Trigger) -> Result<bool> {
        let Some(concurrency) = trigger.plan.concurrency else { return Ok(false) };
        let waiting = self.tx.waiting_runs(&playbook.resource, &trigger.name)?;
        Ok(waiting > 0 || self.under_way(playbook)? >= concurrency.runs)
    }

    /// How many runs of a playbook have begun and not ended.
    fn under_way(&mut self, playbook: &Playbook) -> Result<usize> {
        let open = self.tx.open_run_count(&playbook.resource)?;
        let waiting = self.tx.all_waiting_runs(&playbook.resource)?;
        Ok(usize::try_from(open.saturating_sub(waiting)).unwrap_or_default())
    }

    /// Begins what has waited for a run to end, once one has ended.
    pub(crate) fn run_has_ended(&mut self, program: &Program, id: &str, beginning: &Beginning) -> Result<()> {
        if program.triggers().iter().any(|trigger| trigger.plan.concurrency.is_some()) {
            self.give_turn(id, beginning)?;
        }
        Ok(())
    }

    /// As [`Self::run_has_ended`] where the run's program is not at hand.
    pub(crate) fn give_turn(&mut self, id: &str, beginning: &Beginning) -> Result<()> {
        self.tx.forget_waiting_run(id)?;
        let key = ResourceKey::new(&beginning.playbook_id);
        // A playbook that is disabled begins what waits when it is enabled again.
        let Ok(playbook) = self.shared.startable(&*self.tx, &key)? else { return Ok(()) };
        let program = Arc::clone(&playbook.program);
        program.triggers().iter().try_for_each(|trigger| self.begin_waiting(&playbook, trigger))
    }

    /// Begins as many of the runs that wait as may be under way now; all, if the trigger has no limit any more.
    pub(crate) fn begin_waiting(&mut self, playbook: &Playbook, trigger: &Trigger) -> Result<()> {
        let under_way = self.under_way(playbook)?;
        let runs_max = trigger.plan.concurrency.map_or(usize::MAX, |concurrency| concurrency.runs);
        let now = nanoseconds(self.now);
        for _ in under_way..runs_max {
            let Some(run) = self.tx.take_waiting_run(&playbook.resource, &trigger.name, now)? else { break };
            self.after.turns.push(run);
        }
        Ok(())
    }
}
