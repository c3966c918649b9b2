//! `riposte playbook test`, and mock files in YAML.

use crate::process::{Folder, repository, riposte};
use serde_json::{Value, json};

/// A playbook that asks, waits a month, asks in a loop and tells.
fn playbook(folder: &Folder) {
    let definition = json!({"definition": {
        "parameters": {"Key": {"type": "SecureString", "defaultValue": "none"}},
        "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {
            "type": "object", "properties": {"ip": {"type": "string"}, "days": {"type": "integer"}}}}}},
        "actions": {
            "Get": {"type": "Http", "runAfter": {}, "inputs": {"method": "GET",
                "uri": "https://vendor.example/ip/@{triggerBody()?['ip']}?key=@{parameters('Key')}",
                "retryPolicy": {"type": "fixed", "count": 3, "interval": "PT1H"}}},
            "Month": {"type": "Wait", "runAfter": {"Get": ["Succeeded"]}, "inputs": {"interval": {"count": 30, "unit": "Day"}}},
            "Each": {"type": "Foreach", "foreach": "@body('Get')?['ports']", "runAfter": {"Month": ["Succeeded"]},
                "operationOptions": "Sequential", "actions": {
                "Block": {"type": "Http", "runAfter": {}, "inputs": {"method": "POST", "uri": "https://fw.example/block",
                    "body": {"port": "@item()"}, "retryPolicy": {"type": "none"}}}}}
        }
    }});
    folder.write("play.json", definition.to_string());
}

fn tested(folder: &Folder, yaml: &str, code: i32) -> Value {
    playbook(folder);
    let file = folder.write("play.test.yaml", yaml);
    riposte(["playbook", "test", file.to_str().unwrap(), "--format", "json"]).expect(code).json()
}

const HEAD: &str =
    "playbook: play.json\ntrigger: {body: {ip: 203.0.113.7}}\nworkflowParameters: {Key: geheimnis}\n";

#[test]
fn the_tests_beside_templates_and_examples_pass() {
    for folder in ["templates", "examples"] {
        let result = riposte(["playbook", "test", &repository(folder), "--format", "json"]).expect(0).json();
        assert_eq!(result["failed"], json!(0), "{result}");
        let folders =
            std::fs::read_dir(repository(folder)).unwrap().flatten().filter(|entry| entry.path().is_dir());
        for template in folders {
            let name = template.file_name().to_string_lossy().into_owned();
            let tests = result["tests"].as_array().unwrap();
            let has = tests.iter().any(|test| test["file"].as_str().unwrap().contains(&format!("/{name}/")));
            assert!(has, "{folder}/{name} has no tests");
        }
    }
}

