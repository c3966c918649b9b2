//! What workspaces keep by name, entities, and programs that sign in: the same over SQLite and PostgreSQL.

use crate::bed::{Bed, Hands, Place};
use riposte_egress::{EgressPolicy, Gate};
use riposte_engine::{Clock, Collection, Config, Engine, ErrorKind, ItemPlace, LogQuery};
use riposte_value::{Value, value};
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn place(collection: Collection, parent: &str, name: &str) -> ItemPlace {
    ItemPlace { collection, parent: parent.to_owned(), name: name.to_owned() }
}

fn watchlist(rows: &str) -> Value {
    value!({"properties": {"displayName": "VIP", "provider": "p", "itemsSearchKey": "upn", "rawContent": rows}})
}

#[tokio::test]
async fn what_is_kept_is_there_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("riposte-collections-{}", std::process::id()));
    let lasting = Place::lasting(&folder);
    let list = place(Collection::Watchlists, "", "VIP");
    let before = {
        let bed = Bed::over(lasting.clone(), |_| (200, value!({}))).await;
        let made = bed
            .engine
            .put_item(&bed.ws, &list, &watchlist("upn,x\na@x,1\nb@x,2\n"), &bed.caller)
            .await
            .unwrap();
        assert!(made.created);
        bed.alert("one", "High", value!([{"$id": "1", "Type": "ip", "Address": "10.0.0.9"}])).await;
        let entities = bed.engine.entities(&bed.ws, "", 10).await.unwrap();
        bed.engine.shutdown().await;
        (made.resource, entities.items)
    };
    let bed = Bed::over(lasting, |_| (200, value!({}))).await;
    assert_eq!(bed.engine.item(&bed.ws, &list).await.unwrap(), before.0);
    let rows = bed.engine.items(&bed.ws, Collection::WatchlistItems, "vip", "", 10).await.unwrap();
    assert_eq!(rows.items.len(), 2);
    assert_eq!(bed.engine.entities(&bed.ws, "", 10).await.unwrap().items, before.1);
    assert!(bed.engine.delete_item(&bed.ws, &list, &bed.caller).await.unwrap());
    let gone = bed.engine.items(&bed.ws, Collection::WatchlistItems, "VIP", "", 10).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn rows_are_written_when_they_differ_and_the_audit_tells() {
    let bed = Bed::new().await;
    let list = place(Collection::Watchlists, "", "VIP");
    let put = async |rows: &str| {
        let written = bed.engine.put_item(&bed.ws, &list, &watchlist(rows), &bed.caller).await.unwrap();
        written.resource.str_at(&["etag"]).unwrap().to_owned()
    };
    let first = put("upn\na@x\nb@x\n").await;
    assert_eq!(put("upn\na@x\nb@x\n").await, first, "the same rows change nothing");
    let second = put("upn\na@x\n").await;
    assert_ne!(second, first, "other rows make another list");
    // A row that somebody has changed by hand is brought back.
    let rows = bed.engine.items(&bed.ws, Collection::WatchlistItems, "VIP", "", 10).await.unwrap().items;
    let row = place(Collection::WatchlistItems, "VIP", rows[0].str_at(&["name"]).unwrap());
    let other = value!({"properties": {"itemsKeyValue": {"upn": "z@x"}}});
    bed.engine.put_item(&bed.ws, &row, &other, &bed.caller).await.unwrap();
    put("upn\na@x\n").await;
    let rows = bed.engine.items(&bed.ws, Collection::WatchlistItems, "VIP", "", 10).await.unwrap().items;
    assert_eq!(rows[0].str_at(&["properties", "itemsKeyValue", "upn"]), Some("a@x"));
    bed.engine.delete_item(&bed.ws, &list, &bed.caller).await.unwrap();
    let told = bed.engine.audit(&bed.ws, LogQuery { top: 50, ..LogQuery::default() }).await.unwrap();
    let told: Vec<&str> = told
        .iter()
        .filter(|row| row.str_at(&["SentinelResourceType"]) == Some("Watchlist"))
        .filter_map(|row| row.str_at(&["Description"]))
        .collect();
    assert_eq!(told.first(), Some(&"Watchlist was deleted."));
    assert_eq!(told.iter().filter(|text| text.contains("updated")).count(), 3, "{told:?}");
    assert_eq!(told.last(), Some(&"Watchlist was created."));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_content_is_read_beside_other_work() {
    let bed = Bed::new().await;
    let list = place(Collection::Watchlists, "", "VIP");
    let long = "x".repeat(300_000);
    let body = watchlist(&format!("upn,note\na@x,{long}\nb@x,{long}\n"));
    bed.engine.put_item(&bed.ws, &list, &body, &bed.caller).await.unwrap();
    let rows = bed.engine.items(&bed.ws, Collection::WatchlistItems, "VIP", "", 10).await.unwrap().items;
    assert_eq!(rows.len(), 2);
    let endless = value!({"properties": {"displayName": "VIP", "provider": "p", "itemsSearchKey": "upn",
        "numberOfLinesToSkip": i64::MAX, "rawContent": "upn\na@x\n"}});
    let refused = bed.engine.put_item(&bed.ws, &list, &endless, &bed.caller).await.err().unwrap();
    assert_eq!(refused.kind, ErrorKind::BadRequest);
}

#[tokio::test]
async fn credentials_of_data_connectors_are_neither_kept_nor_audited() {
    let bed = Bed::new().await;
    let connector = place(Collection::DataConnectors, "", "c1");
    for secret in ["s3cret-1", "s3cret-2"] {
        let body = value!({"kind": "RestApiPoller", "properties": {"secret": secret, "tenantId": "t",
            "auth": {"type": "Basic", "userName": "u", "PASSWORD": secret, "nested": [{"sas_token": secret}]}}});
        bed.engine.put_item(&bed.ws, &connector, &body, &bed.caller).await.unwrap();
    }
    let shown = bed.engine.item(&bed.ws, &connector).await.unwrap();
    assert_eq!(
        shown.get("properties"),
        Some(&value!({"tenantId": "t", "auth": {"type": "Basic", "userName": "u", "nested": [{}]}}))
    );
    bed.engine.delete_item(&bed.ws, &connector, &bed.caller).await.unwrap();
    let told = bed.engine.audit(&bed.ws, LogQuery { top: 50, ..LogQuery::default() }).await.unwrap();
    assert!(told.iter().any(|row| row.str_at(&["SentinelResourceType"]) == Some("Data connector")));
    assert!(told.iter().all(|row| !row.to_string().contains("s3cret")), "{told:?}");
}

#[tokio::test]
async fn a_bookmark_of_a_removed_incident_can_be_removed() {
    let bed = Bed::new().await;
    let incident = bed.alert("one", "Low", value!([])).await;
    let mark = place(Collection::Bookmarks, "", "b1");
    let body = value!({"properties": {"displayName": "b", "query": "q"}});
    bed.engine.put_item(&bed.ws, &mark, &body, &bed.caller).await.unwrap();
    let id = format!("{}/providers/Microsoft.SecurityInsights/bookmarks/b1", bed.ws.reference.arm_id());
    let relation = value!({"properties": {"relatedResourceId": id}});
    let (made, remarks) =
        bed.engine.put_relation(&bed.ws, &incident, "r1", &relation, &bed.caller).await.unwrap();
    assert!(made.created && remarks.is_empty());
    bed.engine.delete_incident(&bed.ws, &incident, &bed.caller).await.unwrap();
    let shown = bed.engine.item(&bed.ws, &mark).await.unwrap();
    assert_eq!(shown.at(&["properties", "incidentInfo"]), None);
    assert!(bed.engine.delete_item(&bed.ws, &mark, &bed.caller).await.unwrap());
}

#[tokio::test]
async fn entities_follow_the_alerts() {
    let bed = Bed::new().await;
    for number in 0..5 {
        let entities = value!([
            {"$id": "1", "Type": "ip", "Address": format!("10.0.0.{number}")},
            {"$id": "2", "Type": "host", "HostName": "web"}]);
        bed.alert(&format!("a{number}"), "Low", entities).await;
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = bed.engine.entities(&bed.ws, &after, 2).await.unwrap();
        seen.extend(page.items.iter().map(|entity| entity.str_at(&["name"]).unwrap().to_owned()));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 6, "five addresses and one host: {seen:?}");
    seen.dedup();
    assert_eq!(seen.len(), 6);
    for id in &seen {
        assert!(bed.engine.entity(&bed.ws, &id.to_uppercase()).await.is_ok());
    }
    let alerts = bed.engine.alerts(&bed.ws, None, 3).await.unwrap();
    let more = bed.engine.alerts(&bed.ws, alerts.next.as_deref(), 3).await.unwrap();
    assert_eq!((alerts.items.len(), more.items.len(), more.next), (3, 2, None));
}

#[tokio::test]
async fn tokens_and_secrets_are_over_when_their_time_is() {
    let bed = Bed::new().await;
    let clock = Hands::at(1_780_000_000);
    let gate = Arc::new(Gate::new(EgressPolicy::default()).unwrap());
    let engine =
        Engine::open_with(Config::default(), gate, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    let made = engine.create_service_principal(&value!({"displayName": "p"}), &bed.caller).await.unwrap();
    let (app, secret) = (made.str_at(&["appId"]).unwrap(), made.str_at(&["secretText"]).unwrap());
    let issued = engine.sign_in_application(app, secret).await.unwrap().unwrap();
    let caller = engine.authenticate(&issued.token).await.unwrap().unwrap();
    assert_eq!(caller.actor.kind, riposte_incident::ActorKind::Application);
    clock.0.fetch_add(3_599, Ordering::Relaxed);
    assert!(engine.authenticate(&issued.token).await.unwrap().is_some());
    // A token in the secret's place is good for what is left of it.
    assert_eq!(engine.sign_in_application("any", &issued.token).await.unwrap().unwrap().seconds, 1);
    clock.0.fetch_add(1, Ordering::Relaxed);
    assert!(engine.authenticate(&issued.token).await.unwrap().is_none());
    assert!(engine.sign_in_application("any", &issued.token).await.unwrap().is_none());
    clock.0.fetch_add(366 * 86_400, Ordering::Relaxed);
    assert!(engine.sign_in_application(app, secret).await.unwrap().is_none(), "a secret is good for a year");
}

#[tokio::test]
async fn programs_that_sign_in_are_kept() {
    let bed = Bed::new().await;
    let made = bed.engine.create_service_principal(&value!({"displayName": "p"}), &bed.caller).await.unwrap();
    let (id, app) = (made.str_at(&["id"]).unwrap(), made.str_at(&["appId"]).unwrap());
    let secret = made.str_at(&["secretText"]).unwrap();
    let token = async || bed.engine.sign_in_application(app, secret).await.unwrap().unwrap().token;
    let first = token().await;
    assert!(bed.engine.authenticate(&first).await.unwrap().is_some());
    bed.engine.revoke_tokens(app, &bed.caller).await.unwrap();
    assert!(bed.engine.authenticate(&first).await.unwrap().is_none());
    let second = token().await;
    assert!(bed.engine.end_token(&second).await.unwrap());
    assert!(bed.engine.authenticate(&second).await.unwrap().is_none());
    let key =
        made.at(&["passwordCredentials"]).and_then(|keys| keys.item(0)).unwrap().str_at(&["keyId"]).unwrap();
    assert!(bed.engine.delete_secret(id, key, &bed.caller).await.unwrap());
    assert!(bed.engine.sign_in_application(app, secret).await.unwrap().is_none());
    assert_eq!(bed.engine.service_principals().await.unwrap().len(), 1);
    assert!(bed.engine.delete_service_principal(id, &bed.caller).await.unwrap());
    let told = bed.engine.audit(&bed.ws, LogQuery { top: 50, ..LogQuery::default() }).await.unwrap();
    let rows: Vec<_> = told
        .iter()
        .filter(|row| row.str_at(&["SentinelResourceType"]) == Some("Service principal"))
        .collect();
    assert_eq!(rows.len(), 4, "made, revoked, a secret less, removed: {rows:?}");
    assert!(rows.iter().all(|row| !row.to_string().contains(secret)));
}
