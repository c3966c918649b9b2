//! Runs that a schedule begins and that wait for an approval: their waiting, their callbacks and their schedule outlive
//! every kill. Who is asked for the approvals is a listener of the test itself, that remembers where to answer.

use super::{Bed, Process, SUBSCRIPTION, TOKEN};
use riposte_value::{Value, value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const VERSION: &str = "api-version=2016-06-01";
/// How long runs may take to end once they are approved.
const END_MAX: Duration = Duration::from_mins(1);

fn workflow(rest: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/soc/providers/Microsoft.Logic/workflows/Approve{rest}?{VERSION}"
    )
}

fn status(run: &Value) -> &str {
    run.str_at(&["properties", "status"]).unwrap()
}

/// Takes subscriptions, and remembers the address of each run.
pub struct Approver {
    pub url: String,
    addresses: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Approver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let addresses = Arc::new(Mutex::new(BTreeMap::new()));
        let known = Arc::clone(&addresses);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A server that was killed while it asked asks again.
                let _ = take(&stream, &known);
            }
        });
        Self { url, addresses }
    }

    fn address(&self, run: &str) -> Option<String> {
        self.addresses.lock().unwrap().get(run).cloned()
    }
}

fn take(stream: &TcpStream, known: &Mutex<BTreeMap<String, String>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        let Some((_, address)) =
            line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("x-back"))
        else {
            continue;
        };
        let path = address.split_once("/callbacks/").map_or(address, |(_, path)| path);
        let run = path.split('/').next().unwrap_or_default();
        known.lock().unwrap().insert(run.to_owned(), format!("/callbacks/{path}"));
    }
    let mut stream = stream;
    stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

impl Bed {
    /// A playbook that begins each second and waits for an approval.
    pub async fn set_up_waiting(&self, server: &Process) {
        let uri = format!("{}/ask", self.approver.url);
        let headers = value!({ "X-Back": "@{listCallbackUrl()}" });
        let body = value!({ "location": "local", "properties": { "parameters": {}, "definition": {
            "contentVersion": "1.0.0.0",
            "triggers": { "T": { "type": "Recurrence", "recurrence": { "frequency": "Second", "interval": 1 } } },
            "actions": {
                "Ask": { "type": "HttpWebhook", "inputs": { "subscribe": { "method": "GET", "uri": uri, "headers": headers } } },
                "Rest": { "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Second" } }, "runAfter": { "Ask": ["Succeeded"] } },
                "Say": { "type": "Compose", "inputs": "@body('Ask')", "runAfter": { "Rest": ["Succeeded"] } }
            }
        } } });
        let url = format!("{}{}", server.url, workflow(""));
        self.call(reqwest::Method::PUT, url, Some(&body)).await.unwrap();
    }

    async fn approvals(&self, server: &Process) -> Option<Vec<Value>> {
        let url = format!("{}{}&$top=250", server.url, workflow("/runs"));
        let page = self.call(reqwest::Method::GET, url, None).await?;
        page.get("value").and_then(Value::as_array).map(<[Value]>::to_vec)
    }

    /// Approves a run that waits, if there is one; whether the answer came is all that is known of a server that dies.
    pub async fn approve_one(&mut self, server: &str) {
        let url = format!("{server}{}&$top=250", workflow("/runs"));
        let Some(page) = self.call(reqwest::Method::GET, url, None).await else { return };
        let runs = page.get("value").and_then(Value::as_array).unwrap_or_default();
        let mut names =
            runs.iter().filter(|run| status(run) == "Waiting").filter_map(|run| run.str_at(&["name"]));
        let Some(run) = names.rfind(|name| !self.approved.contains(*name)).map(str::to_owned) else {
            return;
        };
        if self.approve(server, &run).await.is_some_and(|code| code < 300) {
            self.approved.insert(run);
        }
    }

    /// The status that the server answers an approval with; none if it dies, or the run does not wait yet.
    async fn approve(&self, server: &str, run: &str) -> Option<u16> {
        let path = self.approver.address(run)?;
        let body = format!(r#"{{"run":"{run}"}}"#);
        let request =
            self.http.post(format!("{server}{path}")).header("content-type", "application/json").body(body);
        Some(request.send().await.ok()?.status().as_u16())
    }

    /// The last life: no approval that was acknowledged is lost, the others can be given, and each counts once.
    pub async fn check_waiting(&self, server: &Process) {
        let url = format!("{}{}", server.url, workflow("/disable"));
        let answer = self.http.post(url).bearer_auth(TOKEN).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        let since = Instant::now();
        let runs = loop {
            let runs = self.approvals(server).await.unwrap();
            for run in runs.iter().filter(|run| status(run) == "Waiting") {
                let name = run.str_at(&["name"]).unwrap();
                if !self.approved.contains(name) {
                    // One whose answer was lost has its approval already.
                    let answered = self.approve(&server.url, name).await;
                    assert!(matches!(answered, None | Some(200..300 | 410)), "{answered:?}");
                }
            }
            if runs.iter().all(|run| status(run) == "Succeeded") {
                break runs;
            }
            assert!(since.elapsed() < END_MAX, "runs that were approved do not end: {runs:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        let names: BTreeSet<&str> = runs.iter().map(|run| run.str_at(&["name"]).unwrap()).collect();
        for run in &self.approved {
            assert!(names.contains(run.as_str()), "run {run} was approved and is lost");
            assert_eq!(self.approve(&server.url, run).await, Some(410), "an approval counts once");
        }
        let starts: BTreeSet<&str> =
            runs.iter().map(|run| run.str_at(&["properties", "startTime"]).unwrap()).collect();
        assert_eq!(starts.len(), runs.len(), "a slot of the schedule began two runs");
        assert!(runs.len() > 1, "the schedule goes on");
        println!(
            "{} runs by schedule, {} approved between kills, all ended",
            runs.len(),
            self.approved.len()
        );
    }
}
