use super::{Call, Faults, SimulateOptions, Vendor};
use serde_json::Value;
use std::time::Duration;

fn vendor(options: SimulateOptions) -> Vendor {
    Vendor::open(options).unwrap()
}

fn get(path: &str) -> Call {
    Call {
        method: "GET".to_owned(),
        target: path.to_owned(),
        api_key: Some("k".to_owned()),
        idempotency_key: None,
        content_type: None,
        body: Vec::new(),
    }
}

fn ask(vendor: &Vendor, call: &Call) -> (u16, Value) {
    let (answer, _) = vendor.answer(call);
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

/// The log's entries as (status, turn).
fn log(vendor: &Vendor) -> Vec<(u64, String)> {
    let (answer, _) = vendor.answer(&get("/__log"));
    let entry = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        (entry["status"].as_u64().unwrap(), entry["turn"].as_str().unwrap().to_owned())
    };
    answer.body.lines().map(entry).collect()
}

#[test]
fn verdicts() {
    let eicar = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f";
    let malicious_url = super::report::url_id("http://user@203.0.113.9:8080/x");
    let clean_url = super::report::url_id("https://docs.example/?evil");
    // path, type, malicious, suspicious
    let cases = [
        ("/api/v3/ip_addresses/203.0.113.7".to_owned(), "ip_address", true, None),
        ("/api/v3/ip_addresses/198.51.100.7".to_owned(), "ip_address", false, Some(true)),
        ("/api/v3/ip_addresses/192.0.2.7".to_owned(), "ip_address", false, Some(false)),
        ("/api/v3/ip_addresses/2001%3Adb8%3Abad%3A%3A1".to_owned(), "ip_address", true, None),
        ("/api/v3/domains/login.evil-bank.example".to_owned(), "domain", true, None),
        ("/api/v3/domains/docs.example".to_owned(), "domain", false, Some(false)),
        (format!("/api/v3/files/{eicar}"), "file", true, None),
        (format!("/api/v3/files/{}", "ace0".repeat(8)), "file", false, Some(true)),
        (format!("/api/v3/files/{}", "0".repeat(40)), "file", false, Some(false)),
        (format!("/api/v3/urls/{malicious_url}"), "url", true, None),
        (format!("/api/v3/urls/{clean_url}?x=1"), "url", false, Some(false)),
    ];
    let vendor = vendor(SimulateOptions::default());
    for (path, kind, malicious, suspicious) in cases {
        let (status, body) = ask(&vendor, &get(&path));
        assert_eq!((status, body["data"]["type"].as_str()), (200, Some(kind)), "{path}");
        let counts = &body["data"]["attributes"]["last_analysis_stats"];
        let count = |name: &str| counts[name].as_u64().unwrap();
        assert_eq!(count("malicious") >= 5, malicious, "{path}: {counts}");
        if let Some(suspicious) = suspicious {
            assert_eq!(count("suspicious") > 0, suspicious, "{path}: {counts}");
        }
        assert_eq!(
            ["malicious", "suspicious", "undetected", "harmless", "timeout"].map(count).iter().sum::<u64>(),
            94
        );
        assert_eq!(ask(&vendor, &get(&path)).1, body, "the same question has the same answer");
    }
}

#[test]
fn errors_have_the_vendors_shape() {
    let vendor = vendor(SimulateOptions { api_key: Some("right".to_owned()), ..SimulateOptions::default() });
    let right = |call: Call| Call { api_key: Some("right".to_owned()), ..call };
    let cases = [
        (Call { api_key: None, ..get("/api/v3/ip_addresses/192.0.2.1") }, 401, "AuthenticationRequiredError"),
        (get("/api/v3/ip_addresses/192.0.2.1"), 401, "WrongCredentialsError"),
        (right(get("/api/v3/ip_addresses/300.0.0.1")), 400, "InvalidArgumentError"),
        (right(get("/api/v3/domains/no%20domain.example")), 400, "InvalidArgumentError"),
        (right(get("/api/v3/files/xyz")), 404, "NotFoundError"),
        (right(get("/api/v3/urls/!!")), 404, "NotFoundError"),
        (right(get("/api/v2/anything")), 404, "NotFoundError"),
        (right(Call { method: "POST".to_owned(), ..get("/api/v3/urls") }), 400, "InvalidArgumentError"),
    ];
    for (call, status, code) in cases {
        let (got, body) = ask(&vendor, &call);
        assert_eq!((got, body["error"]["code"].as_str()), (status, Some(code)), "{}", call.target);
    }
    let empty = super::Vendor::open(SimulateOptions::default()).unwrap();
    assert_eq!(ask(&empty, &Call { api_key: Some(String::new()), ..get("/api/v3/files/x") }).0, 401);
}

#[test]
fn a_url_is_sent_and_its_analysis_read() {
    let vendor = vendor(SimulateOptions::default());
    let post = |content_type: &str, body: &str| Call {
        method: "POST".to_owned(),
        content_type: Some(content_type.to_owned()),
        body: body.as_bytes().to_vec(),
        ..get("/api/v3/urls")
    };
    let form = post("application/x-www-form-urlencoded", "url=http%3A%2F%2Fevil.example%2Fa");
    let part = "Content-Disposition: form-data; name=\"url\"";
    let bare = post(
        "multipart/form-data; boundary=b",
        &format!("--b\r\n{part}\r\n\r\nhttp://evil.example/a\r\n--b--\r\n"),
    );
    let typed = post(
        "multipart/form-data; boundary=b",
        &format!("--b\r\n{part}\r\nContent-Type: text/plain\r\n\r\nhttp://evil.example/a\r\n--b--\r\n"),
    );
    for call in [form, bare, typed] {
        let (status, body) = ask(&vendor, &call);
        assert_eq!((status, body["data"]["type"].as_str()), (200, Some("analysis")));
        let id = body["data"]["id"].as_str().unwrap();
        let (_, analysis) = ask(&vendor, &get(&format!("/api/v3/analyses/{id}")));
        assert_eq!(analysis["data"]["attributes"]["status"], "completed");
        assert!(analysis["data"]["attributes"]["stats"]["malicious"].as_u64().unwrap() > 5);
        // Playbooks also ask for the report with the id of the analysis.
        assert_eq!(
            ask(&vendor, &get(&format!("/api/v3/urls/{id}"))).1["data"]["attributes"]["url"],
            "http://evil.example/a"
        );
    }
}

