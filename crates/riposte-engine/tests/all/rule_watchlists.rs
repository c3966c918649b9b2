//! Rules that ask watchlists which are not there: told on the rule and in SentinelHealth, and mended when they come.

use crate::bed::{Bed, modify, on, rule};
use riposte_engine::{Collection, ItemPlace};
use riposte_value::{Value, value};

/// A rule whose second condition asks a watchlist.
fn asking(title: &str, alias: &str, column: Option<&str>) -> Value {
    let mut asked = value!({ "propertyName": "IncidentTitle", "operator": "In" });
    let members = asked.as_object_mut().unwrap();
    members.insert("watchlistAlias", alias);
    if let Some(column) = column {
        members.insert("column", column);
    }
    let condition =
        Value::object([("conditionType", Value::from("Watchlist")), ("conditionProperties", asked)]);
    let mut rule = rule(
        "Ask",
        1,
        &[("IncidentTitle", "Contains", title)],
        value!([modify(1, value!({"severity": "High"}))]),
    );
    let extension = Value::object([("conditions", Value::array([condition]))]);
    rule.as_object_mut().unwrap().insert("riposte", extension);
    rule
}

async fn put_list(bed: &Bed, rows: &str) {
    let place =
        ItemPlace { collection: Collection::Watchlists, parent: String::new(), name: "Hot".to_owned() };
    let body = value!({"properties": {"displayName": "Hot", "provider": "p", "itemsSearchKey": "title",
        "rawContent": rows}});
    bed.engine.put_item(&bed.ws, &place, &body, &bed.caller).await.unwrap();
}

/// What is wrong with the rule `r`: each problem's code, path and message; and whether it is well.
async fn problems(bed: &Bed) -> (String, Vec<(String, String, String)>) {
    let shown = bed.engine.automation_rule(&bed.ws, "r").await.unwrap();
    let health = shown.at(&["riposte", "health"]).unwrap();
    let text = |problem: &Value, name: &str| problem.str_at(&[name]).unwrap().to_owned();
    let told = health.get("problems").and_then(Value::as_array).unwrap().iter();
    let told = told.map(|one| (text(one, "code"), text(one, "path"), text(one, "message"))).collect();
    (health.str_at(&["status"]).unwrap().to_owned(), told)
}

async fn severity(bed: &Bed, title: &str) -> String {
    let name = bed.alert(title, "Low", value!([])).await;
    bed.settle().await;
    bed.incident(&name).await.str_at(&["properties", "severity"]).unwrap().to_owned()
}

/// The rule's rows in SentinelHealth: status, reason and description.
async fn rows(bed: &Bed) -> Vec<(String, String, String)> {
    let text = |row: &Value, name: &str| row.str_at(&[name]).unwrap().to_owned();
    let rows = bed.health().await;
    rows.iter().map(|row| (text(row, "Status"), text(row, "Reason"), text(row, "Description"))).collect()
}

#[tokio::test]
async fn a_watchlist_that_is_missing_is_told_and_the_rule_is_well_when_it_comes() {
    let bed = Bed::new().await;
    let body = value!({ "properties": (asking("tor", "hot", None)) });
    let (_, told) = bed.engine.put_automation_rule(&bed.ws, "r", &body, &bed.caller).await.unwrap();
    let told: Vec<&str> = told.iter().map(|one| one.code.as_ref()).collect();
    assert_eq!(told, ["WatchlistNotFound"], "the rule is taken, with a warning");
    let (status, found) = problems(&bed).await;
    assert_eq!(status, "Unhealthy");
    let problem = |code: &str, message: &str| {
        (code.to_owned(), "$.properties.riposte.conditions[0]".to_owned(), message.to_owned())
    };
    let gone = "there is no watchlist `hot`, so it cannot be said whether the condition holds";
    assert_eq!(found, [problem("WatchlistNotFound", gone)]);

    assert_eq!(severity(&bed, "tor exit").await, "Low");
    let row =
        |reason: &str, description: &str| ("Failure".to_owned(), reason.to_owned(), description.to_owned());
    let failed =
        row("WatchlistNotFound", "The conditions could not be evaluated: there is no watchlist `hot`.");
    assert_eq!(rows(&bed).await, std::slice::from_ref(&failed));
    // Where another condition decides, nothing is missing.
    assert_eq!(severity(&bed, "phishing").await, "Low");
    assert_eq!(rows(&bed).await.len(), 1);

    put_list(&bed, "title\ntor exit\n").await;
    assert_eq!(problems(&bed).await, ("Healthy".to_owned(), Vec::new()));
    assert_eq!(severity(&bed, "tor exit").await, "High");
    let done = row("", "Rule executed successfully, triggering all actions.");
    assert_eq!(rows(&bed).await, [failed, ("Success".to_owned(), done.1, done.2)]);
}

