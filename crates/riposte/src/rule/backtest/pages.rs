//! The answers of a backtest that is asked for page by page, added up to the one that would have been given at once.

use riposte_value::{Object, Value};

/// Matches that are listed.
const LISTED_MAX: usize = 1_000;
/// What is counted.
const COUNTS: [&str; 6] = ["evaluated", "matched", "overridden", "read", "passedOver", "notListed"];

/// Pages so far.
#[derive(Default)]
pub(super) struct Pages {
    answer: Option<Object>,
}

impl Pages {
    /// Adds a page behind the others.
    pub(super) fn add(&mut self, page: &Value) {
        let Some(page) = page.as_object() else { return };
        let Some(known) = &mut self.answer else {
            self.answer = Some(page.clone());
            return;
        };
        let count = |object: &Object, name: &str| object.get(name).and_then(Value::as_i64).unwrap_or(0);
        let list = |object: &Object, name: &str| {
            object.get(name).and_then(Value::as_array).unwrap_or_default().to_vec()
        };
        for name in COUNTS {
            known.insert(name, count(known, name) + count(page, name));
        }
        let mut matches = list(known, "matches");
        matches.extend(list(page, "matches"));
        let beyond = i64::try_from(matches.len().saturating_sub(LISTED_MAX)).unwrap_or(0);
        matches.truncate(LISTED_MAX);
        known.insert("matches", Value::array(matches));
        known.insert("notListed", count(known, "notListed") + beyond);
        for (name, key, number) in [("notMatchedBy", "condition", "count"), ("playbooks", "id", "runs")] {
            let sums = added(list(known, name), list(page, name), key, number);
            known.insert(name, Value::array(sums));
        }
        let is_complete =
            page.get("isComplete") == Some(&Value::Bool(true)) && count(known, "passedOver") == 0;
        known.insert("isComplete", is_complete);
    }

    /// A count so far.
    pub(super) fn sum(&self, name: &str) -> i64 {
        self.answer.as_ref().and_then(|answer| answer.get(name)).and_then(Value::as_i64).unwrap_or(0)
    }

    /// The answer, with what was not looked at or is not listed in words.
    pub(super) fn together(self) -> Value {
        let (passed_over, not_listed) = (self.sum("passedOver"), self.sum("notListed"));
        let mut answer = self.answer.unwrap_or_default();
        answer.remove("skipToken");
        answer.remove("lookedBackTo");
        let mut based_on = answer.get("basedOn").and_then(Value::as_array).unwrap_or_default().to_vec();
        if passed_over > 0 {
            based_on.push(Value::from(format!(
                "{passed_over} incidents were passed over: their timelines do not go back to their making."
            )));
        }
        if not_listed > 0 {
            based_on.push(Value::from(format!(
                "The latest {LISTED_MAX} matches are listed; {not_listed} more are counted and not listed."
            )));
        }
        answer.insert("basedOn", Value::array(based_on));
        Value::from(answer)
    }
}

/// Two lists of counts as one, by what is counted.
fn added(mut known: Vec<Value>, more: Vec<Value>, key: &str, number: &str) -> Vec<Value> {
    for one in more {
        match known.iter_mut().find(|known| known.get(key) == one.get(key)) {
            None => known.push(one),
            Some(known) => {
                let of = |value: &Value| value.get(number).and_then(Value::as_i64).unwrap_or(0);
                let sum = of(known) + of(&one);
                if let Some(known) = known.as_object_mut() {
                    known.insert(number, sum);
                }
            }
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::{LISTED_MAX, Pages};
    use riposte_value::{Value, value};

    #[test]
    fn pages_add_up() {
        let mut pages = Pages::default();
        let matches = Value::array((0..LISTED_MAX - 1).map(|_| value!({"title": "early"})));
        pages.add(&value!({
            "displayName": "r", "evaluated": 5, "matched": 4, "overridden": 1, "read": 5, "passedOver": 0, "notListed": 0,
            "matches": matches, "basedOn": ["x"], "isComplete": false, "skipToken": "7", "lookedBackTo": "t",
            "notMatchedBy": [{"condition": "a", "count": 1}], "playbooks": [{"id": "p", "runs": 2, "wouldFail": "why"}]
        }));
        pages.add(&value!({
            "displayName": "r", "evaluated": 3, "matched": 3, "overridden": 1, "read": 4, "passedOver": 1, "notListed": 2,
            "matches": [{"title": "listed"}, {"title": "beyond"}], "basedOn": ["x"], "isComplete": true,
            "notMatchedBy": [{"condition": "b", "count": 1}, {"condition": "a", "count": 2}],
            "playbooks": [{"id": "p", "runs": 3}]
        }));
        assert_eq!((pages.sum("evaluated"), pages.sum("matched"), pages.sum("read")), (8, 7, 9));
        let whole = pages.together();
        assert_eq!(whole.get("overridden"), Some(&value!(2)));
        let matches = whole.get("matches").and_then(Value::as_array).unwrap();
        assert_eq!((matches.len(), matches[LISTED_MAX - 1].str_at(&["title"])), (LISTED_MAX, Some("listed")));
        assert_eq!(whole.get("notListed"), Some(&value!(3)));
        assert_eq!(
            whole.get("notMatchedBy"),
            Some(&value!([{"condition": "a", "count": 3}, {"condition": "b", "count": 1}]))
        );
        assert_eq!(whole.get("playbooks"), Some(&value!([{"id": "p", "runs": 5, "wouldFail": "why"}])));
        assert_eq!(whole.get("isComplete"), Some(&value!(false)), "one was passed over");
        assert_eq!(whole.get("basedOn").and_then(Value::as_array).map(<[Value]>::len), Some(3));
        assert!(whole.get("skipToken").is_none() && whole.get("lookedBackTo").is_none());
    }
}
