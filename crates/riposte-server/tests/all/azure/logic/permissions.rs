//! Who may read a playbook may not write it: every row, with a role that reads all of Microsoft.Logic.

use super::bed::Bed;
use crate::harness::{SUBSCRIPTION, playbook};
use riposte_server::route_summaries;

/// Logic App Operator: reads everything, and may enable, disable and validate.
const OPERATOR: &str = "515c2055-d9d4-4321-b1b9-bd0c9a0f79fe";
const OPERATED: [&str; 3] = ["/enable", "/disable", "/validate"];
const BASE: &str =
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{workflow}";

#[tokio::test]
async fn reading_is_not_writing() {
    let bed = Bed::new().await;
    let scope = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1");
    let operator = bed.server.with_role(OPERATOR, &scope).await;
    let mut counts = (0, 0);
    for route in route_summaries() {
        let Some(rest) = route.path.strip_prefix(BASE) else { continue };
        let rest =
            rest.replace("{run}", &bed.run).replace("{trigger}", "manual").replace("{action}", "Title");
        let segments: Vec<&str> =
            rest.split('/').map(|part| if part.starts_with('{') { "x1" } else { part }).collect();
        let target = playbook("flow", &segments.join("/"));
        let reply = operator.send(&route.method, &target, &[], b"").await;
        let what = format!("{} {}: {}", route.method, route.path, reply.status);
        if route.method == "GET" || OPERATED.contains(&rest.as_str()) {
            assert_ne!(reply.status, 403, "{what}");
            counts.0 += 1;
        } else {
            assert_eq!(reply.status, 403, "{what}");
            assert_eq!(reply.code(), "AuthorizationFailed");
            counts.1 += 1;
        }
    }
    assert!(counts.0 >= 20 && counts.1 >= 15, "{counts:?}");
    // Nothing was changed by those who may not.
    assert_eq!(bed.get("/runs").await.names(), [bed.run.as_str()]);
    assert_eq!(bed.get("/versions").await.items().len(), 1);
}
