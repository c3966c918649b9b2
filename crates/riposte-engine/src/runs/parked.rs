//! Parked runs: those that wait for nothing but time or callbacks, and not only for a moment. Of such a run memory
//! holds its name and when it is due, 24 bytes in an ordered set; everything else is in the store. One task wakes what
//! is due; a callback and a cancel wake a run at once.
//!
//! Where a run is cannot be missed: it leaves the table of runs under way only while nothing is in its mailbox, and
//! whoever wakes it takes its place in that table before reading it. What came between is in its inbox.

use super::{ActiveRuns, drive};
use crate::clock::{from_nanoseconds, nanoseconds};
use crate::error::Result;
use crate::shared::Shared;
use crate::triggers::NEVER;
use riposte_workflow::EventKind;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, watch};
use tracing::warn;

/// How many runs are read at a time, so that a thousand that are due together do not fill the memory at once.
const CHUNK: usize = 64;
/// How long the task sleeps at most: the system's clock may be set.
const NAP: Duration = Duration::from_mins(1);
/// How long to wait before runs are read again that could not be.
const RETRY: Duration = Duration::from_secs(1);
/// The digits of a run's name, without the letters between them.
const DIGITS: usize = 31;
const LETTERS: &str = "CU";
const LETTERS_AT: usize = 29;

/// A run's name as a number of 31 digits, in two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RunKey([u64; 2]);

impl RunKey {
    /// None for a text that is not of the form that [`crate::clock::run_name`] gives.
    fn of(id: &str) -> Option<Self> {
        let (head, rest) = id.split_at_checked(LETTERS_AT)?;
        let tail = rest.strip_prefix(LETTERS)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if tail.len() != DIGITS - LETTERS_AT || !digits(head) || !digits(tail) {
            return None;
        }
        let number: u128 = format!("{head}{tail}").parse().ok()?;
        let (high, low) = (number >> 64, number & u128::from(u64::MAX));
        Some(Self([u64::try_from(high).ok()?, u64::try_from(low).ok()?]))
    }

    fn name(self) -> String {
        let [high, low] = self.0;
        let digits = format!("{:0DIGITS$}", u128::from(high) << 64 | u128::from(low));
        let (head, tail) = digits.split_at_checked(LETTERS_AT).unwrap_or_default();
        format!("{head}{LETTERS}{tail}")
    }
}

/// The parked runs of this node, by when they are due.
#[derive(Default)]
pub(crate) struct ParkedRuns {
    dues: Mutex<BTreeSet<(i64, RunKey)>>,
    /// Told when a run is parked that is due before all others.
    earlier: Notify,
    /// How many were ever added.
    added: AtomicU64,
}

impl ParkedRuns {
    fn dues(&self) -> MutexGuard<'_, BTreeSet<(i64, RunKey)>> {
        self.dues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, due: i64, key: RunKey) {
        let mut dues = self.dues();
        let is_first = dues.first().is_none_or(|(first, _)| due < *first);
        dues.insert((due, key));
        self.added.fetch_add(1, Ordering::SeqCst);
        drop(dues);
        if is_first {
            self.earlier.notify_one();
        }
    }

    fn remove(&self, due: i64, id: &str) {
        if let Some(key) = RunKey::of(id) {
            self.dues().remove(&(due, key));
        }
    }

    /// Takes out the next runs whose time has come.
    fn take_due(&self, now: i64) -> Vec<String> {
        let mut dues = self.dues();
        let mut taken = Vec::new();
        while taken.len() < CHUNK
            && let Some(&(due, key)) = dues.first()
            && due <= now
        {
            dues.pop_first();
            taken.push(key.name());
        }
        taken
    }

    fn first(&self) -> Option<i64> {
        self.dues().first().map(|(due, _)| *due)
    }

    /// How many runs are parked.
    pub(crate) fn len(&self) -> usize {
        self.dues().len()
    }

    /// How many were ever added.
    pub(crate) fn added(&self) -> u64 {
        self.added.load(Ordering::SeqCst)
    }

    /// Forgets all: they are another node's now.
    pub(crate) fn clear(&self) {
        self.dues().clear();
    }
}

