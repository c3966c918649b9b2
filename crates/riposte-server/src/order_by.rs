//! `$orderby`: fields, each `asc` or `desc`.

use crate::filter::{Field, field};
use crate::refusal::Refusal;

/// By which field, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderBy {
    pub(crate) field: &'static Field,
    pub(crate) descending: bool,
}

/// How many fields a list may be ordered by.
const FIELDS_MAX: usize = 5;

impl OrderBy {
    /// Reads `properties/severity, properties/createdTimeUtc desc`; the fields must be some of these.
    pub(crate) fn parse(text: &str, fields: &'static [Field]) -> Result<Vec<Self>, Refusal> {
        let all: Vec<Self> = text.split(',').map(|one| Self::one(one, fields)).collect::<Result<_, _>>()?;
        if all.len() > FIELDS_MAX {
            let message = format!("`$orderby` names {} fields", all.len());
            return Err(Refusal::bad_request("InvalidOrderBy", message)
                .help(format!("order by {FIELDS_MAX} fields at most")));
        }
        Ok(all)
    }

    fn one(text: &str, fields: &'static [Field]) -> Result<Self, Refusal> {
        let refuse = |help: &str| {
            let shown: String = text.trim().chars().take(100).collect();
            Refusal::bad_request("InvalidOrderBy", format!("`$orderby` `{shown}` is not understood"))
                .help(help)
        };
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("asc") => false,
            Some(word) if word.eq_ignore_ascii_case("desc") => true,
            Some(_) => return Err(refuse("write `asc` or `desc`")),
        };
        if words.next().is_some() {
            return Err(refuse("write `FIELD asc` or `FIELD desc`, several with commas between them"));
        }
        match field(name, fields) {
            Ok(field) if field.has_order() => Ok(Self { field, descending }),
            Ok(_) => Err(refuse("name a text, a number or a point in time")),
            Err(error) => Err(error.into_refusal("InvalidOrderBy", "$orderby")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::COMMENT_FIELDS;

    #[test]
    fn known_fields_and_directions() {
        let parse = |text| OrderBy::parse(text, COMMENT_FIELDS);
        let directions = |text| parse(text).unwrap().iter().map(|one| one.descending).collect::<Vec<_>>();
        assert_eq!(directions("properties/createdTimeUtc desc"), [true]);
        assert_eq!(directions(" properties/createdTimeUtc  ASC "), [false]);
        assert_eq!(directions("properties/createdTimeUtc"), [false]);
        assert_eq!(directions("name desc,properties/message , id DESC"), [true, false, true]);
        for bad in [
            "",
            "properties/none",
            "properties/message up",
            "properties/message asc now",
            "name,",
            "name,properties/none",
            "name,name,name,name,name,name",
        ] {
            assert_eq!(parse(bad).unwrap_err().status, 400, "{bad}");
        }
    }
}