#[tokio::test]
async fn a_column_that_is_missing_is_told_as_well() {
    let bed = Bed::new().await;
    put_list(&bed, "title,kind\ntor exit,x\n").await;
    bed.rule("r", asking("tor", "HOT", Some("Kind"))).await;
    assert_eq!(problems(&bed).await, ("Healthy".to_owned(), Vec::new()));
    bed.rule("r", asking("tor", "HOT", Some("name"))).await;
    let (_, found) = problems(&bed).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "WatchlistColumnNotFound");
    assert!(found[0].2.starts_with("watchlist `HOT` has no column `name`"), "{found:?}");
    assert_eq!(severity(&bed, "tor exit").await, "Low");
    assert_eq!(rows(&bed).await[0].1, "WatchlistColumnNotFound");
    put_list(&bed, "title,name\nx,tor exit\n").await;
    assert_eq!(severity(&bed, "tor exit").await, "High");
}

#[tokio::test]
async fn alerts_that_no_rule_could_judge_are_on_record_and_each_workspace_is_told() {
    let bed = Bed::new().await;
    let other = bed
        .engine
        .workspace_or_create(crate::bed::SUBSCRIPTION, crate::bed::GROUP, "w2", &bed.caller)
        .await
        .unwrap();
    let mut alerts = on(asking("x", "hot", None), "Alerts", "Created");
    let members = alerts.as_object_mut().unwrap();
    members.insert("actions", Value::array([]));
    let logic = members.get_mut("triggeringLogic").unwrap().as_object_mut().unwrap();
    logic.insert("conditions", Value::array([]));
    let asked = value!({"conditionType": "Watchlist", "conditionProperties":
        {"propertyName": "AlertTitle", "operator": "In", "watchlistAlias": "hot"}});
    let act =
        value!({"order": 1, "actionType": "UpdateAlert", "actionConfiguration": {"status": "Resolved"}});
    members.insert(
        "riposte",
        Value::object([
            ("workspaces", value!(["*"])),
            ("conditions", Value::array([asked])),
            ("actions", Value::array([act])),
        ]),
    );
    let body = Value::object([("properties", alerts)]);
    let put = bed.engine.put_alert_automation_rule("t", &body, &bed.caller).await.unwrap();
    assert_eq!(put.1.len(), 1, "{:?}", put.1);
    put_list(&bed, "title\nfirst\n").await;
    let shown = bed.engine.alert_automation_rule("t").await.unwrap();
    let told = shown.at(&["riposte", "health", "problems"]).and_then(Value::as_array).unwrap().to_vec();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].str_at(&["workspace"]), Some("w2"));
    let alert = value!({ "SystemAlertId": "a-1", "DisplayName": "first", "AlertSeverity": "Low" });
    for ws in [&bed.ws, &other] {
        bed.engine.ingest_alerts(ws, &alert, &bed.caller).await.unwrap();
    }
    bed.settle().await;
    assert_eq!(rows(&bed).await[0].0, "Success");
    let query = riposte_engine::LogQuery { top: 10, ..riposte_engine::LogQuery::default() };
    let rows = bed.engine.health(&other, query).await.unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0].str_at(&["Reason"]), Some("WatchlistNotFound"));
    assert_eq!(rows[0].str_at(&["ExtendedProperties", "SystemAlertId"]), Some("a-1"));
}
