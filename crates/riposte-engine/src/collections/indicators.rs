//! Indicators of threat intelligence: searched, counted and tagged.
//!
//! Source of the criteria's names: the REST specification's `ThreatIntelligenceFilteringCriteria`.

use super::kind::{self, Kind};
use super::{Collection, ItemPlace, StoredItem, absent};
use crate::access::Caller;
use crate::clock::new_guid;
use crate::error::{Error, Result};
use crate::workspaces::Workspace;
use crate::{Engine, Keyed, Page, Written, key_part, page_by_key};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::fields::Fields;
use riposte_incident::{parse_time, same, time_text};
use riposte_value::{Text, Value};
use std::collections::BTreeMap;

/// A page of a search, unless it asks for another size.
const PAGE: i64 = 100;
const PAGE_MAX: i64 = 1_000;

/// Entries that a list of the criteria may have: each is held against every indicator.
const LIST_MAX: usize = 100;

/// What is searched for.
#[derive(Default)]
struct Criteria {
    page_size: usize,
    /// What the page before gave as `next`.
    after: Option<String>,
    ids: Vec<Text>,
    /// In lower case.
    keywords: Vec<String>,
    /// Lists of which the indicator must have one: property and values.
    any_of: Vec<(&'static str, Vec<Text>)>,
    confidence: (Option<i64>, Option<i64>),
    valid_until: (Option<jiff::Timestamp>, Option<jiff::Timestamp>),
    include_disabled: bool,
    /// Property, and whether the largest comes first.
    order: Vec<(Text, bool)>,
}

impl Criteria {
    fn read(body: &Value) -> Result<Self> {
        let mut told = Vec::new();
        let read = Fields::of(body, "$", &mut told).map(|fields| {
            let whole = |name: &str, told: &mut Vec<Diagnostic>| {
                fields.value(name).and_then(|_| fields.required_integer(name, told))
            };
            let any_of =
                [("source", "sources"), ("threatTypes", "threatTypes"), ("patternType", "patternTypes")];
            Self {
                page_size: usize::try_from(whole("pageSize", &mut told).unwrap_or(PAGE).clamp(1, PAGE_MAX))
                    .unwrap_or(1),
                after: after_of(&fields, &mut told),
                ids: texts(&fields, "ids", &mut told),
                keywords: texts(&fields, "keywords", &mut told)
                    .iter()
                    .map(|word| word.to_lowercase())
                    .collect(),
                any_of: any_of.map(|(property, name)| (property, texts(&fields, name, &mut told))).into(),
                confidence: (whole("minConfidence", &mut told), whole("maxConfidence", &mut told)),
                valid_until: (
                    fields.time("minValidUntil", &mut told),
                    fields.time("maxValidUntil", &mut told),
                ),
                include_disabled: fields.value("includeDisabled") == Some(&Value::from(true)),
                order: order(&fields, &mut told),
            }
        });
        match read {
            Some(read) if !has_errors(&told) => Ok(read),
            _ => Err(Error::invalid(told)),
        }
    }

    fn holds(&self, indicator: &Value) -> bool {
        let property = |name: &str| indicator.at(&["properties", name]);
        let name = indicator.str_at(&["name"]).unwrap_or_default();
        let is_disabled = property("revoked") == Some(&Value::from(true));
        let confidence = property("confidence").and_then(Value::as_i64);
        let until = property("validUntil").and_then(Value::as_str).and_then(parse_time);
        let says_a_keyword = |name: &str| {
            let text = property(name).and_then(Value::as_str).map(str::to_lowercase);
            text.is_some_and(|text| self.keywords.iter().any(|word| text.contains(word.as_str())))
        };
        (self.include_disabled || !is_disabled)
            && (self.ids.is_empty() || self.ids.iter().any(|id| same(id, name)))
            && (self.keywords.is_empty()
                || ["displayName", "description", "pattern"].into_iter().any(says_a_keyword))
            && self.any_of.iter().all(|(name, wanted)| {
                wanted.is_empty() || wanted.iter().any(|wanted| has(property(name), wanted))
            })
            && within(confidence, self.confidence)
            && within(until, self.valid_until)
    }

