//! Listens for what other nodes have changed. It only saves waiting: who asks is let go after a second in any case.

use super::address::Address;
use super::statement::explain;
use crate::threads::held;
use crate::{Error, Result};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;
use tokio_postgres::AsyncMessage;
use tracing::debug;

/// The channel that nodes tell each other on.
pub(super) const CHANNEL: &str = "riposte";
/// How often nodes look without being told.
const LOOK: Duration = Duration::from_secs(1);
/// How long to wait before a lost connection is opened again.
const AGAIN: Duration = Duration::from_secs(2);

/// Whether this database tells: what only speaks PostgreSQL's protocol may not know `NOTIFY`.
#[derive(Clone, Default)]
pub(super) struct Tells(Arc<AtomicBool>);

impl Tells {
    pub(super) fn are_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) struct Listener {
    /// How often something was told of, and how often it was when somebody last went to look.
    news: watch::Receiver<u64>,
    looked: AtomicU64,
    tells: Tells,
    stop: watch::Sender<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Listener {
    pub(super) fn start(address: Arc<Address>) -> Result<Self> {
        let (tell, news) = watch::channel(0);
        let (stop, mut stopping) = watch::channel(false);
        let tells = Tells::default();
        let can_tell = tells.clone();
        let failed = |error: std::io::Error| Error::Database(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let thread = std::thread::Builder::new()
            .name("store-listener".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        // The sender goes when the store does.
                        _ = stopping.wait_for(|stopping| *stopping) => {}
                        () = listen_on(&address, &tell, &can_tell) => {}
                    }
                });
            })
            .map_err(failed)?;
        Ok(Self { news, looked: AtomicU64::new(0), tells, stop, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn tells(&self) -> Tells {
        self.tells.clone()
    }

    pub(super) async fn notified(&self) {
        let (mut news, looked) = (self.news.clone(), self.looked.load(Ordering::Relaxed));
        let told = async { news.wait_for(|count| *count != looked).await.map(|count| *count) };
        match tokio::time::timeout(LOOK, told).await {
            Ok(Ok(count)) => self.looked.store(count, Ordering::Relaxed),
            Ok(Err(_ended)) => tokio::time::sleep(LOOK).await,
            Err(_) => {}
        }
    }

    pub(super) fn close(&self) {
        // A thread that has ended already needs no telling.
        let _ = self.stop.send(true);
        if let Some(thread) = held(&self.thread).take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.close();
    }
}

async fn listen_on(address: &Address, tell: &watch::Sender<u64>, can_tell: &Tells) {
    loop {
        if let Err(why) = listen(address, tell, can_tell).await {
            debug!(%why, "not told of other nodes' changes; looking once a second");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Listens until the connection ends.
async fn listen(
    address: &Address,
    tell: &watch::Sender<u64>,
    can_tell: &Tells,
) -> std::result::Result<(), String> {
    let connected = address.config.connect(address.tls.clone()).await;
    let (client, mut connection) = connected.map_err(|error| explain(&error))?;
    let mut listening = std::pin::pin!(client.batch_execute("LISTEN riposte"));
    let mut asked = false;
    loop {
        tokio::select! {
            listens = &mut listening, if !asked => {
                listens.map_err(|error| explain(&error))?;
                asked = true;
                can_tell.0.store(true, Ordering::Relaxed);
                // What was told while nobody listened.
                tell.send_modify(|count| *count += 1);
            }
            message = poll_fn(|cx| connection.poll_message(cx)) => match message {
                Some(Ok(AsyncMessage::Notification(_))) => tell.send_modify(|count| *count += 1),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(explain(&error)),
                None => return Ok(()),
            },
        }
    }
}
