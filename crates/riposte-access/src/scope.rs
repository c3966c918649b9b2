//! Scopes: ARM ids, compared segment by segment without regard to case.

/// A scope read: its segments in lower case. `/` (and nothing) is the root, which covers everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Reads a scope.
    pub fn new(text: &str) -> Self {
        Self(segments(text).map(str::to_lowercase).collect())
    }

    /// Whether it covers another: that one is it or lies beneath it.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

/// Whether a scope covers another.
///
/// ```
/// use riposte_access::covers;
/// assert!(covers("/subscriptions/s/resourceGroups/soc", "/subscriptions/S/resourcegroups/SOC/providers/x/y/z"));
/// assert!(!covers("/subscriptions/s/resourceGroups/soc", "/subscriptions/s/resourceGroups/soc-prod"));
/// ```
pub fn covers(scope: &str, other: &str) -> bool {
    let mut others = segments(other);
    segments(scope).all(|segment| others.next().is_some_and(|other| same(segment, other)))
}

fn segments(text: &str) -> impl Iterator<Item = &str> {
    text.trim().split('/').filter(|segment| !segment.is_empty())
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}
