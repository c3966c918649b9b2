//! Lists of incidents: whatever index a filter leads along, a list holds just what the filter says, in order, each
//! once, whatever the page.

use crate::client::Client;
use crate::harness::{Server, sentinel};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_engine::Config;
use riposte_server::Options;
use riposte_value::{Value, value};

type Passes = Box<dyn Fn(&Value) -> bool>;
type Key = fn(&Value) -> (String, i64);

const COUNT: usize = 60;
/// What titles end with.
const ENDS: [&str; 7] =
    ["", " 100%_sure", " O'Brien", " ÜBER Straße", " a\\b \"c\"\td", " ΣΑΣ", " ſharp KELVIN"];

/// A server with incidents. Where `list_walk` is 0, lists go by what is kept in memory.
async fn with_incidents(list_walk: usize) -> (Server, Client) {
    let options = Options::new(([127, 0, 0, 1], 0).into());
    let server = Server::start_over(Config { list_walk, ..Config::default() }, options).await;
    let owner = server.owner();
    for number in 0..COUNT {
        let status = ["New", "Active", "Closed", "Closed", "Closed"][number % 5];
        let severity = ["High", "Medium", "Low", "Informational"][number * 7 % 4];
        let title = format!("title {:02}{}", number * 37 % COUNT, ENDS[number % ENDS.len()]);
        let mut body = value!({"properties": {"title": title, "severity": severity, "status": status}});
        let properties =
            body.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
        if number % 4 == 0 {
            properties.insert(
                "owner",
                value!({"email": format!("Ana{}@contoso.com", number % 3), "assignedTo": "Ana Ü"}),
            );
        }
        if number % 3 == 0 {
            properties
                .insert("labels", value!([{"labelName": format!("T-{}", number % 7), "labelType": "User"}]));
        }
        if status == "Closed" {
            properties.insert("classification", ["TruePositive", "Undetermined"][number % 2]);
            properties.insert("classificationComment", ENDS[number % ENDS.len()]);
        }
        owner.put(&sentinel(&format!("/incidents/i{number}")), &body).await.expect(201);
    }
    // Some are changed later, so that the order of changes is another one.
    for number in (0..COUNT).step_by(9).rev() {
        let path = sentinel(&format!("/incidents/i{number}"));
        let mut body = owner.get(&path).await.expect(200).json();
        body.as_object_mut()
            .unwrap()
            .get_mut("properties")
            .unwrap()
            .as_object_mut()
            .unwrap()
            .insert("description", "seen");
        owner.put(&path, &body).await.expect(200);
    }
    (server, owner)
}

async fn list(owner: &Client, filter: &str, order: &str, top: usize) -> Vec<Value> {
    let mut target = format!("{}&$top={top}", sentinel("/incidents"));
    for (name, text) in [("$filter", filter), ("$orderby", order)] {
        if !text.is_empty() {
            target = format!("{target}&{name}={}", utf8_percent_encode(text, NON_ALPHANUMERIC));
        }
    }
    let mut all = Vec::new();
    for _ in 0..=COUNT {
        let page = owner.get(&target).await.expect(200);
        assert!(page.items().len() <= top, "{filter} {order}");
        all.extend(page.items());
        match page.json().str_at(&["nextLink"]) {
            Some(next) => target = format!("/subscriptions{}", next.split_once("/subscriptions").unwrap().1),
            None => return all,
        }
    }
    panic!("pages without end: {filter} {order}");
}

fn text<'v>(incident: &'v Value, name: &str) -> &'v str {
    incident.str_at(&["properties", name]).unwrap_or_default()
}

/// A time with all its digits: needless ones are left out, so that texts do not compare as times do.
fn moment(incident: &Value, name: &str) -> String {
    let text = text(incident, name).trim_end_matches('Z');
    let (seconds, digits) = text.split_once('.').unwrap_or((text, ""));
    format!("{seconds}.{digits:0<7}Z")
}

fn number(incident: &Value) -> i64 {
    incident.at(&["properties", "incidentNumber"]).and_then(Value::as_i64).unwrap()
}

