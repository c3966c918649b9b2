//! What a page of a list costs among a million incidents: those that a filter finds everywhere, those that it finds
//! seldom, and the order of changes. The incidents are written to the store as the engine writes them.
//!
//! `RIPOSTE_LISTED` gives another number of incidents.

#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

use riposte_engine::{
    Config, Engine, IncidentBounds, IncidentStatus, ListQuery, OrderBy, Severity, Workspace,
};
use riposte_store::{IncidentRow, Store, WorkspaceKey};
use riposte_value::{Value, json, value};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How many are written in one transaction.
const CHUNK: i64 = 10_000;
/// How often a list is asked for.
const ROUNDS: usize = 50;
/// Nanoseconds between two incidents.
const STEP: i64 = 30_000_000_000;

fn main() {
    let count = std::env::var("RIPOSTE_LISTED").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("lists-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for the bench can be made");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(measure(&folder, count));
    // The folder is scratch; what cannot be removed is left.
    let _ = std::fs::remove_dir_all(&folder);
}

async fn measure(folder: &Path, count: i64) {
    let open = || Engine::open(Config { data: Some(folder.to_owned()), ..Config::default() });
    let engine = open().await.expect("the engine opens");
    let token = engine.ensure_owner_token(None).await.expect("a token can be made").expect("the first start");
    let caller = engine.authenticate(&token).await.expect("tokens can be read").expect("the owner");
    let ws = engine
        .workspace_or_create("00000000-0000-0000-0000-000000000001", "bench", "bench", &caller)
        .await
        .expect("a workspace can be made");
    let body = value!({"properties": {"title": "t", "severity": "Low", "status": "New"}});
    engine.put_incident(&ws, "first", &body, &caller).await.expect("an incident can be made");
    engine.shutdown().await;
    let began = Instant::now();
    fill(folder, ws.key, count).await;
    println!("{count} incidents written in {:.1} s", began.elapsed().as_secs_f64());
    let engine = open().await.expect("the engine opens again");
    for case in cases(count) {
        report(&engine, &ws, &case).await;
    }
    engine.shutdown().await;
}

/// Most incidents of a workspace are closed; one in ten thousand is open, one in a hundred thousand open and high.
fn state(number: i64) -> (IncidentStatus, Severity) {
    match (number % 10_000, number % 100_000) {
        (_, 0) => (IncidentStatus::Active, Severity::High),
        (0, _) => (IncidentStatus::New, Severity::Medium),
        _ => (IncidentStatus::Closed, if number % 3 == 0 { Severity::Medium } else { Severity::Low }),
    }
}

async fn fill(folder: &Path, ws: WorkspaceKey, count: i64) {
    let store = Store::open(folder).expect("the store opens");
    let first = store.read(move |tx| tx.incident(ws, "first")).await.expect("the first can be read");
    let first = json::parse(&first.expect("it is there")).expect("it is JSON");
    let mut from = 2;
    while from <= count {
        let (to, first) = ((from + CHUNK).min(count + 1), first.clone());
        let written = store.write(move |tx| {
            for number in from..to {
                let (status, severity) = state(number);
                let at = 1_700_000_000_000_000_000 + number * STEP;
                let name = format!("{number:08x}-0000-4000-8000-000000000000");
                let doc = document(&first, &name, number, (status, severity));
                tx.put_incident(
                    ws,
                    &IncidentRow {
                        name: &name,
                        number,
                        created: at,
                        modified: at + STEP,
                        status: status.as_str(),
                        severity: severity.as_str(),
                        doc: &doc,
                    },
                )?;
            }
            Ok(())
        });
        written.await.expect("incidents can be written");
        from = to;
    }
    store.close().await;
}

fn document(
    first: &Value,
    name: &str,
    number: i64,
    (status, severity): (IncidentStatus, Severity),
) -> String {
    let mut doc = first.clone();
    if let Some(object) = doc.as_object_mut() {
        object.insert("name", name);
        object.insert("number", number);
        object.insert("title", format!("Sign-in of user {} from a new country", number % 977));
        object.insert(
            "description",
            "A user signed in from a country that nobody of the company has been to lately.",
        );
        object.insert("status", status.as_str());
        object.insert("severity", severity.as_str());
    }
    json::to_string(&doc)
}

struct Case {
    name: &'static str,
    states: Option<Vec<(IncidentStatus, Severity)>>,
    passes: fn(&Value) -> bool,
    order: Option<&'static str>,
    number: Option<i64>,
    texts: &'static [&'static str],
}

fn cases(count: i64) -> Vec<Case> {
    let pairs = |keep: fn(IncidentStatus, Severity) -> bool| {
        let all =
            IncidentStatus::ALL.iter().flat_map(|status| Severity::ALL.iter().map(move |s| (*status, *s)));
        Some(all.filter(|(status, severity)| keep(*status, *severity)).collect::<Vec<_>>())
    };
    vec![
        Case { name: "the latest 50", states: None, passes: |_| true, order: None, number: None, texts: &[] },
        Case {
            name: "status ne 'Closed' (1 in 10,000)",
            states: pairs(|status, _| status != IncidentStatus::Closed),
            passes: |i| i.str_at(&["properties", "status"]) != Some("Closed"),
            order: None,
            number: None,
            texts: &[],
        },
        Case {
            name: "status eq 'Active' and severity eq 'High' (1 in 100,000)",
            states: pairs(|status, severity| status == IncidentStatus::Active && severity == Severity::High),
            passes: |i| {
                i.str_at(&["properties", "status"]) == Some("Active")
                    && i.str_at(&["properties", "severity"]) == Some("High")
            },
            order: Some("createdTimeUtc"),
            number: None,
            texts: &[],
        },
        Case {
            name: "status eq 'Closed' and contains(title, 'user 97 ') (1 in 977)",
            states: pairs(|status, _| status == IncidentStatus::Closed),
            passes: |i| i.str_at(&["properties", "title"]).is_some_and(|title| title.contains("user 97 ")),
            order: None,
            number: None,
            texts: &["user 97 "],
        },
        Case {
            name: "by the last change",
            states: None,
            passes: |_| true,
            order: Some("lastModifiedTimeUtc"),
            number: None,
            texts: &[],
        },
        Case {
            name: "incidentNumber eq N",
            states: None,
            passes: |_| true,
            order: None,
            number: Some(count / 2),
            texts: &[],
        },
    ]
}

async fn report(engine: &Engine, ws: &Workspace, case: &Case) {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut found = 0;
    for _ in 0..ROUNDS {
        let passes = case.passes;
        let query = ListQuery {
            filter: Some(Box::new(passes)),
            bounds: IncidentBounds {
                states: case.states.clone(),
                number: case.number,
                texts: case.texts.iter().map(|text| (*text).to_owned()).collect(),
                ..IncidentBounds::default()
            },
            order_by: case.order.map(|name| OrderBy {
                path: vec!["properties".to_owned(), name.to_owned()],
                descending: true,
                then: Vec::new(),
            }),
            top: 50,
            skip_token: None,
        };
        let began = Instant::now();
        let page = engine.list_incidents(ws, query).await.expect("incidents can be listed");
        times.push(began.elapsed());
        found = page.items.len();
    }
    times.sort_unstable();
    let at = |part: usize| {
        times.get(times.len() * part / 100).copied().unwrap_or(Duration::ZERO).as_secs_f64() * 1e3
    };
    println!("{:<62} {found:>3} found   median {:>7.2} ms   p95 {:>7.2} ms", case.name, at(50), at(95));
}
