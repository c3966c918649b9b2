//! A storm of alerts: thousands of them as fast as a client can send, in bulk and one by one, doubled and out of order,
//! while the server is killed. In the end every alert is in exactly one incident, which is the one that was answered,
//! no incident holds more than it may or spans more than the look-back, and the rules of each incident ran once.

use crate::process::Process;
use riposte_value::{Object, Value, json, value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How many alerts there are; `RIPOSTE_STORM` asks for more.
const ALERTS: u64 = 20_000;
/// How often the server is killed.
const KILLS: usize = 2;
/// How many send at once.
const SENDERS: usize = 4;
const TOKEN: &str = "storm-test-token-0123456789";
const WORKSPACE: &str = "/subscriptions/00000000-0000-0000-0000-00000000cafe/resourceGroups/soc/providers\
                         /Microsoft.OperationalInsights/workspaces/w1";
/// Alerts of this rule are put together by their entities, of that one all are.
const BY_ENTITIES: &str = "7d1f0c1e-0000-4000-8000-000000000001";
const ALL_TOGETHER: &str = "7d1f0c1e-0000-4000-8000-000000000002";
/// The look-backs of the rules.
const LOOKBACK: Duration = Duration::from_hours(5);

struct Storm {
    folder: PathBuf,
    store: Option<String>,
    http: reqwest::Client,
    /// Requests that are not acknowledged yet.
    waiting: Mutex<VecDeque<Vec<Value>>>,
    /// Of each acknowledged alert the incidents that were answered.
    acknowledged: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl Storm {
    fn start_server(&self) -> Process {
        let config = self.folder.join("riposte.toml");
        std::fs::write(&config, "[node]\nlease_seconds = 1\n").unwrap();
        let data = self.folder.join("data");
        let (data, config) = (data.to_str().unwrap(), config.to_str().unwrap());
        let mut arguments =
            vec!["serve", "--data", data, "--listen", "127.0.0.1:0", "--tls", "off", "--config", config];
        if let Some(store) = &self.store {
            arguments.extend(["--store", store]);
        }
        Process::start(&arguments, &[("RIPOSTE_BOOTSTRAP_TOKEN", TOKEN)])
    }

    /// None if the server went while it was asked.
    async fn call(&self, method: reqwest::Method, url: &str, body: Option<&Value>) -> Option<Value> {
        let mut request = self.http.request(method, url).bearer_auth(TOKEN);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(json::to_string(body));
        }
        let response = request.send().await.ok()?;
        let status = response.status();
        let text = response.text().await.ok()?;
        assert!(status.is_success(), "{status}: {text}");
        json::parse(&text).ok()
    }

    async fn set_up(&self) {
        let server = self.start_server();
        let put = async |path: &str, body: Value| {
            let url = format!("{}{WORKSPACE}{path}?api-version=2024-09-01", server.url);
            self.call(reqwest::Method::PUT, &url, Some(&body)).await.unwrap();
        };
        put("", value!({ "location": "local" })).await;
        for (name, matching) in [(BY_ENTITIES, "AllEntities"), (ALL_TOGETHER, "AnyAlert")] {
            let path = format!("/providers/Microsoft.SecurityInsights/alertRules/{name}");
            put(&path, analytics_rule(matching)).await;
        }
        for (name, when) in [("on-created", "Created"), ("on-updated", "Updated")] {
            let path = format!("/providers/Microsoft.SecurityInsights/automationRules/{name}");
            put(&path, automation_rule(name, when)).await;
        }
    }

    /// Sends what waits until nothing does, or the server goes. A request without an answer is sent again.
    async fn send(self: &Arc<Self>, server: &str) {
        let url = format!("{server}/api/workspaces/w1/alerts");
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..SENDERS {
            let (storm, url) = (Arc::clone(self), url.clone());
            senders.spawn(async move {
                loop {
                    let Some(alerts) = storm.waiting.lock().unwrap().pop_front() else { return };
                    let body =
                        if alerts.len() == 1 { alerts[0].clone() } else { Value::array(alerts.clone()) };
                    let Some(answer) = storm.call(reqwest::Method::POST, &url, Some(&body)).await else {
                        storm.waiting.lock().unwrap().push_front(alerts);
                        return;
                    };
                    storm.note(&answer);
                }
            });
        }
        senders.join_all().await;
    }

    fn note(&self, answer: &Value) {
        let mut acknowledged = self.acknowledged.lock().unwrap();
        for item in answer.get("value").and_then(Value::as_array).unwrap() {
            let status = item.str_at(&["status"]).unwrap();
            assert!(matches!(status, "created" | "duplicate"), "{item}");
            let id = item.str_at(&["systemAlertId"]).unwrap().to_lowercase();
            let incident = item.str_at(&["incident", "id"]).expect("each has an incident");
            let name = incident.rsplit('/').next().unwrap().to_owned();
            acknowledged.entry(id).or_default().insert(name);
        }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Lives until so many alerts are acknowledged, and is killed in the midst of its work.
    async fn live_and_die(self: &Arc<Self>, until: usize) {
        let mut server = self.start_server();
        let url = server.url.clone();
        let watching = Arc::clone(self);
        let killer = tokio::task::spawn_blocking(move || {
            while watching.count() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
            server.kill();
        });
        self.send(&url).await;
        killer.await.unwrap();
    }

    /// The last life: the rest is sent, everything comes to its end, and is as it was promised.
    async fn check(self: &Arc<Self>, sent: &BTreeSet<String>) -> usize {
        let server = self.start_server();
        self.send(&server.url).await;
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        assert_eq!(
            acknowledged.keys().collect::<BTreeSet<_>>(),
            sent.iter().collect(),
            "all are acknowledged"
        );
        let incidents = self.incidents(&server).await;
        let mut held: BTreeMap<String, String> = BTreeMap::new();
        for name in &incidents {
            for id in self.check_incident(&server, name).await {
                let other = held.insert(id.clone(), name.clone());
                assert!(other.is_none(), "{id} is in {name} and in {other:?}");
            }
        }
        assert_eq!(held.len(), sent.len(), "every alert is in an incident, and no other");
        for (id, answered) in acknowledged {
            assert_eq!(answered, BTreeSet::from([held[&id].clone()]), "{id} is where it was answered to be");
        }
        incidents.len()
    }

    async fn incidents(&self, server: &Process) -> Vec<String> {
        let mut names = Vec::new();
        let mut url = format!("{}/api/workspaces/w1/incidents?$top=1000", server.url);
        loop {
            let page = self.call(reqwest::Method::GET, &url, None).await.expect("the server answers");
            let items = page.get("value").and_then(Value::as_array).unwrap();
            names.extend(items.iter().map(|item| item.str_at(&["name"]).unwrap().to_owned()));
            let Some(next) = page.str_at(&["nextLink"]) else { return names };
            next.clone_into(&mut url);
        }
    }

    /// The ids of an incident's alerts, after its rules have run as often as they should.
    async fn check_incident(&self, server: &Process, name: &str) -> Vec<String> {
        self.check_rules(server, name).await;
        let url = format!(
            "{}{WORKSPACE}/providers/Microsoft.SecurityInsights/incidents/{name}/alerts?api-version=2024-09-01",
            server.url
        );
        let alerts = self.call(reqwest::Method::POST, &url, None).await.expect("the server answers");
        let alerts = alerts.get("value").and_then(Value::as_array).unwrap();
        assert!(alerts.len() <= 150, "{name} has {} alerts", alerts.len());
        let times = alerts.iter().map(|alert| {
            alert.str_at(&["properties", "timeGenerated"]).unwrap().parse::<jiff::Timestamp>().unwrap()
        });
        let (first, last) = (times.clone().min().unwrap(), times.max().unwrap());
        assert!(last.duration_since(first).unsigned_abs() <= LOOKBACK, "{name} spans too much");
        let kinds: BTreeSet<&str> = alerts
            .iter()
            .map(|alert| alert.str_at(&["properties", "alertType"]).unwrap_or_default())
            .collect();
        assert_eq!(kinds.len(), 1, "{name} has alerts of one rule");
        alerts.iter().map(|alert| alert.str_at(&["name"]).unwrap().to_lowercase()).collect()
    }

    /// The rule on created incidents ran once, the rule on updated ones once for each time that alerts were added.
    async fn check_rules(&self, server: &Process, name: &str) {
        let url = format!("{}/api/workspaces/w1/incidents/{name}/timeline?$top=1000", server.url);
        let since = Instant::now();
        loop {
            let timeline = self.call(reqwest::Method::GET, &url, None).await.expect("the server answers");
            assert!(timeline.get("nextLink").is_none_or(Value::is_null), "all of it is on one page");
            let entries = timeline.get("value").and_then(Value::as_array).unwrap();
            let count = |kind: &str, rule: &str| {
                let is_it = |entry: &&Value| {
                    entry.str_at(&["kind"]) == Some(kind)
                        && (rule.is_empty()
                            || entry.str_at(&["object", "id"]).is_some_and(|id| id.ends_with(rule)))
                };
                entries.iter().filter(is_it).count()
            };
            let (made, grown) = (count("incidentCreated", ""), count("alertAdded", ""));
            let (on_made, on_grown) =
                (count("ruleMatched", "on-created"), count("ruleMatched", "on-updated"));
            assert!(made == 1 && on_made <= 1 && on_grown <= grown, "{name}: {timeline}");
            if (on_made, on_grown) == (made, grown) {
                return;
            }
            assert!(since.elapsed() < Duration::from_mins(3), "the rules of {name} do not come: {timeline}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn analytics_rule(matching: &str) -> Value {
    value!({ "kind": "Scheduled", "properties": {
        "displayName": matching, "enabled": true, "severity": "Medium", "query": "T", "queryFrequency": "PT5M",
        "queryPeriod": "PT5M", "triggerOperator": "GreaterThan", "triggerThreshold": 0, "suppressionEnabled": false,
        "suppressionDuration": "PT5H", "incidentConfiguration": { "createIncident": true, "groupingConfiguration": {
            "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H", "matchingMethod": matching
        } }
    } })
}

fn automation_rule(name: &str, when: &str) -> Value {
    let added = value!({"conditionType": "PropertyArrayChanged", "conditionProperties": {"arrayType": "Alerts", "changeType": "Added"}});
    let conditions = if when == "Updated" { value!([added]) } else { value!([]) };
    value!({ "properties": {
        "displayName": name, "order": 1,
        "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": when, "conditions": conditions },
        "actions": [{ "order": 1, "actionType": "ModifyProperties", "actionConfiguration": { "labels": [{ "labelName": name }] } }]
    } })
}

/// An alert: most are put together by an address, at times within a day, a fifth into incidents of up to 150, and a few
/// are on their own.
fn alert(number: u64, random: &mut riposte_testing::Random) -> Value {
    let minute = random.below(24 * 60);
    let mut alert = Object::new();
    alert.insert("SystemAlertId", format!("A{number:07}-0000-4000-8000-000000000000"));
    alert.insert("DisplayName", "Sign-in from Tor");
    alert.insert("AlertSeverity", "Medium");
    alert.insert("TimeGenerated", format!("2026-03-01T{:02}:{:02}:00Z", minute / 60, minute % 60));
    match number % 50 {
        0 => {}
        1..=10 => drop(alert.insert("AlertType", ALL_TOGETHER)),
        _ => {
            let address = format!("10.0.0.{}", random.below(100));
            alert.insert("AlertType", BY_ENTITIES);
            alert.insert("Entities", value!([{ "Type": "ip", "Address": address }]));
        }
    }
    Value::from(alert)
}

/// Requests of one alert or of up to 500, a tenth of the alerts twice, all of it out of order.
fn requests(count: u64, random: &mut riposte_testing::Random) -> (BTreeSet<String>, VecDeque<Vec<Value>>) {
    let mut alerts: Vec<Value> = (0..count).map(|number| alert(number, random)).collect();
    let id = |alert: &Value| alert.str_at(&["SystemAlertId"]).unwrap().to_lowercase();
    let ids = alerts.iter().map(id).collect();
    for _ in 0..count / 10 {
        let again = usize::try_from(random.below(count)).unwrap();
        let mut again = alerts[again].clone();
        let lower = id(&again);
        again.as_object_mut().unwrap().insert("SystemAlertId", lower);
        alerts.push(again);
    }
    for place in (1..alerts.len()).rev() {
        let other = usize::try_from(random.below(place as u64 + 1)).unwrap();
        alerts.swap(place, other);
    }
    let mut requests = VecDeque::new();
    let mut rest = alerts.into_iter();
    loop {
        let size = if random.below(3) == 0 { 1 + random.below(500) } else { 1 };
        let request: Vec<Value> = rest.by_ref().take(usize::try_from(size).unwrap()).collect();
        if request.is_empty() {
            return (ids, requests);
        }
        requests.push_back(request);
    }
}

#[test]
fn every_alert_of_a_storm_is_in_one_incident_though_the_server_is_killed() {
    storm(None, ALERTS);
}

#[test]
fn every_alert_of_a_storm_is_in_one_incident_over_a_database_when_servers_are_killed() {
    if let Some(server) = riposte_testing::Postgres::shared() {
        storm(Some(&server.database()), ALERTS / 10);
    }
}

fn storm(store: Option<&str>, alerts: u64) {
    let count = std::env::var("RIPOSTE_STORM").ok().and_then(|text| text.parse().ok()).unwrap_or(alerts);
    riposte_testing::seeded(|random| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
            "storm-{}-{}",
            store.is_some(),
            std::process::id()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let (ids, requests) = requests(count, random);
        let storm = Arc::new(Storm {
            folder,
            store: store.map(str::to_owned),
            http: reqwest::Client::new(),
            waiting: Mutex::new(requests),
            acknowledged: Mutex::new(BTreeMap::new()),
        });
        let began = Instant::now();
        let incidents = tokio::runtime::Runtime::new().unwrap().block_on(async {
            storm.set_up().await;
            for kill in 1..=KILLS {
                storm.live_and_die(ids.len() * kill / (KILLS + 1)).await;
            }
            storm.check(&ids).await
        });
        println!(
            "{count} alerts, {KILLS} kills: {incidents} incidents, in {:.1} s",
            began.elapsed().as_secs_f64()
        );
        std::fs::remove_dir_all(&storm.folder).unwrap();
    });
}
