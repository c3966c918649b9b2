//! What is answered is kept, over each database.

use crate::over_both;
use crate::place::Place;
use riposte_store::{
    Error, EventSubject, GroupRow, IncidentList, IncidentOrder, IncidentRow, Item, Kind, Log, Part,
    ResourceKey, RunRow, Store, WorkspaceKey,
};
use std::sync::Arc;

over_both!(
    what_is_answered_is_there_after_reopening,
    jobs_that_refuse_or_panic_are_undone_alone,
    a_job_whose_statement_failed_is_not_kept,
    many_small_changes_share_a_transaction,
    an_ended_run_keeps_records_and_loses_state,
    requests_of_an_action_are_bounded_and_paged,
    rows_keep_their_order,
    evaluations_are_bounded_in_number_and_age,
    items_lie_below_their_parents,
    lists_of_incidents_go_along_their_key,
    changed_incidents_come_in_the_order_of_their_changes,
    groups_of_alerts_are_found_by_their_time,
    text_is_compared_by_its_bytes,
    generations_count_changes,
);

pub async fn workspace(store: &Store) -> WorkspaceKey {
    let key = ResourceKey::new(
        "/subscriptions/s/resourceGroups/G/providers/Microsoft.OperationalInsights/workspaces/W",
    );
    store
        .write(move |tx| tx.put_workspace(&key, "5A1E0000-0000-4000-8000-000000000001", "W", "{}"))
        .await
        .unwrap()
}

async fn what_is_answered_is_there_after_reopening(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    store
        .write(move |tx| {
            let number = tx.next_incident_number(ws)?;
            tx.put_incident(ws, &incident_row("AB", number, "{\"title\":\"x\"}"))?;
            tx.put_part(ws, "ab", Part::Comment, "c1", "first")?;
            tx.put_part(ws, "ab", Part::Comment, "c0", "second")?;
            tx.put_part(ws, "ab", Part::Comment, "C1", "first, changed")
        })
        .await
        .unwrap();
    let store = place.reopen(store).await;
    let found = store
        .read(move |tx| {
            Ok((tx.incident(ws, "Ab")?, tx.incident_by_number(ws, 1)?, tx.parts(ws, "AB", Part::Comment)?))
        })
        .await
        .unwrap();
    assert_eq!(found.0.as_deref(), Some("{\"title\":\"x\"}"));
    assert_eq!(found.0, found.1);
    assert_eq!(found.2, [(1, "first, changed".to_owned()), (2, "second".to_owned())]);
    let by_name = store.read(|tx| tx.workspaces_by_name("w")).await.unwrap();
    assert_eq!(by_name[0].id, "5a1e0000-0000-4000-8000-000000000001");
}