#[test]
fn time_retries_sequences_turns_and_requests_are_mocked() {
    let folder = Folder::new();
    let yaml = format!(
        "{HEAD}tests:
  - name: a month passes at once
    mocks:
      actions:
        Get:
          - {{fault: reset, delay: PT1M}}
          - {{status: 500}}
          - {{body: {{ports: [22, 80]}}}}
        Block[0]: {{status: 201, body: \"@triggerBody()?['port']\"}}
      calls:
        - {{method: post, url: 'https://fw.example/*', body: {{port: 80}}, answer: {{fault: refused}}}}
    expect:
      status: Failed
      actions:
        Get: {{attempts: 3, code: OK}}
        'Block[0]': {{status: Succeeded, outputs: {{statusCode: 201, body: 22}}}}
        Block[1]: {{status: Failed, code: BadGateway}}
      calls:
        - {{method: GET, url: 'https://vendor.example/ip/203.0.113.7', count: 3}}
        - {{action: Block, body: {{port: 22}}}}
        - {{action: Block, body: {{port: {{$gt: 22}}}}}}
      noOtherCalls: true
      took: {{atLeast: P30D, atMost: P31D}}
"
    );
    let result = tested(&folder, &yaml, 0);
    assert_eq!((&result["passed"], &result["failed"]), (&json!(1), &json!(0)), "{result}");
}

#[test]
fn what_is_not_as_expected_is_told_with_its_place() {
    let folder = Folder::new();
    let yaml = format!(
        "{HEAD}mocks:
  actions:
    Get: {{body: {{ports: []}}}}
tests:
  - name: wrong in everything
    mocks: {{actions: {{Block: {{status: 200}}}}}}
    expect:
      status: Failed
      actions: {{Get: {{outputs: {{body: {{ports: {{$length: 2}}}}}}}}}}
      calls:
        - {{action: Block}}
        - {{url: https://vendor.example/*, count: 0}}
"
    );
    let result = tested(&folder, &yaml, 1);
    let failures = result["tests"][0]["failures"].as_array().unwrap();
    let told: Vec<(&str, u64)> = failures
        .iter()
        .map(|failure| (failure["message"].as_str().unwrap(), failure["line"].as_u64().unwrap()))
        .collect();
    let wanted = [
        ("status: expected \"Failed\", came \"Succeeded\"", 11),
        ("actions.Get.outputs.body.ports: expected {$length: 2}, came []", 12),
        ("calls[0]: expected a call action \"Block\"", 14),
        ("calls[1]: expected 0 calls", 15),
        ("the mock action Block was never asked", 9),
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for ((message, line), (beginning, expected)) in told.iter().zip(wanted) {
        assert!(message.starts_with(beginning), "{message}");
        assert_eq!(*line, expected, "{message}");
    }
    assert!(!result.to_string().contains("geheimnis"), "secrets are not printed: {result}");
    assert!(result.to_string().contains("key=***"), "{result}");
}

#[test]
fn calls_without_mocks_and_mocks_without_calls_fail() {
    let folder = Folder::new();
    let expect = "expect: {}";
    let missing = tested(&folder, &format!("{HEAD}tests: [{{name: a, {expect}}}]"), 1);
    assert!(missing.to_string().contains("no mock answers `GET https://vendor.example/ip/"), "{missing}");
    let auto = format!("{HEAD}mocks: {{default: auto}}\ntests: [{{name: a, {expect}}}]");
    assert_eq!(tested(&folder, &auto, 0)["passed"], json!(1));
    let shared =
        format!("{HEAD}mocks: {{default: auto, actions: {{Nobody: {{}}}}}}\ntests: [{{name: a, {expect}}}]");
    let unused = tested(&folder, &shared, 1);
    assert!(unused.to_string().contains("the mock action Nobody was never asked"), "{unused}");
    let optional = shared.replace("Nobody: {}", "Nobody: {optional: true}");
    assert_eq!(tested(&folder, &optional, 0)["failed"], json!(0));
}

#[test]
fn faulty_test_files_are_refused_with_their_place() {
    let folder = Folder::new();
    playbook(&folder);
    for (yaml, told) in [
        ("tests: [{name: a, expct: {}, expect: {}}]", "did you mean `expect`?"),
        ("tests: [{name: a, expect: {status: {$regexp: a}}}]", "did you mean `$regex`?"),
        ("tests: [{name: a}]", "a test needs `expect`"),
        ("tests: 1", "a list"),
        ("tests: [", "play.test.yaml:"),
        ("tests: [{name: '${b}', each: [{a: 1}], expect: {}}]", "the row has no `b`"),
        ("at: yesterday\ntests: []", "a time such as"),
    ] {
        let file = folder.write("play.test.yaml", yaml);
        let done = riposte(["playbook", "test", file.to_str().unwrap()]).expect(2);
        assert!(done.err.contains(told), "{yaml}: {}", done.err);
    }
    let empty = Folder::new();
    riposte(["playbook", "test", empty.path("").to_str().unwrap()]).expect(2);
}

#[test]
fn results_are_written_as_junit_and_filtered() {
    let folder = Folder::new();
    playbook(&folder);
    let yaml = format!(
        "{HEAD}mocks: {{default: auto}}\ntests:\n  - {{name: good <1>, expect: {{status: Succeeded}}}}\n  - {{name: bad, expect: {{status: Cancelled}}}}\n"
    );
    let file = folder.write("play.test.yaml", yaml);
    let junit = folder.path("junit.xml");
    let arguments = ["playbook", "test", file.to_str().unwrap(), "--junit", junit.to_str().unwrap()];
    let done = riposte(arguments).expect(1);
    assert!(done.out.contains("1 passed, 1 failed"), "{}", done.out);
    let xml = std::fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(
        xml.contains("name=\"good &lt;1&gt;\"") && xml.contains("<failure message=\"status: expected"),
        "{xml}"
    );
    riposte(["playbook", "test", file.to_str().unwrap(), "--filter", "GOOD"]).expect(0);
    riposte(["playbook", "test", file.to_str().unwrap(), "--filter", "nothing of the kind"]).expect(2);
}

#[test]
fn a_run_warns_of_mocks_that_nobody_asks() {
    let folder = Folder::new();
    playbook(&folder);
    let mocks = folder.write("mocks.yaml", "default: auto\nactions:\n  Nobody: {status: 200}\n");
    let play = folder.path("play.json");
    let done =
        riposte(["playbook", "run", play.to_str().unwrap(), "--mock", mocks.to_str().unwrap()]).expect(0);
    assert!(done.err.contains("mocks.yaml:3:3") && done.err.contains("[UnusedMock]"), "{}", done.err);
}

#[test]
fn the_reference_is_up_to_date() {
    const PAGE: &str = "docs/reference/playbook-tests.md";
    const MARK: &str = "<!-- made from the table of the format: what stands below is overwritten -->\n";
    let path = repository(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (prose, _) = page.split_once(MARK).unwrap_or_else(|| panic!("{PAGE} has lost its mark"));
    let made = riposte(["playbook", "test", "--reference"]).expect(0).out;
    let fresh = format!("{prose}{MARK}{made}");
    if std::env::var_os("RIPOSTE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(
            page == fresh,
            "{PAGE} is out of date: RIPOSTE_UPDATE_DOCS=1 cargo nextest run -p riposte reference"
        );
    }
    let schema = riposte(["playbook", "test", "--schema"]).expect(0).json();
    assert_eq!(schema["$defs"]["test"]["additionalProperties"], json!(false));
    assert_eq!(schema["$defs"]["test"]["required"], json!(["name", "expect"]));
}

/// The how-to shows what is printed for the file that it shows, and for the change to it that it describes.
#[test]
fn the_how_to_shows_real_output() {
    let page = std::fs::read_to_string(repository("docs/how-to/test-a-playbook.md")).unwrap();
    let block = |mark: &str, at: usize| {
        let rest = page.split(mark).nth(at + 1).unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    };
    let folder = Folder::new();
    let template = std::fs::read(repository("templates/Enrich-IP-Reputation/azuredeploy.json")).unwrap();
    folder.write("azuredeploy.json", template);
    let first = block("```yaml\n", 0);
    let second = first
        .replace("{malicious: 0, labels: []}", "{malicious: 1, labels: []}")
        .replace("        labels: ${labels}\n", "        labels: ${labels}\n        severity: High\n");
    for (at, (name, yaml)) in
        [("first.test.yaml", first), ("second.test.yaml", second)].into_iter().enumerate()
    {
        let file = folder.write(name, yaml);
        let console = block("```console\n", at);
        let (_, shown) = console.split_once('\n').unwrap();
        let done = riposte(["playbook", "test", file.to_str().unwrap()]);
        let place = file.to_str().unwrap();
        assert_eq!(done.out.replace(place, name), shown);
    }
}