fn filters(all: &[Value]) -> Vec<(String, Passes)> {
    let status = |wanted: &'static str| move |i: &Value| text(i, "status") == wanted;
    let severity = |wanted: &'static str| move |i: &Value| text(i, "severity") == wanted;
    let mut cases: Vec<(String, Passes)> = vec![
        (String::new(), Box::new(|_| true)),
        ("properties/status eq 'new'".into(), Box::new(status("New"))),
        ("properties/status ne 'Closed'".into(), Box::new(move |i| !status("Closed")(i))),
        ("properties/severity eq 'High' or properties/severity eq 'Low'".into(), Box::new(move |i| severity("High")(i) || severity("Low")(i))),
        (
            "(properties/status eq 'New' and properties/severity eq 'High') or (properties/status eq 'Closed' and properties/severity eq 'Low')".into(),
            Box::new(move |i| status("New")(i) && severity("High")(i) || status("Closed")(i) && severity("Low")(i)),
        ),
        ("properties/status eq 'Closed' and contains(properties/title, '3')".into(), Box::new(move |i| status("Closed")(i) && text(i, "title").contains('3'))),
        ("properties/status eq 'Closed' or contains(properties/title, '3')".into(), Box::new(move |i| status("Closed")(i) || text(i, "title").contains('3'))),
        ("not (properties/severity eq 'Medium')".into(), Box::new(move |i| !severity("Medium")(i))),
        ("properties/status eq 'none'".into(), Box::new(|_| false)),
        ("properties/incidentNumber lt 5 or properties/incidentNumber ne properties/incidentNumber".into(), Box::new(|i| number(i) < 5)),
        ("name eq 'I17'".into(), Box::new(|i| name(i) == "i17")),
        ("name eq 'nobody'".into(), Box::new(|_| false)),
        ("properties/incidentNumber eq 17".into(), Box::new(|i| number(i) == 17)),
        ("properties/incidentNumber gt 17 and properties/incidentNumber le 20".into(), Box::new(|i| (18..=20).contains(&number(i)))),
    ];
    cases.extend(text_filters());
    cases.push((format!("id eq '{}'", all[7].str_at(&["id"]).unwrap().to_uppercase()), {
        let wanted = number(&all[7]);
        Box::new(move |i| number(i) == wanted)
    }));
    // Times of those that are there, so that bounds fall on incidents.
    for field in ["createdTimeUtc", "lastModifiedTimeUtc"] {
        for at in [3, 20, 41] {
            let time = moment(&all[at], field);
            let other = moment(&all[55], field);
            let (from, to) = (time.clone(), time.clone());
            let (early, late) = (other.clone().min(time.clone()), other.max(time.clone()));
            cases
                .push((format!("properties/{field} ge {time}"), Box::new(move |i| moment(i, field) >= from)));
            cases.push((format!("properties/{field} lt {time}"), Box::new(move |i| moment(i, field) < to)));
            cases
                .push((format!("properties/{field} eq {time}"), Box::new(move |i| moment(i, field) == time)));
            cases.push((
                format!("properties/{field} gt {early} and properties/{field} le {late} and properties/status eq 'Closed'"),
                Box::new(move |i| moment(i, field) > early && moment(i, field) <= late && text(i, "status") == "Closed"),
            ));
        }
    }
    cases
}

fn name(incident: &Value) -> &str {
    incident.str_at(&["name"]).unwrap_or_default()
}

fn owner_of<'v>(incident: &'v Value, name: &str) -> &'v str {
    incident.str_at(&["properties", "owner", name]).unwrap_or_default()
}

fn label(incident: &Value) -> &str {
    let labels = incident.at(&["properties", "labels"]).and_then(Value::as_array).unwrap_or_default();
    labels.first().and_then(|label| label.str_at(&["labelName"])).unwrap_or_default()
}

