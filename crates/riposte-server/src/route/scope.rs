//! The ARM id at which a path's permission is asked for.
//!
//! A resource of Sentinel or of the authorization service extends another one, so what counts is the resource before
//! `/providers/Microsoft.SecurityInsights` (a workspace) or `/providers/Microsoft.Authorization`. For others it is the
//! top resource (`…/providers/Microsoft.Logic/workflows/W`, also for its runs), and for lists the resource group or
//! subscription that they lie in.

use super::pattern::Pattern;

/// Providers whose resources extend another resource.
const EXTENSIONS: [&str; 2] = ["Microsoft.SecurityInsights", "Microsoft.Authorization"];

/// `subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME`
const TOP_RESOURCE_SEGMENTS: usize = 8;

/// How many segments of a path make the scope. Only the table's literals count, so that no name in a request can
/// move it.
pub(super) fn scope_segments(pattern: &Pattern) -> usize {
    length(&pattern.literals().collect::<Vec<_>>())
}

/// The scope of a resource by its id, for ids that the engine gave.
pub(crate) fn scope_of_id(id: &str) -> String {
    let segments: Vec<&str> = id.trim_matches('/').split('/').collect();
    let kept = length(&segments.iter().map(|segment| Some(*segment)).collect::<Vec<_>>());
    id_of(segments.into_iter().take(kept))
}

/// An ARM id of segments; `/` for none.
pub(super) fn id_of<'a>(segments: impl Iterator<Item = &'a str>) -> String {
    let id: String = segments.flat_map(|segment| ["/", segment]).collect();
    if id.is_empty() { "/".to_owned() } else { id }
}

fn length(segments: &[Option<&str>]) -> usize {
    let is = |index: usize, literal: &str| {
        segments.get(index).copied().flatten().is_some_and(|text| text.eq_ignore_ascii_case(literal))
    };
    let extension = (0..segments.len())
        .rev()
        .find(|i| is(*i, "providers") && EXTENSIONS.iter().any(|name| is(i + 1, name)));
    if let Some(at) = extension {
        return at;
    }
    if segments.len() >= TOP_RESOURCE_SEGMENTS && is(0, "subscriptions") && is(4, "providers") {
        return TOP_RESOURCE_SEGMENTS;
    }
    (0..segments.len()).find(|i| is(*i, "providers")).unwrap_or(segments.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_paths() {
        let cases = [
            (
                "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.OperationalInsights/workspaces/{w}",
                8,
            ),
            (
                "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.OperationalInsights/workspaces/{w}/providers/Microsoft.SecurityInsights/incidents/{i}/comments/{c}",
                8,
            ),
            (
                "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Logic/workflows/{w}/runs/{r}/actions",
                8,
            ),
            ("/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Logic/workflows", 4),
            ("/subscriptions/{s}/providers/Microsoft.Logic/workflows", 2),
            (
                "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Authorization/roleAssignments/{r}",
                4,
            ),
            (
                "/subscriptions/{s}/resourceGroups/{g}/providers/{n}/{t}/{x}/providers/Microsoft.Authorization/roleAssignments",
                8,
            ),
            ("/subscriptions/{s}/providers/Microsoft.Authorization/roleAssignments/{r}", 2),
            ("/providers/Microsoft.Authorization/roleAssignments/{r}", 0),
        ];
        for (path, expected) in cases {
            assert_eq!(scope_segments(&Pattern::parse(path)), expected, "{path}");
        }
    }

    #[test]
    fn scopes_of_ids() {
        let run = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/providers/runs/1";
        assert_eq!(
            scope_of_id(run),
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/providers"
        );
        assert_eq!(scope_of_id("/providers/Microsoft.Authorization/roleAssignments/r"), "/");
        assert_eq!(scope_of_id(""), "/");
    }
}
