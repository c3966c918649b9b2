//! The kinds of items: where they lie in ARM, which properties they have, and what the service itself fills in.
//!
//! Source of names and types: the REST specifications of Microsoft.SecurityInsights (2021-10-01 and later).

use super::Collection;
use super::credentials::without_credentials;
use super::properties::{self, Property, Type};
use crate::clock::{new_guid, time_text};
use crate::error::{Error, Result};
use crate::workspaces::TENANT;
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::Actor;
use riposte_incident::fields::Fields;
use riposte_store::Item;
use riposte_value::{Object, Text, Value};

/// What the resource's `kind` may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Discriminator {
    /// There is none.
    None,
    /// The writer's.
    Given,
    /// Always this one.
    Fixed(&'static str),
}

/// Who noted when what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stamps {
    None,
    /// `created`, `createdBy`, `updated`, `updatedBy`.
    People,
    /// `created`, `lastUpdatedTimeUtc`.
    Times,
}

/// What tells a kind of item from others.
pub(super) struct Kind {
    pub(super) item: Item,
    /// The path below the provider, `{parent}` for what it lies below.
    path: &'static str,
    pub(super) resource_type: &'static str,
    /// What refusals call it.
    pub(super) what: &'static str,
    /// What the audit calls it.
    pub(super) title: &'static str,
    discriminator: Discriminator,
    properties: &'static [Property],
    /// Whether properties that are not in the list are kept as they come.
    is_open: bool,
    /// What stands in properties that the writer left out.
    defaults: &'static [(&'static str, Default)],
    stamps: Stamps,
}

