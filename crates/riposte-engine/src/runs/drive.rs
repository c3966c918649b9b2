//! The loop that carries a run from its start to its end: take what has happened, step, commit, carry out.

use super::begin::{Entry, Launch};
use super::requests::{RequestLog, RequestNames};
use super::work::Work;
use crate::clock::nanoseconds;
use crate::error::{ErrorKind, Result};
use crate::shared::Shared;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use riposte_workflow::{CallbackSigner, CommandId, CommandKind, EventKind, State};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::{Instrument as _, error, info_span, warn};

/// How long a run that could not be committed waits before it is tried again.
const COMMIT_RETRY: Duration = Duration::from_secs(1);

/// How often a commit's job may go down.
const PANICS_MAX: u32 = 3;

/// A run under way.
pub(super) struct Drive {
    pub(super) shared: Arc<Shared>,
    pub(super) launch: Launch,
    pub(super) mailbox: mpsc::UnboundedSender<EventKind>,
    /// Outside calls and timers under way; they end with the run.
    pub(super) tasks: JoinSet<()>,
    /// What its calls have sent and got since the last commit.
    pub(super) requests: RequestLog,
}

/// Starts a task that drives a run to its end.
pub(super) fn spawn(
    shared: Arc<Shared>,
    launch: Launch,
    mailbox: mpsc::UnboundedSender<EventKind>,
    events: mpsc::UnboundedReceiver<EventKind>,
    end: watch::Sender<bool>,
) {
    let span = info_span!("run", id = %launch.id);
    let left_off = shared.left_off();
    tokio::spawn(
        async move {
            let id = launch.id.clone();
            let mut run = Drive {
                shared: Arc::clone(&shared),
                launch,
                mailbox,
                tasks: JoinSet::new(),
                requests: RequestLog::default(),
            };
            let driven = AssertUnwindSafe(async {
                tokio::select! {
                    // What is not committed when the engine stops is done again at the next start.
                    () = left_off => Ok(Left::Off),
                    driven = run.drive(events) => driven,
                }
            });
            let driven = driven.catch_unwind().await;
            // Its calls end before another node or this one takes the run up.
            drop(run);
            let parked = matches!(driven, Ok(Ok(Left::Parked)));
            let again = settle_end(&shared, &id, driven).await.then(|| shared.active.between());
            // A parked run has left already, and may be back.
            if !parked {
                shared.active.remove(&id);
            }
            // Nobody may be waiting.
            let _ = end.send(true);
            if let Some(between) = again {
                shared.take_up_again(id).await;
                drop(between);
            }
        }
        .instrument(span),
    );
}

/// How a run's task comes to its end.
enum Left {
    /// The run has ended.
    Ended,
    /// The run is parked.
    Parked,
    /// Somebody else goes on with it.
    Off,
}

/// Sees to a run whose task has come to an end; whether the run is to be read from the store and taken up again.
async fn settle_end(shared: &Arc<Shared>, id: &str, driven: std::thread::Result<Result<Left>>) -> bool {
    let why = match driven {
        Ok(Ok(_)) => return false,
        Ok(Err(failure)) if failure.is_lost_ownership() => {
            warn!("another node has taken the run over");
            return false;
        }
        Ok(Err(failure)) if failure.is_outcome_unknown() || failure.is_mail_unseen() => return true,
        Ok(Err(failure)) => format!("its steps cannot be committed: {failure}"),
        Err(_) => "a step of it panicked".to_owned(),
    };
    if let Err(failure) = shared.give_up(id, &why).await {
        error!(error = %failure, "the run cannot be ended; it is taken up at the next start");
    }
    false
}

impl Drive {
    async fn drive(&mut self, mut events: mpsc::UnboundedReceiver<EventKind>) -> Result<Left> {
        let mut work = self.entry();
        let mut names = RequestNames::default();
        loop {
            work.forward(&self.shared);
            work.requests.extend(names.take(&self.requests));
            work = self.commit_surely(work).await?;
            self.shared.callers.tell(&self.launch.id, work.response.take(), work.finished.is_some());
            if work.finished.is_some() {
                self.take_leave(work.outside);
                return Ok(Left::Ended);
            }
            if let Some(due) = work.parked {
                match self.shared.park(&self.launch.id, nanoseconds(due), &mut events) {
                    Ok(()) => return Ok(Left::Parked),
                    Err(event) => work.waiting.push_back(event),
                }
            }
            // Calls that have ended are forgotten.
            while self.tasks.try_join_next().is_some() {}
            for command in std::mem::take(&mut work.outside) {
                self.carry_out(command);
            }
            if work.waiting.is_empty() {
                let event = self.next_event(&mut events, work.expires(&self.shared)).await;
                work.waiting.push_back(event);
            }
            while let Ok(event) = events.try_recv() {
                work.waiting.push_back(event);
            }
        }
    }

