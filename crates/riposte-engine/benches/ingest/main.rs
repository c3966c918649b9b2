//! What alerts cost, all durable with full synchronisation: alerts a second in bulk and one by one, through reading,
//! grouping and writing; and incidents a second from their making through an automation rule to its record.
//!
//! Grouped alerts are of one analytics rule that puts together what has all entities in common; so many alerts have an
//! address in common, each one a user besides. `incidents` are of alerts that no analytics rule governs, each with one of
//! its own, and an automation rule that raises the severity and adds a tag; they are counted when their health row is
//! on disk.

#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

use riposte_engine::{Caller, Config, Engine, LogQuery, Workspace};
use riposte_testing::Postgres;
use riposte_value::{Value, json, value};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
const ANALYTICS_RULE: &str = "7d1f0c1e-0000-4000-8000-000000000001";

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ingest-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for the bench can be made");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    runtime.block_on(async {
        let data = Some(folder.join("data"));
        measure("SQLite", Config { data, ..Config::default() }).await;
        match Postgres::durable() {
            Some(server) => {
                let store = Some(server.database());
                let data = Some(folder.join("key"));
                measure("PostgreSQL", Config { data, store, ..Config::default() }).await;
            }
            None => println!("skipped: PostgreSQL is not installed"),
        }
    });
    // The folder is scratch; what cannot be removed is left.
    let _ = std::fs::remove_dir_all(&folder);
}

/// What every measurement needs.
#[derive(Clone)]
struct Setting {
    engine: Engine,
    caller: Caller,
    workspace: Workspace,
}

async fn measure(store: &str, config: Config) {
    println!("over {store}:");
    let setting = Setting::new(config).await;
    for (name, together) in [("a", 20), ("b", 200)] {
        setting
            .bulk(&format!("grouped, {together} an incident, 1000 a request"), name, 1_000, |n| {
                grouped(n, together)
            })
            .await;
    }
    setting.bulk("each an incident of its own, 1000 a request", "c", 1_000, |_| Value::Null).await;
    setting.bulk("grouped, 20 an incident, 1 a request, 64 at a time", "d", 1, |n| grouped(n, 20)).await;
    setting.incidents().await;
    setting.engine.shutdown().await;
}

/// What makes the alert of a number one of its group.
fn grouped(number: usize, together: usize) -> Value {
    let address = number / together;
    value!({
        "AlertType": ANALYTICS_RULE,
        "Entities": [
            {"$id": "1", "Type": "ip", "Address": format!("10.{}.{}.{}", address >> 16, (address >> 8) & 255, address & 255)},
            {"$id": "2", "Type": "account", "Name": format!("user{address}"), "UPNSuffix": "contoso.com"}
        ]
    })
}

impl Setting {
    async fn new(config: Config) -> Self {
        let engine = Engine::open(config).await.expect("the engine opens");
        let token = engine.ensure_owner_token(None).await.expect("a token can be made");
        let token = token.expect("this is the first start");
        let caller = engine.authenticate(&token).await.expect("tokens can be read").expect("the owner");
        let workspace = engine
            .workspace_or_create(SUBSCRIPTION, "bench", "bench", &caller)
            .await
            .expect("a workspace can be made");
        let rule = value!({ "kind": "Scheduled", "properties": {
            "displayName": "Sign-in from Tor", "enabled": true, "severity": "Medium", "query": "SigninLogs",
            "queryFrequency": "PT5M", "queryPeriod": "PT5M", "triggerOperator": "GreaterThan", "triggerThreshold": 0,
            "suppressionEnabled": false, "suppressionDuration": "PT5H",
            "incidentConfiguration": { "createIncident": true, "groupingConfiguration": {
                "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H", "matchingMethod": "AllEntities"
            } }
        } });
        engine
            .put_analytics_rule(&workspace, ANALYTICS_RULE, &rule, &caller)
            .await
            .expect("the rule is saved");
        Self { engine, caller, workspace }
    }