/// What a property is when nothing is said of it.
#[derive(Debug, Clone, Copy)]
enum Default {
    Text(&'static str),
    False,
    Zero,
    EmptyList,
    /// The item's name.
    Name,
    /// A GUID that the item keeps.
    Guid,
}

const fn required(name: &'static str, kind: Type) -> Property {
    Property { name, kind, is_required: true }
}

const fn optional(name: &'static str, kind: Type) -> Property {
    Property { name, kind, is_required: false }
}

const BOOKMARK: &[Property] = &[
    required("displayName", Type::Text),
    required("query", Type::Text),
    optional("queryResult", Type::Text),
    optional("notes", Type::Text),
    optional("labels", Type::Texts),
    optional("eventTime", Type::Time),
    optional("queryStartTime", Type::Time),
    optional("queryEndTime", Type::Time),
    optional("entityMappings", Type::Objects),
    optional("tactics", Type::Texts),
    optional("techniques", Type::Texts),
];

const WATCHLIST: &[Property] = &[
    required("displayName", Type::Text),
    required("provider", Type::Text),
    required("itemsSearchKey", Type::Text),
    optional("source", Type::Text),
    optional("sourceType", Type::Text),
    optional("description", Type::Text),
    optional("watchlistType", Type::Text),
    optional("labels", Type::Texts),
    optional("defaultDuration", Type::Text),
    optional("numberOfLinesToSkip", Type::Count),
    optional("contentType", Type::Text),
];

const WATCHLIST_ITEM: &[Property] = &[
    required("itemsKeyValue", Type::FilledObject),
    optional("entityMapping", Type::Object),
    optional("watchlistItemType", Type::Text),
];

const INDICATOR: &[Property] = &[
    optional("displayName", Type::Text),
    optional("description", Type::Text),
    optional("pattern", Type::Text),
    optional("patternType", Type::Text),
    optional("source", Type::Text),
    optional("threatTypes", Type::Texts),
    optional("threatIntelligenceTags", Type::Texts),
    optional("labels", Type::Texts),
    optional("confidence", Type::Count),
    optional("revoked", Type::Flag),
    optional("validFrom", Type::Time),
    optional("validUntil", Type::Time),
];

static BOOKMARKS: Kind = Kind {
    item: Item::Bookmark,
    path: "bookmarks",
    resource_type: "Microsoft.SecurityInsights/Bookmarks",
    what: "bookmark",
    title: "Bookmark",
    discriminator: Discriminator::None,
    properties: BOOKMARK,
    is_open: false,
    defaults: &[("labels", Default::EmptyList)],
    stamps: Stamps::People,
};

static DATA_CONNECTORS: Kind = Kind {
    item: Item::DataConnector,
    path: "dataConnectors",
    resource_type: "Microsoft.SecurityInsights/dataConnectors",
    what: "data connector",
    title: "Data connector",
    discriminator: Discriminator::Given,
    properties: &[],
    is_open: true,
    defaults: &[],
    stamps: Stamps::None,
};

static ONBOARDING_STATES: Kind = Kind {
    item: Item::OnboardingState,
    path: "onboardingStates",
    resource_type: "Microsoft.SecurityInsights/onboardingStates",
    what: "onboarding state",
    title: "Onboarding state",
    discriminator: Discriminator::None,
    properties: &[optional("customerManagedKey", Type::Flag)],
    is_open: false,
    defaults: &[("customerManagedKey", Default::False)],
    stamps: Stamps::None,
};

static THREAT_INDICATORS: Kind = Kind {
    item: Item::ThreatIndicator,
    path: "threatIntelligence/main/indicators",
    resource_type: "Microsoft.SecurityInsights/threatIntelligence",
    what: "indicator",
    title: "Threat intelligence indicator",
    discriminator: Discriminator::Fixed("indicator"),
    properties: INDICATOR,
    is_open: true,
    defaults: &[
        ("revoked", Default::False),
        ("threatIntelligenceTags", Default::EmptyList),
        ("externalId", Default::Guid),
    ],
    stamps: Stamps::Times,
};

static WATCHLISTS: Kind = Kind {
    item: Item::Watchlist,
    path: "Watchlists",
    resource_type: "Microsoft.SecurityInsights/Watchlists",
    what: "watchlist",
    title: "Watchlist",
    discriminator: Discriminator::None,
    properties: WATCHLIST,
    is_open: false,
    defaults: &[
        ("watchlistId", Default::Guid),
        ("watchlistAlias", Default::Name),
        ("tenantId", Default::Text(TENANT)),
        ("labels", Default::EmptyList),
        ("numberOfLinesToSkip", Default::Zero),
        ("isDeleted", Default::False),
        ("uploadStatus", Default::Text("Complete")),
        ("provisioningState", Default::Text("Succeeded")),
    ],
    stamps: Stamps::People,
};

static WATCHLIST_ITEMS: Kind = Kind {
    item: Item::WatchlistItem,
    path: "Watchlists/{parent}/WatchlistItems",
    resource_type: "Microsoft.SecurityInsights/Watchlists/WatchlistItems",
    what: "watchlist item",
    title: "Watchlist item",
    discriminator: Discriminator::None,
    properties: WATCHLIST_ITEM,
    is_open: false,
    defaults: &[
        ("watchlistItemType", Default::Text("watchlist-item")),
        ("watchlistItemId", Default::Name),
        ("tenantId", Default::Text(TENANT)),
        ("isDeleted", Default::False),
    ],
    stamps: Stamps::People,
};

/// What a PUT body says.
pub(super) struct Draft {
    /// The etag that the writer has seen, without quotation marks.
    pub(super) etag: Option<String>,
    pub(super) kind: Option<Text>,
    pub(super) properties: Object,
}

/// Reads a PUT body: all faults are told, not only the first.
pub(super) fn read(kind: &Kind, body: &Value) -> Result<Draft> {
    let mut told = Vec::new();
    let draft = Fields::of(body, "$", &mut told).map(|envelope| {
        let etag = envelope.text("etag", &mut told);
        let empty = Object::new();
        let given = match envelope.value("properties") {
            Some(Value::Object(properties)) => properties.as_ref(),
            None => &empty,
            Some(other) => {
                told.push(riposte_incident::fields::wrong_type("$.properties", "an object", other));
                &empty
            }
        };
        Draft {
            etag: etag.map(|etag| etag.trim().trim_matches('"').to_owned()),
            kind: kind.discriminate(&envelope, &mut told),
            properties: kind.kept(properties::read(given, kind.properties, kind.is_open, &mut told)),
        }
    });
    match draft {
        Some(draft) if !has_errors(&told) => Ok(draft),
        _ => Err(Error::invalid(told)),
    }
}

impl Kind {
    /// The row of a collection.
    pub(super) fn of(collection: Collection) -> &'static Self {
        match collection {
            Collection::Bookmarks => &BOOKMARKS,
            Collection::DataConnectors => &DATA_CONNECTORS,
            Collection::OnboardingStates => &ONBOARDING_STATES,
            Collection::ThreatIndicators => &THREAT_INDICATORS,
            Collection::Watchlists => &WATCHLISTS,
            Collection::WatchlistItems => &WATCHLIST_ITEMS,
        }
    }

    /// The path below the provider for items below `parent`.
    pub(super) fn path_below(&self, parent: &str) -> String {
        self.path.replace("{parent}", parent)
    }

    /// What is kept of the properties that were read. A data connector fetches nothing here and needs no credentials;
    /// kept, they would be shown to every reader and in the audit.
    fn kept(&self, properties: Object) -> Object {
        match self.item {
            Item::DataConnector => without_credentials(&properties),
            _ => properties,
        }
    }

