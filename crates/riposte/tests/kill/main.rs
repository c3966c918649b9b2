//! The real server as a process, killed with SIGKILL at random moments while incidents come in: nothing that was
//! acknowledged is lost, every rule and playbook does its work once, and the vendor sees repeated calls only with the
//! key of the first. A binary of its own, since it uses the product as a user does and links none of it.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod process;
mod storm;
mod waiting;

use process::Process;
use riposte_value::{Value, json, value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the server is killed; `RIPOSTE_KILLS` asks for more.
const KILLS: usize = 50;
/// How long at most it lives after it has begun to listen.
const LIFE_MAX_MS: u64 = 150;
const TOKEN: &str = "kill-test-token-0123456789";
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-00000000cafe";
const TEMPLATE: &str = include_str!("../../../../examples/enrich-ip/azuredeploy.json");
const RULE: &str = include_str!("../../../../examples/enrich-ip/automation-rule.json");
/// Addresses in each incident: how many calls its playbook makes.
const ADDRESSES: [&str; 2] = ["203.0.113.66", "198.51.100.9"];

struct Bed {
    folder: PathBuf,
    /// The database; without it the data is in the folder.
    store: Option<String>,
    vendor: Process,
    approver: waiting::Approver,
    http: reqwest::Client,
    /// The names of the incidents that were acknowledged.
    acknowledged: Vec<String>,
    sent: usize,
    /// The runs whose approval was acknowledged.
    approved: BTreeSet<String>,
}

impl Bed {
    fn start_server(&self) -> Process {
        let data = self.folder.join("data");
        let host = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
        let allowed = format!("{},{}", host(&self.vendor.url), host(&self.approver.url));
        // Who is killed is soon taken for dead.
        let config = self.folder.join("riposte.toml");
        std::fs::write(&config, "[node]\nlease_seconds = 1\n").unwrap();
        let (data, config) = (data.to_str().unwrap(), config.to_str().unwrap());
        let mut arguments =
            vec!["serve", "--data", data, "--listen", "127.0.0.1:0", "--tls", "off", "--config", config];
        if let Some(store) = &self.store {
            arguments.extend(["--store", store]);
        }
        Process::start(&arguments, &[("RIPOSTE_BOOTSTRAP_TOKEN", TOKEN), ("RIPOSTE_EGRESS_ALLOW", &allowed)])
    }

    /// None if the server went while it was asked.
    async fn call(&self, method: reqwest::Method, url: String, body: Option<&Value>) -> Option<Value> {
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

    async fn get(&self, server: &Process, path: &str) -> Value {
        self.call(reqwest::Method::GET, format!("{}{path}", server.url), None)
            .await
            .expect("the server answers")
    }

    /// Imports the example and points its vendor connection at the simulator.
    async fn set_up(&self) {
        let server = self.start_server();
        let import = value!({
            "files": [{ "name": "playbook.json", "text": TEMPLATE }, { "name": "rule.json", "text": RULE }],
            "subscription": SUBSCRIPTION, "resourceGroup": "soc", "workspace": "w1",
            "parameters": { "VirusTotalApiKey": "k", "workspace": "w1" }, "grantAutomation": true
        });
        let url = format!("{}/api/import", server.url);
        let imported = self.call(reqwest::Method::POST, url, Some(&import)).await.unwrap();
        for resource in imported.get("resources").and_then(Value::as_array).unwrap() {
            assert!(!matches!(resource.str_at(&["result"]), Some("failed" | "disabled")), "{resource}");
        }
        let name = "virustotal-Enrich-IP-Reputation";
        let path = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/soc/providers/Microsoft.Web/connections/{name}\
             ?api-version=2016-06-01"
        );
        let mut connection = self.get(&server, &path).await;
        let properties =
            connection.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
        properties.insert("parameterValues", value!({ "api_key": "k", "serviceUrl": &self.vendor.url }));
        let url = format!("{}{path}", server.url);
        self.call(reqwest::Method::PUT, url, Some(&connection)).await.unwrap();
        self.set_up_waiting(&server).await;
    }

    /// Sends alerts until the server is killed, which it is after `life`.
    async fn live_and_die(&mut self, life: Duration) {
        let mut server = self.start_server();
        let base = server.url.clone();
        let url = format!("{base}/api/workspaces/w1/alerts");
        let killer = std::thread::spawn(move || {
            std::thread::sleep(life);
            server.kill();
        });
        self.approve_one(&base).await;
        loop {
            self.sent += 1;
            let alert = alert(self.sent);
            // The server dies under some call; that one is not acknowledged.
            let Some(answer) = self.call(reqwest::Method::POST, url.clone(), Some(&alert)).await else {
                break;
            };
            let item = answer.get("value").and_then(|v| v.item(0)).unwrap();
            assert_eq!(item.str_at(&["status"]), Some("created"), "{item}");
            let id = item.str_at(&["incident", "id"]).unwrap();
            self.acknowledged.push(id.rsplit('/').next().unwrap().to_owned());
        }
        killer.join().unwrap();
    }

    /// The last life: everything comes to its end, and is as it was promised.
    async fn check(&self, kills: usize) {
        let server = self.start_server();
        let incidents = self.all_incidents(&server).await;
        let present: BTreeSet<&str> = incidents.iter().map(|i| i.str_at(&["name"]).unwrap()).collect();
        for name in &self.acknowledged {
            assert!(present.contains(name.as_str()), "incident {name} was acknowledged and is lost");
        }
        for name in &present {
            self.check_incident(&server, name).await;
        }
        self.check_waiting(&server).await;
        let (calls, keys) = self.check_vendor_log(present.len());
        println!(
            "{kills} kills: {} incidents acknowledged, {} kept, each answered once; the vendor saw {calls} calls with \
             {keys} keys",
            self.acknowledged.len(),
            present.len()
        );
    }

    async fn all_incidents(&self, server: &Process) -> Vec<Value> {
        let mut incidents = Vec::new();
        let mut url = format!("{}/api/workspaces/w1/incidents?$top=200", server.url);
        loop {
            let page = self.call(reqwest::Method::GET, url.clone(), None).await.expect("the server answers");
            incidents.extend(page.get("value").and_then(Value::as_array).unwrap().iter().cloned());
            let Some(next) = page.str_at(&["nextLink"]) else { return incidents };
            next.clone_into(&mut url);
        }
    }

    /// One incident: its rule ran once, its playbook finished once, its comment is there once.
    async fn check_incident(&self, server: &Process, name: &str) {
        let path = format!("/api/workspaces/w1/incidents/{name}/timeline?$top=1000");
        let since = Instant::now();
        let kinds = loop {
            let timeline = self.get(server, &path).await;
            let entries = timeline.get("value").and_then(Value::as_array).unwrap();
            let kinds: Vec<String> =
                entries.iter().map(|e| e.str_at(&["kind"]).unwrap().to_owned()).collect();
            if kinds.iter().any(|kind| kind == "playbookFinished") {
                break kinds;
            }
            assert!(
                since.elapsed() < Duration::from_mins(3),
                "the playbook of {name} does not finish: {kinds:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        for kind in
            ["incidentCreated", "ruleMatched", "playbookTriggered", "playbookFinished", "commentAdded"]
        {
            assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind} of {name}: {kinds:?}");
        }
        let incident = self.get(server, &format!("/api/workspaces/w1/incidents/{name}")).await;
        assert_eq!(incident.str_at(&["properties", "severity"]), Some("High"));
        assert_eq!(incident.at(&["properties", "additionalData", "commentsCount"]), Some(&value!(1)));
    }

    /// The vendor's log: a key is used for one request only, and there is one key for each address of each run.
    /// Answers how many calls and keys there were.
    fn check_vendor_log(&self, runs: usize) -> (usize, usize) {
        let log = std::fs::read_to_string(self.folder.join("vendor.jsonl")).unwrap();
        let mut requests: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut calls = 0;
        for line in log.lines() {
            let call = json::parse(line).unwrap();
            let text = |name: &str| call.str_at(&[name]).unwrap_or_default().to_owned();
            calls += 1;
            assert!(!text("idempotencyKey").is_empty(), "a call without a key: {line}");
            requests.entry(text("idempotencyKey")).or_default().insert(format!(
                "{} {}",
                text("method"),
                text("path")
            ));
        }
        for (key, asked) in &requests {
            assert_eq!(asked.len(), 1, "the key {key} was used for different requests: {asked:?}");
        }
        assert_eq!(requests.len(), runs * ADDRESSES.len(), "one key for each call that a playbook makes");
        (calls, requests.len())
    }
}

fn alert(number: usize) -> Value {
    let entities = ADDRESSES
        .iter()
        .zip(1..)
        .map(|(address, id)| value!({ "$id": id.to_string(), "Type": "ip", "Address": address }));
    value!({
        "SystemAlertId": format!("alert-{number}"), "DisplayName": "AiTM: sign-in through a proxy",
        "AlertSeverity": "Medium", "TimeGenerated": "2026-03-01T08:00:00Z", "Entities": Value::array(entities)
    })
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_done_twice_when_the_server_is_killed() {
    kill_again_and_again(None);
}

#[test]
fn nothing_is_lost_or_done_twice_over_a_database_when_servers_are_killed() {
    if let Some(server) = riposte_testing::Postgres::shared() {
        kill_again_and_again(Some(&server.database()));
    }
}

fn kill_again_and_again(store: Option<&str>) {
    let kills = std::env::var("RIPOSTE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    riposte_testing::seeded(|random| {
        let lives: Vec<Duration> =
            (0..kills).map(|_| Duration::from_millis(random.below(LIFE_MAX_MS))).collect();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!(
            "kill-{}-{}",
            store.is_some(),
            std::process::id()
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let log = folder.join("vendor.jsonl");
        let vendor = Process::start(
            &["simulate", "--listen", "127.0.0.1:0", "--latency-ms", "5", "--log", log.to_str().unwrap()],
            &[],
        );
        let store = store.map(ToOwned::to_owned);
        let approver = waiting::Approver::start();
        let mut bed = Bed {
            folder,
            store,
            vendor,
            approver,
            http: reqwest::Client::new(),
            acknowledged: Vec::new(),
            sent: 0,
            approved: BTreeSet::new(),
        };
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            bed.set_up().await;
            for life in lives {
                bed.live_and_die(life).await;
            }
            bed.check(kills).await;
        });
        std::fs::remove_dir_all(&bed.folder).unwrap();
    });
}
