//! `docs/reference/rest.md` is made from the routing table. `RIPOSTE_UPDATE_DOCS=1` writes it.

use riposte_server::{RouteSummary, route_summaries};
use std::fmt::Write as _;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/rest.md");

const HEAD: &str = "# REST

Every address that the server answers, made from its routing table. What lies under `/subscriptions` and `/providers`
is Azure's, takes any well-formed `api-version` and compares paths without regard to case; what lies under `/api` is
Riposte's own, where `{workspace}` is a name or a GUID. *Needs* is the action that a role must hold; `GET
/api/openapi.json` describes the same for programs.

";

type IsIn = fn(&RouteSummary) -> bool;

fn page() -> String {
    let mut page = HEAD.to_owned();
    let groups: [(&str, IsIn); 3] = [
        ("Riposte's own", |route| route.path.starts_with("/api/")),
        ("Azure's", |route| route.path.starts_with("/subscriptions") || route.path.starts_with("/providers")),
        ("Others", |_| true),
    ];
    let mut left = route_summaries();
    for (title, is_in) in groups {
        let (mut own, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(is_in);
        left = rest;
        own.sort_by(|a, b| (a.path, &a.method).cmp(&(b.path, &b.method)));
        writeln!(page, "## {title}\n\n| method | path | needs | does |\n| --- | --- | --- | --- |").unwrap();
        for route in own {
            let needs = match (route.action, route.public) {
                (Some(action), _) => format!("`{action}`"),
                (None, true) => "nothing".to_owned(),
                (None, false) => "a token".to_owned(),
            };
            let does = route.summary.replace('|', "\\|");
            writeln!(page, "| {} | `{}` | {needs} | {does} |", route.method, route.path).unwrap();
        }
        page.push('\n');
    }
    page
}

#[test]
fn the_page_of_addresses_is_made_from_the_table() {
    let page = page();
    if std::env::var_os("RIPOSTE_UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let kept = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        kept == page,
        "docs/reference/rest.md is not what the table makes; run with RIPOSTE_UPDATE_DOCS=1"
    );
}