    fn discriminate(&self, envelope: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Text> {
        match self.discriminator {
            Discriminator::None => None,
            Discriminator::Given => envelope.required_text("kind", told),
            Discriminator::Fixed(kind) => {
                if let Some(given) = envelope.text("kind", told)
                    && !given.eq_ignore_ascii_case(kind)
                {
                    let message = format!("`kind` is '{given}'; it must be '{kind}'");
                    told.push(Diagnostic::error("BadRequest", message).at("$.kind"));
                }
                Some(Text::new_static(kind))
            }
        }
    }

    /// Fills in what the service fills in; what it made up once stays.
    pub(super) fn complete(&self, properties: &mut Object, name: &str, known: Option<&Object>) {
        for (property, default) in self.defaults {
            if properties.get(property).is_some() {
                continue;
            }
            let kept = known.and_then(|known| known.get(property)).cloned();
            let value = match default {
                Default::Text(text) => Value::from(*text),
                Default::False => Value::from(false),
                Default::Zero => Value::from(0_i64),
                Default::EmptyList => Value::array([]),
                Default::Name => Value::from(name),
                Default::Guid => kept.unwrap_or_else(|| Value::from(new_guid())),
            };
            properties.insert(*property, value);
        }
    }

    /// Whether two items say the same, whoever wrote them when.
    pub(super) fn is_same(&self, known: &Object, new: &Object) -> bool {
        let stamps: &[&str] = match self.stamps {
            Stamps::None => &[],
            Stamps::People => &["created", "createdBy", "updated", "updatedBy"],
            Stamps::Times => &["created", "lastUpdatedTimeUtc"],
        };
        let said = |object: &Object| -> Vec<(Text, Value)> {
            let mut said: Vec<_> = object
                .iter()
                .filter(|(name, _)| !stamps.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            said.sort_by(|(a, _), (b, _)| a.cmp(b));
            said
        };
        said(known) == said(new)
    }

    /// Notes who writes when.
    pub(super) fn stamp(
        &self,
        properties: &mut Object,
        known: Option<&Object>,
        actor: &Actor,
        now: Timestamp,
    ) {
        let now = Value::from(time_text(now));
        let first =
            |name: &str, value: &Value| known.and_then(|known| known.get(name)).unwrap_or(value).clone();
        match self.stamps {
            Stamps::None => {}
            Stamps::People => {
                let who = actor.client_info();
                properties.insert("created", first("created", &now));
                properties.insert("createdBy", first("createdBy", &who));
                properties.insert("updated", now);
                properties.insert("updatedBy", who);
            }
            Stamps::Times => {
                properties.insert("created", first("created", &now));
                properties.insert("lastUpdatedTimeUtc", now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn bodies() {
        let watchlists = Kind::of(Collection::Watchlists);
        for (body, told) in [
            (value!([]), "`$` must be an object"),
            (value!({}), "displayName"),
            (value!({"properties": 1}), "$.properties"),
            (
                value!({"properties": {"displayName": "d", "provider": "p", "itemsSearchKey": " "}}),
                "itemsSearchKey",
            ),
            (value!({"properties": {"displayName": "d", "provider": {}, "itemsSearchKey": "k"}}), "provider"),
            (
                value!({"properties": {"displayName": "d", "provider": "p", "itemsSearchKey": "k", "numberOfLinesToSkip": -1}}),
                "numberOfLinesToSkip",
            ),
        ] {
            let Err(error) = read(watchlists, &body) else { panic!("{body} is taken") };
            let named = error
                .diagnostics
                .iter()
                .any(|d| format!("{:?} {}", d.location.path, d.message).contains(told));
            assert!(named || error.message.contains("object"), "{body}: {error:?}");
        }
        let draft = read(
            watchlists,
            &value!({"etag": "\"e\"", "properties": {"DisplayName": "d", "provider": "p", "itemsSearchKey": "k", "rawContent": "x", "other": 1}}),
        );
        let draft = draft.ok().unwrap();
        assert_eq!(draft.etag.as_deref(), Some("e"));
        assert_eq!(
            Value::from(draft.properties),
            value!({"displayName": "d", "provider": "p", "itemsSearchKey": "k"})
        );
    }

    #[test]
    fn kinds_are_asked_for_or_fixed() {
        assert!(read(Kind::of(Collection::DataConnectors), &value!({"properties": {}})).is_err());
        let office = read(Kind::of(Collection::DataConnectors), &value!({"kind": "Office365"})).ok().unwrap();
        assert_eq!(office.kind.as_deref(), Some("Office365"));
        let indicators = Kind::of(Collection::ThreatIndicators);
        assert!(read(indicators, &value!({"kind": "other"})).is_err());
        let indicator = read(indicators, &value!({"properties": {"extra": [1]}})).ok().unwrap();
        assert_eq!(indicator.kind.as_deref(), Some("indicator"));
        assert_eq!(Value::from(indicator.properties), value!({"extra": [1]}));
    }
}
