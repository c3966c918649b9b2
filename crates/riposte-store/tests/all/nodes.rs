//! Nodes: leases, what is whose, and what a node that was taken for dead can still do: nothing.

use crate::kept::{run_row, workspace};
use crate::over_both;
use crate::place::Place;
use riposte_store::{Error, EventSubject, Kind, Store};
use std::time::Duration;

const LEASE: Duration = Duration::from_mins(1);

over_both!(a_node_that_comes_back_finds_what_it_owned, what_nobody_owns_is_taken_over,);

async fn a_node_that_comes_back_finds_what_it_owned(place: Place) {
    let store = place.open().await;
    store.register_node("first", LEASE).await.unwrap();
    store.write(|tx| tx.add_run(&run_row("r1"))).await.unwrap();
    store.write(|tx| tx.leave()).await.unwrap();
    let store = place.reopen(store).await;
    store.register_node("second", LEASE).await.unwrap();
    store.write(|tx| tx.take_over()).await.unwrap();
    let open = store.read(|tx| tx.open_runs()).await.unwrap();
    assert_eq!(open.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["r1"]);
    store.write(|tx| tx.end_run("r1", "Succeeded", 2, None, "{}")).await.unwrap();
    assert!(store.read(|tx| tx.open_runs()).await.unwrap().is_empty());
}

/// As after an upgrade from a version that knew no nodes.
async fn what_nobody_owns_is_taken_over(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    let seq = store
        .write(move |tx| {
            tx.add_run(&run_row("r1"))?;
            tx.add_event(&EventSubject::incident(ws, "i"), "{}")
        })
        .await
        .unwrap();
    assert!(matches!(store.write(|tx| tx.take_over()).await, Err(Error::LostOwnership)), "nobody is no node");
    store.register_node("n", LEASE).await.unwrap();
    assert!(store.read(|tx| tx.open_runs()).await.unwrap().is_empty());
    let taken = store.write(|tx| tx.take_over()).await.unwrap();
    assert_eq!((taken.runs, taken.events), (vec!["r1".to_owned()], vec![seq]));
    assert_eq!(store.read(|tx| tx.events()).await.unwrap().len(), 1);
}

