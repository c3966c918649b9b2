//! Pages of lists: `$top`, `$skipToken` and the absolute `nextLink`.

use crate::query::Query;
use crate::refusal::Refusal;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_value::Value;

/// Azure's largest page.
pub(crate) const TOP_MAX: usize = 1_000;
/// A page when the client does not say.
pub(crate) const TOP_DEFAULT: usize = 100;

const SKIP_TOKEN: &str = "$skipToken";

/// What stays as it is in a query value.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) top: usize,
    pub(crate) skip_token: Option<String>,
}

impl Paging {
    /// Reads `$top` (or `top`, as Riposte's own paths name it) and `$skipToken`.
    pub(crate) fn read(query: &Query) -> Result<Self, Refusal> {
        let top = match query.get_filled("$top").or_else(|| query.get_filled("top")) {
            None => TOP_DEFAULT,
            Some(text) => text.parse().ok().filter(|top| (1..=TOP_MAX).contains(top)).ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                Refusal::bad_request("InvalidTop", format!("`$top` is `{shown}`"))
                    .help(format!("give a whole number from 1 to {TOP_MAX}"))
            })?,
        };
        Ok(Self { top, skip_token: query.get_filled(SKIP_TOKEN).map(str::to_owned) })
    }

    /// The page of a list that is at hand as a whole, and the token of the next page. The token is the number of items
    /// before that page.
    pub(crate) fn slice(&self, mut items: Vec<Value>) -> Result<(Vec<Value>, Option<String>), Refusal> {
        let start = match &self.skip_token {
            None => 0,
            Some(token) => token.parse::<usize>().map_err(|_| {
                let shown: String = token.chars().take(40).collect();
                Refusal::bad_request(
                    "InvalidSkipToken",
                    format!("`$skipToken` `{shown}` is none of this list's"),
                )
                .help("take it from the list's `nextLink`")
            })?,
        };
        let mut page = items.split_off(start.min(items.len()));
        let more = page.len() > self.top;
        page.truncate(self.top);
        Ok((page, more.then(|| (start + self.top).to_string())))
    }
}

/// The absolute address of the page behind a token: the request's own, with the token exchanged.
pub(crate) fn next_link(base_url: &str, path: &str, query: &Query, token: &str) -> String {
    let mut query = query.without(SKIP_TOKEN);
    if !query.is_empty() {
        query.push('&');
    }
    let token = utf8_percent_encode(token, ENCODED);
    format!("{base_url}{path}?{query}{SKIP_TOKEN}={token}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(query: &str) -> Result<Paging, String> {
        Paging::read(&Query::parse(query)).map_err(|refusal| refusal.message)
    }

    #[test]
    fn top_is_bounded() {
        assert_eq!(paging("").unwrap().top, TOP_DEFAULT);
        assert_eq!(paging("$top=1").unwrap().top, 1);
        assert_eq!(paging("%24TOP=1000").unwrap().top, 1000);
        for bad in ["$top=0", "$top=1001", "$top=-1", "$top=ten", "$top=1.5", "$top=99999999999999999999"] {
            assert!(paging(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_whole_list_is_cut_into_pages() {
        let items = || (0..5).map(Value::Int).collect::<Vec<_>>();
        let page = |query: &str| paging(query).unwrap().slice(items()).unwrap();
        assert_eq!(page("$top=2"), (vec![Value::Int(0), Value::Int(1)], Some("2".into())));
        assert_eq!(page("$top=2&$skipToken=2"), (vec![Value::Int(2), Value::Int(3)], Some("4".into())));
        assert_eq!(page("$top=2&$skipToken=4"), (vec![Value::Int(4)], None));
        assert_eq!(page("$top=5"), (items(), None));
        assert_eq!(page("$skipToken=99"), (vec![], None));
        assert!(paging("$skipToken=x").unwrap().slice(items()).is_err());
    }

    #[test]
    fn the_link_to_the_next_page_keeps_the_rest_of_the_query() {
        let query = Query::parse("api-version=2024-09-01&$skipToken=a&$filter=x%20eq%20'y'");
        assert_eq!(
            next_link("http://h:1", "/a%20b", &query, "2+/="),
            "http://h:1/a%20b?api-version=2024-09-01&$filter=x%20eq%20'y'&$skipToken=2%2B%2F%3D"
        );
        assert_eq!(next_link("http://h", "/a", &Query::default(), "2"), "http://h/a?$skipToken=2");
    }
}
