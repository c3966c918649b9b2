//! The database goes away and comes back: what was answered is there, what was refused is not, and nothing is refused
//! for ever.

use crate::kept::run_row;
use crate::place::Place;
use riposte_store::{Error, Store};
use riposte_testing::Postgres;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

async fn eventually<T>(
    store: &Store,
    job: impl Fn(&mut dyn riposte_store::Write) -> Result<T, Error> + Clone + Send + 'static,
) -> T
where
    T: Send + 'static,
{
    let since = Instant::now();
    loop {
        match store.write(job.clone()).await {
            Ok(value) => return value,
            Err(error) => assert!(since.elapsed() < Duration::from_secs(20), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_that_was_ended_costs_nothing() {
    let Some(place) = Place::postgres("") else { return };
    let Place::Postgres { server, url } = &place else { return };
    let store = place.open().await;
    store.write(|tx| tx.put_meta("a", "1")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(server.disconnect_all(url) > 0);
    store.write(|tx| tx.put_meta("a", "2")).await.unwrap();
    assert_eq!(store.read(|tx| tx.meta("a")).await.unwrap().as_deref(), Some("2"));
}

/// Connections are ended again and again under a load of changes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_is_so_when_connections_are_ended() {
    let Some(place) = Place::postgres("") else { return };
    let Place::Postgres { server, url } = &place else { return };
    let store = place.open().await;
    store.register_node("n", Duration::from_mins(1)).await.unwrap();
    let (enemy, place_url) = (Arc::clone(server), url.clone());
    under_load(&store, move || enemy.disconnect_all(&place_url)).await;
}

/// The database hears everything, and its answers get lost: commits come about of which the store hears nothing. It
/// finds out, and tells each change rightly.
#[tokio::test(flavor = "multi_thread")]
async fn the_fate_of_a_commit_is_found_out_when_its_answer_is_lost() {
    let Some(server) = Postgres::start(&["log_statement=none"]) else { return };
    let database = server.database();
    let proxy = Proxy::start(server.port().unwrap());
    let url =
        format!("postgres://postgres@127.0.0.1:{}/{}", proxy.port, database.rsplit('/').next().unwrap());
    let store = Store::connect(&url).await.unwrap();
    store.register_node("n", Duration::from_mins(1)).await.unwrap();
    under_load(&store, move || proxy.lose_answers()).await;
}

/// How many connections a test harms at the least.
const HARM_MIN: usize = 30;

/// Changes come from all sides for a while, and `harm` is done again and again. Each change says afterwards whether it
/// was kept, and that must be so.
async fn under_load(store: &Store, harm: impl Fn() -> usize + Send + 'static) {
    let over = Arc::new(AtomicBool::new(false));
    let succeeded = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let (store, over) = (store.clone(), Arc::clone(&over));
            let succeeded = Arc::clone(&succeeded);
            tokio::spawn(async move {
                let mut answers = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let key = format!("{worker}-{}", answers.len());
                    let written = key.clone();
                    let answer = store.write(move |tx| tx.put_meta(&written, "x")).await;
                    succeeded.fetch_or(answer.is_ok(), Ordering::Relaxed);
                    answers.push((key, answer));
                }
                answers
            })
        })
        .collect();
    let harmed = tokio::task::spawn_blocking(move || {
        let (began, mut harmed) = (Instant::now(), 0);
        while began.elapsed() < Duration::from_secs(3)
            || harmed < HARM_MIN
            || !succeeded.load(Ordering::Relaxed)
        {
            assert!(began.elapsed() < Duration::from_mins(2), "the store does not come back");
            // A busy machine needs longer to get one change through between two harms.
            let slow = harmed >= HARM_MIN && !succeeded.load(Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(if slow { 700 } else { 37 }));
            harmed += harm();
        }
        over.store(true, Ordering::Relaxed);
        harmed
    });
    let harmed = harmed.await.unwrap();
    let mut answers = Vec::new();
    for worker in workers {
        answers.extend(worker.await.unwrap());
    }
    eventually(store, |tx| tx.put_meta("end", "x")).await;
    let (kept, refused) = check(store, answers).await;
    println!("{harmed} connections harmed; {kept} changes kept, {refused} refused, none unknown");
    assert!(kept > 0);
}

async fn check(store: &Store, answers: Vec<(String, Result<(), Error>)>) -> (usize, usize) {
    let found = store
        .read(move |tx| {
            answers
                .into_iter()
                .map(|(key, answer)| Ok((tx.meta(&key)?.is_some(), key, answer)))
                .collect::<Result<Vec<_>, _>>()
        })
        .await
        .unwrap();
    let (mut kept, mut refused) = (0, 0);
    for (is_there, key, answer) in found {
        match answer {
            Ok(()) => {
                kept += 1;
                assert!(is_there, "{key} was answered and is lost");
            }
            Err(Error::Unreachable(_)) => {
                refused += 1;
                assert!(!is_there, "{key} was refused and is there");
            }
            Err(error) => panic!("{key}: {error}"),
        }
    }
    (kept, refused)
}

/// Stands between store and database, and can lose what the database answers.
struct Proxy {
    port: u16,
    losing: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    fn start(to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (losing, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (is_losing, kept) = (Arc::clone(&losing), Arc::clone(&open));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                kept.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                relay(client.try_clone().unwrap(), server.try_clone().unwrap(), None);
                relay(server, client, Some(Arc::clone(&is_losing)));
            }
        });
        Self { port, losing, open }
    }

    /// Loses answers for a moment, then ends all connections; answers how many.
    fn lose_answers(&self) -> usize {
        self.losing.store(true, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(15));
        let ended: Vec<TcpStream> = self.open.lock().unwrap().drain(..).collect();
        for stream in &ended {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        self.losing.store(false, Ordering::SeqCst);
        ended.len() / 2
    }
}

fn relay(mut from: TcpStream, mut to: TcpStream, losing: Option<Arc<AtomicBool>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let is_lost = losing.as_ref().is_some_and(|losing| losing.load(Ordering::SeqCst));
            if !is_lost && to.write_all(&buffer[..count]).is_err() {
                return;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

/// The server itself stops at once, as when power is lost, and comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_again() {
    let Some(server) = Postgres::start(&[]) else { return };
    let url = server.database();
    let store = Store::connect(&url).await.unwrap();
    store.register_node("n", Duration::from_mins(1)).await.unwrap();
    store.write(|tx| tx.add_run(&run_row("r1"))).await.unwrap();
    server.crash();
    let refused = store.write(|tx| tx.put_meta("a", "1")).await.unwrap_err();
    assert!(matches!(refused, Error::Unreachable(_)), "{refused}");
    assert!(store.read(|tx| tx.meta("a")).await.is_err());
    server.restart();
    eventually(&store, |tx| tx.put_meta("a", "2")).await;
    eventually(&store, |tx| tx.put_run_state("r1", "Running", b"s", None)).await;
    assert_eq!(store.read(|tx| tx.meta("a")).await.unwrap().as_deref(), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_told_without_the_password() {
    let refused = Store::connect("postgres://me:hunter2@127.0.0.1:1/nowhere").await.unwrap_err();
    let told = refused.to_string();
    assert!(matches!(refused, Error::Unreachable(_)) && told.contains("127.0.0.1/nowhere"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}
