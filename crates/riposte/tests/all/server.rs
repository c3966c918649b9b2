//! `riposte serve` and the commands that talk to it.

use crate::process::{Folder, Server, command, eventually, repository, riposte, run};
use serde_json::{Value, json};

const PLACE: [&str; 6] = [
    "--subscription",
    "11111111-1111-4111-8111-111111111111",
    "--resource-group",
    "soc",
    "--workspace",
    "main",
];

/// A server into which the example has been imported. Nothing can be called from it.
fn with_example() -> Server {
    with_example_and(&["--grant-automation"])
}

fn with_example_and(more: &[&str]) -> Server {
    let configuration = Folder::new();
    let file = configuration.write("riposte.toml", "[egress]\ndefault = \"deny\"\n");
    let server = Server::start(&["--config", file.to_str().unwrap()]);
    let folder = repository("examples/enrich-ip");
    let mut arguments = vec!["import", &folder, "--format", "json"];
    arguments.extend(more);
    arguments.extend(["--param", "VirusTotalApiKey=k", "--param", "workspace=main"]);
    arguments.extend(PLACE);
    let answer = server.client(&arguments).expect(0).json();
    let resources = answer["resources"].as_array().unwrap();
    assert!(resources.len() >= 4, "{answer}");
    assert!(resources.iter().all(|resource| resource["result"] == json!("created")), "{answer}");
    server
}

#[test]
fn an_incident_is_created_answered_and_shown() {
    let server = with_example();
    let made =
        server.client(&["incident", "create", "--title", "AiTM now", "--format", "json"]).expect(0).json();
    assert_eq!(made["properties"]["incidentNumber"], json!(1));
    eventually("the playbook finishes", || {
        let shown = server.client(&["incident", "show", "1", "--format", "json"]).expect(0).json();
        shown["timeline"].as_array().unwrap().iter().any(|entry| entry["kind"] == json!("playbookFinished"))
    });
    let shown = server.client(&["incident", "show", "1"]).expect(0);
    for wanted in ["Incident 1: AiTM now", "severity     High", "Comments", "ruleMatched", "playbookFinished"]
    {
        assert!(shown.out.contains(wanted), "{wanted} is not in {}", shown.out);
    }
    assert!(!shown.out.contains("<strong>"), "comments are text on a terminal: {}", shown.out);
    let list = server.client(&["incident", "list", "--format", "json"]).expect(0).json();
    assert_eq!(list["value"].as_array().map(Vec::len), Some(1));
    let none =
        server.client(&["incident", "list", "--filter", "properties/severity eq 'Low'", "--format", "json"]);
    assert_eq!(none.expect(0).json()["value"], json!([]));

    let runs = server.client(&["run", "list", "--format", "json"]).expect(0).json();
    let run = runs["value"][0]["name"].as_str().unwrap().to_owned();
    let tree = server.client(&["run", "show", &run]).expect(0);
    assert!(
        tree.out.contains("Enrich-IP-Reputation") && tree.out.contains("✓ Initialize_rows"),
        "{}",
        tree.out
    );
    assert!(tree.out.contains("└─ ✓ For_each_IP"), "actions stand under their scopes: {}", tree.out);
    let action = server.client(&["run", "show", &run, "--action", "add_comment_to_incident_(v3)"]).expect(0);
    assert!(action.out.contains("outputs"), "{}", action.out);
    let unknown = server.client(&["run", "show", &run, "--action", "Initialise_rows"]).expect(1);
    assert!(unknown.err.contains("did you mean `Initialize_rows`?"), "{}", unknown.err);

    let health = server.client(&["health", "list", "--format", "json"]).expect(0).json();
    let records = health["value"].as_array().unwrap();
    assert!(records.len() >= 2, "{health}");
    let workspaces = server.client(&["workspace", "list", "--format", "json"]).expect(0).json();
    assert_eq!(workspaces["value"][0]["name"], json!("main"));
}

