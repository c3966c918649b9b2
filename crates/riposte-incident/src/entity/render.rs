//! The shapes of an entity.

use super::kinds::Row;
use super::{Entity, EntityLink};
use crate::json::object;
use crate::workspace::WorkspaceRef;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;

/// The resource type of entities as the service writes it.
pub const ENTITY_TYPE: &str = "Microsoft.SecurityInsights/Entities";

impl Entity {
    /// The ARM resource: known properties in camel case, nested entities by id, the rest in `additionalData`.
    pub fn to_arm(&self, workspace: &WorkspaceRef) -> Value {
        self.resource(workspace, self.arm_properties(workspace))
    }

    fn resource(&self, workspace: &WorkspaceRef, properties: Object) -> Value {
        object([
            ("id", workspace.entity_id(&self.id).into()),
            ("name", (&self.id).into()),
            ("type", ENTITY_TYPE.into()),
            ("kind", self.kind.as_str().into()),
            ("properties", properties.into()),
        ])
    }

    fn arm_properties(&self, workspace: &WorkspaceRef) -> Object {
        let row = self.kind.row();
        let mut properties = Object::with_capacity(self.properties.len() + 2);
        let mut more = Object::new();
        for (name, value) in &self.properties {
            match arm_name(row, name) {
                Some(arm) => properties.insert(Text::new_static(arm), value.clone()),
                None => more.insert(name.clone(), value.clone()),
            };
        }
        for link in &self.links {
            let known =
                row.and_then(|row| row.nested.iter().find(|(_, v3)| v3.eq_ignore_ascii_case(&link.property)));
            match known {
                Some((arm, _)) => {
                    properties.insert(Text::new_static(arm), link_ids(link, arm.ends_with("Ids"), workspace));
                }
                None => {
                    more.insert(link.property.clone(), link_ids(link, link.many, workspace));
                }
            }
        }
        properties.insert(Text::new_static("friendlyName"), self.friendly_name());
        if !more.is_empty() {
            properties.insert(Text::new_static("additionalData"), more);
        }
        properties
    }

    /// The connector's form: Pascal case without an envelope, with the V3 type.
    pub fn to_connector(&self) -> Value {
        let mut entity = self.properties.clone();
        entity.insert(Text::new_static("Type"), self.kind.v3());
        Value::from(entity)
    }

    /// The entity of the connector's entity trigger: the ARM envelope with properties under both families of names
    /// (`Name` and `accountName`), where they differ in more than case.
    pub(crate) fn to_trigger(&self, workspace: &WorkspaceRef) -> Value {
        let mut properties = self.properties.clone();
        for (name, value) in &self.arm_properties(workspace) {
            if properties.get_ignore_case(name).is_none() {
                properties.insert(name.clone(), value.clone());
            }
        }
        self.resource(workspace, properties)
    }
}

/// The V3 list of entities, with `$id`s, nested entities by `$ref`. A nested entity that is not in the list is left out.
pub fn entities_to_v3(entities: &[Entity]) -> Value {
    let numbers: BTreeMap<&Text, usize> =
        entities.iter().zip(1..).map(|(entity, at)| (&entity.id, at)).collect();
    let reference =
        |target: &Text| numbers.get(target).map(|number| object([("$ref", number.to_string().into())]));
    Value::array(entities.iter().zip(1usize..).map(|(entity, number)| {
        let mut item = Object::with_capacity(entity.properties.len() + entity.links.len() + 2);
        item.insert(Text::new_static("$id"), number.to_string());
        item.extend(entity.properties.iter().map(|(name, value)| (name.clone(), value.clone())));
        for link in &entity.links {
            let mut targets = link.targets.iter().filter_map(reference);
            let value = if link.many { Some(Value::array(targets)) } else { targets.next() };
            if let Some(value) = value {
                item.insert(link.property.clone(), value);
            }
        }
        item.insert(Text::new_static("Type"), entity.kind.v3());
        Value::from(item)
    }))
}

fn arm_name(row: Option<&'static Row>, v3: &str) -> Option<&'static str> {
    row?.properties.iter().find(|(_, name)| name.eq_ignore_ascii_case(v3)).map(|(arm, _)| *arm)
}

fn link_ids(link: &EntityLink, many: bool, workspace: &WorkspaceRef) -> Value {
    let mut ids = link.targets.iter().map(|target| Value::from(workspace.entity_id(target)));
    if many { Value::array(ids) } else { ids.next().unwrap_or_default() }
}
