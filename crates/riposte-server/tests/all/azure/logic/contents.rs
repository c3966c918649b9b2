//! Contents behind links: without a token, for a time, and nothing that is declared secure.

use super::bed::{Bed, at};
use crate::harness::playbook;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use riposte_value::{Value, value};

#[tokio::test]
async fn a_link_gives_the_content_that_it_tells_of() {
    let bed = Bed::new().await;
    let run = bed.of_run("").await.json();
    let title = bed.of_run("/actions/Title").await.json();
    let deep = bed.of_run("/actions/Deep/repetitions/000001-000002").await.json();
    let history = bed.get(&format!("/triggers/manual/histories/{}", bed.run)).await.json();
    for (shown, link, content) in [
        (&run, "properties/trigger/outputsLink", value!({ "body": { "title": "hello" } })),
        (&history, "properties/outputsLink", value!({ "body": { "title": "hello" } })),
        (&title, "properties/inputsLink", value!("hello!")),
        (&title, "properties/outputsLink", value!("hello!")),
        (&deep, "properties/outputsLink", value!("c")),
    ] {
        let link = at(shown, link).unwrap_or_else(|| panic!("{link} in {shown}"));
        let reply = bed.server.anonymous().get(&bed.local(link.str_at(&["uri"]).unwrap())).await.expect(200);
        assert_eq!(reply.json(), content);
        let size = i64::try_from(reply.body.len()).unwrap();
        assert_eq!(link.get("contentSize").and_then(Value::as_i64), Some(size));
        assert_eq!(link.str_at(&["contentHash", "algorithm"]), Some("md5"));
        let hash = link.str_at(&["contentHash", "value"]).unwrap();
        assert_eq!(STANDARD.decode(hash).unwrap().len(), 16);
        assert_eq!(link.str_at(&["contentVersion"]), Some(hash));
    }
    // Computed by Python's hashlib over "hello!" in its quotes.
    assert_eq!(
        title.str_at(&["properties", "outputsLink", "contentHash", "value"]),
        Some("EJLCLSDt9zfe17+xSd2Mng==")
    );
}

#[tokio::test]
async fn what_is_declared_secure_has_no_link() {
    let bed = Bed::new().await;
    let hidden = bed.of_run("/actions/Hidden").await;
    let shown = hidden.json();
    assert_eq!((at(&shown, "properties/inputsLink"), at(&shown, "properties/outputsLink")), (None, None));
    assert_eq!(at(&shown, "properties/secureData/properties"), Some(&value!(["inputs", "outputs"])));
    // A link to another content of the run does not lead there.
    let title = bed.of_run("/actions/Title").await.json();
    let uri = bed.local(title.str_at(&["properties", "inputsLink", "uri"]).unwrap());
    bed.server.anonymous().get(&uri.replace("Title", "Hidden")).await.expect(401);
    let full = bed.owner.get(&format!("/api/runs/{}", bed.run)).await.expect(200);
    assert!(!full.body.contains("a-secret-word") && !hidden.body.contains("a-secret-word"));
    let traces = bed
        .owner
        .post_nothing(&playbook("flow", &format!("/runs/{}/actions/Hidden/listExpressionTraces", bed.run)))
        .await;
    assert!(!traces.expect(200).body.contains("a-secret-word"));
}

#[tokio::test]
async fn a_link_that_was_changed_or_is_old_is_refused() {
    let bed = Bed::new().await;
    let title = bed.of_run("/actions/Title").await.json();
    let uri = bed.local(title.str_at(&["properties", "inputsLink", "uri"]).unwrap());
    let anybody = bed.server.anonymous();
    anybody.get(&uri).await.expect(200);
    let (path, query) = uri.split_once('?').unwrap();
    let expiry = query.split('&').find(|part| part.starts_with("se=")).unwrap();
    for changed in [
        path.to_owned(),
        uri.replace("ActionInputs", "ActionOutputs"),
        uri.replace("/contents/ActionInputs?", "/contents/ActionOutputs?"),
        uri.replace(expiry, "se=99999999999"),
        uri.replace("sv=1.0", "sv=2.0"),
        uri.replace(&bed.run, "08585000000000000000000000000CU00"),
        format!("/runs/{}/contents/Nothing?{query}", bed.run),
    ] {
        let reply = anybody.get(&changed).await.expect(401);
        assert_eq!(reply.code(), "AuthorizationFailed", "{changed}");
    }
    // Whoever holds a role and no link is refused as well.
    bed.owner.get(path).await.expect(401);
}
