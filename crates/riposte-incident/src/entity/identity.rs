//! What makes two reports of an entity the same one: a GUID made from the workspace, the kind and the identifying
//! properties.

use super::kinds::{EntityKind, Row};
use super::{Entity, EntityLink};
use crate::alert::scalar_text;
use crate::text::fold;
use riposte_value::{Object, Text, Value, json};
use std::fmt::Write as _;
use uuid::Uuid;

/// The id of an entity. Values are compared without regard to case.
pub(super) fn entity_id(
    workspace: &str,
    kind: &EntityKind,
    properties: &Object,
    links: &[EntityLink],
) -> Text {
    let namespace = Uuid::try_parse(workspace)
        .unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_OID, fold(workspace).as_bytes()));
    let mut name = fold(kind.as_str());
    if let Some(values) = identifying(kind.row(), properties, links) {
        for (property, value) in values {
            let _ = write!(name, "\u{1f}{}={}", fold(property), fold(&value));
        }
    } else {
        for (property, value) in properties {
            let _ = write!(name, "\u{1f}{}={}", fold(property), fold(&json::to_string(value)));
        }
        for link in links {
            let _ = write!(name, "\u{1f}{}={}", fold(&link.property), link.targets.join(","));
        }
    }
    Text::from(Uuid::new_v5(&namespace, name.as_bytes()).to_string())
}

type Identifying = Vec<(&'static str, Text)>;

/// The properties of the first complete list, with their values.
fn identifying(row: Option<&Row>, properties: &Object, links: &[EntityLink]) -> Option<Identifying> {
    row?.identity.iter().find_map(|list| {
        list.iter().map(|name| value_of(name, properties, links).map(|value| (*name, value))).collect()
    })
}

fn value_of(name: &str, properties: &Object, links: &[EntityLink]) -> Option<Text> {
    let own = properties.get_ignore_case(name).and_then(scalar_text).filter(|text| !text.trim().is_empty());
    own.or_else(|| {
        let link = links.iter().find(|link| link.property.eq_ignore_ascii_case(name))?;
        (!link.targets.is_empty()).then(|| Text::from(link.targets.join(",")))
    })
}

impl Entity {
    /// The name that people see: `185.82.217.3`, `LisaV`, `{hash}(SHA256)`.
    pub fn friendly_name(&self) -> Text {
        let Some(row) = self.kind.row() else {
            let named = ["FriendlyName", "DisplayName", "Name"].iter().find_map(|name| self.text(name));
            return named.unwrap_or_else(|| Text::new(self.kind.as_str()));
        };
        let name = row.friendly.iter().find_map(|name| self.text(name).filter(|text| !text.is_empty()));
        match (row.kind.clone(), name) {
            (EntityKind::FileHash, Some(hash)) => match self.text("Algorithm") {
                Some(algorithm) => Text::from(format!("{hash}({algorithm})")),
                None => hash,
            },
            (EntityKind::AzureResource, Some(id)) => Text::new(id.rsplit('/').next().unwrap_or_default()),
            (_, Some(name)) => name,
            (_, None) => self
                .properties
                .get_ignore_case("FriendlyName")
                .and_then(Value::as_str)
                .map_or_else(|| Text::new_static(row.name), Text::new),
        }
    }
}