/// Filters over texts: short ones, ones with letters beyond ASCII, and with what databases take for something else.
fn text_filters() -> Vec<(String, Passes)> {
    let title = |i: &Value| text(i, "title").to_lowercase();
    let mut cases: Vec<(String, Passes)> = Vec::new();
    for part in ["7", "%", "_", "%_s", "O'B", "Ü", "ß", "\\", "\"c\"\t", "\\b \"", "ΣΑ", "Σ", "nobody", "ſ"]
    {
        let quoted = part.replace('\'', "''");
        cases.push((
            format!("contains(properties/title, '{quoted}')"),
            Box::new(move |i| title(i).contains(&part.to_lowercase())),
        ));
        cases.push((
            format!("not contains(properties/title, '{quoted}') and properties/status eq 'Closed'"),
            Box::new(move |i| !title(i).contains(&part.to_lowercase()) && text(i, "status") == "Closed"),
        ));
    }
    for part in ["über", "ß", "σας", "ας", "brien", "%_sure", "ſharp", "kelvin", "nobody", "Über"] {
        cases.push((
            format!("contains(tolower(properties/title), '{part}')"),
            Box::new(move |i| title(i).contains(part)),
        ));
        cases.push((
            format!("endswith(toupper(properties/title), '{}')", part.to_uppercase()),
            Box::new(move |i| text(i, "title").to_uppercase().ends_with(&part.to_uppercase())),
        ));
        cases.push((
            format!("endswith(tolower(properties/classificationComment), '{part}')"),
            Box::new(move |i| text(i, "classificationComment").to_lowercase().ends_with(part)),
        ));
    }
    let more: [(&str, Passes); 12] = [
        (
            "properties/owner/email eq 'ANA0@contoso.com'",
            Box::new(|i| owner_of(i, "email") == "Ana0@contoso.com"),
        ),
        ("properties/owner/email eq null", Box::new(|i| owner_of(i, "email").is_empty())),
        (
            "properties/owner/email ne null and contains(properties/owner/assignedTo, 'ü')",
            Box::new(|i| owner_of(i, "assignedTo") == "Ana Ü"),
        ),
        ("properties/owner/email eq 'nobody'", Box::new(|_| false)),
        ("properties/labels/any(l: l/labelName eq 't-3')", Box::new(|i| label(i) == "T-3")),
        ("properties/labels/all(l: l/labelName eq 't-3')", Box::new(|i| matches!(label(i), "T-3" | ""))),
        (
            "properties/classification eq 'truepositive'",
            Box::new(|i| text(i, "classification") == "TruePositive"),
        ),
        (
            "properties/classificationComment eq null",
            Box::new(|i| i.at(&["properties", "classificationComment"]).is_none()),
        ),
        ("properties/additionalData/alertsCount gt 0", Box::new(|_| false)),
        (
            "contains(properties/incidentUrl, 'I17') or properties/title eq 'title 37 100%_sure'",
            Box::new(|i| text(i, "incidentUrl").contains("i17") || text(i, "title") == "title 37 100%_sure"),
        ),
        (
            "properties/title gt 'title 3' and properties/owner/email eq 'Ana1@contoso.com'",
            Box::new(|i| text(i, "title") > "title 3" && owner_of(i, "email") == "Ana1@contoso.com"),
        ),
        (
            "properties/firstActivityTimeUtc eq null and contains(properties/title, '3')",
            Box::new(|i| {
                i.at(&["properties", "firstActivityTimeUtc"]).is_none() && text(i, "title").contains('3')
            }),
        ),
    ];
    cases.extend(more.map(|(filter, passes)| (filter.to_owned(), passes)));
    cases
}

#[tokio::test]
async fn every_list_holds_what_its_filter_says_in_order() {
    lists_hold_what_their_filters_say(Config::default().list_walk).await;
}

#[tokio::test]
async fn every_list_that_goes_by_what_is_in_memory_holds_what_its_filter_says_in_order() {
    lists_hold_what_their_filters_say(0).await;
}

async fn lists_hold_what_their_filters_say(list_walk: usize) {
    let (_server, owner) = with_incidents(list_walk).await;
    let all = list(&owner, "", "", COUNT).await;
    assert_eq!(all.len(), COUNT);
    let orders: [(&str, Key); 5] = [
        ("", |i| (String::new(), number(i))),
        ("properties/createdTimeUtc", |i| (moment(i, "createdTimeUtc"), number(i))),
        ("properties/lastModifiedTimeUtc", |i| (moment(i, "lastModifiedTimeUtc"), number(i))),
        ("properties/incidentNumber", |i| (String::new(), number(i))),
        ("properties/title", |i| (text(i, "title").to_owned(), 0)),
    ];
    for (filter, passes) in filters(&all) {
        for (order, key) in orders {
            for direction in ["", " asc", " desc"] {
                if order.is_empty() && !direction.is_empty() {
                    continue;
                }
                let mut expected: Vec<&Value> = all.iter().filter(|i| passes(i)).collect();
                expected.sort_by_key(|i| key(i));
                if direction == " desc" || order.is_empty() {
                    expected.reverse();
                }
                let expected: Vec<i64> = expected.into_iter().map(number).collect();
                for top in [3, 17] {
                    let full = format!("{order}{direction}");
                    let found: Vec<i64> =
                        list(&owner, &filter, &full, top).await.iter().map(number).collect();
                    assert_eq!(found, expected, "`{filter}` by `{full}`, {top} a page");
                }
            }
        }
    }
}