#[test]
fn rules_of_a_server_tell_what_they_lack_and_are_given_it() {
    let server = with_example_and(&[]);
    let lacking = server.client(&["rule", "check", "--server"]).expect(1);
    for wanted in [
        "Unhealthy",
        "Could not trigger playbook: ",
        "missing: role Microsoft Sentinel Automation Contributor",
        "f4c81013-99ee-4d62-a7ee-b3f1f648599a",
        "5e9d1e11-0000-4000-8000-5ec0a7000001",
        "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/soc",
        "riposte rule check --server --grant",
    ] {
        assert!(lacking.out.contains(wanted), "{wanted} is not in {}", lacking.out);
    }
    let granted = server.client(&["rule", "check", "--server", "--grant"]).expect(0);
    assert!(granted.out.contains("Healthy") && !granted.out.contains("missing"), "{}", granted.out);
    let one = server.client(&["rule", "check", "--server", "--format", "json"]).expect(0);
    let first: Value = serde_json::from_str(one.out.lines().next().unwrap()).unwrap();
    assert_eq!(first["health"]["problems"], json!([]), "{first}");
    server.client(&["rule", "check", "--server", "no-such-rule"]).expect(1);
    riposte(["rule", "check", "rule.json", "--grant"]).expect(2);
}

#[test]
fn a_rule_is_tried_on_a_servers_incidents() {
    let server = with_example();
    server.client(&["incident", "create", "--title", "AiTM now", "--severity", "Medium"]).expect(0);
    let folder = Folder::new();
    let rule = json!({
        "displayName": "Lower AiTM", "order": 1,
        "triggeringLogic": { "isEnabled": false, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": [{
            "conditionType": "Property", "conditionProperties":
                { "propertyName": "IncidentTitle", "operator": "Contains", "propertyValues": ["AiTM"] } }] },
        "actions": [{ "order": 1, "actionType": "ModifyProperties", "actionConfiguration": { "severity": "Low" } }]
    });
    let file = folder.write("rule.json", rule.to_string());
    let file = file.to_str().unwrap();
    let told = server.client(&["rule", "backtest", file]).expect(0);
    for wanted in ["Lower AiTM", "matched 1 of 1", "IncidentTitle contains AiTM", "severity Medium → Low"] {
        assert!(told.out.contains(wanted), "{wanted} is not in {}", told.out);
    }
    assert!(told.err.contains("as they stood when they were made"), "{}", told.err);
    let answer = server.client(&["rule", "backtest", file, "--format", "json"]).expect(0).json();
    assert_eq!(answer["matches"][0]["incidentNumber"], json!(1), "{answer}");
    let past = ["rule", "backtest", file, "--from", "2020-01-01", "--to", "2020-02-01T00:00:00Z"];
    server.client(&past).expect(1);
}

#[test]
fn alerts_become_incidents_or_are_rejected() {
    let server = with_example();
    let alert = json!({"SystemAlertId": "a-1", "AlertName": "One", "AlertSeverity": "Low"});
    let answer =
        server.client_with(&["alert", "create", "-", "--format", "json"], &alert.to_string()).expect(0);
    assert_eq!(answer.json()["value"][0]["incident"]["incidentNumber"], json!(1));
    let two = json!([alert, {"AlertName": "no id"}]);
    let answer =
        server.client_with(&["alert", "create", "-", "--format", "json"], &two.to_string()).expect(1);
    let statuses: Vec<Value> =
        answer.json()["value"].as_array().unwrap().iter().map(|item| item["status"].clone()).collect();
    assert_eq!(statuses, [json!("duplicate"), json!("rejected")]);
    let bad = r#"[{"SystemAlertId": "a-2", "AlertSeverity": "Critical", "StartTime": "soon"}]"#;
    let told = server.client_with(&["alert", "create", "-"], bad).expect(1).out;
    for part in ["alert a-2 rejected", "$[0].AlertSeverity: `Critical`", "`High`", "$[0].StartTime: `soon`"] {
        assert!(told.contains(part), "{told}");
    }
    server.client_with(&["alert", "create", "-"], "nonsense").expect(2);
}

#[test]
fn an_import_says_what_is_wrong_and_where() {
    let server = with_example();
    let folder = Folder::new();
    let definition =
        json!({"definition": {"triggers": {}, "actions": {"Call": {"type": "Htpp", "inputs": {}}}}});
    let faulty = folder.write("faulty.json", definition.to_string());
    let done = server.client(&["import", faulty.to_str().unwrap(), "--format", "json"]).expect(1);
    let resource = &done.json()["resources"][0];
    assert_eq!(resource["result"], json!("disabled"), "{resource}");
    assert!(resource["diagnostics"].to_string().contains("Htpp"), "{resource}");
    let broken = folder.write("broken.json", "{");
    let done = server.client(&["import", broken.to_str().unwrap()]).expect(1);
    assert!(done.out.contains("failed") && done.out.contains("broken.json"), "{}", done.out);
    server.client(&["import", "/nowhere.json"]).expect(2);
    server.client(&["import", broken.to_str().unwrap(), "--param", "novalue"]).expect(2);
    // a plan changes nothing
    let example = repository("examples/enrich-ip/azuredeploy.json");
    let mut arguments =
        vec!["import", &example, "--param", "VirusTotalApiKey=k", "--param", "PlaybookName=Other"];
    arguments.extend(["--plan", "--format", "json"]);
    arguments.extend(PLACE);
    for _ in 0..2 {
        let plan = server.client(&arguments).expect(0).json();
        assert_eq!(plan["resources"][0]["result"], json!("created"), "{plan}");
    }
}

