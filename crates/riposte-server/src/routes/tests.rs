//! What every row of the table must keep.

use super::table;
use crate::openapi;
use crate::route::{Found, Permission, Scope, Table};
use http::Method;
use std::collections::BTreeSet;

/// `Namespace.Provider/type[/type…]/verb`, the form of Azure's action names.
fn is_action(action: &str) -> bool {
    let parts: Vec<&str> = action.split('/').collect();
    let named = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    let [provider, middle @ .., verb] = parts.as_slice() else { return false };
    provider.starts_with("Microsoft.")
        && !middle.is_empty()
        && middle.iter().all(named)
        && ["read", "write", "delete", "action"].contains(verb)
}

#[test]
fn every_permission_is_an_azure_action_or_has_a_reason() {
    for route in table() {
        match route.permission {
            Permission::Action(action) => {
                assert!(is_action(action), "{} {}: `{action}`", route.method, route.path);
            }
            Permission::SignedIn(reason) | Permission::Public(reason) => {
                assert!(!route.is_azure() || route.path.starts_with("/providers/"), "{}", route.path);
                assert!(reason.len() > 10, "{}: say why no role is asked for", route.path);
            }
        }
        assert!(route.summary.len() > 5, "{}", route.path);
    }
}

#[test]
fn the_verb_of_the_action_fits_the_method() {
    for route in table() {
        let Permission::Action(action) = route.permission else { continue };
        let verb = action.rsplit('/').next().unwrap();
        let fits = match route.method.as_str() {
            // Further pages of a query that is a POST.
            "GET" => verb == "read" || route.path.ends_with("/queryIndicators"),
            "PUT" | "PATCH" => verb == "write",
            "DELETE" => verb == "delete",
            // Azure lists an incident's alerts, entities and bookmarks by POST.
            // A backtest reads what is on record, by a rule that is too long for an address.
            "POST" => {
                verb == "action"
                    || verb == "write"
                    || route.path.contains("/incidents/{incident}/")
                    || route.path.ends_with("/backtest")
            }
            _ => false,
        };
        assert!(fits, "{} {} needs `{action}`", route.method, route.path);
    }
}

#[test]
fn only_reading_may_be_checked_after_the_fact() {
    for route in table() {
        if matches!(route.scope, Scope::Answer | Scope::EachItem) {
            assert_eq!(route.method, Method::GET, "{}", route.path);
        }
    }
}

#[test]
fn nothing_is_public_but_these() {
    let public: Vec<&str> = table()
        .iter()
        .filter(|route| matches!(route.permission, Permission::Public(_)))
        .map(|route| route.path)
        .collect();
    let (invoked, others): (Vec<&str>, Vec<&str>) =
        public.into_iter().partition(|path| path.starts_with("/workflows/{workflow}/"));
    let callback = "/callbacks/{run}/{command}";
    // A content's link is signed, and good for that content alone.
    let content = "/runs/{run}/{content...}";
    let (of_tenant, others): (Vec<&str>, Vec<&str>) =
        others.into_iter().partition(|path| path.starts_with("/{tenant}/"));
    assert_eq!(others, ["/healthz", "/readyz", "/metadata/endpoints", content, callback]);
    // Sign-in itself, and what leads to it.
    assert_eq!(
        of_tenant,
        [
            "/{tenant}/oauth2/v2.0/token",
            "/{tenant}/oauth2/token",
            "/{tenant}/v2.0/.well-known/openid-configuration",
            "/{tenant}/.well-known/openid-configuration",
            "/{tenant}/discovery/instance",
            "/{tenant}/discovery/v2.0/keys",
        ]
    );
    // Addresses of triggers are signed; who has no good signature is refused by the engine.
    assert!(invoked.iter().all(|path| path.contains("/triggers/{trigger}/paths/invoke")), "{invoked:?}");
}

#[test]
fn no_row_hides_another() {
    let all = Table::new(table());
    let mut seen = BTreeSet::new();
    for route in table() {
        assert!(
            seen.insert((route.method.to_string(), route.path.to_ascii_lowercase())),
            "{} twice",
            route.path
        );
        let path = route.path.replace(['{', '}'], "");
        match all.find(&route.method, &path) {
            Found::Route { route: found, .. } => assert_eq!(found.path, route.path),
            _ => panic!("{} is not found", route.path),
        }
    }
}

#[test]
fn the_api_document_has_every_row() {
    let all = Table::new(table());
    let document = openapi::document(&all, "http://localhost");
    for route in table() {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = document.at(&["paths", route.path, &method]).expect(route.path);
        let description = operation.str_at(&["description"]).unwrap();
        if let Permission::Action(action) = route.permission {
            assert!(description.contains(action), "{description}");
        }
    }
}