    /// A page of those that were found; those of one key go by name.
    fn page(&self, indicators: Vec<Value>) -> Result<Page> {
        let descending: Vec<bool> = self.order.iter().map(|(_, descending)| *descending).collect();
        let keyed = indicators.into_iter().map(|item| {
            let part = |(name, _): &(Text, bool)| {
                key_part(item.get("properties").and_then(|properties| properties.get_ignore_case(name)))
            };
            let key = self.order.iter().map(part).chain([key_part(item.get("name"))]).collect();
            Keyed { key, item }
        });
        page_by_key(keyed.collect(), &descending, self.after.as_deref(), self.page_size)
    }
}

fn has(value: Option<&Value>, wanted: &str) -> bool {
    match value {
        Some(Value::String(text)) => same(text, wanted),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).any(|item| same(item, wanted)),
        _ => false,
    }
}

/// Whether a value lies between bounds; one that is absent lies nowhere.
fn within<T: PartialOrd>(value: Option<T>, (from, to): (Option<T>, Option<T>)) -> bool {
    if from.is_none() && to.is_none() {
        return true;
    }
    value.is_some_and(|value| from.is_none_or(|from| value >= from) && to.is_none_or(|to| value <= to))
}

fn after_of(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<String> {
    let token = fields.text("skipToken", told).filter(|token| !token.trim().is_empty());
    token.map(|token| token.trim().to_owned())
}

/// The entries of a list, of which there may be only so many.
fn entries<'v>(fields: &Fields<'v>, name: &str, told: &mut Vec<Diagnostic>) -> &'v [Value] {
    let items = fields.array(name, told).unwrap_or_default();
    if items.len() <= LIST_MAX {
        return items;
    }
    let message = format!("`{name}` has {} entries; at most {LIST_MAX} are taken", items.len());
    told.push(Diagnostic::error("BadRequest", message).at(fields.path_of(name)));
    &[]
}

fn texts(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Vec<Text> {
    let items = entries(fields, name, told);
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(text) => texts.push(text.clone()),
            other => told.push(riposte_incident::fields::wrong_type(&fields.path_of(name), "texts", other)),
        }
    }
    texts
}