/// A run's place among those under way, kept for one that is being read.
struct Held {
    mailbox: mpsc::UnboundedSender<EventKind>,
    events: mpsc::UnboundedReceiver<EventKind>,
    end: watch::Sender<bool>,
}

impl Shared {
    /// Whether a run of this name can be parked.
    pub(super) fn can_park(id: &str) -> bool {
        RunKey::of(id).is_some()
    }

    /// Takes a run that the store has as parked out of those under way. If something has come for it meanwhile, that
    /// is given back and the run goes on.
    pub(super) fn park(
        &self,
        id: &str,
        due: i64,
        events: &mut mpsc::UnboundedReceiver<EventKind>,
    ) -> std::result::Result<(), EventKind> {
        let Some(key) = RunKey::of(id) else { return Ok(()) };
        let mut active = self.active.table.write();
        if let Ok(event) = events.try_recv() {
            return Err(event);
        }
        self.parked.add(due, key);
        active.remove(id);
        Ok(())
    }

    /// Reads which runs of this node are parked: their names and times, nothing else.
    pub(crate) async fn find_parked(&self) -> Result<()> {
        for (id, due) in self.store.read(|tx| tx.parked_runs()).await? {
            self.note_parked(&id, due);
        }
        Ok(())
    }

    /// Adds a run to the index that the store has as parked. One that waits for its turn is woken by name alone.
    pub(super) fn note_parked(&self, id: &str, due: i64) {
        if let Some(key) = RunKey::of(id).filter(|_| due != NEVER) {
            self.parked.add(due, key);
        }
    }

    /// Wakes parked runs in a task of its own. Others are left as they are.
    pub(crate) fn wake(self: &Arc<Self>, id: &str) {
        let (shared, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move {
            if let Some(held) = shared.hold(id) {
                shared.wake_held(vec![held]).await;
            }
        });
    }