    /// Hands in 40,000 alerts (a tenth of that one by one) as JSON text, several requests at a time.
    async fn bulk(&self, what: &str, name: &'static str, size: usize, more: impl Fn(usize) -> Value) {
        let (count, clients) = if size == 1 { (4_000, 64) } else { (40_000, 4) };
        let alerts: Vec<Value> = (0..count).map(|n| alert(name, n, &more(n))).collect();
        let bodies: Vec<String> =
            alerts.chunks(size).map(|chunk| json::to_string(&Value::array(chunk.to_vec()))).collect();
        let bytes: usize = bodies.iter().map(String::len).sum();
        let shared = std::sync::Arc::new(bodies);
        let next = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (began, cpu) = (Instant::now(), cpu_time());
        let mut workers = JoinSet::new();
        for _ in 0..clients {
            let (setting, bodies, next) = (self.clone(), shared.clone(), next.clone());
            workers.spawn(async move {
                while let Some(body) = bodies.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let body = json::parse(body).expect("it is JSON");
                    let taken =
                        setting.engine.ingest_alerts(&setting.workspace, &body, &setting.caller).await;
                    assert_eq!(taken.expect("alerts are taken").rejected, 0);
                }
            });
        }
        workers.join_all().await;
        report(what, "alerts", count, began.elapsed(), cpu_time().saturating_sub(cpu));
        println!("    {} bytes of JSON an alert", bytes / count);
    }

    /// Incidents through an automation rule to its record.
    async fn incidents(&self) {
        let rule = value!({ "properties": {
            "displayName": "Triage", "order": 1,
            "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": [
                {"conditionType": "Property", "conditionProperties": {"propertyName": "IncidentTitle", "operator": "Contains", "propertyValues": ["Tor"]}}
            ] },
            "actions": [{ "order": 1, "actionType": "ModifyProperties", "actionConfiguration": {
                "severity": "High", "labels": [{"labelName": "tor"}]
            } }]
        } });
        let put = self.engine.put_automation_rule(&self.workspace, "triage", &rule, &self.caller).await;
        put.expect("the rule is saved");
        let count = 10_000;
        let since = jiff::Timestamp::now();
        let (began, cpu) = (Instant::now(), cpu_time());
        for first in (0..count).step_by(500) {
            let alerts = (first..first + 500).map(|n| alert("e", n, &Value::Null));
            let taken = self.engine.ingest_alerts(&self.workspace, &Value::array(alerts), &self.caller).await;
            taken.expect("alerts are taken");
        }
        while !self.engine.settle(Duration::from_secs(5)).await {}
        let took = began.elapsed();
        report(
            "made, through an automation rule, recorded",
            "incidents",
            count,
            took,
            cpu_time().saturating_sub(cpu),
        );
        let query = LogQuery { resource_type: None, resource: None, since: Some(since), top: count + 1 };
        let rows = self.engine.health(&self.workspace, query).await.expect("records can be read");
        assert_eq!(rows.len(), count, "each has its record");
    }
}

fn alert(name: &str, number: usize, more: &Value) -> Value {
    let mut alert = value!({
        "SystemAlertId": format!("{name}{number:011}-0000-4000-8000-000000000000"), "DisplayName": "Sign-in from Tor",
        "AlertSeverity": "Medium", "Description": "Somebody has signed in from an address that is known as an exit of Tor.",
        "ProviderName": "ASI Scheduled Alerts", "ProductName": "Azure Sentinel", "VendorName": "Microsoft", "Status": "New",
        "TimeGenerated": "2026-03-01T08:00:00Z", "StartTime": "2026-03-01T07:50:00Z", "EndTime": "2026-03-01T07:55:00Z",
        "Tactics": "InitialAccess", "Techniques": "[\"T1078\"]",
        "ExtendedProperties": "{\"Query\": \"SigninLogs | where IPAddress in (tor)\", \"Custom Details\": \"{\\\"Country\\\":[\\\"CH\\\"]}\"}"
    });
    if let (Some(alert), Some(more)) = (alert.as_object_mut(), more.as_object()) {
        alert.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    alert
}

fn report(what: &str, unit: &str, count: usize, took: Duration, cpu: Duration) {
    let count = u32::try_from(count).expect("few of them");
    let rate = f64::from(count) / took.as_secs_f64();
    println!(
        "{what}: {rate:.0} {unit} a second ({:.0} µs of processor time each)",
        (cpu / count).as_secs_f64() * 1e6
    );
}

/// The processor time that this process has used, where the system tells it.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