fn order(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<(Text, bool)> {
    let items = entries(fields, "sortBy", told);
    let order = items.iter().filter_map(|item| {
        let key = item.get_ignore_case("itemKey")?.as_str()?;
        let order = item.get_ignore_case("sortOrder").and_then(Value::as_str).unwrap_or_default();
        Some((Text::new(key), order.eq_ignore_ascii_case("descending")))
    });
    order.collect()
}

impl Engine {
    async fn indicators(&self, ws: &Workspace) -> Result<Vec<Value>> {
        Ok(self.items(ws, Collection::ThreatIndicators, "", "", usize::MAX - 1).await?.items)
    }

    /// Makes an indicator under a name of its own.
    pub async fn create_indicator(&self, ws: &Workspace, body: &Value, caller: &Caller) -> Result<Written> {
        let properties = body.get_ignore_case("properties").and_then(Value::as_object);
        if properties.is_none_or(|given| given.values().all(Value::is_null)) {
            let told = Diagnostic::error("BadRequest", "an indicator needs `properties`").at("$.properties");
            let help = "give `displayName`, `source`, `patternType` and `pattern`, such as \
                        \"[ipv4-addr:value = '203.0.113.66']\"";
            return Err(Error::invalid(vec![told.help(help)]));
        }
        self.put_item(ws, &place(&new_guid()), body, caller).await
    }

    /// The indicators that a search is for.
    pub async fn query_indicators(&self, ws: &Workspace, body: &Value) -> Result<Page> {
        let criteria = Criteria::read(body)?;
        let mut found = self.indicators(ws).await?;
        found.retain(|indicator| criteria.holds(indicator));
        criteria.page(found)
    }

    /// How many indicators there are by threat, pattern and source: `{"value": [{"properties": …}]}`.
    pub async fn indicator_metrics(&self, ws: &Workspace) -> Result<Value> {
        let indicators = self.indicators(ws).await?;
        let count = |property: &str| {
            let mut counts: BTreeMap<String, i64> = BTreeMap::new();
            for indicator in &indicators {
                match indicator.at(&["properties", property]) {
                    Some(Value::String(text)) => *counts.entry(text.to_string()).or_default() += 1,
                    Some(Value::Array(items)) => {
                        for item in items.iter().filter_map(Value::as_str) {
                            *counts.entry(item.to_owned()).or_default() += 1;
                        }
                    }
                    _ => {}
                }
            }
            Value::array(counts.into_iter().map(|(name, count)| {
                Value::object([("metricName", Value::from(name)), ("metricValue", Value::from(count))])
            }))
        };
        let properties = Value::object([
            ("lastUpdatedTimeUtc", Value::from(time_text(self.shared.clock.now()))),
            ("threatTypeMetrics", count("threatTypes")),
            ("patternTypeMetrics", count("patternType")),
            ("sourceMetrics", count("source")),
        ]);
        Ok(Value::object([("value", Value::array([Value::object([("properties", properties)])]))]))
    }

    /// Adds tags to an indicator, or puts them in the place of those that it has.
    pub async fn tag_indicator(
        &self,
        ws: &Workspace,
        name: &str,
        tags: &Value,
        replaces: bool,
        caller: &Caller,
    ) -> Result<Value> {
        let properties = Value::object([("threatIntelligenceTags", tags.clone())]);
        let kind = Kind::of(Collection::ThreatIndicators);
        let read = kind::read(kind, &Value::object([("properties", properties)]))?;
        let given = read.properties.get("threatIntelligenceTags").and_then(Value::as_array);
        let given: Vec<Value> = given.unwrap_or_default().to_vec();
        let (ws, place, caller) = (ws.clone(), place(name), caller.clone());
        self.shared
            .transact(move |t| {
                let known = StoredItem::of(&*t.tx, ws.key, &place)?.ok_or_else(|| absent(&ws, &place))?;
                let mut properties = known.properties.clone();
                let old =
                    properties.get("threatIntelligenceTags").and_then(Value::as_array).unwrap_or_default();
                let mut tags = if replaces { Vec::new() } else { old.to_vec() };
                for tag in given {
                    if !tags.contains(&tag) {
                        tags.push(tag);
                    }
                }
                properties.insert("threatIntelligenceTags", Value::array(tags));
                let draft = kind::Draft { etag: None, kind: known.kind.clone(), properties };
                let (_, item) = t.save_item(&ws, &place, draft, &caller)?;
                item.to_arm(&*t.tx, &ws, kind, "")
            })
            .await
    }
}

fn place(name: &str) -> ItemPlace {
    ItemPlace { collection: Collection::ThreatIndicators, parent: String::new(), name: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn criteria() {
        let indicator = value!({"name": "i1", "properties": {"displayName": "Tor exit", "source": "Feed",
            "threatTypes": ["malware", "botnet"], "confidence": 60, "validUntil": "2026-12-01T00:00:00Z"}});
        for (criteria, expected) in [
            (value!({}), true),
            (value!({"ids": ["I1"]}), true),
            (value!({"ids": ["i2"]}), false),
            (value!({"keywords": ["TOR"]}), true),
            (value!({"keywords": ["mail"]}), false),
            (value!({"sources": ["feed"], "threatTypes": ["Botnet"]}), true),
            (value!({"sources": ["feed"], "threatTypes": ["phishing"]}), false),
            (value!({"minConfidence": 50, "maxConfidence": 60}), true),
            (value!({"minConfidence": 61}), false),
            (value!({"minValidUntil": "2026-12-02T00:00:00Z"}), false),
            (value!({"patternTypes": ["url"]}), false),
        ] {
            assert_eq!(Criteria::read(&criteria).unwrap().holds(&indicator), expected, "{criteria}");
        }
        let revoked = value!({"name": "i1", "properties": {"revoked": true}});
        assert!(!Criteria::read(&value!({})).unwrap().holds(&revoked));
        assert!(Criteria::read(&value!({"includeDisabled": true})).unwrap().holds(&revoked));
        for bad in [value!({"ids": "x"}), value!({"skipToken": 7}), value!({"pageSize": "x"}), value!([])] {
            assert!(Criteria::read(&bad).is_err(), "{bad}");
        }
        for name in ["ids", "keywords", "sources", "threatTypes", "patternTypes", "sortBy"] {
            let list = |count: usize| Value::array((0..count).map(|number| Value::from(number.to_string())));
            assert!(Criteria::read(&Value::object([(name, list(LIST_MAX))])).is_ok(), "{name}");
            let Err(error) = Criteria::read(&Value::object([(name, list(LIST_MAX + 1))])) else {
                panic!("{name} may be of any length")
            };
            assert!(error.message.contains("101 entries"), "{error:?}");
        }
    }
}