/// What is kept in memory follows each change: of what a filter asks for, of what is there, and of what was asked before.
#[tokio::test]
async fn a_list_that_goes_by_what_is_in_memory_holds_what_was_acknowledged_before() {
    let (_server, owner) = with_incidents(0).await;
    let count = async |filter: &str| list(&owner, filter, "", COUNT).await.len();
    let wanted = "contains(tolower(properties/title), 'changed')";
    assert_eq!(count(wanted).await, 0);
    for number in [3, 40] {
        let path = sentinel(&format!("/incidents/i{number}"));
        let mut body = owner.get(&path).await.expect(200).json();
        let properties = body.as_object_mut().unwrap().get_mut("properties").unwrap();
        properties.as_object_mut().unwrap().insert("title", "Changed");
        owner.put(&path, &body).await.expect(200);
    }
    assert_eq!(count(wanted).await, 2);
    assert_eq!(count("startswith(properties/title, 'title')").await, COUNT - 2);
    let body = value!({"properties": {"title": "Changed too", "severity": "Low", "status": "New"}});
    owner.put(&sentinel("/incidents/late"), &body).await.expect(201);
    owner.delete(&sentinel("/incidents/i3")).await.expect(200);
    assert_eq!(count(wanted).await, 2);
}

#[tokio::test]
async fn a_token_of_another_list_is_refused() {
    let (_server, owner) = with_incidents(0).await;
    let first = owner.get(&format!("{}&$top=5", sentinel("/incidents"))).await.expect(200);
    let next = first.text(&["nextLink"]);
    let (_, of_another) = next.rsplit_once("skipToken=").unwrap();
    for (order, token) in [
        ("properties/title", of_another),
        ("properties/lastModifiedTimeUtc", "17"),
        ("", "1_2"),
        ("properties/lastModifiedTimeUtc", "a_b"),
        ("properties/title", "x"),
    ] {
        let mut target = format!("{}&$skipToken={token}", sentinel("/incidents"));
        if !order.is_empty() {
            target = format!("{target}&$orderby={order}");
        }
        let refused = owner.get(&target).await.expect(400);
        assert_eq!(refused.code(), "BadRequest", "{target}");
        assert!(refused.message().contains("is not a skip token"), "{target}");
    }
}

#[tokio::test]
async fn a_list_may_have_several_orders() {
    let (_server, owner) = with_incidents(Config::default().list_walk).await;
    let all = list(&owner, "", "", COUNT).await;
    let cases: [(&str, Key, bool); 3] = [
        (
            "properties/severity, properties/incidentNumber",
            |i| (text(i, "severity").to_lowercase(), number(i)),
            false,
        ),
        (
            "properties/severity desc,properties/incidentNumber desc",
            |i| (text(i, "severity").to_lowercase(), number(i)),
            true,
        ),
        (
            "properties/severity,properties/incidentNumber desc",
            |i| (text(i, "severity").to_lowercase(), -number(i)),
            false,
        ),
    ];
    for (order, key, reversed) in cases {
        let mut expected: Vec<&Value> = all.iter().collect();
        expected.sort_by_key(|i| key(i));
        if reversed {
            expected.reverse();
        }
        let expected: Vec<i64> = expected.into_iter().map(number).collect();
        for top in [7, 60] {
            let found: Vec<i64> = list(&owner, "", order, top).await.iter().map(number).collect();
            assert_eq!(found, expected, "{order}, {top} a page");
        }
    }
    let target = format!("{}&$orderby=properties/labels", sentinel("/incidents"));
    owner.get(&target).await.expect(400);
}

#[tokio::test]
async fn a_filter_asks_for_text_in_any_case() {
    let (_server, owner) = with_incidents(Config::default().list_walk).await;
    for (filter, count) in [
        ("contains(properties/title, 'TITLE 1')", 10),
        ("properties/title eq 'TITLE 07 über STRAßE'", 1),
        ("startswith(properties/title, 'Title')", COUNT),
        ("properties/owner eq null", COUNT * 3 / 4),
        ("properties/owner ne null", COUNT / 4),
        ("properties/status in ('new', 'ACTIVE')", COUNT * 2 / 5),
        ("(properties/status eq 'New') eq false", COUNT * 4 / 5),
    ] {
        assert_eq!(list(&owner, filter, "", 17).await.len(), count, "{filter}");
    }
}
