//! Reading lists of entities, in the V3 form and the ARM form, mixed if need be.

use super::identity::entity_id;
use super::kinds::{EntityKind, nested_of_arm};
use super::{Entity, EntityLink, merge_entities};
use crate::alert::unpacked;
use crate::fields::kind_in_words;
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;

/// How deep nested entities are followed.
const DEPTH_MAX: usize = 32;

/// How long a name that an entity came with may be to be its id, in bytes.
const ID_MAX: usize = 256;

/// The entities of a list (or of a text that holds one), nested ones after those that hold them, each once. What is
/// no entity is passed over.
///
/// `workspace` is the workspace's GUID; it goes into the ids.
pub fn read_entities(list: &Value, workspace: &str) -> Vec<Entity> {
    let list = unpacked(list);
    let items = list.as_array().unwrap_or_default();
    let mut reader = Reader { workspace, by_id: BTreeMap::new(), read: BTreeMap::new(), found: Vec::new() };
    for item in items {
        collect_ids(item, DEPTH_MAX, &mut reader.by_id);
    }
    for item in items {
        reader.visit(item, DEPTH_MAX);
    }
    let mut entities = Vec::new();
    merge_entities(&mut entities, reader.found);
    entities
}

/// Notes every object that has a `$id`, at any depth. The first one of an id counts.
pub(super) fn collect_ids<'v>(value: &'v Value, depth: usize, by_id: &mut BTreeMap<&'v str, &'v Value>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(object) => {
            if let Some(id) = object.get("$id").and_then(Value::as_str) {
                by_id.entry(id).or_insert(value);
            }
            object.values().for_each(|inner| collect_ids(inner, depth - 1, by_id));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_ids(inner, depth - 1, by_id)),
        _ => {}
    }
}

struct Reader<'v, 'w> {
    workspace: &'w str,
    /// Objects by `$id`.
    by_id: BTreeMap<&'v str, &'v Value>,
    /// What the object of a `$id` became; none while it is being read, so that a circle ends.
    read: BTreeMap<&'v str, Option<Text>>,
    found: Vec<Entity>,
}

impl<'v> Reader<'v, '_> {
    /// Reads one item; returns the entity's id if it is one.
    fn visit(&mut self, item: &'v Value, depth: usize) -> Option<Text> {
        let object = item.as_object()?;
        if let Some(id) = object.get("$ref").and_then(Value::as_str) {
            if let Some(known) = self.read.get(id) {
                return known.clone();
            }
            let target = *self.by_id.get(id)?;
            if target.get("$ref").is_some() {
                return None;
            }
            return self.visit(target, depth.checked_sub(1)?);
        }
        let own_id = object.get("$id").and_then(Value::as_str);
        if let Some(id) = own_id {
            if let Some(known) = self.read.get(id) {
                return known.clone();
            }
            self.read.insert(id, None);
        }
        let entity = match type_of(object)? {
            (kind, true) => self.arm(object, kind),
            (kind, false) => self.v3(object, kind, depth.checked_sub(1)?),
        };
        let id = entity.id.clone();
        if let Some(own) = own_id {
            self.read.insert(own, Some(id.clone()));
        }
        self.found.push(entity);
        Some(id)
    }

    fn v3(&mut self, object: &'v Object, kind: EntityKind, depth: usize) -> Entity {
        let place = self.found.len();
        let row = kind.row();
        let mut properties = Object::with_capacity(object.len());
        let mut links = Vec::new();
        for (name, value) in object {
            if name.starts_with('$') || name.eq_ignore_ascii_case("Type") || value.is_null() {
                continue;
            }
            let known = row.and_then(|row| {
                let names = row.properties.iter().chain(row.nested).map(|(_, v3)| *v3);
                names.into_iter().find(|v3| v3.eq_ignore_ascii_case(name))
            });
            let name = known.map_or_else(|| name.clone(), Text::new_static);
            match self.link(&name, value, depth) {
                Some(link) => links.push(link),
                None => {
                    if let Some(value) = identifier(&kind, &name, value) {
                        properties.insert(name, value);
                    }
                }
            }
        }
        // the holder comes before what it holds
        let nested = self.found.split_off(place.min(self.found.len()));
        let id = entity_id(self.workspace, &kind, &properties, &links);
        let entity = Entity { id, kind, properties, links };
        self.found.push(entity.clone());
        self.found.extend(nested);
        entity
    }

    /// The link that a property is, if it holds entities.
    fn link(&mut self, name: &Text, value: &'v Value, depth: usize) -> Option<EntityLink> {
        let is_entity = |value: &Value| {
            value.as_object().is_some_and(|object| {
                object.contains_key("$ref")
                    || object.get_ignore_case("Type").is_some_and(|t| t.as_str().is_some())
            })
        };
        let (items, many) = match value {
            Value::Array(items) if !items.is_empty() && items.iter().all(is_entity) => {
                (items.as_slice(), true)
            }
            single if is_entity(single) => (std::slice::from_ref(single), false),
            _ => return None,
        };
        let targets = items.iter().filter_map(|item| self.visit(item, depth)).collect();
        Some(EntityLink { property: name.clone(), targets, many })
    }

    /// The ARM form: its name is its id, if that is a name at all. Ids are keys of the store, and providers may call an
    /// entity anything.
    fn arm(&self, object: &Object, kind: EntityKind) -> Entity {
        let row = kind.row();
        let mut properties = Object::new();
        let mut links = Vec::new();
        let given = object.get_ignore_case("properties").and_then(Value::as_object);
        for (name, value) in given.into_iter().flatten() {
            if value.is_null() || name.eq_ignore_ascii_case("friendlyName") {
                continue;
            }
            if name.eq_ignore_ascii_case("additionalData") {
                continue;
            }
            if let Some((v3, many)) = nested_of_arm(row, name) {
                let ids =
                    if let Value::Array(ids) = value { ids.as_slice() } else { std::slice::from_ref(value) };
                let name_of = |id: &Value| id.as_str().and_then(|id| id.rsplit('/').next()).map(Text::new);
                let targets = ids.iter().filter_map(name_of).collect();
                links.push(EntityLink { property: Text::new_static(v3), targets, many });
                continue;
            }
            let name = v3_name(row, name);
            if let Some(value) = identifier(&kind, &name, value) {
                properties.insert(name, value);
            }
        }
        let more = given.and_then(|given| given.get_ignore_case("additionalData")).and_then(Value::as_object);
        for (name, value) in more.into_iter().flatten() {
            if !value.is_null() && properties.get_ignore_case(name).is_none() {
                properties.insert(name.clone(), value.clone());
            }
        }
        let name = object.get_ignore_case("name").and_then(Value::as_str).filter(|name| is_id(name));
        let id = name.map_or_else(|| entity_id(self.workspace, &kind, &properties, &links), Text::new);
        Entity { id, kind, properties, links }
    }
}