    /// Waits for what happens next, at the longest until the run's time is over.
    async fn next_event(
        &self,
        events: &mut mpsc::UnboundedReceiver<EventKind>,
        expires: Timestamp,
    ) -> EventKind {
        tokio::select! {
            // This run holds a sender itself: the channel stays open.
            Some(event) = events.recv() => event,
            () = self.shared.clock.until(expires) => EventKind::Expired,
        }
    }

    /// The work to begin with.
    fn entry(&mut self) -> Work {
        let program = Arc::clone(&self.launch.program);
        let reach = Arc::clone(&self.launch.reach);
        let fresh = State::default().signing(self.signer(None));
        match self.launch.entry.take() {
            None => Work::new(program, reach, fresh),
            Some(Entry::Start(start)) => {
                let mut work = Work::new(program, reach, fresh);
                work.waiting.push_back(EventKind::Started(start));
                work
            }
            Some(Entry::Resume { state, inbox }) => {
                let signer = self.signer(state.began());
                self.resumed(Work::new(program, reach, state.signing(signer)), inbox)
            }
        }
    }

    /// What signs the addresses of callbacks, which are good until the run's time is over.
    fn signer(&self, began: Option<Timestamp>) -> CallbackSigner {
        let end = began.unwrap_or_else(|| self.now()).checked_add(self.shared.run_duration_max);
        self.shared.addresses.signer(&self.launch.id, end.unwrap_or(Timestamp::MAX))
    }

    /// A run that is taken up again. Operations on this engine's own incidents have either been committed, then their
    /// outcome is in the inbox, or nothing of them has: they are done now. Everything else is carried out again with
    /// its key.
    fn resumed(&self, mut work: Work, inbox: Vec<EventKind>) -> Work {
        let now = self.now();
        let known = |id: &CommandId| {
            inbox.iter().any(|event| matches!(event, EventKind::Finished { command, .. } if command == id))
        };
        let again: Vec<_> = work.state.pending().filter(|command| !known(&command.id)).cloned().collect();
        // What came was there before the time of anything was over, else it would not have been let in.
        work.waiting.extend(inbox);
        for command in again {
            match command.kind {
                CommandKind::Timer { due } if due <= now => {
                    work.waiting.push_back(EventKind::TimerFired { command: command.id });
                }
                _ => work.sort(&self.shared, command),
            }
        }
        if work.state.is_started() && work.expires(&self.shared) <= now {
            work.waiting.push_back(EventKind::Expired);
        }
        work
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Commits, again and again if the store fails: a run may be late, it may not be lost. Only a commit whose job goes
    /// down each time is given up, and one of which it is not known whether it came about.
    async fn commit_surely(&self, work: Work) -> Result<Work> {
        let mut attempts = 0_u32;
        loop {
            match self.commit(work.clone()).await {
                Ok(work) => return Ok(work),
                Err(failure) if failure.is_store_closed() && attempts >= PANICS_MAX => return Err(failure),
                // What cannot be kept today cannot be kept tomorrow.
                Err(failure) if failure.kind == ErrorKind::BadRequest => return Err(failure),
                // Trying again could do twice what was kept.
                Err(failure) if failure.is_lost_ownership() || failure.is_outcome_unknown() => {
                    return Err(failure);
                }
                Err(failure) if failure.is_mail_unseen() => return Err(failure),
                Err(failure) => {
                    attempts += 1;
                    if attempts == 1 {
                        warn!(error = %failure, "the run cannot be committed; trying again");
                    } else if attempts.is_multiple_of(60) {
                        error!(error = %failure, attempts, "the run still cannot be committed");
                    }
                    tokio::time::sleep(COMMIT_RETRY).await;
                }
            }
        }
    }
}