#[test]
fn refusals_tell_code_and_remedy() {
    let server = with_example();
    let missing = server.client(&["incident", "show", "99"]).expect(1);
    assert!(missing.err.contains("99"), "{}", missing.err);
    let other = run(
        command()
            .args(["incident", "list"])
            .env("RIPOSTE_URL", &server.url)
            .env("RIPOSTE_TOKEN", "not-the-token-at-all"),
        "",
    )
    .expect(1);
    assert!(other.err.contains("owner.token"), "{}", other.err);
    let unknown = server.client(&["incident", "list", "--workspace", "mai"]).expect(1);
    assert!(unknown.err.contains("did you mean `main`?"), "{}", unknown.err);
    let token = server.token_file();
    riposte(["incident", "list", "--url", &server.url, "--token-file", token.to_str().unwrap()]).expect(0);
}

#[cfg(unix)]
#[test]
fn the_token_is_for_its_owner_alone_and_lasts() {
    use std::os::unix::fs::PermissionsExt;
    let mut server = with_example();
    let mode = std::fs::metadata(server.token_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let token = std::fs::read_to_string(server.token_file()).unwrap();
    assert_eq!(server.stop(), Some(0), "SIGTERM stops the server in order");

    let data = server.folder.path("data");
    let again =
        command().args(["up", "--once", "--listen", "127.0.0.1:0", "--data"]).arg(&data).output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(std::fs::read_to_string(server.token_file()).unwrap(), token);
    let said = [again.stdout, again.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains(token.trim()), "the token is never printed");
}

#[test]
fn a_folder_holds_what_the_server_does() {
    let server = with_example();
    let folder = Folder::new();
    let soc = folder.path("soc");
    let soc = soc.to_str().unwrap();
    let export = server.client(&["export", soc]).expect(0);
    let files: Vec<&str> = export.out.lines().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert!(files.contains(&"Enrich-IP-Reputation.json"), "{files:?}");
    let rules = format!("{soc}/automationRules");
    let plan = |arguments: &[&str]| {
        let mut all = vec!["import", &rules, "--prune"];
        all.extend(PLACE);
        all.extend(arguments);
        server.client(&all)
    };
    let same = plan(&["--plan", "--format", "json"]).expect(0).json();
    assert!(
        same["resources"].as_array().unwrap().iter().all(|one| one["result"] == json!("unchanged")),
        "{same}"
    );
    let file = std::fs::read_dir(&rules).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    let order = text.lines().position(|line| line.contains("\"order\"")).unwrap();
    let edited: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| if at == order { "\"order\": 77,".to_owned() } else { line.to_owned() })
        .collect();
    std::fs::write(&file, edited.join("\n")).unwrap();
    let planned = plan(&["--plan"]).expect(0);
    assert!(planned.out.contains("would be updated"), "{}", planned.out);
    assert!(planned.out.contains("properties.order: ") && planned.out.contains(" → 77"), "{}", planned.out);
    assert!(plan(&[]).expect(0).out.contains("updated"), "the edited rule is taken");
    assert!(plan(&["--plan"]).expect(0).out.contains("unchanged"), "and stands now");
    let one = server.client(&["export", "--kind", "automation-rules"]).expect(0).json();
    assert_eq!(one["resources"][0]["properties"]["order"], json!(77), "{one}");
    let nothing = server.client(&["export", "--name", "no such thing"]).expect(1);
    assert!(nothing.err.contains("NothingToExport"), "{}", nothing.err);
}

