//! Pages of lists: `$top`, `$skipToken` and the absolute `nextLink`.

use crate::query::Query;
use crate::refusal::Refusal;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

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
    /// Where the page begins: what the list gave for it on the page before.
    pub(crate) after: Option<String>,
}

impl Paging {
    /// Reads `$top` (or `top`, as Riposte's own paths name it) and `$skipToken`, which must be one of this very list.
    pub(crate) fn read(query: &Query, path: &str) -> Result<Self, Refusal> {
        let top = match query.get_filled("$top").or_else(|| query.get_filled("top")) {
            None => TOP_DEFAULT,
            Some(text) => text.parse().ok().filter(|top| (1..=TOP_MAX).contains(top)).ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                Refusal::bad_request("InvalidTop", format!("`$top` is `{shown}`"))
                    .help(format!("give a whole number from 1 to {TOP_MAX}"))
            })?,
        };
        let after = query
            .get_filled(SKIP_TOKEN)
            .map(|token| opened(token, &list_of(query, path)).ok_or_else(|| not_of_this_list(token)));
        Ok(Self { top, after: after.transpose()? })
    }
}

/// The answer to a token that is broken or belongs to another list.
pub(crate) fn not_of_this_list(token: &str) -> Refusal {
    let shown: String = token.chars().take(40).collect();
    Refusal::bad_request("BadRequest", format!("`$skipToken` `{shown}` is not a skip token of this list"))
        .help("take it from the `nextLink` of the same list, with the same `$filter` and `$orderby`")
}

/// Of which form tokens are: one of another form belongs to another version of the server.
const TOKEN_VERSION: &str = "1";

/// A token: its version, the mark of the list that it belongs to, and where the next page begins.
pub(crate) fn sealed(after: &str, list: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{TOKEN_VERSION}{list}{after}"))
}

/// Where the page behind a token of this list begins.
pub(crate) fn opened(token: &str, list: &str) -> Option<String> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix(TOKEN_VERSION)?.strip_prefix(list).map(str::to_owned)
}

/// The mark of a list: of its path, `$filter` and `$orderby`, which say what is in it and in which order.
fn list_of(query: &Query, path: &str) -> String {
    let path = percent_decode_str(path).decode_utf8_lossy().to_lowercase();
    let option = |name| query.get_filled(name).unwrap_or_default();
    mark(&[&path, option("$filter"), option("$orderby")])
}

/// What tells lists apart, by the hash FNV-1a: no secret, only what keeps a token from being used by mistake.
pub(crate) fn mark(parts: &[&str]) -> String {
    let hash = parts.join("\n").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The absolute address of the page that begins after this place: the request's own, with another token.
pub(crate) fn next_link(base_url: &str, path: &str, query: &Query, after: &str) -> String {
    link(base_url, path, query, &sealed(after, &list_of(query, path)))
}

/// The request's own address with another token.
pub(crate) fn link(base_url: &str, path: &str, query: &Query, token: &str) -> String {
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
        Paging::read(&Query::parse(query), "/a%20b").map_err(|refusal| refusal.message)
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
    fn a_token_belongs_to_one_list() {
        let of = |query: &str| {
            let link = next_link("http://h", "/A%20b", &Query::parse(query), "[\"é\",1]");
            link.rsplit('=').next().unwrap().to_owned()
        };
        let plain = of("api-version=1&$top=2");
        let after = |query: &str| paging(query).map(|paging| paging.after);
        assert_eq!(after(&format!("$top=5&$skipToken={plain}")), Ok(Some("[\"é\",1]".to_owned())));
        assert_eq!(after(&format!("$filter=&$skipToken={plain}")), Ok(Some("[\"é\",1]".to_owned())));
        assert_eq!(after("$skipToken="), Ok(None));
        let filtered = of("$filter=a%20eq%201");
        assert!(after(&format!("$filter=a eq 1&$skipToken={filtered}")).is_ok());
        for (query, token) in [
            ("$filter=a eq 1", &plain),
            ("$orderby=a", &plain),
            ("$orderby=a eq 1", &filtered),
            ("$filter=a eq 2", &filtered),
            ("", &"2".to_owned()),
            ("", &"x y".to_owned()),
            ("", &plain.chars().skip(1).collect()),
            ("", &BASE64_URL_SAFE_NO_PAD.encode("0")),
        ] {
            let message = after(&format!("{query}&$skipToken={token}")).unwrap_err();
            assert!(message.contains("is not a skip token of this list"), "{query} {token}");
        }
        let elsewhere = Query::parse(&format!("$skipToken={plain}"));
        assert!(Paging::read(&elsewhere, "/other").is_err());
    }

    #[test]
    fn the_link_to_the_next_page_keeps_the_rest_of_the_query() {
        let query = Query::parse("api-version=2024-09-01&$skipToken=a&$filter=x%20eq%20'y'");
        assert_eq!(
            link("http://h:1", "/a%20b", &query, "2+/="),
            "http://h:1/a%20b?api-version=2024-09-01&$filter=x%20eq%20'y'&$skipToken=2%2B%2F%3D"
        );
        assert_eq!(link("http://h", "/a", &Query::default(), "2"), "http://h/a?$skipToken=2");
    }
}
