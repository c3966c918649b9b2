//! The demo's content and its incident.

use crate::client::Client;
use crate::exit::Problem;
use crate::output;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value, value};
use std::net::SocketAddr;

/// Where the demo's content lies.
const SUBSCRIPTION: &str = "d3300000-0000-4000-8000-000000000001";
const RESOURCE_GROUP: &str = "demo-soc";
const WORKSPACE: &str = "demo";

/// The example's connection to its vendor, and a key that the simulated vendor takes like any other.
const CONNECTION: &str = "virustotal-Enrich-IP-Reputation";
const API_KEY: &str = "demo";

/// The example that is imported.
const FILES: [(&str, &str); 2] = [
    ("examples/enrich-ip/azuredeploy.json", include_str!("../../../../examples/enrich-ip/azuredeploy.json")),
    (
        "examples/enrich-ip/automation-rule.json",
        include_str!("../../../../examples/enrich-ip/automation-rule.json"),
    ),
];

/// The incident of the demo.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Its number.
    pub number: String,
    /// The workspace's GUID.
    pub workspace: String,
}

/// Imports the content and posts an alert, which becomes an incident.
pub async fn play(client: &Client, vendor: SocketAddr) -> Result<Incident, Problem> {
    let workspace = make_workspace(client).await?;
    import(client).await?;
    point_to(client, vendor).await?;
    let answer = client.post(&format!("/api/workspaces/{workspace}/alerts"), &alert()).await?;
    let item = answer.get("value").and_then(|value| value.item(0));
    let number = item.and_then(|item| item.at(&["incident", "incidentNumber"])).map(ToString::to_string);
    let Some(number) = number else {
        let message = item
            .and_then(|item| item.str_at(&["error", "message"]))
            .unwrap_or("the alert became no incident");
        return Err(Problem::failed(Diagnostic::error("DemoFailed", message.to_owned())));
    };
    Ok(Incident { number, workspace })
}

async fn make_workspace(client: &Client) -> Result<String, Problem> {
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.OperationalInsights\
         /workspaces/{WORKSPACE}?api-version=2022-10-01"
    );
    let made = client.put(&path, &value!({ "location": "local", "properties": {} })).await?;
    Ok(made.str_at(&["properties", "customerId"]).unwrap_or_default().to_owned())
}

async fn import(client: &Client) -> Result<(), Problem> {
    let files = FILES
        .iter()
        .map(|(name, text)| Value::object([("name", Value::text(name)), ("text", Value::text(text))]));
    let mut parameters = Object::new();
    parameters.insert("VirusTotalApiKey", API_KEY);
    parameters.insert("workspace", WORKSPACE);
    let request = Value::object([
        ("files", Value::array(files)),
        ("subscription", Value::text(SUBSCRIPTION)),
        ("resourceGroup", Value::text(RESOURCE_GROUP)),
        ("workspace", Value::text(WORKSPACE)),
        ("parameters", Value::from(parameters)),
        ("grantAutomation", Value::Bool(true)),
    ]);
    let answer = client.post("/api/import", &request).await?;
    let resources = answer.get("resources").and_then(Value::as_array).unwrap_or_default();
    for resource in resources {
        let text = |name: &str| resource.str_at(&[name]).unwrap_or_default();
        let name = text("id").rsplit('/').next().unwrap_or_default();
        output::line(format_args!("import  {:<9} {} {name}", text("result"), text("type")));
        if matches!(text("result"), "failed" | "disabled") {
            let why = resource.get("diagnostics").map(ToString::to_string).unwrap_or_default();
            return Err(Problem::failed(Diagnostic::error(
                "DemoFailed",
                format!("`{name}` was not imported: {why}"),
            )));
        }
    }
    Ok(())
}

/// Points the example's connection to VirusTotal at the simulated vendor, which listens elsewhere at each start.
async fn point_to(client: &Client, vendor: SocketAddr) -> Result<(), Problem> {
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}");
    let path = format!("{group}/providers/Microsoft.Web/connections/{CONNECTION}?api-version=2016-06-01");
    let api = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/local/managedApis/virustotal"
    );
    let connection = value!({
        "location": "local",
        "properties": {
            "displayName": CONNECTION,
            "parameterValues": { "api_key": API_KEY, "serviceUrl": format!("http://{vendor}") },
            "api": { "id": api }
        }
    });
    client.put(&path, &connection).await?;
    Ok(())
}

/// An alert about addresses that the vendor knows: malicious, suspicious and clean.
fn alert() -> Value {
    let now = jiff::Timestamp::now().to_string();
    value!({
        "SystemAlertId": uuid::Uuid::new_v4().to_string(),
        "DisplayName": "AiTM: sign-in through an anonymising proxy",
        "Description": "A session cookie of ana@demo.example was used from an address that had never been seen before.",
        "AlertSeverity": "Medium",
        "ProviderName": "Demo",
        "ProductName": "Demo sign-in monitor",
        "VendorName": "Riposte",
        "Tactics": "InitialAccess, CredentialAccess",
        "TimeGenerated": now, "StartTime": now, "EndTime": now,
        "Entities": [
            { "$id": "1", "Type": "ip", "Address": "203.0.113.66" },
            { "$id": "2", "Type": "ip", "Address": "203.0.113.7" },
            { "$id": "3", "Type": "account", "Name": "ana", "UPNSuffix": "demo.example" }
        ]
    })
}