async fn jobs_that_refuse_or_panic_are_undone_alone(place: Place) {
    let store = place.open().await;
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

async fn an_ended_run_keeps_records_and_loses_state(place: Place) {
    let store = place.open().await;
    let row = run_row("0858CU01");
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

async fn requests_of_an_action_are_bounded_and_paged(place: Place) {
    let store = place.open().await;
    store
        .write(|tx| {
            // Names count down: the latest comes first.
            for i in (0..105).rev() {
                tx.add_run_request("r", "Ask", "000001", &format!("{i:020}"), &i.to_string())?;
            }
            tx.add_run_request("r", "Ask", "", "1", "outside the loop")
        })
        .await
        .unwrap();
    let page =
        store.read(|tx| tx.run_requests("r", "ask", "000001", &format!("{:020}", 0), 2)).await.unwrap();
    assert_eq!(page.iter().map(|(_, doc)| doc.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    let all = store.read(|tx| tx.run_requests("r", "ASK", "000001", "", 1000)).await.unwrap();
    assert_eq!((all.len(), all[99].1.as_str()), (100, "99"), "the oldest went");
    let one = store.read(|tx| tx.run_request("r", "ask", "", "1")).await.unwrap();
    assert_eq!(one.as_deref(), Some("outside the loop"));
    assert_eq!(store.read(|tx| tx.run_request("r", "ask", "000001", "1")).await.unwrap(), None);
}

pub fn run_row(id: &str) -> RunRow {
    RunRow {
        id: id.into(),
        resource: ResourceKey::new("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p"),
        version: 1,
        incident: None,
        status: "Running".into(),
        started: 1,
        ended: None,
        doc: "{}".into(),
        outcome: None,
    }
}

/// A job that goes on after a statement of it has failed is refused as a whole, with that failure.
async fn a_job_whose_statement_failed_is_not_kept(place: Place) {
    let store = place.open().await;
    let key = ResourceKey::new("/p");
    let twice = key.clone();
    let refused = store
        .write(move |tx| {
            tx.put_meta("before", "x")?;
            tx.put_playbook_version(&twice, 1, "{}")?;
            let _ = tx.put_playbook_version(&twice, 1, "{}");
            let _ = tx.put_meta("after", "x");
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Database(_)), "{refused}");
    assert!(matches!(store.write(|tx| tx.put_meta("a\0b", "x")).await, Err(Error::Unstorable)));
    store.write(|tx| tx.put_meta("later", "x")).await.unwrap();
    let found = store
        .read(move |tx| {
            Ok((tx.meta("before")?, tx.meta("after")?, tx.meta("later")?, tx.last_playbook_version(&key)?))
        })
        .await
        .unwrap();
    assert_eq!(found, (None, None, Some("x".into()), None));
}

/// While the writer is held up, jobs come together; they are all kept, each sees those before it, and they take far
/// fewer transactions than there are jobs.
async fn many_small_changes_share_a_transaction(place: Place) {
    let store = place.open().await;
    let turns_before = turns(&place);
    let (go, held) = std::sync::mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let first = store.clone();
    let first = tokio::spawn(async move {
        first
            .write(move |tx| {
                let _ = began.send(());
                let _ = held.recv();
                tx.put_meta("count", "0")
            })
            .await
    });
    begun.await.unwrap();
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let jobs: Vec<_> = (0..500)
        .map(|_| {
            let (store, order) = (store.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        let count: u32 = tx.meta("count")?.unwrap().parse().unwrap();
                        order.lock().unwrap().push(count);
                        tx.put_meta("count", &(count + 1).to_string())
                    })
                    .await
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    go.send(()).unwrap();
    first.await.unwrap().unwrap();
    for job in jobs {
        job.await.unwrap().unwrap();
    }
    assert_eq!(store.read(|tx| tx.meta("count")).await.unwrap().as_deref(), Some("500"));
    assert_eq!(*order.lock().unwrap(), (0..500).collect::<Vec<_>>());
    if let Some((before, after)) = turns_before.zip(turns(&place)) {
        assert!(after - before < 100, "{} transactions for 501 jobs", after - before);
    }
}

/// How many writing transactions there were, where the database counts them.
fn turns(place: &Place) -> Option<i64> {
    let Place::Postgres { server, url } = place else { return None };
    let database = url.rsplit('/').next().unwrap();
    server.execute(database, "SELECT turn FROM writer")[0].parse().ok()
}

async fn rows_keep_their_order(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    store
        .write(move |tx| {
            for name in 0..300 {
                let number = tx.next_incident_number(ws)?;
                tx.put_incident(ws, &incident_row(&format!("i{name}"), number, &number.to_string()))?;
            }
            for text in ["a", "b", "c"] {
                tx.append_timeline(ws, "I7", text)?;
                tx.append_log(ws, Log::SecurityAlert, 5, text)?;
                tx.add_event(&EventSubject::incident(ws, "I7"), text)?;
            }
            tx.put_automation_rule(ws, "B", "b")?;
            tx.put_automation_rule(ws, "a", "a")
        })
        .await
        .unwrap();
    let seen = store
        .read(move |tx| {
            let (mut all, mut few) = (Vec::new(), Vec::new());
            tx.visit_incidents(ws, &IncidentList::default(), &mut |(number, _), doc| {
                assert_eq!(doc, number.to_string());
                all.push(number);
                true
            })?;
            let list = IncidentList { after: Some((100, 100)), ..IncidentList::default() };
            tx.visit_incidents(ws, &list, &mut |(number, _), _| {
                few.push(number);
                few.len() < 3
            })?;
            Ok((all, few))
        })
        .await
        .unwrap();
    assert_eq!(seen.0, (1..=300).rev().collect::<Vec<i64>>());
    assert_eq!(seen.1, [99, 98, 97]);
    let (timeline, log, events, rules) = store
        .read(move |tx| {
            Ok((
                tx.timeline(ws, "i7", Some(1), 10)?,
                tx.log_rows(ws, Log::SecurityAlert, 5, 2)?,
                tx.events()?,
                tx.automation_rules(ws)?,
            ))
        })
        .await
        .unwrap();
    assert_eq!(timeline, [(2, "b".to_owned()), (3, "c".to_owned())]);
    assert_eq!(log, ["c", "b"]);
    assert_eq!(events.iter().map(|event| event.doc.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(rules, ["a", "b"]);
    let first = events[0].seq;
    let found = store
        .write(move |tx| {
            tx.put_event(first, "a2")?;
            let changed = tx.event(first)?.unwrap().doc;
            tx.delete_event(first)?;
            Ok((changed, tx.event(first)?.is_none(), tx.first_event(&EventSubject::incident(ws, "i7"))?))
        })
        .await
        .unwrap();
    assert_eq!(found, ("a2".to_owned(), true, Some(events[1].seq)));
}

fn incident_row<'a>(name: &'a str, number: i64, doc: &'a str) -> IncidentRow<'a> {
    // Of 300: every third is closed, every fifth high; the later half was changed in reverse order.
    let status = if number % 3 == 0 { "Closed" } else { "New" };
    let severity = if number % 5 == 0 { "High" } else { "Low" };
    IncidentRow { name, number, created: 0, modified: (number - 150).abs(), status, severity, doc }
}

async fn changed_incidents_come_in_the_order_of_their_changes(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    let put = async |numbers: &'static [i64]| {
        let written = store.write(move |tx| {
            numbers.iter().try_for_each(|n| tx.put_incident(ws, &incident_row(&format!("i{n}"), *n, "{}")))
        });
        written.await.unwrap();
    };
    let changed = async |after: (i64, i64), limit: usize| {
        let found = store.read(move |tx| {
            let mut found = Vec::new();
            tx.changed_incidents(ws, after, limit, &mut |place, _| found.push(place))?;
            Ok(found)
        });
        found.await.unwrap()
    };
    put(&[2, 1, 3]).await;
    put(&[5, 4]).await;
    // What is written twice in one turn and what is refused leave no trace; a turn that was undone is not taken again.
    let refused = store.write(move |tx| {
        tx.put_incident(ws, &incident_row("i1", 1, "{}"))?;
        Err::<(), _>(Error::Refused)
    });
    refused.await.unwrap_err();
    put(&[2, 2]).await;
    let all = changed((0, 0), 10).await;
    assert_eq!(all.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1, 3, 4, 5, 2]);
    assert!(all.is_sorted() && all[0].0 < all[2].0 && all[3].0 < all[4].0, "{all:?}");
    assert_eq!(changed((0, 0), 2).await, all[..2]);
    assert_eq!(changed(all[2], 10).await, all[3..]);
    store.write(move |tx| tx.delete_incident(ws, "i2")).await.unwrap();
    put(&[1]).await;
    let last = changed(all[4], 10).await;
    assert_eq!(last.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [1]);
}

async fn lists_of_incidents_go_along_their_key(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    store
        .write(move |tx| {
            for number in 1..=300 {
                tx.put_incident(ws, &incident_row(&format!("i{number}"), number, "{}"))?;
            }
            tx.put_incident(ws, &IncidentRow { status: "Active", ..incident_row("I15", 15, "{}") })
        })
        .await
        .unwrap();
    let listed = async |list: IncidentList| {
        let found = store.read(move |tx| {
            let mut found = Vec::new();
            tx.visit_incidents(ws, &list, &mut |(_, number), _| {
                found.push(number);
                true
            })?;
            Ok(found)
        });
        found.await.unwrap()
    };
    let (all, modified) = (IncidentList::default(), IncidentOrder::Modified);
    let status = |name: &str| Some(name.to_owned());
    let down = |keep: &dyn Fn(i64) -> bool| (1..=300).rev().filter(|n| keep(*n)).collect::<Vec<i64>>();
    let closed = listed(IncidentList { status: status("Closed"), ..all.clone() }).await;
    assert_eq!(closed, down(&|n| n % 3 == 0 && n != 15));
    assert_eq!(listed(IncidentList { status: status("Active"), ..all.clone() }).await, [15]);
    let high = listed(IncidentList { severity: status("High"), ..all.clone() }).await;
    assert_eq!(high, down(&|n| n % 5 == 0));
    let both = IncidentList { status: status("Closed"), severity: status("High"), ..all.clone() };
    assert_eq!(listed(both.clone()).await, down(&|n| n % 15 == 0 && n != 15));
    let up = IncidentList { descending: false, after: Some((270, 270)), ..both };
    assert_eq!(listed(up).await, [285, 300]);
    let lately = IncidentList { modified: (149, 200), ..all.clone() };
    assert_eq!(listed(lately.clone()).await, [300, 299, 1]);
    assert_eq!(listed(IncidentList { order: modified, ..lately.clone() }).await, [300, 299, 1]);
    let first = IncidentList { order: modified, descending: false, ..lately };
    assert_eq!(listed(first.clone()).await, [1, 299, 300]);
    assert_eq!(listed(IncidentList { after: Some((149, 1)), ..first }).await, [299, 300]);
    let changed = IncidentList { order: modified, status: status("Closed"), modified: (0, 6), ..all };
    assert_eq!(listed(changed).await, [156, 144, 153, 147, 150]);
}

async fn evaluations_are_bounded_in_number_and_age(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    let (incident, alert) = (EventSubject::incident(ws, "I"), EventSubject::alert(ws, "I"));
    let (about, other) = (incident.clone(), alert.clone());
    store
        .write(move |tx| {
            tx.put_evaluated_rules(ws, "old", 1, "o")?;
            tx.put_evaluated_rules(ws, "now", 1, "n")?;
            tx.put_evaluated_rules(ws, "now", 2, "not written again")?;
            for time in 1..=6 {
                tx.add_evaluation(&about, time, "now", &time.to_string())?;
            }
            tx.add_evaluation(&other, 7, "now", "of the alert")?;
            tx.add_event(&about, "of the incident")?;
            tx.add_event(&other, "of the alert")
        })
        .await
        .unwrap();
    let kept = |store: Store, subject: EventSubject| async move {
        let rows = store.read(move |tx| tx.evaluations(&subject, 10)).await.unwrap();
        rows.into_iter().map(|(_, doc)| doc).collect::<Vec<_>>()
    };
    assert_eq!(kept(store.clone(), incident.clone()).await, ["6", "5", "4", "3", "2", "1"]);
    // From before 3, two of the oldest at the most; then all but the newest 3 of all.
    store.write(|tx| tx.prune_evaluations(3, 100, 2)).await.unwrap();
    assert_eq!(kept(store.clone(), incident.clone()).await, ["6", "5", "4", "3"]);
    store.write(|tx| tx.prune_evaluations(0, 3, 100)).await.unwrap();
    assert_eq!(kept(store.clone(), incident.clone()).await, ["6", "5"]);
    store.write(|tx| tx.prune_evaluated_rules(5)).await.unwrap();
    let rules = store
        .read(move |tx| Ok((tx.evaluated_rules(ws, "old")?, tx.evaluated_rules(ws, "now")?, tx.events()?)))
        .await
        .unwrap();
    assert_eq!((rules.0, rules.1), (None, Some("n".to_owned())));
    assert_eq!(rules.2.iter().map(|event| &event.subject).collect::<Vec<_>>(), [&incident, &alert]);
    store.write(move |tx| tx.delete_incident(ws, "i")).await.unwrap();
    assert!(kept(store.clone(), incident).await.is_empty());
    assert_eq!(kept(store, alert).await, ["of the alert"]);
}

/// What lies below a scope, and the order of runs, do not follow a language's alphabet.
async fn text_is_compared_by_its_bytes(place: Place) {
    let store = place.open().await;
    let group = ResourceKey::new("/subscriptions/s/resourceGroups/g");
    let names = ["a-b", "a_c", "ab", "ä", "z"];
    store
        .write(move |tx| {
            for name in names {
                let id = format!("/subscriptions/s/resourceGroups/g/providers/m/workflows/{name}");
                tx.put_playbook(&ResourceKey::new(&id), 1, name)?;
                tx.put_connection(&ResourceKey::new(&id), name, Some(&[0, 255]))?;
            }
            tx.put_playbook(&ResourceKey::new("/subscriptions/s/resourceGroups/g-2/x"), 1, "other")?;
            for id in ["0858-B", "0858_A", "0858CU02"] {
                tx.add_run(&run_row(id))?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let (playbooks, connections, runs) = store
        .read(move |tx| Ok((tx.playbooks(&group)?, tx.connections(&group)?, tx.all_runs(None, 10)?)))
        .await
        .unwrap();
    let docs: Vec<_> = playbooks.iter().map(|row| row.doc.as_str()).collect();
    assert_eq!(docs, ["a-b", "a_c", "ab", "z", "ä"]);
    assert_eq!(connections[0].secret.as_deref(), Some([0, 255].as_slice()));
    let ids: Vec<_> = runs.iter().map(|run| run.id.as_str()).collect();
    assert_eq!(ids, ["0858-B", "0858CU02", "0858_A"]);
}

async fn items_lie_below_their_parents(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    store
        .write(move |tx| {
            for name in ["B", "a", "c"] {
                tx.put_item(ws, Item::WatchlistItem, "List", name, name)?;
                tx.put_item(ws, Item::WatchlistItem, "list2", name, "other")?;
            }
            tx.put_item(ws, Item::Watchlist, "", "List", "w")?;
            tx.put_item(ws, Item::WatchlistItem, "LIST", "A", "a2")
        })
        .await
        .unwrap();
    let (page, one, gone, left) = store
        .write(move |tx| {
            let page = tx.items(ws, Item::WatchlistItem, "list", "A", 1)?;
            let one = tx.item(ws, Item::WatchlistItem, "list", "A")?;
            let gone = tx.delete_item(ws, Item::WatchlistItem, "list", "b")?;
            let again = tx.delete_item(ws, Item::WatchlistItem, "list", "b")?;
            tx.delete_items(ws, Item::WatchlistItem, "list2")?;
            let of = |parent: &str| Ok::<_, Error>(tx.items(ws, Item::WatchlistItem, parent, "", 10)?.len());
            let watchlists = tx.items(ws, Item::Watchlist, "", "", 10)?.len();
            Ok((page, one, (gone, again), (of("list")?, of("list2")?, watchlists)))
        })
        .await
        .unwrap();
    assert_eq!(page, [("b".to_owned(), "B".to_owned())]);
    assert_eq!(one.as_deref(), Some("a2"));
    assert_eq!(gone, (true, false));
    assert_eq!(left, (2, 0, 1));
}

async fn generations_count_changes(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    let before = store.read(|tx| tx.generations()).await.unwrap();
    store.write(move |tx| tx.put_automation_rule(ws, "r", "{}")).await.unwrap();
    store.write(move |tx| tx.put_item(ws, Item::AnalyticsRule, "", "r", "{}")).await.unwrap();
    let refused = store
        .write(|tx| {
            tx.put_role_assignment(&ResourceKey::new("/x"), "{}")?;
            Err::<(), _>(Error::Refused)
        })
        .await;
    assert!(refused.is_err());
    let after = store.read(|tx| tx.generations()).await.unwrap();
    for kind in Kind::ALL {
        assert_eq!(
            after.of(kind) > before.of(kind),
            matches!(kind, Kind::Rules | Kind::Analytics),
            "{kind:?}"
        );
    }
}

async fn groups_of_alerts_are_found_by_their_time(place: Place) {
    let store = place.open().await;
    let ws = workspace(&store).await;
    let row = |incident: &str, first, last| GroupRow { incident: incident.into(), first, last };
    store
        .write(move |tx| {
            tx.put_alert_group(ws, "Rule", "k", &row("I1", 10, 10))?;
            tx.put_alert_group(ws, "rule", "k", &row("i1", 10, 15))?;
            tx.put_alert_group(ws, "rule", "k", &row("i2", 30, 30))?;
            tx.put_alert_group(ws, "rule", "k", &row("i3", 20, 20))?;
            tx.put_alert_group(ws, "rule", "other", &row("i4", 20, 20))
        })
        .await
        .unwrap();
    let found = |from, to| {
        let store = store.clone();
        async move { store.read(move |tx| tx.alert_groups(ws, "RULE", "k", from, to)).await.unwrap() }
    };
    assert_eq!(found(10, 29).await, [row("i1", 10, 15), row("i3", 20, 20)]);
    assert_eq!(found(11, 30).await, [row("i3", 20, 20), row("i2", 30, 30)]);
    store.write(move |tx| tx.delete_alert_group(ws, "rule", "k", &row("I3", 20, 99))).await.unwrap();
    assert_eq!(found(0, 99).await, [row("i1", 10, 15), row("i2", 30, 30)]);
}
