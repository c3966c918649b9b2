//! What other nodes have put into the inboxes of this node's runs: requests to cancel, answers of callbacks.

use super::CANCEL;
use crate::document::decode;
use crate::shared::Shared;
use riposte_value::Text;
use riposte_workflow::{CommandId, EventKind, Outcome};
use std::sync::Arc;
use tracing::warn;

impl Shared {
    /// Hands letters (run, command, outcome) to the runs under way. One whose run is just being taken up stays for the
    /// next time.
    pub(crate) async fn deliver(self: &Arc<Self>, letters: Vec<(String, String, String)>) {
        for (run, command, text) in letters {
            let event = if command == CANCEL {
                EventKind::Cancelled
            } else {
                match decode::<Outcome>("command outcome", &text) {
                    Ok(outcome) => EventKind::Finished { command: CommandId(Text::new(&command)), outcome },
                    Err(error) => {
                        warn!(%run, %error, "an outcome that another node left cannot be read");
                        continue;
                    }
                }
            };
            if self.active.send(&run, event)
                && let Err(error) = self.store.write(move |tx| tx.received(&run, &command)).await
            {
                // It is handed over once more; the run knows that it has seen it.
                warn!(%error, "a letter cannot be marked as received");
            }
        }
    }
}
