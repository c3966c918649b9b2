//! `$orderby`: one field, `asc` or `desc`.

use crate::filter::{Field, field};
use crate::refusal::Refusal;

/// By which field, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderBy {
    pub(crate) field: &'static Field,
    pub(crate) descending: bool,
}

impl OrderBy {
    /// Reads `properties/createdTimeUtc desc`; the field must be one of these.
    pub(crate) fn parse(text: &str, fields: &'static [Field]) -> Result<Self, Refusal> {
        let refuse = |message: String| Refusal::bad_request("InvalidOrderBy", message);
        let shown: String = text.chars().take(100).collect();
        if text.contains(',') {
            return Err(
                refuse(format!("`$orderby` `{shown}` names more than one field")).help("order by one field")
            );
        }
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("asc") => false,
            Some(word) if word.eq_ignore_ascii_case("desc") => true,
            Some(_) => {
                return Err(
                    refuse(format!("`$orderby` `{shown}` is not understood")).help("write `asc` or `desc`")
                );
            }
        };
        if words.next().is_some() {
            return Err(refuse(format!("`$orderby` `{shown}` is not understood"))
                .help("write `FIELD asc` or `FIELD desc`"));
        }
        match field(name, fields) {
            Ok(field) => Ok(Self { field, descending }),
            Err(error) => Err(error.into_refusal("InvalidOrderBy", "$orderby")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::COMMENT_FIELDS;

    #[test]
    fn one_known_field_and_a_direction() {
        let parse = |text| OrderBy::parse(text, COMMENT_FIELDS);
        assert!(parse("properties/createdTimeUtc desc").unwrap().descending);
        assert!(!parse(" properties/createdTimeUtc  ASC ").unwrap().descending);
        assert!(!parse("properties/createdTimeUtc").unwrap().descending);
        for bad in [
            "",
            "properties/none",
            "properties/message up",
            "properties/message asc now",
            "name,properties/message",
        ] {
            assert_eq!(parse(bad).unwrap_err().status, 400, "{bad}");
        }
    }
}