/// Two stores over one database, as two processes have them.
async fn two() -> Option<(Place, Store, Store)> {
    let place = Place::postgres("")?;
    let (a, b) = (place.open().await, place.open().await);
    Some((place, a, b))
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_write_at_once_lose_no_update() {
    let Some((_place, a, b)) = two().await else { return };
    a.write(|tx| tx.put_meta("count", "0")).await.unwrap();
    let jobs: Vec<_> = (0..400)
        .map(|i| {
            let store = if i % 2 == 0 { a.clone() } else { b.clone() };
            tokio::spawn(async move {
                store
                    .write(|tx| {
                        let count: u32 = tx.meta("count")?.unwrap().parse().unwrap();
                        tx.put_meta("count", &(count + 1).to_string())
                    })
                    .await
            })
        })
        .collect();
    for job in jobs {
        job.await.unwrap().unwrap();
    }
    assert_eq!(b.read(|tx| tx.meta("count")).await.unwrap().as_deref(), Some("400"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_migrate_once() {
    let Some(place) = Place::postgres("") else { return };
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let url = place.url();
            tokio::spawn(async move { Store::connect(&url).await })
        })
        .collect();
    for start in starts {
        let store = start.await.unwrap().unwrap();
        store.write(|tx| tx.put_meta("a", "b")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_later_version_is_refused() {
    let Some(place) = Place::postgres("") else { return };
    place.open().await.close().await;
    let Place::Postgres { server, url } = &place else { return };
    server.execute(url.rsplit('/').next().unwrap(), "UPDATE schema_version SET version = 1000");
    let refused = Store::connect(url).await.unwrap_err();
    assert!(matches!(refused, Error::TooNew { found: 1000, .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_taken_for_dead_commits_nothing_more() {
    let Some((_place, slow, living)) = two().await else { return };
    slow.register_node("slow", LEASE).await.unwrap();
    living.register_node("living", LEASE).await.unwrap();
    let ws = workspace(&slow).await;
    let seq = slow
        .write(move |tx| {
            tx.add_run(&run_row("r1"))?;
            tx.put_run_state("r1", "Running", b"s1", None)?;
            tx.add_event(&EventSubject::incident(ws, "i"), "{}")
        })
        .await
        .unwrap();
    let nothing = living.write(|tx| tx.take_over()).await.unwrap();
    assert!(nothing.runs.is_empty() && nothing.events.is_empty(), "the lease holds");
    let refused = living.write(|tx| tx.put_run_state("r1", "Running", b"s2", None)).await;
    assert!(matches!(refused, Err(Error::LostOwnership)), "a run has one owner");
    assert!(living.read(move |tx| tx.event(seq)).await.unwrap().is_none(), "so has an event");
    slow.write(|tx| tx.renew_node(Duration::from_millis(1))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    // A lapsed lease that nobody took is still the node's.
    slow.write(|tx| tx.put_run_state("r1", "Running", b"s3", None)).await.unwrap();
    let taken = living.write(|tx| tx.take_over()).await.unwrap();
    assert_eq!(taken.lapsed, ["slow"]);
    assert_eq!((taken.runs, taken.events), (vec!["r1".to_owned()], vec![seq]));
    for job in [
        slow.write(|tx| tx.put_run_state("r1", "Running", b"s4", Some("r"))).await,
        slow.write(|tx| tx.end_run("r1", "Failed", 1, None, "{}")).await,
        slow.write(|tx| tx.renew_node(LEASE)).await,
        slow.write(|tx| tx.take_over().map(drop)).await,
    ] {
        assert!(matches!(job, Err(Error::LostOwnership)), "{job:?}");
    }
    assert!(slow.read(|tx| tx.open_runs()).await.unwrap().is_empty());
    assert!(slow.read(move |tx| tx.event(seq)).await.unwrap().is_none());
    let progress = living.read(|tx| tx.run_progress("r1")).await.unwrap();
    assert_eq!(progress.state.as_deref(), Some(b"s3".as_slice()));
    assert!(progress.records.is_empty());
    // It may come back as a new node, which owns nothing of that.
    slow.register_node("slow", LEASE).await.unwrap();
    assert!(slow.write(|tx| tx.take_over()).await.unwrap().runs.is_empty());
    assert!(slow.write(|tx| tx.put_run_state("r1", "Running", b"s5", None)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_incident_are_one_nodes() {
    let Some((_place, a, b)) = two().await else { return };
    a.register_node("a", LEASE).await.unwrap();
    b.register_node("b", LEASE).await.unwrap();
    let ws = workspace(&a).await;
    let first = a.write(move |tx| tx.add_event(&EventSubject::incident(ws, "I"), "1")).await.unwrap();
    let second = b.write(move |tx| tx.add_event(&EventSubject::incident(ws, "i"), "2")).await.unwrap();
    assert_eq!(b.read(move |tx| tx.first_event(&EventSubject::incident(ws, "i"))).await.unwrap(), None);
    a.write(move |tx| tx.delete_event(first)).await.unwrap();
    assert_eq!(
        a.read(move |tx| tx.first_event(&EventSubject::incident(ws, "i"))).await.unwrap(),
        Some(second)
    );
    a.write(move |tx| tx.delete_event(second)).await.unwrap();
    let third = b.write(move |tx| tx.add_event(&EventSubject::incident(ws, "i"), "3")).await.unwrap();
    assert_eq!(
        b.read(move |tx| tx.first_event(&EventSubject::incident(ws, "i"))).await.unwrap(),
        Some(third)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_tell_each_other_what_has_changed() {
    let Some((_place, a, b)) = two().await else { return };
    a.register_node("a", LEASE).await.unwrap();
    b.register_node("b", LEASE).await.unwrap();
    a.write(|tx| tx.add_run(&run_row("r1"))).await.unwrap();
    // The first look finds out whether the database tells; after that a word comes long before the second is over.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = a.read(|tx| tx.generations()).await.unwrap();
    // On a busy machine a word may be late; one of several is not.
    let mut rounds = 0..20;
    let is_told = loop {
        let Some(round) = rounds.next() else { break false };
        let waiting = a.clone();
        let told = tokio::spawn(async move {
            let since = std::time::Instant::now();
            waiting.notified().await;
            since.elapsed()
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let letter = if round == 0 { "$cancel".to_owned() } else { format!("$again{round}") };
        b.write(move |tx| tx.put_inbox("r1", &letter, "null")).await.unwrap();
        if told.await.unwrap() < Duration::from_millis(800) {
            break true;
        }
    };
    assert!(is_told, "nodes hear of changes only when they look");
    let after = a.read(|tx| tx.generations()).await.unwrap();
    assert!(after.of(Kind::Mail) > before.of(Kind::Mail));
    let mail = a.read(|tx| tx.mail()).await.unwrap();
    assert!(mail.contains(&("r1".to_owned(), "$cancel".to_owned(), "null".to_owned())), "{mail:?}");
    assert!(b.read(|tx| tx.mail()).await.unwrap().is_empty());
    let letters = mail.len();
    for (run, command, _) in mail {
        a.write(move |tx| tx.received(&run, &command)).await.unwrap();
    }
    assert!(a.read(|tx| tx.mail()).await.unwrap().is_empty());
    let inbox = a.read(|tx| tx.run_progress("r1")).await.unwrap().inbox;
    assert_eq!(inbox.len(), letters, "it stays until it is seen");
    // Own outcomes are no mail.
    a.write(|tx| tx.put_inbox("r1", "c", "1")).await.unwrap();
    assert!(a.read(|tx| tx.mail()).await.unwrap().is_empty());
}
