//! Finding a row by method and path.

use super::pattern::{Pattern, Unreadable, Variables, segments};
use super::scope::{id_of, scope_segments};
use super::{Route, Scope};
use http::Method;

/// All rows, ready for look-up.
pub(crate) struct Table {
    rows: Vec<Row>,
}

struct Row {
    route: Route,
    pattern: Pattern,
    scope_segments: usize,
}

/// What a method and path lead to.
pub(crate) enum Found<'a> {
    /// A row, the values of its variables, and the ARM id that its path begins with.
    Route {
        /// The row.
        route: &'a Route,
        /// The path's variables.
        variables: Variables,
        /// Where the permission is asked for, if the row's scope is [`Scope::Path`].
        scope: String,
    },
    /// The path is known, the method is not: what is allowed, for the `Allow` header.
    OtherMethods(String),
    /// A segment of the path is no name, by this rule.
    BadName(&'static str),
    /// Nothing is there.
    Nothing,
}

impl Table {
    pub(crate) fn new(routes: Vec<Route>) -> Self {
        let rows = routes.into_iter().map(|route| {
            let pattern = Pattern::parse(route.path);
            let scope_segments = if route.scope == Scope::Path { scope_segments(&pattern) } else { 0 };
            Row { route, pattern, scope_segments }
        });
        Self { rows: rows.collect() }
    }

    pub(crate) fn routes(&self) -> impl Iterator<Item = &Route> {
        self.rows.iter().map(|row| &row.route)
    }

    /// Looks up a path as it came, still percent-encoded. HEAD finds GET's row.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let segments = match segments(path) {
            Ok(segments) => segments,
            Err(Unreadable::Empty) => return Found::Nothing,
            Err(Unreadable::Name(rule)) => return Found::BadName(rule),
        };
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let mut allowed: Vec<&str> = Vec::new();
        for row in self.rows.iter().filter(|row| row.pattern.may_have(segments.len())) {
            let Some(variables) = row.pattern.matches(&segments) else { continue };
            if row.route.method == *method {
                let scope = id_of(segments.iter().take(row.scope_segments).map(String::as_str));
                return Found::Route { route: &row.route, variables, scope };
            }
            allowed.push(row.route.method.as_str());
            if row.route.method == Method::GET {
                allowed.push("HEAD");
            }
        }
        if allowed.is_empty() { Found::Nothing } else { Found::OtherMethods(allowed.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Answer;

    fn table() -> Table {
        let rows = [
            (
                Method::GET,
                "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Logic/workflows/{w}/runs/{r}",
            ),
            (Method::PUT, "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Logic/workflows/{w}"),
            (Method::DELETE, "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Logic/workflows/{w}"),
        ];
        let handler: crate::route::Handler = |_| Box::pin(async { Ok(Answer::empty(http::StatusCode::OK)) });
        Table::new(
            rows.into_iter().map(|(m, path)| Route::action(m, path, "A/b/read", "", handler)).collect(),
        )
    }

    #[test]
    fn rows_are_found_with_their_variables_and_scope() {
        let path = "/Subscriptions/S/resourcegroups/G/providers/microsoft.logic/workflows/W%20x/runs/R";
        for method in [Method::GET, Method::HEAD] {
            let table = table();
            let Found::Route { variables, scope, .. } = table.find(&method, path) else { panic!("{method}") };
            assert_eq!(variables.last(), Some(&("r", "R".to_owned())));
            assert_eq!(scope, "/Subscriptions/S/resourcegroups/G/providers/microsoft.logic/workflows/W x");
        }
    }

    #[test]
    fn a_known_path_names_its_methods() {
        let table = table();
        let path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/w";
        assert!(
            matches!(table.find(&Method::POST, path), Found::OtherMethods(allow) if allow == "PUT, DELETE")
        );
        assert!(matches!(table.find(&Method::GET, "/nothing"), Found::Nothing));
        assert!(matches!(table.find(&Method::GET, "/"), Found::Nothing));
        assert!(matches!(table.find(&Method::GET, "/a//b"), Found::Nothing));
        assert!(matches!(table.find(&Method::GET, "/a%3Fb"), Found::BadName(rule) if rule.contains('?')));
    }
}
