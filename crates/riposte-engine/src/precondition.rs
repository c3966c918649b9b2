//! What a writer asks of a resource before it is written: `If-Match` and `If-None-Match` of the request, and the etag in
//! its body. All that is given must hold, and is looked at in the transaction that writes.

use crate::error::{Error, ErrorKind, Result};

/// The conditional headers of a request, as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`: an etag, several with commas between them, or `*` for whatever is there.
    pub if_match: Option<String>,
    /// `If-None-Match`, likewise: what must not be there.
    pub if_none_match: Option<String>,
}

impl Precondition {
    /// Refuses a PUT of what is there with this etag, or is not there. `given` is the etag in the body.
    ///
    /// # Errors
    /// A stale etag in Azure's words, `If-Match` for what is not there, something there that must not be.
    pub(crate) fn check_put(&self, name: &str, known: Option<&str>, given: Option<&str>) -> Result<()> {
        let given = given.filter(|etag| !is_any(etag) && !etag.trim().is_empty());
        match known {
            Some(known) => {
                if self.none_match().is_some_and(|etags| names(etags, known)) {
                    return Err(failed(format!("The resource '{name}' exists already. Data was not saved")));
                }
                let stale = |etags: &str| !names(etags, known);
                if self.must_match().is_some_and(stale) || given.is_some_and(stale) {
                    return Err(Error::stale(name));
                }
            }
            None if self.must_match().is_some_and(is_any) => {
                return Err(failed(format!("The resource '{name}' does not exist. Data was not saved")));
            }
            // The etag of a body asks for nothing here: the published examples of Azure make resources with one.
            None if self.must_match().is_some() => {
                let message = format!(
                    "The resource '{name}' does not exist, so it has no etag that could match. Data was not saved"
                );
                return Err(Error::new(ErrorKind::Conflict, "Conflict", message));
            }
            None => {}
        }
        Ok(())
    }

    /// As [`Self::check_put`] for what has no etag: only whether it is there counts.
    pub(crate) fn check_put_without_etag(&self, name: &str, is_there: bool) -> Result<()> {
        let any = |etags: Option<&str>| etags.filter(|etags| is_any(etags)).map(str::to_owned);
        let of_existence = Self { if_match: any(self.must_match()), if_none_match: any(self.none_match()) };
        of_existence.check_put(name, is_there.then_some(""), None)
    }

    /// Refuses to remove what is there with this etag. What is not there is gone, whatever its etag was.
    pub(crate) fn check_delete(&self, name: &str, known: &str) -> Result<()> {
        self.check_put(name, Some(known), None)
    }

    fn must_match(&self) -> Option<&str> {
        self.if_match.as_deref().map(str::trim).filter(|etags| !etags.is_empty())
    }

    fn none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref().map(str::trim).filter(|etags| !etags.is_empty())
    }
}

fn is_any(etags: &str) -> bool {
    etags.trim() == "*"
}

/// Whether one of these etags, with or without quotation marks, is the known one.
fn names(etags: &str, known: &str) -> bool {
    is_any(etags)
        || etags.split(',').any(|etag| {
            let etag = etag.trim();
            etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"') == known
        })
}

fn failed(message: String) -> Error {
    Error::new(ErrorKind::PreconditionFailed, "PreconditionFailed", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_asked_must_hold() {
        // If-Match, If-None-Match, the body's etag, the known one, and the outcome.
        let cases = [
            ("", "", "", Some("a"), "ok"),
            ("", "", "", None, "ok"),
            ("\"a\"", "", "", Some("a"), "ok"),
            ("W/\"a\"", "", "a", Some("a"), "ok"),
            ("\"b\"", "", "", Some("a"), "Conflict"),
            ("\"b\", \"a\"", "", "", Some("a"), "ok"),
            ("\"b\",\"c\"", "", "", Some("a"), "Conflict"),
            ("*", "", "", Some("a"), "ok"),
            ("*", "", "", None, "PreconditionFailed"),
            ("\"a\"", "", "", None, "Conflict"),
            ("", "", "\"a\"", None, "ok"),
            ("", "", "*", None, "ok"),
            ("", "", "\"b\"", Some("a"), "Conflict"),
            ("\"a\"", "", "\"b\"", Some("a"), "Conflict"),
            ("\"b\"", "", "\"a\"", Some("a"), "Conflict"),
            ("", "*", "", None, "ok"),
            ("", "*", "", Some("a"), "PreconditionFailed"),
            ("", "\"a\"", "", Some("a"), "PreconditionFailed"),
            ("", "\"b\"", "", Some("a"), "ok"),
        ];
        for (if_match, if_none_match, body, known, expected) in cases {
            let asked = Precondition {
                if_match: Some(if_match.to_owned()),
                if_none_match: Some(if_none_match.to_owned()),
            };
            let outcome =
                asked.check_put("n", known, Some(body)).map_or_else(|error| error.code, |()| "ok".into());
            assert_eq!(outcome, expected, "{asked:?} {body} {known:?}");
        }
    }

    #[test]
    fn what_has_no_etag_is_there_or_not() {
        let asked = |if_match: &str, if_none_match: &str, is_there| {
            let asked = Precondition {
                if_match: Some(if_match.to_owned()),
                if_none_match: Some(if_none_match.to_owned()),
            };
            asked.check_put_without_etag("n", is_there).is_ok()
        };
        assert!(asked("\"x\"", "\"y\"", true) && asked("\"x\"", "", false));
        assert!(asked("*", "", true) && !asked("*", "", false));
        assert!(asked("", "*", false) && !asked("", "*", true));
    }
}
