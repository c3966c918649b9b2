//! Lists of incidents: whatever index a filter leads along, a list holds just what the filter says, in order, each
//! once, whatever the page.

use crate::client::Client;
use crate::harness::{Server, sentinel};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_value::{Value, value};

type Passes = Box<dyn Fn(&Value) -> bool>;
type Key = fn(&Value) -> (String, i64);

const COUNT: usize = 60;

async fn with_incidents() -> (Server, Client) {
    let server = Server::start().await;
    let owner = server.owner();
    for number in 0..COUNT {
        let status = ["New", "Active", "Closed", "Closed", "Closed"][number % 5];
        let severity = ["High", "Medium", "Low", "Informational"][number * 7 % 4];
        let title = format!("title {:02}", number * 37 % COUNT);
        let body = value!({"properties": {"title": title, "severity": severity, "status": status}});
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
        ("properties/incidentNumber eq 17".into(), Box::new(|i| number(i) == 17)),
        ("properties/incidentNumber gt 17 and properties/incidentNumber le 20".into(), Box::new(|i| (18..=20).contains(&number(i)))),
    ];
    // Times of those that are there, so that bounds fall on incidents.
    for field in ["createdTimeUtc", "lastModifiedTimeUtc"] {
        for at in [3, 20, 41] {
            let time = text(&all[at], field).to_owned();
            let (from, to, early) = (time.clone(), time.clone(), text(&all[55], field).min(&time).to_owned());
            let late = text(&all[55], field).max(&time).to_owned();
            cases.push((
                format!("properties/{field} ge {time}"),
                Box::new(move |i| text(i, field) >= from.as_str()),
            ));
            cases.push((
                format!("properties/{field} lt {time}"),
                Box::new(move |i| text(i, field) < to.as_str()),
            ));
            cases.push((format!("properties/{field} eq {time}"), Box::new(move |i| text(i, field) == time)));
            cases.push((
                format!("properties/{field} gt {early} and properties/{field} le {late} and properties/status eq 'Closed'"),
                Box::new(move |i| text(i, field) > early.as_str() && text(i, field) <= late.as_str() && text(i, "status") == "Closed"),
            ));
        }
    }
    cases
}

#[tokio::test]
async fn every_list_holds_what_its_filter_says_in_order() {
    let (_server, owner) = with_incidents().await;
    let all = list(&owner, "", "", COUNT).await;
    assert_eq!(all.len(), COUNT);
    let orders: [(&str, Key); 5] = [
        ("", |i| (String::new(), number(i))),
        ("properties/createdTimeUtc", |i| (text(i, "createdTimeUtc").to_owned(), number(i))),
        ("properties/lastModifiedTimeUtc", |i| (text(i, "lastModifiedTimeUtc").to_owned(), number(i))),
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

#[tokio::test]
async fn a_token_of_another_list_is_refused() {
    let (_server, owner) = with_incidents().await;
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
    let (_server, owner) = with_incidents().await;
    let all = list(&owner, "", "", COUNT).await;
    type Key = fn(&Value) -> (String, i64);
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
    let (_server, owner) = with_incidents().await;
    for (filter, count) in [
        ("contains(properties/title, 'TITLE 1')", 10),
        ("properties/title eq 'TITLE 07'", 1),
        ("startswith(properties/title, 'Title')", COUNT),
        ("properties/owner eq null", COUNT),
        ("properties/owner ne null", 0),
        ("properties/status in ('new', 'ACTIVE')", COUNT * 2 / 5),
        ("(properties/status eq 'New') eq false", COUNT * 4 / 5),
    ] {
        assert_eq!(list(&owner, filter, "", 17).await.len(), count, "{filter}");
    }
}
