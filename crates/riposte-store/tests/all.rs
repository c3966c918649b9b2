//! The promises of the store: what is answered is kept, what refuses leaves no trace, and neighbours in one
//! transaction do not touch each other.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use riposte_store::{Error, Log, Part, ResourceKey, RunRow, Store, WorkspaceKey};
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("riposte-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn workspace(store: &Store) -> WorkspaceKey {
    let key = ResourceKey::new(
        "/subscriptions/s/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/W",
    );
    store
        .write(move |tx| tx.put_workspace(&key, "5A1E0000-0000-4000-8000-000000000001", "W", "{}"))
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_answered_is_there_after_reopening() {
    let folder = Folder::new("reopen");
    let store = Store::open(&folder.0).unwrap();
    let ws = workspace(&store).await;
    store
        .write(move |tx| {
            let number = tx.next_incident_number(ws)?;
            tx.put_incident(ws, "AB", number, 5, "{\"title\":\"x\"}")?;
            tx.put_part(ws, "ab", Part::Comment, "c1", "first")?;
            tx.put_part(ws, "ab", Part::Comment, "c0", "second")?;
            tx.put_part(ws, "ab", Part::Comment, "C1", "first, changed")
        })
        .await
        .unwrap();
    drop(store);
    let store = Store::open(&folder.0).unwrap();
    let found = store
        .read(move |tx| {
            Ok((tx.incident(ws, "Ab")?, tx.incident_by_number(ws, 1)?, tx.parts(ws, "AB", Part::Comment)?))
        })
        .await
        .unwrap();
    assert_eq!(found.0.as_deref(), Some("{\"title\":\"x\"}"));
    assert_eq!(found.0, found.1);
    assert_eq!(found.2, ["first, changed", "second"]);
    let by_name = store.read(|tx| tx.workspaces_by_name("w")).await.unwrap();
    assert_eq!(by_name[0].id, "5a1e0000-0000-4000-8000-000000000001");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_refuse_or_panic_are_undone_alone() {
    let store = Store::in_memory().unwrap();
    let ws = workspace(&store).await;
    let jobs = (0..200).map(|i| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write(move |tx| {
                    tx.append_log(ws, Log::SentinelHealth, i, &i.to_string())?;
                    match i % 10 {
                        3 => Err(Error::Refused),
                        7 => panic!("a job's panic stays with the job"),
                        _ => Ok(()),
                    }
                })
                .await
        })
    });
    for (i, job) in jobs.collect::<Vec<_>>().into_iter().enumerate() {
        let answer = job.await.unwrap();
        match i % 10 {
            3 => assert!(matches!(answer, Err(Error::Refused))),
            7 => assert!(matches!(answer, Err(Error::Closed))),
            _ => answer.unwrap(),
        }
    }
    let rows = store.read(move |tx| tx.log_rows(ws, Log::SentinelHealth, 0, 1000)).await.unwrap();
    assert_eq!(rows.len(), 160);
    assert!(rows.iter().all(|row| !row.ends_with('3') && !row.ends_with('7')));
}

#[tokio::test]
async fn an_ended_run_keeps_records_and_loses_state() {
    let store = Store::in_memory().unwrap();
    let resource =
        ResourceKey::new("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p");
    let row = RunRow {
        id: "0858CU01".into(),
        resource: resource.clone(),
        version: 1,
        incident: None,
        status: "Running".into(),
        started: 1,
        ended: None,
        doc: "{}".into(),
        outcome: None,
    };
    store
        .write(move |tx| {
            tx.add_run(&row)?;
            tx.put_run_state("0858CU01", "Running", b"s1", Some("r1"))?;
            tx.put_inbox("0858CU01", "c1", "o1")?;
            tx.put_inbox("0858CU01", "c1", "o2")?;
            tx.put_run_state("0858CU01", "Waiting", b"s2", None)
        })
        .await
        .unwrap();
    let progress = store.read(|tx| tx.run_progress("0858CU01")).await.unwrap();
    assert_eq!(progress.state.as_deref(), Some(b"s2".as_slice()));
    assert_eq!(progress.inbox, [("c1".to_string(), "o1".to_string())], "the first outcome stands");
    assert_eq!(store.read(|tx| tx.open_runs()).await.unwrap()[0].status, "Waiting");
    store.write(|tx| tx.end_run("0858CU01", "Succeeded", 2, Some("r2"), "{}")).await.unwrap();
    let progress = store.read(|tx| tx.run_progress("0858CU01")).await.unwrap();
    assert_eq!((progress.state, progress.inbox.len()), (None, 0));
    assert_eq!(progress.records, ["r1", "r2"]);
    assert!(store.read(|tx| tx.open_runs()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_has_one_owner_and_is_free_after_closing() {
    let folder = Folder::new("owner");
    let store = Store::open(&folder.0).unwrap();
    for (path, expected) in [(folder.0.clone(), 0o700), (folder.0.join("riposte.db"), 0o600)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, expected, "{}", path.display());
    }
    let refused = Store::open(&folder.0).unwrap_err();
    assert!(matches!(refused, Error::InUse(_)), "{refused}");
    let waiting: Vec<_> = (0..50_i64)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.write(move |tx| tx.put_meta(&i.to_string(), "x")).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    assert!(matches!(store.write(|tx| tx.put_meta("late", "x")).await, Err(Error::Closed)));
    let again = Store::open(&folder.0).unwrap();
    for (i, answer) in waiting.into_iter().enumerate() {
        let kept = again.read(move |tx| tx.meta(&i.to_string())).await.unwrap().is_some();
        assert_eq!(
            answer.await.unwrap().is_ok(),
            kept,
            "what was answered is there, what was refused is not"
        );
    }
}

#[test]
fn resource_keys_ignore_case_and_slashes() {
    let a = ResourceKey::new("/Subscriptions/S/resourceGroups/Group/providers/Microsoft.Logic/workflows/P/");
    let b = ResourceKey::new("subscriptions/s/resourcegroups/group/providers/microsoft.logic/workflows/p");
    assert_eq!(a, b);
    assert_eq!(a.resource_group(), Some(ResourceKey::new("/subscriptions/s/resourceGroups/group")));
    assert_eq!(a.name(), "p");
}
