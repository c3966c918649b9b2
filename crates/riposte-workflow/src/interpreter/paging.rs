//! Pages: an action with a `paginationPolicy` goes on to the next page until it has as many items as it wants.
//!
//! Measured: whole pages are kept, and the body is `{"value": […]}` and nothing else. The next page is where `nextLink`
//! or `@odata.nextLink` of the body points; an answer without a list in `value` is no page and stands as it is.

use super::Answer;
use super::settle::follow_up;
use crate::CommandKind;
use riposte_value::{Object, Value};
use serde::{Deserialize, Serialize};

const NEXT_LINKS: [&str; 3] = ["nextLink", "@odata.nextLink", "odata.nextLink"];

/// The pages so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pages {
    #[serde(rename = "m")]
    minimum: u64,
    #[serde(rename = "i")]
    items: Vec<Value>,
    /// Whether there was a page already.
    #[serde(rename = "b")]
    begun: bool,
}

/// How it goes on after a page.
pub(crate) enum NextPage {
    Ask(CommandKind),
    Done(Answer),
}

impl Pages {
    pub fn at_least(minimum: u64) -> Self {
        Self { minimum, items: Vec::new(), begun: false }
    }

    /// Adds the page of an answer.
    pub fn take(&mut self, answer: Answer, kind: &CommandKind) -> NextPage {
        let body = answer.body.as_ref().and_then(Value::as_object);
        let page = body.and_then(|body| Some((body, body.get_ignore_case("value")?.as_array()?)));
        let Some((body, items)) = page else { return NextPage::Done(self.end(answer)) };
        let link = NEXT_LINKS.iter().find_map(|name| body.get_ignore_case(name)?.as_str());
        self.begun = true;
        self.items.extend_from_slice(items);
        let enough = u64::try_from(self.items.len()).is_ok_and(|count| count >= self.minimum);
        match link.filter(|link| !enough && !link.is_empty()).and_then(|link| follow_up(kind, link, true)) {
            Some(next) => NextPage::Ask(next),
            None => NextPage::Done(self.end(answer)),
        }
    }

    /// The answer with all items. What comes after a page and is none ends the gathering.
    fn end(&mut self, answer: Answer) -> Answer {
        if !self.begun {
            return answer;
        }
        let mut body = Object::with_capacity(1);
        body.insert("value", Value::from(std::mem::take(&mut self.items)));
        Answer { body: Some(Value::from(body)), ..answer }
    }
}
