//! Letters: what stands in the inbox of a run until its next step is committed. Outcomes of commands, callbacks, the wish
//! that it end. Other nodes put them there too.

use crate::document::decode;
use crate::error::Result;
use crate::shared::Shared;
use riposte_value::Text;
use riposte_workflow::{CommandId, EventKind};
use std::sync::Arc;
use tracing::warn;

/// What stands in the inbox of a run that shall be cancelled, in place of a command. No command's id begins so.
pub(super) const CANCEL: &str = "$cancel";
/// What the id of a command begins with where its callback came, not its outcome.
const CALLBACK: &str = "$callback ";

/// Under which name a callback stands in the inbox.
pub(super) fn callback_letter(command: &str) -> String {
    format!("{CALLBACK}{command}")
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

impl Shared {
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
