//! What a page of a list costs among a million incidents: those that a filter finds everywhere, those that it finds
//! seldom, and the order of changes. The incidents are written to the store as the engine writes them. Before the
//! filters that go by what is kept in memory, how long it takes to be made and how much memory the process has then.
//!
//! `RIPOSTE_LISTED` gives another number of incidents.

#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

use riposte_engine::{
    Config, Engine, FacetTest, Fold, IncidentBounds, IncidentFacet, IncidentStatus, ListQuery, Narrowing,
    OrderBy, Severity, Workspace,
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
    println!("resident: {} MiB", resident());
    for case in cases(count) {
        if case.sought.is_some() {
            warm(&engine, &ws, &case).await;
        }
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
        let more = if number % 2 == 0 { String::new() } else { format!(", ticket {number}") };
        object.insert("title", format!("Sign-in of user {} from a new country{more}", number % 977));
        if number % 5 == 0 {
            let owner = format!("Analyst{}@contoso.com", number % 40);
            object.insert("owner", value!({"email": owner, "assignedTo": "An Analyst"}));
        }
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
    /// The facet that the filter asks, a text that it must hold, and how.
    sought: Option<(IncidentFacet, &'static str, Fold)>,
}

const PLAIN: Case =
    Case { name: "", states: None, passes: |_| true, order: None, number: None, texts: &[], sought: None };

fn title(incident: &Value) -> &str {
    incident.str_at(&["properties", "title"]).unwrap_or_default()
}

fn email(incident: &Value) -> String {
    incident.str_at(&["properties", "owner", "email"]).unwrap_or_default().to_lowercase()
}

/// Waits until what is kept in memory of the incidents is there: from then on a list does not read them all.
async fn warm(engine: &Engine, ws: &Workspace, case: &Case) {
    let began = Instant::now();
    loop {
        let asked = Instant::now();
        engine.list_incidents(ws, case.query()).await.expect("incidents can be listed");
        if asked.elapsed() < Duration::from_millis(100) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    if began.elapsed() > Duration::from_secs(1) {
        println!("in memory after {:.1} s; resident: {} MiB", began.elapsed().as_secs_f64(), resident());
    }
}

/// How much memory the process has, in MiB, where the system tells it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn cases(count: i64) -> Vec<Case> {
    let pairs = |keep: fn(IncidentStatus, Severity) -> bool| {
        let all =
            IncidentStatus::ALL.iter().flat_map(|status| Severity::ALL.iter().map(move |s| (*status, *s)));
        Some(all.filter(|(status, severity)| keep(*status, *severity)).collect::<Vec<_>>())
    };
    let mut cases = vec![
        Case { name: "the latest 50", ..PLAIN },
        Case {
            name: "status ne 'Closed' (1 in 10,000)",
            states: pairs(|status, _| status != IncidentStatus::Closed),
            passes: |i| i.str_at(&["properties", "status"]) != Some("Closed"),
            ..PLAIN
        },
        Case {
            name: "status eq 'Active' and severity eq 'High' (1 in 100,000)",
            states: pairs(|status, severity| status == IncidentStatus::Active && severity == Severity::High),
            passes: |i| {
                i.str_at(&["properties", "status"]) == Some("Active")
                    && i.str_at(&["properties", "severity"]) == Some("High")
            },
            order: Some("createdTimeUtc"),
            ..PLAIN
        },
        Case { name: "by the last change", order: Some("lastModifiedTimeUtc"), ..PLAIN },
        Case { name: "incidentNumber eq N", number: Some(count / 2), ..PLAIN },
    ];
    cases.extend(sought_cases(pairs(|status, _| status == IncidentStatus::Closed)));
    cases
}

/// Filters that go by what is kept in memory.
fn sought_cases(closed: Option<Vec<(IncidentStatus, Severity)>>) -> Vec<Case> {
    let sought = |name, passes, sought| Case { name, passes, sought: Some(sought), ..PLAIN };
    let title_of = IncidentFacet::Title;
    vec![
        Case {
            states: closed,
            texts: &[" 97 "],
            ..sought(
                "status eq 'Closed' and contains(title, 'user 97 ') (1 in 977)",
                |i| title(i).to_lowercase().contains("user 97 "),
                (title_of, "user 97 ", Fold::Lower),
            )
        },
        sought(
            "contains(tolower(title), 'user 97 ') (1 in 977)",
            |i| title(i).to_lowercase().contains("user 97 "),
            (title_of, "user 97 ", Fold::Lower),
        ),
        Case {
            order: Some("lastModifiedTimeUtc"),
            ..sought(
                "the same by the last change",
                |i| title(i).to_lowercase().contains("user 97 "),
                (title_of, "user 97 ", Fold::Lower),
            )
        },
        Case {
            texts: &[" 777."],
            ..sought(
                "contains(title, 'ticket 777.') (none)",
                |i| title(i).to_lowercase().contains("ticket 777."),
                (title_of, "ticket 777.", Fold::Lower),
            )
        },
        sought(
            "contains(toupper(title), 'TICKET 777.') (none)",
            |i| title(i).to_uppercase().contains("TICKET 777."),
            (title_of, "TICKET 777.", Fold::Upper),
        ),
        sought(
            "owner/email eq 'ANALYST15@contoso.com' (1 in 40)",
            |i| email(i) == "analyst15@contoso.com",
            (IncidentFacet::Owner, "ANALYST15@contoso.com", Fold::Lower),
        ),
        sought(
            "owner/email eq 'nobody@contoso.com' (none)",
            |i| email(i) == "nobody@contoso.com",
            (IncidentFacet::Owner, "nobody@contoso.com", Fold::Lower),
        ),
    ]
}

impl Case {
    fn query(&self) -> ListQuery {
        let passes = self.passes;
        let narrowing = self.sought.map(|(facet, text, fold)| {
            Narrowing::Facet(FacetTest {
                facet,
                passes: Box::new(passes),
                holds: Some((text.to_owned(), fold)),
            })
        });
        ListQuery {
            filter: Some(Box::new(passes)),
            bounds: IncidentBounds {
                states: self.states.clone(),
                numbers: (self.number, self.number),
                texts: self.texts.iter().map(|text| (*text).to_owned()).collect(),
                ..IncidentBounds::default()
            },
            narrowing: narrowing.unwrap_or_default(),
            order_by: self.order.map(|name| OrderBy {
                path: vec!["properties".to_owned(), name.to_owned()],
                descending: true,
                then: Vec::new(),
            }),
            top: 50,
            skip_token: None,
        }
    }
}

async fn report(engine: &Engine, ws: &Workspace, case: &Case) {
    let mut times = Vec::with_capacity(ROUNDS);
    let mut found = 0;
    for _ in 0..ROUNDS {
        let query = case.query();
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