#[test]
fn a_server_whose_certificate_is_not_trusted_is_told_as_that() {
    let server = Server::start(&["--tls", "auto"]);
    let list = ["workspace", "list"];
    let untrusted = server.client(&list).expect(1);
    assert!(untrusted.err.contains("CertificateNotTrusted"), "{}", untrusted.err);
    assert!(untrusted.err.contains("--ca-file"), "{}", untrusted.err);
    let authority = server.folder.path("data/tls/ca.pem");
    server.client(&["workspace", "list", "--ca-file", authority.to_str().unwrap()]).expect(0);
    let other = server.folder.write("other.pem", "no certificate");
    let refused = server.client(&["workspace", "list", "--ca-file", other.to_str().unwrap()]).expect(2);
    assert!(refused.err.contains("InvalidCertificate"), "{}", refused.err);
    let plain = Server::start(&[]);
    let url = plain.url.replace("http://", "https://");
    let told = plain.client(&["workspace", "list", "--url", &url]).expect(1);
    assert!(told.err.contains("NoTls"), "{}", told.err);
}

#[test]
fn a_program_is_registered_imports_and_is_removed() {
    let server = with_example();
    let scope = format!("/subscriptions/{}/resourceGroups/soc", PLACE[1]);
    let mut create = vec!["service-principal", "create", "pipeline", "--scope", &scope, "--format", "json"];
    create.extend(["--role", "microsoft sentinel contributor", "--role", "Logic App Contributor"]);
    let made = server.client(&create).expect(0).json();
    let (id, secret) = (made["id"].as_str().unwrap(), made["secretText"].as_str().unwrap());
    assert!(secret.starts_with("ris_"), "{made}");
    let unknown = ["service-principal", "create", "x", "--scope", &scope, "--role", "Logic App Contributer"];
    let told = server.client(&unknown).expect(2).err;
    assert!(told.contains("did you mean `Logic App Contributor`?"), "{told}");

    let listed = server.client(&["service-principal", "list"]).expect(0).out;
    assert!(listed.contains("pipeline") && listed.contains(id), "{listed}");
    assert_eq!(listed.lines().count(), 2, "nothing is made where a role is not there: {listed}");
    assert!(
        !server.client(&["service-principal", "list", "--format", "json"]).expect(0).out.contains(secret)
    );

    let rotated = server.client(&["service-principal", "rotate", id, "--format", "json"]).expect(0);
    assert!(rotated.err.contains("--remove-old"), "{}", rotated.err);
    let newest = rotated.json()["secretText"].as_str().unwrap().to_owned();
    assert_ne!(newest, secret);
    let secrets = || {
        let all = server.client(&["service-principal", "list", "--format", "json"]).expect(0).json();
        all["value"][0]["passwordCredentials"].as_array().unwrap().len()
    };
    assert_eq!(secrets(), 2);
    server.client(&["service-principal", "rotate", id, "--remove-old"]).expect(0);
    assert_eq!(secrets(), 1);

    // With roles on one resource group it imports there, and nowhere else.
    let newest = server.client(&["service-principal", "rotate", id, "--format", "json"]).expect(0).json();
    let import = |group: &str, secret: &str| {
        let mut as_program = command();
        as_program.args(["import", &repository("examples/enrich-ip"), "--subscription", PLACE[1]]);
        as_program.args(["--resource-group", group, "--workspace", "main", "--param", "workspace=main"]);
        as_program.args(["--param", "VirusTotalApiKey=k", "--url", &server.url]);
        as_program.args(["--client-id", made["appId"].as_str().unwrap()]);
        run(as_program.env("RIPOSTE_CLIENT_SECRET", secret), "")
    };
    let newest = newest["secretText"].as_str().unwrap();
    assert!(import("soc", newest).expect(0).out.contains("unchanged"));
    assert!(import("elsewhere", newest).expect(1).err.contains("AuthorizationFailed"));
    assert!(import("soc", secret).expect(1).err.contains("SignInRefused"));

    server.client(&["service-principal", "remove", id]).expect(0);
    server.client(&["service-principal", "remove", id]).expect(1);
}

#[test]
fn playbooks_are_listed_with_trigger_state_and_last_run() {
    let server = with_example();
    let list = || server.client(&["playbook", "list", "--json"]).expect(0).json()["value"][0].clone();
    let playbook = list();
    assert_eq!(playbook["properties"]["state"], json!("Enabled"));
    assert_eq!(playbook["properties"]["triggers"][0]["kind"], json!("incident"));
    assert_eq!(playbook["properties"]["lastRun"], json!(null));
    server.client(&["incident", "create", "--title", "AiTM now"]).expect(0);
    eventually("a run begins", || list()["properties"]["lastRun"]["status"].is_string());
    let text = server.client(&["playbook", "list"]).expect(0).out;
    for wanted in ["Enrich-IP-Reputation", "soc", "incident", "Enabled"] {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
}
