//! The query parameter `api-version`. Azure's paths demand one; any well-formed version is accepted and answered in
//! one shape, since clients of many ages talk to one server.

use crate::query::Query;
use crate::refusal::Refusal;

/// What Azure's clients that are known to work here send, newest first.
const KNOWN: &str =
    "2025-09-01,2024-09-01,2023-02-01,2022-09-01-preview,2021-10-01,2019-05-01,2016-06-01,2015-08-01-preview";

/// Refuses a request whose `api-version` is missing or no version; Azure Resource Manager's words.
pub(crate) fn check(query: &Query) -> Result<(), Refusal> {
    match query.get_filled("api-version") {
        None => Err(Refusal::bad_request(
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )),
        Some(version) if is_well_formed(version) => Ok(()),
        Some(version) => {
            let shown: String = version.chars().take(60).collect();
            Err(Refusal::bad_request(
                "InvalidApiVersionParameter",
                format!("The api-version '{shown}' is invalid. The supported versions are '{KNOWN}'."),
            ))
        }
    }
}

/// `YYYY-MM-DD`, and after it perhaps `-preview`, `-privatepreview`, `-alpha` and the like.
pub(crate) fn is_well_formed(version: &str) -> bool {
    let Some((date, suffix)) = version.split_at_checked(10) else { return false };
    date.parse::<jiff::civil::Date>().is_ok()
        && date
            .bytes()
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() })
        && (suffix.is_empty()
            || suffix.strip_prefix('-').is_some_and(|name| {
                !name.is_empty() && name.len() <= 30 && name.bytes().all(|b| b.is_ascii_alphanumeric())
            }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for good in ["2024-09-01", "2022-12-01-preview", "2020-01-01", "2015-08-01-PREVIEW"] {
            assert!(is_well_formed(good), "{good}");
        }
        for bad in [
            "",
            "latest",
            "2024",
            "2024-9-1",
            "2024-13-01",
            "2024-02-30",
            "20240901",
            "2024-09-01preview",
            "2024-09-01-",
            "2024-09-01-a b",
            "+002024-01",
            "１２34-09-01",
        ] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }

    #[test]
    fn codes() {
        let code = |query| check(&Query::parse(query)).err().map(|refusal| refusal.code.into_owned());
        assert_eq!(code(""), Some("MissingApiVersionParameter".into()));
        assert_eq!(code("api-version="), Some("MissingApiVersionParameter".into()));
        assert_eq!(code("api-version=new"), Some("InvalidApiVersionParameter".into()));
        assert_eq!(code("API-VERSION=2021-10-01"), None);
    }
}
