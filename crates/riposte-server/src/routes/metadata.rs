//! What the server says about itself: health probes, cloud metadata, the API document, the list of operations.

use crate::answer::Answer;
use crate::openapi;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Permission, Route, Table};
use riposte_value::Value;
use std::collections::BTreeSet;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::public("/healthz", "a probe has no token", "Says that the process answers.", |_| {
            Box::pin(async { Ok(alive()) })
        }),
        Route::public("/readyz", "a probe has no token", "Says that the store answers.", |r| {
            Box::pin(ready(r))
        }),
        Route::public(
            "/metadata/endpoints",
            "clients read it before they can sign in",
            "Describes this cloud to Azure's command line, Terraform and others.",
            |r| Box::pin(async move { Ok(endpoints(&r)) }),
        ),
        Route::signed_in(
            "/api/openapi.json",
            "it describes the product, not its data",
            "Describes this API.",
            |r| Box::pin(async move { Ok(document(&r)) }),
        ),
        Route::signed_in(
            "/providers/Microsoft.SecurityInsights/operations",
            "it describes the product, not its data",
            "Lists the actions that roles can name.",
            |r| Box::pin(async move { Ok(operations(&r)) }),
        ),
    ]
}

fn alive() -> Answer {
    Answer::ok(Value::object([("status", Value::text("ok"))]))
}

async fn ready(request: Request) -> Result<Answer, Refusal> {
    request.engine.workspaces().await?;
    Ok(Answer::ok(Value::object([("status", Value::text("ready"))])))
}

fn document(request: &Request) -> Answer {
    Answer::ok(openapi::document(&request.table, &request.base_url))
}

fn operations(request: &Request) -> Answer {
    Answer::list(actions_of("Microsoft.SecurityInsights", &request.table), None)
}

/// The actions of a provider in the form of Azure's operations lists.
fn actions_of(provider: &str, table: &Table) -> Vec<Value> {
    let actions: BTreeSet<&str> = table
        .routes()
        .filter_map(|route| match route.permission {
            Permission::Action(action) => Some(action),
            Permission::SignedIn(_) | Permission::Public(_) => None,
        })
        .filter(|action| action.split('/').next() == Some(provider))
        .collect();
    let show = |action: &str| {
        let (resource, operation) = action.rsplit_once('/').unwrap_or((action, ""));
        let resource = resource.split_once('/').map_or(resource, |(_, rest)| rest);
        let display = Value::object([
            ("provider", Value::text(provider)),
            ("resource", Value::text(resource)),
            ("operation", Value::text(operation)),
            ("description", Value::text(format!("{operation} {resource}"))),
        ]);
        Value::object([("name", Value::text(action)), ("display", display)])
    };
    actions.into_iter().map(show).collect()
}

fn endpoints(request: &Request) -> Answer {
    Answer::ok(cloud(&request.query, &request.base_url))
}

/// The cloud, in one of three shapes by `api-version`: until 2018 a flat object, from 2019-05-01 a list of clouds, from
/// 2022-09-01 (and for `latest`, or without a version) one cloud.
fn cloud(query: &Query, base_url: &str) -> Value {
    let text = |text: &str| Value::text(text);
    let url = || text(&format!("{base_url}/"));
    let authentication = |more: bool| {
        let audiences = ["https://management.core.windows.net/", "https://management.azure.com/"].map(text);
        let mut fields =
            vec![("loginEndpoint", url()), ("audiences", Value::array(audiences.into_iter().chain([url()])))];
        if more {
            fields.extend([("tenant", text("common")), ("identityProvider", text("AAD"))]);
        }
        Value::object(fields)
    };
    let version = query.get_filled("api-version").unwrap_or("latest").to_ascii_lowercase();
    if version.as_str() < "2019" {
        return Value::object([
            ("galleryEndpoint", url()),
            ("graphEndpoint", url()),
            ("portalEndpoint", url()),
            ("authentication", authentication(false)),
        ]);
    }
    let cloud = Value::object([
        ("name", text("Riposte")),
        ("portal", url()),
        ("authentication", authentication(true)),
        ("media", url()),
        ("graphAudience", url()),
        ("graph", url()),
        ("microsoftGraphResourceId", url()),
        ("suffixes", Value::object::<&str>([])),
        ("batch", url()),
        ("resourceManager", url()),
        ("vmImageAliasDoc", url()),
        ("activeDirectoryDataLake", url()),
        ("sqlManagement", url()),
        ("logAnalyticsResourceId", url()),
    ]);
    if version.as_str() < "2022-09" { Value::array([cloud]) } else { cloud }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cloud_has_the_shape_of_its_version() {
        let at = |query: &str| cloud(&Query::parse(query), "https://h:8443");
        for query in ["", "api-version=latest", "api-version=2022-09-01", "api-version=2024-01-01"] {
            let cloud = at(query);
            assert_eq!(
                cloud.str_at(&["authentication", "loginEndpoint"]),
                Some("https://h:8443/"),
                "{query}"
            );
            assert_eq!(cloud.str_at(&["resourceManager"]), Some("https://h:8443/"), "{query}");
        }
        assert_eq!(at("api-version=2019-05-01").item(0).unwrap().str_at(&["name"]), Some("Riposte"));
        assert_eq!(at("api-version=2015-01-01").str_at(&["graphEndpoint"]), Some("https://h:8443/"));
    }

    #[test]
    fn operations_are_those_of_the_table() {
        let actions = actions_of("Microsoft.SecurityInsights", &Table::new(crate::routes::table()));
        let names: Vec<_> = actions.iter().filter_map(|action| action.str_at(&["name"])).collect();
        assert!(names.contains(&"Microsoft.SecurityInsights/incidents/write"), "{names:?}");
        assert!(names.iter().all(|name| name.starts_with("Microsoft.SecurityInsights/")), "{names:?}");
    }
}