    /// Starts the task that wakes runs when they are due.
    pub(crate) fn keep_time(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        let mut stopping = self.stopping.subscribe();
        tokio::spawn(async move {
            let work = async {
                loop {
                    let due = shared.hold_due();
                    if due.is_empty() {
                        shared.nap().await;
                    } else {
                        shared.wake_held(due).await;
                    }
                }
            };
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                () = work => {}
            }
        });
    }

    /// Sleeps until the next run is due or an earlier one is parked.
    async fn nap(&self) {
        let due = self.parked.first();
        let due = async {
            match due {
                Some(due) => self.clock.until(from_nanoseconds(due)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = tokio::time::sleep(NAP) => {}
            () = self.parked.earlier.notified() => {}
        }
    }

    /// Reads parked runs and drives them on.
    async fn wake_held(self: &Arc<Self>, mut held: Vec<(String, Held)>) {
        while !held.is_empty() {
            let names: Vec<String> = held.iter().map(|(id, _)| id.clone()).collect();
            let shared = Arc::clone(self);
            let read = self
                .store
                .read(move |tx| Ok(names.iter().map(|id| shared.read_parked(tx, id)).collect::<Vec<_>>()));
            let found = match read.await {
                Ok(found) => found,
                Err(_) if *self.stopping.borrow() => {
                    for (id, _) in &held {
                        self.active.remove(id);
                    }
                    return;
                }
                Err(error) => {
                    warn!(%error, "runs that are due cannot be read; trying again");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            };
            let mut again = Vec::new();
            for ((id, place), found) in held.into_iter().zip(found) {
                match found {
                    Ok(Found::Launch(launch)) => {
                        drive::spawn(Arc::clone(self), *launch, place.mailbox, place.events, place.end);
                    }
                    Ok(Found::Elsewhere) => self.active.remove(&id),
                    Ok(Found::Coming) => self.tell_later(id),
                    Err(failure) if failure.is_store_unreachable() => again.push((id, place)),
                    Ok(Found::Lost(why)) => self.end_lost(&id, &why).await,
                    Err(failure) => self.end_lost(&id, &failure.to_string()).await,
                }
            }
            held = again;
            if !held.is_empty() {
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Takes a run's place among those under way; none if it is there already.
    fn hold(&self, id: String) -> Option<(String, Held)> {
        let (mailbox, events) = mpsc::unbounded_channel();
        let end = self.active.add(&id, mailbox.clone())?;
        Some((id, Held { mailbox, events, end }))
    }

    /// Takes the next runs whose time has come from those that are parked to those under way, so that each is in one of
    /// the tables at any time. Those that somebody wakes already are passed over.
    fn hold_due(&self) -> Vec<(String, Held)> {
        let mut active = self.active.table.write();
        let due = self.parked.take_due(nanoseconds(self.clock.now()));
        let hold = |id: String| {
            let (mailbox, events) = mpsc::unbounded_channel();
            let end = ActiveRuns::add_to(&mut active, &self.active.added, &id, mailbox.clone())?;
            Some((id, Held { mailbox, events, end }))
        };
        due.into_iter().filter_map(hold).collect()
    }

    fn read_parked(&self, tx: &dyn riposte_store::Read, id: &str) -> Result<Found> {
        let Some(due) = tx.run_due(id)? else {
            let is_open = tx.run(id)?.is_some_and(|row| row.ended.is_none());
            let coming = is_open && !tx.run_progress(id)?.inbox.is_empty();
            return Ok(if coming { Found::Coming } else { Found::Elsewhere });
        };
        // It waits for its turn; a turn that was not committed is none.
        if due == NEVER && tx.run_progress(id)?.inbox.is_empty() {
            return Ok(Found::Elsewhere);
        }
        self.parked.remove(due, id);
        let Some(row) = tx.run(id)? else { return Ok(Found::Elsewhere) };
        Ok(match self.resume(tx, row)? {
            Some(launch) => Found::Launch(Box::new(launch)),
            None => Found::Lost("its definition is gone or does not compile any more".to_owned()),
        })
    }

    /// Tells a run what is in its inbox once it has been taken up.
    fn tell_later(self: &Arc<Self>, id: String) {
        let between = self.active.between();
        self.active.remove(&id);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(super::HELD).await;
            shared.look_for_mail(&id);
            drop(between);
        });
    }

    async fn end_lost(self: &Arc<Self>, id: &str, why: &str) {
        if let Err(failure) = self.give_up(id, why).await {
            tracing::error!(error = %failure, run = %id, "the run cannot be ended; it is taken up at the next start");
        }
        self.active.remove(id);
    }
}

/// What the store says of a run that is to be woken.
enum Found {
    Launch(Box<super::begin::Launch>),
    /// It has ended, or is another node's.
    Elsewhere,
    /// It is just being taken up, and may have been read before what is in its inbox came.
    Coming,
    Lost(String),
}

#[cfg(test)]
mod tests {
    use super::{ParkedRuns, RunKey};
    use crate::clock::run_name;

    #[test]
    fn names_are_kept_in_two_words() {
        for random in [0, 7, u64::MAX, 0x1234_5678_9abc_def0] {
            let name = run_name("2026-11-21T16:00:00Z".parse().unwrap(), random);
            assert_eq!(RunKey::of(&name).unwrap().name(), name);
        }
        assert_eq!(
            RunKey::of("00000000000000000000000000000CU00").unwrap().name(),
            "00000000000000000000000000000CU00"
        );
        for other in [
            "",
            "r1",
            "0858667693433777220699865700CU22x",
            "0858667693433777220699865700CU2",
            "+858667693433777220699865700CU22",
        ] {
            assert!(RunKey::of(other).is_none(), "{other}");
        }
        assert_eq!(size_of::<(i64, RunKey)>(), 24);
    }

    #[test]
    fn the_earliest_come_first_and_no_more_than_are_due() {
        let parked = ParkedRuns::default();
        let name = |n: u64| run_name("2026-11-21T16:00:00Z".parse().unwrap(), n);
        for n in 0..200 {
            parked.add(i64::try_from(n).unwrap(), RunKey::of(&name(n)).unwrap());
        }
        assert_eq!(parked.take_due(1), [name(0), name(1)]);
        assert_eq!(parked.take_due(1000).len(), 64);
        parked.remove(66, &name(66));
        assert_eq!(parked.first(), Some(67));
        assert_eq!(parked.len(), 133);
    }
}
