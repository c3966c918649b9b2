//! Pages of lists that are at hand as a whole, by key: a page begins after the key of the last item of the page before,
//! whether that item is still there or not. So what is removed or added meanwhile moves nothing.

use crate::Page;
use crate::error::{Error, Result};
use jiff::Timestamp;
use riposte_value::{Value, json};
use std::cmp::Ordering;

/// How many characters of a text order it: a token holds the key of an item, and has to fit into an address.
const CHARACTERS_MAX: usize = 256;

/// An item of a list with what it is ordered by. No two items of a list have one key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// Parts made by [`key_part`], the most significant one first.
    pub key: Vec<Value>,
    /// The item.
    pub item: Value,
}

/// A property as a part of a key: texts without regard to case and as far as they fit into a token.
pub fn key_part(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => {
            let folded = || text.chars().take(CHARACTERS_MAX).flat_map(char::to_lowercase).collect();
            Value::from(time_key(text).unwrap_or_else(folded))
        }
        Some(scalar) if rank(scalar) < OTHER => scalar.clone(),
        Some(other) => Value::from(other.to_string().chars().take(CHARACTERS_MAX).collect::<String>()),
        None => Value::Null,
    }
}

/// A time with all its digits: as it is shown it has as many as it needs, and `Z` comes after them.
fn time_key(text: &str) -> Option<String> {
    let is_time = text.len() <= 35 && text.starts_with(|c: char| c.is_ascii_digit()) && text.ends_with('Z');
    let time: Timestamp = is_time.then(|| text.parse().ok()).flatten()?;
    Some(format!("{time:.9}"))
}

/// A page of the items in the order of their keys. `descending` says it of each part, those that it does not reach go
/// upwards; `after` is what the page before gave as `next`.
///
/// # Errors
/// `after` is not of such a list.
pub fn page_by_key(
    mut items: Vec<Keyed>,
    descending: &[bool],
    after: Option<&str>,
    top: usize,
) -> Result<Page> {
    if let Some(token) = after {
        let after = json::parse(token).ok().and_then(|key| key.as_array().map(<[Value]>::to_vec));
        let after = after.filter(|after| items.first().is_none_or(|first| first.key.len() == after.len()));
        let after = after.ok_or_else(no_token)?;
        items.retain(|item| compare(&item.key, &after, descending) == Ordering::Greater);
    }
    items.sort_by(|a, b| compare(&a.key, &b.key, descending));
    let more = items.len() > top;
    items.truncate(top);
    let next = items.last().filter(|_| more).map(|last| json::to_string(&Value::array(last.key.clone())));
    Ok(Page { items: items.into_iter().map(|item| item.item).collect(), next })
}

/// What was given as a skip token is none of the list.
pub(crate) fn no_token() -> Error {
    Error::bad_request("what is given is not a skip token of this list; take it from the list's `nextLink`")
}

fn compare(a: &[Value], b: &[Value], descending: &[bool]) -> Ordering {
    let parts = a.iter().zip(b).enumerate().map(|(place, (a, b))| {
        let order = compare_parts(a, b);
        if descending.get(place).copied().unwrap_or(false) { order.reverse() } else { order }
    });
    parts.fold(Ordering::Equal, Ordering::then)
}

/// Where kinds of values stand: what is absent comes first, whatever is neither Boolean, number nor text last.
const OTHER: u8 = 4;

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => OTHER,
        _ => 2,
    }
}

fn compare_parts(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)).then_with(|| match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => Ordering::Equal,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn keyed(parts: &[(Option<Value>, i64)]) -> Vec<Keyed> {
        parts
            .iter()
            .map(|(part, number)| Keyed {
                key: vec![key_part(part.as_ref()), Value::Int(*number)],
                item: Value::Int(*number),
            })
            .collect()
    }

    /// Every page after the other; before each, `change` may take items out or put some in.
    fn walk(
        mut all: Vec<Keyed>,
        descending: &[bool],
        top: usize,
        mut change: impl FnMut(&mut Vec<Keyed>, &[Value]),
    ) -> Vec<i64> {
        let (mut given, mut after) = (Vec::new(), None);
        loop {
            let page = page_by_key(all.clone(), descending, after.as_deref(), top).unwrap();
            change(&mut all, &page.items);
            given.extend(page.items.iter().filter_map(Value::as_i64));
            after = page.next;
            if after.is_none() {
                return given;
            }
        }
    }

    #[test]
    fn kinds_of_values_have_their_places() {
        let long = |end: &str| Some(Value::from(format!("{}{end}", "x".repeat(CHARACTERS_MAX))));
        let all = keyed(&[
            (long("b"), 9),
            (long("a"), 10),
            (Some(value!("b")), 6),
            (Some(value!("A")), 5),
            (Some(value!(2.5)), 4),
            (Some(value!(2)), 3),
            (Some(value!(true)), 2),
            (None, 1),
            (Some(value!("B")), 7),
        ]);
        let up = [1, 2, 3, 4, 5, 6, 7, 9, 10];
        let down = [9, 10, 6, 7, 5, 4, 3, 2, 1];
        for top in 1..=10 {
            assert_eq!(walk(all.clone(), &[], top, |_, _| ()), up);
            assert_eq!(walk(all.clone(), &[true], top, |_, _| ()), down);
            let reversed: Vec<i64> = up.into_iter().rev().collect();
            assert_eq!(walk(all.clone(), &[true, true], top, |_, _| ()), reversed);
        }
    }

    #[test]
    fn times_go_by_time_however_many_digits_they_have() {
        let texts = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.2Z", "7Z"];
        let parts: Vec<_> =
            texts.iter().rev().zip(1..).map(|(text, at)| (Some(Value::from(*text)), at)).collect();
        assert_eq!(walk(keyed(&parts), &[], 1, |_, _| ()), [4, 3, 2, 1]);
    }

    #[test]
    fn what_is_no_key_of_the_list_is_refused() {
        for token in ["", "x", "17", "{}", "[]", "[1]", "[1, 2, 3]"] {
            assert!(page_by_key(keyed(&[(None, 1)]), &[], Some(token), 1).is_err(), "{token}");
        }
    }

    #[test]
    fn what_stays_is_given_once_whatever_goes() {
        let parts: Vec<_> = (0..40).map(|number| (Some(Value::Int(number * 7 % 4)), number)).collect();
        for top in 1..=7 {
            for stride in 1..=5 {
                for descending in [false, true] {
                    // Of what was given some goes before the next page is asked for.
                    let given = walk(keyed(&parts), &[descending], top, |all, page| {
                        all.retain(|one| {
                            let goes = one.item.as_i64().is_some_and(|number| number % stride == 0);
                            !(goes && page.contains(&one.item))
                        });
                    });
                    let mut sorted = given;
                    sorted.sort_unstable();
                    assert_eq!(sorted, (0..40).collect::<Vec<_>>(), "{top} a page, {stride} {descending}");
                }
            }
        }
    }
}
