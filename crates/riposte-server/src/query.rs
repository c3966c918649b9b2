//! The query string: names are told apart without regard to case, values are decoded once.

use percent_encoding::percent_decode_str;
use riposte_value::{Object, Value};

/// The parameters of a request, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pairs: Vec<Pair>,
}

#[derive(Debug, Clone)]
struct Pair {
    name: String,
    value: String,
    /// As the client wrote it, for handing it back in a link.
    raw: String,
}

impl Query {
    /// Reads `a=1&b=2`. A plus sign is a space, as forms and Azure's clients write it; bytes that are no UTF-8 become
    /// the replacement character.
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|raw| !raw.is_empty()).map(|raw| {
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            Pair { name: decode(name), value: decode(value), raw: raw.to_owned() }
        });
        Self { pairs: pairs.collect() }
    }

    /// The first value under this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|pair| pair.name.eq_ignore_ascii_case(name)).map(|pair| pair.value.as_str())
    }

    /// Every parameter, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str()))
    }

    /// As [`Self::get`], without blank values.
    pub(crate) fn get_filled(&self, name: &str) -> Option<&str> {
        self.get(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The parameters of other names, as an object of texts; several values of a name are joined by commas.
    pub(crate) fn others(&self, names: &[&str]) -> Object {
        let mut others = Object::new();
        for pair in &self.pairs {
            if names.iter().any(|name| pair.name.eq_ignore_ascii_case(name)) {
                continue;
            }
            let joined = match others.get(&pair.name).and_then(Value::as_str) {
                Some(before) => format!("{before},{}", pair.value),
                None => pair.value.clone(),
            };
            others.insert(pair.name.clone(), joined);
        }
        others
    }

    /// The query as the client wrote it, without the parameter of this name.
    pub(crate) fn without(&self, name: &str) -> String {
        let kept: Vec<&str> = self
            .pairs
            .iter()
            .filter(|pair| !pair.name.eq_ignore_ascii_case(name))
            .map(|pair| pair.raw.as_str())
            .collect();
        kept.join("&")
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_values_are_decoded_once() {
        let query = Query::parse("Api-Version=2024-09-01&%24filter=a+eq+%27x%2527%27&flag&$top=");
        assert_eq!(query.get("api-version"), Some("2024-09-01"));
        assert_eq!(query.get("$filter"), Some("a eq 'x%27'"));
        assert_eq!(query.get("flag"), Some(""));
        assert_eq!(query.get("$top"), Some(""));
        assert_eq!(query.get_filled("$top"), None);
        assert_eq!(query.get("other"), None);
    }

    #[test]
    fn a_parameter_can_be_taken_out_and_the_rest_stays_as_written() {
        let query = Query::parse("api-version=1&%24skipToken=abc&$filter=a%20eq+1");
        assert_eq!(query.without("$skiptoken"), "api-version=1&$filter=a%20eq+1");
    }
}
