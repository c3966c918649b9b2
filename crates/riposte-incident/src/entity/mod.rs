//! Entities: the accounts, hosts, addresses and other things that alerts are about.
//!
//! The same entity reaches a playbook in three spellings: the ARM resource (camel case, nested entities by id), the
//! alert's V3 list (Pascal case, nested entities inline or by `$ref`), and the connector's (Pascal case, no envelope).
//! An [`Entity`] keeps V3 names; [`kinds`] holds the one table that the spellings are made from.

mod getters;
mod identity;
mod kinds;
mod read;
mod render;

pub use getters::{EntityGetter, entities_get};
pub use kinds::EntityKind;
pub use read::{entity_remarks, read_entities};
pub use render::{ENTITY_TYPE, entities_to_v3};

use crate::text::{add_unique, same};
use riposte_value::{Object, Text};
use serde::{Deserialize, Serialize};

/// An entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// The GUID that ends its ARM id: the same for the same entity in the same workspace.
    pub id: Text,
    /// What it is.
    pub kind: EntityKind,
    /// Its properties by V3 names; those that the table does not know stand as they came.
    pub properties: Object,
    /// Its nested entities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<EntityLink>,
}

/// The entities that one property of another entity holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityLink {
    /// The property's V3 name.
    pub property: Text,
    /// The ids of the entities.
    pub targets: Vec<Text>,
    /// Whether the property is a list.
    pub many: bool,
}

impl Entity {
    /// The text of a property by its V3 name, without regard to case; none if it is absent, null or nested.
    pub fn text(&self, property: &str) -> Option<Text> {
        self.properties.get_ignore_case(property).and_then(crate::alert::scalar_text)
    }

    /// Takes in what another report of the same entity knows more.
    pub fn merge(&mut self, other: &Self) {
        for (name, value) in &other.properties {
            if self.properties.get_ignore_case(name).is_none_or(riposte_value::Value::is_null) {
                self.properties.insert(name.clone(), value.clone());
            }
        }
        for link in &other.links {
            match self.links.iter_mut().find(|known| same(&known.property, &link.property)) {
                Some(known) => {
                    for target in &link.targets {
                        add_unique(&mut known.targets, target);
                    }
                    known.many |= known.targets.len() > 1;
                }
                None => self.links.push(link.clone()),
            }
        }
    }
}

/// Adds entities to a list; one that is there takes in what is new about it.
pub fn merge_entities(into: &mut Vec<Entity>, more: impl IntoIterator<Item = Entity>) {
    let mut at: std::collections::BTreeMap<Text, usize> =
        into.iter().enumerate().map(|(at, entity)| (entity.id.clone(), at)).collect();
    for entity in more {
        if let Some(known) = at.get(&entity.id).and_then(|at| into.get_mut(*at)) {
            known.merge(&entity);
        } else {
            at.insert(entity.id.clone(), into.len());
            into.push(entity);
        }
    }
}
