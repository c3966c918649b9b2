//! Letters: what stands in the inbox of a run until its next step is committed. Outcomes of commands, callbacks, the wish
//! that it end. Other nodes put them there too.

use crate::document::decode;
use crate::error::Result;
use crate::shared::Shared;
use crate::transaction::Transaction;
use riposte_value::Text;
use riposte_workflow::{CommandId, EventKind};
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

/// What stands in the inbox of a run that shall be cancelled, in place of a command. No command's id begins so.
pub(super) const CANCEL: &str = "$cancel";
/// What the id of a command begins with where its callback came, not its outcome.
const CALLBACK: &str = "$callback ";

/// How long to wait before an inbox is read again that could not be.
const RETRY: Duration = Duration::from_secs(1);

/// Under which name a callback stands in the inbox.
pub(super) fn callback_letter(command: &str) -> String {
    format!("{CALLBACK}{command}")
}

/// Whether what stands in the inbox under a name is a callback.
pub(super) fn is_callback(command: &str) -> bool {
    command.starts_with(CALLBACK)
}

/// What something in the inbox means for the run.
pub(super) fn read_letter(command: &str, text: &str) -> Result<EventKind> {
    if command == CANCEL {
        return Ok(EventKind::Cancelled);
    }
    if let Some(command) = command.strip_prefix(CALLBACK) {
        let request = decode("callback", text)?;
        return Ok(EventKind::Callback { command: CommandId(Text::new(command)), request });
    }
    let outcome = decode("command outcome", text)?;
    Ok(EventKind::Finished { command: CommandId(Text::new(command)), outcome })
}

impl Transaction<'_> {
    /// Cancels a run that has not ended.
    pub(crate) fn cancel_run(&mut self, id: &str) -> Result<()> {
        self.tx.put_inbox(id, CANCEL, "null")?;
        self.after.tidings.push((id.to_owned(), EventKind::Cancelled));
        Ok(())
    }
}

impl Shared {
    /// Tells a run what was put into its inbox by a transaction of which it is not known whether it was committed.
    pub(crate) fn look_for_mail(self: &Arc<Self>, id: &str) {
        let (shared, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move {
            let letters = loop {
                let run = id.clone();
                match shared.store.read(move |tx| tx.run_progress(&run)).await {
                    Ok(progress) => break progress.inbox,
                    Err(_) if *shared.stopping.borrow() => return,
                    Err(error) => {
                        warn!(run = %id, %error, "the inbox of a run cannot be read; trying again");
                        tokio::time::sleep(RETRY).await;
                    }
                }
            };
            // What it has seen already means nothing to it.
            for event in letters.iter().filter_map(|(command, text)| read_letter(command, text).ok()) {
                shared.tell(&id, event);
            }
        });
    }

    /// Hands letters (run, command, outcome) to the runs under way. One whose run is just being taken up stays for the
    /// next time.
    pub(crate) async fn deliver(self: &Arc<Self>, letters: Vec<(String, String, String)>) {
        for (run, command, text) in letters {
            let event = match read_letter(&command, &text) {
                Ok(event) => event,
                Err(error) => {
                    warn!(%run, %error, "what another node left for a run cannot be read");
                    continue;
                }
            };
            if !self.active.send(&run, event) {
                // A parked run finds it in its inbox.
                self.wake(&run);
            } else if let Err(error) = self.store.write(move |tx| tx.received(&run, &command)).await {
                // It is handed over once more; the run knows that it has seen it.
                warn!(%error, "a letter cannot be marked as received");
            }
        }
    }
}