/// What is kept of a property: of one that identifies or names an entity its text, also where it came as a number; none
/// if it is neither.
fn identifier(kind: &EntityKind, name: &str, value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        _ if !kind.is_identified_by(name) => Some(value.clone()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) | Value::Null => None,
        // The ids of applications are numbers in Microsoft's schema.
        _ if *kind == EntityKind::CloudApplication => Some(value.clone()),
        number => Some(Value::from(number.to_string())),
    }
}

/// Tells what of a list of entities is passed over: items that are no entities, and identifiers that are no texts.
pub fn entity_remarks(list: &Value) -> Vec<Diagnostic> {
    let list = unpacked(list);
    let mut told = Vec::new();
    for (at, item) in list.as_array().unwrap_or_default().iter().enumerate() {
        let path = join_index("$.Entities", at);
        let Value::Object(object) = item else {
            let message = format!("an entity must be an object, not {}", kind_in_words(item));
            told.push(Diagnostic::warning("EntityIgnored", message).at(path));
            continue;
        };
        if object.contains_key("$ref") {
            continue;
        }
        let Some((kind, is_arm)) = type_of(object) else {
            let message = "an entity without `Type` is passed over";
            told.push(Diagnostic::warning("EntityIgnored", message).at(path));
            continue;
        };
        let given = object.get_ignore_case("properties").and_then(Value::as_object).filter(|_| is_arm);
        for (name, value) in given.unwrap_or(object) {
            let v3 = if is_arm { v3_name(kind.row(), name) } else { name.clone() };
            if !value.is_null() && identifier(&kind, &v3, value).is_none() {
                let message =
                    format!("`{name}` must be a text, not {}; it is left out", kind_in_words(value));
                told.push(Diagnostic::warning("IdentifierIgnored", message).at(join_path(&path, name)));
            }
        }
    }
    told
}

/// Whether a name can be an id.
fn is_id(name: &str) -> bool {
    (1..=ID_MAX).contains(&name.len()) && !name.chars().any(char::is_control)
}

/// The V3 name of an ARM property; one that the table does not know keeps its name.
pub(super) fn v3_name(row: Option<&'static super::kinds::Row>, arm: &str) -> Text {
    let known = row.and_then(|row| row.properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(arm)));
    known.map_or_else(|| Text::new(arm), |(_, v3)| Text::new_static(v3))
}

/// What an object says it is, and whether it is in the ARM form.
pub(super) fn type_of(object: &Object) -> Option<(EntityKind, bool)> {
    let has_properties =
        object.get_ignore_case("properties").is_some_and(|inner| inner.as_object().is_some());
    let text = |name| object.get_ignore_case(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let (Some(kind), true) = (text("kind"), has_properties) {
        return Some((EntityKind::parse(kind), true));
    }
    text("Type").or_else(|| text("kind")).map(|kind| (EntityKind::parse(kind), false))
}