#[test]
fn a_repeated_key_is_no_new_look_up() {
    let vendor = vendor(SimulateOptions::default());
    let with_key = |path: &str| Call { idempotency_key: Some("k1".to_owned()), ..get(path) };
    let first = ask(&vendor, &with_key("/api/v3/ip_addresses/203.0.113.7"));
    assert_eq!(ask(&vendor, &with_key("/api/v3/ip_addresses/203.0.113.7")), first);
    let (status, body) = ask(&vendor, &with_key("/api/v3/ip_addresses/203.0.113.8"));
    assert_eq!((status, body["error"]["code"].as_str()), (422, Some("IdempotencyKeyReusedError")));
    ask(&vendor, &get("/api/v3/ip_addresses/203.0.113.7"));
    let turns: Vec<String> = log(&vendor).into_iter().map(|(_, turn)| turn).collect();
    assert_eq!(turns, ["lookUp", "repetition", "reused", "lookUp"]);
}

#[test]
fn faults_strike_every_nth_call_but_no_repetition() {
    let faults =
        Faults { fail_every: 2, throttle_every: 3, retry_after_s: 7, latency: Duration::from_millis(5) };
    let vendor = vendor(SimulateOptions { faults, ..SimulateOptions::default() });
    let call =
        |key: &str| Call { idempotency_key: Some(key.to_owned()), ..get("/api/v3/ip_addresses/192.0.2.1") };
    let statuses: Vec<u16> = (1..=6).map(|n| ask(&vendor, &call(&format!("k{n}"))).0).collect();
    assert_eq!(statuses, [200, 503, 429, 503, 200, 503]);
    assert_eq!(ask(&vendor, &call("k1")).0, 200);
    // A call that failed was no look-up: its key may come again.
    assert_eq!(ask(&vendor, &call("k2")).0, 200);
    assert_eq!(vendor.answer(&call("k1")).1, Duration::from_millis(5));

    let put = |query: &str| Call { method: "PUT".to_owned(), ..get(&format!("/__faults?{query}")) };
    assert_eq!(
        ask(&vendor, &put("throttleEvery=1&retryAfter=9")).1["faults"],
        "latencyMs=0&failEvery=0&throttleEvery=1&retryAfter=9"
    );
    let (answer, latency) = vendor.answer(&call("new"));
    assert_eq!((answer.status, answer.retry_after_s, latency), (429, Some(9), Duration::ZERO));
    assert_eq!(ask(&vendor, &put("")).0, 200);
    assert_eq!(ask(&vendor, &call("new")).0, 200);
    for wrong in ["latency=5", "failEvery=x", "failEvery"] {
        assert_eq!(ask(&vendor, &put(wrong)).0, 400, "{wrong}");
    }
}

#[test]
fn the_log_outlives_the_vendor() {
    let path = std::env::temp_dir().join(format!("riposte-simulate-{}.jsonl", uuid::Uuid::new_v4()));
    let options = SimulateOptions { log_file: Some(path.clone()), ..SimulateOptions::default() };
    let call = Call { idempotency_key: Some("k1".to_owned()), ..get("/api/v3/ip_addresses/203.0.113.7") };
    let first = ask(&vendor(options.clone()), &call);
    // A crash cut the next line short.
    let mut text = std::fs::read_to_string(&path).unwrap();
    let entry: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&entry["method"], &entry["path"], &entry["idempotencyKey"], &entry["status"]),
        (&"GET".into(), &"/api/v3/ip_addresses/203.0.113.7".into(), &"k1".into(), &200.into())
    );
    assert!(entry["time"].as_str().unwrap().ends_with('Z'));
    text.push_str("{\"time\":\"2026");
    std::fs::write(&path, text).unwrap();
    let again = vendor(options);
    assert_eq!(ask(&again, &call), first);
    assert_eq!(log(&again), [(200, "lookUp".to_owned()), (200, "repetition".to_owned())]);
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().filter(|line| line.ends_with('}')).count(), 2);
    std::fs::remove_file(&path).unwrap();
}

/// One HTTP request by hand: what the socket says is what a vendor's client sees.
async fn over_the_wire(address: std::net::SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_serves() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let faults = Faults { throttle_every: 2, retry_after_s: 3, ..Faults::default() };
    let server =
        tokio::spawn(super::serve(listener, SimulateOptions { faults, ..SimulateOptions::default() }));
    let request = "GET /api/v3/ip_addresses/203.0.113.7 HTTP/1.1\r\nHost: x\r\nX-ApiKey: k\r\nConnection: close\r\n\r\n";
    let answer = over_the_wire(address, request).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"malicious\":"), "{answer}");
    let answer = over_the_wire(address, request).await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 3"), "{answer}");
    let log = over_the_wire(address, "GET /__log HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert_eq!(log.matches("\"method\":\"GET\"").count(), 2, "{log}");
    server.abort();
}
