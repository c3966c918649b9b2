//! Real playbooks of others, imported and run unmodified. They lie beside the repository; without them the test says
//! so and passes.

use crate::bed::{Bed, GROUP, SUBSCRIPTION};
use riposte_value::{Value, value};
use std::path::Path;

const PLAYBOOKS: &str = "corpus/sentinel/cloudflare__Azure-Sentinel";

/// Folder, and the status in which its run ends where the vendor answers everything with the same small document.
const CHOSEN: [&str; 12] = [
    "Solutions/Standalone/Playbooks/Enrich-Sentinel-Incident-AlienVault-OTX/azuredeploy.json",
    "Playbooks/AS-Slack-Integration/azuredeploy.json",
    "Playbooks/AS-PagerDuty-Integration/azuredeploy.json",
    "Solutions/Tanium/Package/mainTemplate.json",
    "Playbooks/Restrict-MDEAppExecution/incident-trigger/azuredeploy.json",
    "Playbooks/Isolate-MDEMachine/incident-trigger/azuredeploy.json",
    "Playbooks/Dismiss-AADRiskyUser/incident-trigger/azuredeploy.json",
    "Solutions/Tanium/Playbooks/Tanium-QuarantineHosts/azuredeploy.json",
    "Solutions/Tanium/Playbooks/Tanium-CloseTHRAlert/azuredeploy.json",
    "Solutions/IoTOTThreatMonitoringwithDefenderforIoT/Playbooks/NewAssetServiceNowTicket/NewAssetServiceNowTicket.json",
    "Playbooks/Post-Message-Slack/incident-trigger/azuredeploy.json",
    "Playbooks/Create-Jira-Issue/incident-trigger/azuredeploy.json",
];

/// Values that stand for what an operator gives when a connection is authorised.
fn credentials() -> Value {
    value!({
        "token": "t", "api_key": "k", "username": "u", "password": "p", "instance": "https://vendor.example",
        "instanceUrl": "https://vendor.example", "displayName": "d", "siteName": "vendor",
        "serviceUrl": "https://vendor.example"
    })
}

/// One document that holds what the playbooks' vendors answer.
fn vendor_answer() -> Value {
    value!({
        "id": "1", "value": [], "result": { "number": "INC1" },
        "pulse_info": { "count": 1, "pulses": [{ "name": "Storm", "description": "d", "id": "p1", "tags": ["tor"], "malware_families": [], "attack_ids": [], "industries": [], "targeted_countries": [], "references": [] }] }
    })
}

fn entities() -> Value {
    value!([
        { "$id": "1", "Type": "ip", "Address": "203.0.113.7" },
        { "$id": "2", "Type": "host", "HostName": "pc1", "MdatpDeviceId": "m1", "FQDN": "pc1.contoso.com" },
        { "$id": "3", "Type": "account", "Name": "ana", "UPNSuffix": "contoso.com", "AadUserId": "a1" },
        { "$id": "4", "Type": "url", "Url": "https://bad.example/x" },
        { "$id": "5", "Type": "filehash", "Algorithm": "SHA256", "Value": "aa" },
        { "$id": "6", "Type": "dns", "DomainName": "bad.example" }
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_real_playbooks_import_and_run_to_an_end() {
    let Some(folder) = riposte_testing::shared(PLAYBOOKS) else { return };
    let mut faults = Vec::new();
    for file in CHOSEN {
        let (status, failed) = run_one(&folder, file).await;
        println!("{status}: {file}");
        if status != "Succeeded" {
            faults.push(format!("{file} {status}: {failed:#?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The run's status, and the message of each action that failed by itself.
async fn run_one(folder: &Path, file: &str) -> (String, Vec<String>) {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let bed = Bed::with(|_| (200, vendor_answer())).await;
    let parameters = riposte_arm::sample_parameters(
        &riposte_value::json::parse_lenient(&text).unwrap(),
        &riposte_arm::Deployment::default(),
    );
    let resources = bed.import(&[(file, &text)], Value::from(parameters)).await;
    let mut playbook = None;
    for resource in &resources {
        let id = resource.str_at(&["id"]).unwrap();
        match (resource.str_at(&["type"]).unwrap(), resource.str_at(&["result"]).unwrap()) {
            ("Microsoft.Web/connections", "created") => {
                let mut body = bed.engine.connection(id).await.unwrap();
                let properties = body.as_object_mut().unwrap().get_mut("properties").unwrap();
                properties.as_object_mut().unwrap().insert("parameterValues", credentials());
                bed.engine.put_connection(id, &body, &bed.caller).await.unwrap();
            }
            (kind, "created") if kind.eq_ignore_ascii_case("Microsoft.Logic/workflows") => {
                playbook = Some(id.to_owned());
            }
            (_, "created" | "unchanged") => {}
            _ => panic!("{file}: {resource}"),
        }
    }
    let playbook = playbook.unwrap_or_else(|| panic!("{file}: no playbook"));
    assert!(playbook.contains(SUBSCRIPTION) && playbook.contains(GROUP));
    let name = bed.alert("Suspicious sign-in", "Medium", entities()).await;
    bed.engine.run_playbook_on_incident(&bed.ws, &name, &playbook, &bed.caller).await.unwrap();
    bed.settle().await;
    let run = bed.run(&name).await;
    let status = run.str_at(&["properties", "status"]).unwrap().to_owned();
    let failed = run
        .at(&["properties", "actions"])
        .and_then(Value::as_array)
        .unwrap()
        .iter()
        .filter(|a| a.str_at(&["status"]) == Some("Failed") && a.str_at(&["code"]) != Some("ActionFailed"))
        .map(|a| {
            format!(
                "{}: {} {}",
                a.get("name").unwrap(),
                a.get("error").unwrap_or(&Value::Null),
                a.get("outputs").unwrap_or(&Value::Null)
            )
        })
        .collect();
    (status, failed)
}

/// The automation rule that the system's own documents print: it names its playbook by an id with dots in it, which
/// the placement completes.
#[tokio::test]
async fn the_documented_rule_imports_as_it_stands() {
    let Some(file) = riposte_testing::shared("seeds/003_1addc2546a1d730c.txt") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let from = text.find("\nJSON\n{").unwrap() + 6;
    let to = from + text[from..].find("\n}\n").unwrap() + 2;
    let bed = Bed::new().await;
    bed.playbook("playbook-enrich-aitm", value!({ "C": { "type": "Compose", "inputs": 1 } })).await;
    let resources = bed.import(&[("rule.json", &text[from..to])], value!({})).await;
    assert_eq!(resources[0].str_at(&["result"]), Some("created"), "{resources:?}");
    let name = bed.alert("AiTM sign-in", "Medium", entities()).await;
    bed.settle().await;
    assert_eq!(bed.incident(&name).await.str_at(&["properties", "severity"]), Some("High"));
    assert_eq!(bed.run(&name).await.str_at(&["properties", "status"]), Some("Succeeded"));
}
