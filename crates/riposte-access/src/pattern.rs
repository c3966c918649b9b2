//! Matching actions against patterns.

/// Whether an action matches a pattern, without regard to case; `*` stands for any text, also for none and for slashes.
///
/// ```
/// use riposte_access::action_matches;
/// assert!(action_matches("Microsoft.SecurityInsights/*/read", "microsoft.securityinsights/incidents/comments/read"));
/// assert!(!action_matches("Microsoft.SecurityInsights/*/read", "Microsoft.SecurityInsights/incidents/write"));
/// ```
pub fn action_matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut p, mut a) = (0, 0);
    // where the last star stands, and how much of the action it has taken
    let mut star: Option<(usize, usize)> = None;
    while a < action.len() {
        match (pattern.get(p), action.get(a)) {
            (Some(b'*'), _) => {
                star = Some((p, a));
                p += 1;
            }
            (Some(wanted), Some(got)) if wanted.eq_ignore_ascii_case(got) => {
                p += 1;
                a += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    a = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|rest| *rest == b'*')
}
