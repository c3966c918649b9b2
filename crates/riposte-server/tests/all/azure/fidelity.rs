//! What holds for all of Azure's paths: case does not count, any well-formed version is taken, links lead on at the
//! host that was asked.

use crate::harness::{SUBSCRIPTION, Server, sentinel};
use riposte_server::route_summaries;
use riposte_value::value;

/// A GET path of Azure's with values for its variables, and the literal segments in another case.
fn targets() -> Vec<[String; 3]> {
    let paths = route_summaries().into_iter().filter(|route| {
        route.method == "GET"
            && (route.path.starts_with("/subscriptions/") || route.path.starts_with("/providers/"))
    });
    paths
        .map(|route| {
            let with = |change: fn(&str) -> String| {
                let segments: Vec<String> = route
                    .path
                    .split('/')
                    .map(|part| match part {
                        "{subscription}" => SUBSCRIPTION.to_owned(),
                        "{group}" => "rg1".to_owned(),
                        "{workspace}" => "ws1".to_owned(),
                        "{incident}" | "{rule}" | "{workflow}" => "i1".to_owned(),
                        part if part.starts_with('{') => "none".to_owned(),
                        part => change(part),
                    })
                    .collect();
                segments.join("/")
            };
            [with(str::to_owned), with(str::to_lowercase), with(str::to_uppercase)]
        })
        .collect()
}

#[tokio::test]
async fn the_case_of_a_path_does_not_count_and_any_version_is_taken() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let versions = ["2020-01-01", "2019-01-01-preview", "2025-10-01-preview"];
    let targets = targets();
    assert!(targets.len() > 50, "{}", targets.len());
    for spellings in targets {
        let mut answers = Vec::new();
        for (target, version) in spellings.iter().zip(versions) {
            let reply = owner.get(&format!("{target}?api-version={version}")).await;
            let reason = if reply.status >= 400 { reply.code() } else { String::new() };
            answers.push((reply.status, reason));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{spellings:?}: {answers:?}");
        let of_case = spellings[0].as_str();
        owner.get(of_case).await.expect(400);
        owner.get(&format!("{of_case}?api-version=latest")).await.expect(400);
    }
}

#[tokio::test]
async fn links_lead_on_at_the_host_that_was_asked() {
    let server = Server::start().await;
    let owner = server.owner();
    for name in ["i1", "i2"] {
        let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
        owner.put(&sentinel(&format!("/incidents/{name}")), &incident).await.expect(201);
        let comment = value!({"properties": {"message": "m"}});
        owner.put(&sentinel(&format!("/incidents/i1/comments/{name}")), &comment).await.expect(201);
        let bookmark = value!({"properties": {"displayName": "b", "query": "q"}});
        owner.put(&sentinel(&format!("/bookmarks/{name}")), &bookmark).await.expect(201);
    }
    for list in ["/incidents", "/incidents/i1/comments", "/bookmarks"] {
        let target = sentinel(&format!("{list}?$top=1"));
        let authorization = format!("Bearer {}", owner.token.as_deref().unwrap());
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: soar.example:8443\r\nConnection: close\r\nAuthorization: {authorization}\r\n\r\n"
        );
        let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
        let reply = crate::client::exchange(stream, head.as_bytes(), b"").await.expect(200);
        let next = reply.text(&["nextLink"]);
        assert!(next.starts_with("http://soar.example:8443/subscriptions/"), "{next}");
        assert!(next.contains("api-version=2024-09-01") && next.contains("skipToken"), "{next}");
    }
}

#[tokio::test]
async fn bodies_are_read_leniently_wherever_there_is_one() {
    let server = Server::start().await;
    let owner = server.owner();
    for (path, body) in [
        (
            "/incidents/i1",
            "{'properties': {'title': 'it\\'s', 'severity': 'High', 'status': 'New',},} // end",
        ),
        ("/incidents/i1/comments/c1", "{'properties': /* why */ {'message': 'm'}}"),
        ("/incidents/i1/tasks/t1", "{'properties': {'title': 't', 'status': 'New',}}"),
        ("/bookmarks/b1", "{'properties': {'displayName': 'b', 'query': 'q', 'labels': ['x',]}}"),
        ("/watchlists/w1", "{'properties': {'displayName': 'w', 'provider': 'p', 'itemsSearchKey': 'k',}}"),
    ] {
        owner.send("PUT", &sentinel(path), &[], body.as_bytes()).await.expect(201);
        owner.send("PUT", &sentinel(path), &[], b"{'properties': [}").await.expect(400);
        // An object where a text belongs is a fault all the same.
        owner.send("PUT", &sentinel(path), &[], b"{'properties': 'x'}").await.expect(400);
        owner.get(&sentinel(path)).await.expect(200);
    }
    assert_eq!(owner.get(&sentinel("/incidents/i1")).await.text(&["properties", "title"]), "it's");
}
