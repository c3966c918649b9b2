//! The loop that carries a run from its start to its end: take what has happened, step, commit, carry out.

use super::begin::{Entry, Launch};
use super::commit::Batch;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_value::Text;
use riposte_workflow::{Command, CommandKind, Event, EventKind, State, Status, step};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::{Instrument as _, error, info_span, warn};

/// How long a run that could not be committed waits before it is tried again.
const COMMIT_RETRY: Duration = Duration::from_secs(1);

/// A run in memory.
pub(super) struct Drive {
    pub(super) shared: Arc<Shared>,
    pub(super) launch: Launch,
    pub(super) mailbox: mpsc::UnboundedSender<EventKind>,
    /// Outside calls and timers under way; they end with the run.
    pub(super) tasks: JoinSet<()>,
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
    let mut stopping = shared.stopping.subscribe();
    tokio::spawn(
        async move {
            let id = launch.id.clone();
            let mut drive = Drive { shared: Arc::clone(&shared), launch, mailbox, tasks: JoinSet::new() };
            tokio::select! {
                // What is not committed when the engine stops is done again at the next start.
                _ = stopping.wait_for(|stopping| *stopping) => {}
                () = drive.to_end(events) => {}
            }
            shared.active.remove(&id);
            // Nobody may be waiting.
            let _ = end.send(true);
        }
        .instrument(span),
    );
}

impl Drive {
    async fn to_end(&mut self, mut events: mpsc::UnboundedReceiver<EventKind>) {
        let (mut state, mut waiting) = self.entry().await;
        loop {
            if waiting.is_empty() {
                match events.recv().await {
                    Some(event) => waiting.push_back(event),
                    None => return,
                }
            }
            while let Ok(event) = events.try_recv() {
                waiting.push_back(event);
            }
            let mut batch = Batch::default();
            state = self.steps(state, &mut waiting, &mut batch);
            let status = if batch.finished.is_none() && self.parked(&state) { Status::Waiting } else { Status::Running };
            let answers = self.commit_surely(&mut batch, &state, status).await;
            if batch.finished.is_some() {
                return;
            }
            for command in std::mem::take(&mut batch.outside) {
                self.carry_out(command);
            }
            waiting.extend(answers);
        }
    }

    /// The state to begin with and the events that are already known.
    async fn entry(&mut self) -> (State, VecDeque<EventKind>) {
        match self.launch.entry.take() {
            None => (State::default(), VecDeque::new()),
            Some(Entry::Start(start)) => (State::default(), VecDeque::from([EventKind::Started(start)])),
            Some(Entry::Resume { state, inbox }) => {
                let known: Vec<Text> = inbox.iter().map(|(command, _)| command.0.clone()).collect();
                let pending: Vec<Command> =
                    state.pending().filter(|command| !known.contains(&command.id.0)).cloned().collect();
                let mut waiting: VecDeque<EventKind> = inbox
                    .into_iter()
                    .map(|(command, outcome)| EventKind::Finished { command, outcome })
                    .collect();
                // Operations on this engine's own incidents have either been committed, then they are in the inbox,
                // or nothing of them has: they are done now. Everything else is carried out again with its key.
                let mut batch = Batch::default();
                for command in pending {
                    self.sort_command(command, &mut batch, &mut waiting);
                }
                if !batch.local.is_empty() {
                    let status = Status::Running;
                    let answers = self.commit_surely(&mut batch, &state, status).await;
                    waiting.extend(answers);
                }
                for command in std::mem::take(&mut batch.outside) {
                    self.carry_out(command);
                }
                (*state, waiting)
            }
        }
    }

    /// Steps through all that has happened, and through what it leads to without leaving the process.
    fn steps(&mut self, mut state: State, waiting: &mut VecDeque<EventKind>, batch: &mut Batch) -> State {
        while let Some(kind) = waiting.pop_front() {
            if let EventKind::Finished { command, .. } = &kind {
                batch.seen.push(command.0.clone());
            }
            let event = Event { at: self.now(), seed: self.shared.clock.random(), kind };
            let stepped = step(&self.launch.program, state, event);
            state = stepped.state;
            batch.add_records(stepped.records);
            for command in stepped.commands {
                self.sort_command(command, batch, waiting);
            }
            if stepped.finished.is_some() {
                batch.finished = stepped.finished;
                break;
            }
        }
        state
    }

    /// Decides where a command is carried out: a pure operation at once, one on incidents in the commit, the rest
    /// outside after it.
    fn sort_command(&self, command: Command, batch: &mut Batch, waiting: &mut VecDeque<EventKind>) {
        match self.in_process(&command) {
            None => batch.outside.push(command),
            Some(operation) => match operation.pure_outcome() {
                Some(outcome) => waiting.push_back(EventKind::Finished { command: command.id, outcome }),
                None => batch.local.push((command.id, operation)),
            },
        }
    }

    /// Whether the run waits for nothing but time or people.
    fn parked(&self, state: &State) -> bool {
        let mut pending = state.pending().peekable();
        pending.peek().is_some() && pending.all(|command| matches!(command.kind, CommandKind::Timer { .. }))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Commits, again and again if the store fails: a run may be late, it may not be lost.
    async fn commit_surely(&self, batch: &mut Batch, state: &State, status: Status) -> Vec<EventKind> {
        let mut attempts = 0_u32;
        loop {
            match self.commit(batch, state, status).await {
                Ok(answers) => return answers,
                Err(failure) => {
                    attempts += 1;
                    if attempts == 1 {
                        warn!(error = %failure, "the run cannot be committed; trying again");
                    } else if attempts % 60 == 0 {
                        error!(error = %failure, attempts, "the run still cannot be committed");
                    }
                    tokio::time::sleep(COMMIT_RETRY).await;
                }
            }
        }
    }
}
