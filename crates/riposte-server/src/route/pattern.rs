//! Paths with variables in them, and paths as they came.

use percent_encoding::percent_decode_str;

/// A path as the table writes it: `/incidents/{incident}/tasks`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    Literal(&'static str),
    Variable(&'static str),
    /// All segments that are left, at least one; stands last.
    Rest(&'static str),
}

/// The variables of a path with their values, percent-decoded once.
pub(crate) type Variables = Vec<(&'static str, String)>;

impl Pattern {
    pub(super) fn parse(path: &'static str) -> Self {
        let segment =
            |text: &'static str| match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => name.strip_suffix("...").map_or(Segment::Variable(name), Segment::Rest),
                None => Segment::Literal(text),
            };
        Self { segments: path.trim_matches('/').split('/').map(segment).collect() }
    }

    /// Whether a path of so many segments may match.
    pub(super) fn may_have(&self, segments: usize) -> bool {
        match self.segments.last() {
            Some(Segment::Rest(_)) => segments >= self.segments.len(),
            _ => segments == self.segments.len(),
        }
    }

    /// The variables, if the path matches.
    pub(super) fn matches(&self, path: &[String]) -> Option<Variables> {
        let fits = self.may_have(path.len())
            && self.segments.iter().zip(path).all(|(segment, text)| match segment {
                Segment::Literal(literal) => literal.eq_ignore_ascii_case(text),
                Segment::Variable(_) | Segment::Rest(_) => true,
            });
        fits.then(|| {
            let pairs = self.segments.iter().zip(path);
            pairs
                .enumerate()
                .filter_map(|(at, (segment, text))| match segment {
                    Segment::Variable(name) => Some((*name, text.clone())),
                    Segment::Rest(name) => Some((*name, path.get(at..).unwrap_or_default().join("/"))),
                    Segment::Literal(_) => None,
                })
                .collect()
        })
    }

    /// The literals by place, `None` for a variable.
    pub(super) fn literals(&self) -> impl Iterator<Item = Option<&'static str>> {
        self.segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => Some(*literal),
            Segment::Variable(_) | Segment::Rest(_) => None,
        })
    }
}

/// What addresses of callbacks begin with.
const CALLBACKS: &str = "callbacks/";

/// What Riposte's own paths begin with.
const OWN: &str = "api/workspaces/";

/// Why a path has no segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Nothing can be at such a path: a segment is empty.
    Empty,
    /// A segment is no name, by the rule that this says.
    Name(&'static str),
}

/// The segments of a path as it came, percent-decoded once. A name is refused if it is no UTF-8 or holds what would change
/// the meaning of an ARM id (a slash, a control character, a segment of dots). The address of a callback is no ARM id: it
/// ends with the id of a command, which holds a `#`.
pub(super) fn segments(path: &str) -> Result<Vec<String>, Unreadable> {
    let path = path.strip_prefix('/').ok_or(Unreadable::Empty)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let refused: &[char] =
        if path.starts_with(CALLBACKS) { &['/', '\\', '?'] } else { &['/', '\\', '?', '#'] };
    // The id of an alert is its provider's own, and so any text; it becomes no part of an ARM id.
    let is_own = path.starts_with(OWN);
    let mut before = "";
    let segments = path.split('/').map(|raw| {
        let refused = if is_own && before.eq_ignore_ascii_case("alerts") { &[] } else { refused };
        before = raw;
        segment(raw, refused)
    });
    segments.collect()
}

fn segment(raw: &str, refused: &[char]) -> Result<String, Unreadable> {
    if raw.is_empty() {
        return Err(Unreadable::Empty);
    }
    let text = percent_decode_str(raw).decode_utf8();
    let text = text.map_err(|_| Unreadable::Name("a name is UTF-8, percent-encoded"))?;
    if text.chars().any(char::is_control) {
        return Err(Unreadable::Name("a name holds no control characters"));
    }
    if text.contains(refused) {
        return Err(Unreadable::Name("a name holds none of the characters `/`, `\\`, `?` and `#`"));
    }
    if text.trim().is_empty() || text == "." || text == ".." {
        return Err(Unreadable::Name("a name is not blank, `.` or `..`"));
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &'static str, path: &str) -> Option<Variables> {
        Pattern::parse(pattern).matches(&segments(path).ok()?)
    }

    #[test]
    fn the_address_of_a_callback_holds_the_id_of_a_command() {
        let found = found("/callbacks/{run}/{command}", "/callbacks/08CU01/Ask%403-0~2%231");
        assert_eq!(found.unwrap()[1], ("command", "Ask@3-0~2#1".to_owned()));
    }

    #[test]
    fn literals_ignore_case_and_variables_keep_their_spelling() {
        let pattern = "/subscriptions/{subscription}/resourceGroups/{group}";
        let expected = vec![("subscription", "S1".to_owned()), ("group", "My Group".to_owned())];
        for path in
            ["/subscriptions/S1/resourceGroups/My%20Group", "/SUBSCRIPTIONS/S1/resourcegroups/My%20Group/"]
        {
            assert_eq!(found(pattern, path), Some(expected.clone()), "{path}");
        }
        assert_eq!(found(pattern, "/subscriptions/S1"), None);
        assert_eq!(found(pattern, "/subscriptions/S1/resourceGroups/g/more"), None);
    }

    #[test]
    fn the_id_of_an_alert_may_be_any_text() {
        let pattern = "/api/workspaces/{workspace}/alerts/{alert}/evaluations";
        let variables = found(pattern, "/api/workspaces/w/alerts/%C3%BC%2F%20x%3F%25/evaluations").unwrap();
        assert_eq!(variables.last(), Some(&("alert", "ü/ x?%".into())));
        assert_eq!(found(pattern, "/api/workspaces/w%2Fx/alerts/a/evaluations"), None);
        assert_eq!(found(pattern, "/api/workspaces/w/alerts/%2e%2e/evaluations"), None);
        assert_eq!(found("/x/alerts/{v}", "/x/alerts/b%2Fc"), None);
    }

    #[test]
    fn a_variable_is_decoded_once_and_cannot_leave_its_segment() {
        assert_eq!(found("/x/{v}", "/x/a%2520b"), Some(vec![("v", "a%20b".into())]));
        assert_eq!(found("/x/{v}", "/x/%C3%A9"), Some(vec![("v", "é".into())]));
        for path in [
            "/x/a%2Fb",
            "/x/%2e%2e",
            "/x/..",
            "/x/%00",
            "/x/%0a",
            "/x/",
            "/x//",
            "/x/%ff",
            "/x/%20",
            "/x/a%5Cb",
            "x/a",
            "/x/a%3Fb",
        ] {
            assert_eq!(found("/x/{v}", path), None, "{path}");
        }
    }
}
