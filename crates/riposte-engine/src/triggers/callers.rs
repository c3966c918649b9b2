//! Callers who wait for the Response action of a run. They are in memory alone: who waits loses the connection with
//! the process, and the run goes on.

use crate::shared::Table;
use riposte_workflow::ResponseToCaller;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

type Senders = Table<BTreeMap<String, oneshot::Sender<ResponseToCaller>>>;

/// Who waits, by run.
#[derive(Default, Clone)]
pub(crate) struct Callers(Arc<Senders>);

/// Somebody who waits for a run's Response.
pub(crate) struct WaitingCaller {
    run: String,
    answer: oneshot::Receiver<ResponseToCaller>,
    callers: Callers,
}

impl Callers {
    /// Begins to wait for a run that is about to begin.
    pub(crate) fn wait_for(&self, run: &str) -> WaitingCaller {
        let (sender, answer) = oneshot::channel();
        self.0.write().insert(run.to_owned(), sender);
        WaitingCaller { run: run.to_owned(), answer, callers: self.clone() }
    }

    /// Tells who waits what a committed step of the run has for them: a response, or that the run has ended.
    pub(crate) fn tell(&self, run: &str, response: Option<ResponseToCaller>, ended: bool) {
        if response.is_none() && !ended {
            return;
        }
        let waiting = self.0.write().remove(run);
        if let (Some(sender), Some(response)) = (waiting, response) {
            // Who waited may have gone.
            let _ = sender.send(response);
        }
    }
}

impl WaitingCaller {
    /// The response; none if the run ends without one.
    pub(crate) async fn response(&mut self) -> Option<ResponseToCaller> {
        (&mut self.answer).await.ok()
    }
}

impl Drop for WaitingCaller {
    fn drop(&mut self) {
        self.callers.0.write().remove(&self.run);
    }
}
