//! The connector's operations "Entities - Get …": pick the entities of one kind out of a list and give them in the
//! connector's form. They need nothing but their input.

use super::kinds::EntityKind;
use super::read::{collect_ids, type_of, v3_name};
use crate::alert::unpacked;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;

crate::names! {
    /// The operations, by the last segment of their paths (`/entities/ip`).
    EntityGetter {
        /// `/entities/ip`
        Ip = "ip",
        /// `/entities/host`
        Host = "host",
        /// `/entities/account`
        Account = "account",
        /// `/entities/url`
        Url = "url",
        /// `/entities/filehash`
        FileHash = "filehash",
        /// `/entities/dnsresolution`
        DnsResolution = "dnsresolution",
    }
}

impl EntityGetter {
    /// The kind that it picks.
    pub const fn kind(self) -> EntityKind {
        match self {
            Self::Ip => EntityKind::Ip,
            Self::Host => EntityKind::Host,
            Self::Account => EntityKind::Account,
            Self::Url => EntityKind::Url,
            Self::FileHash => EntityKind::FileHash,
            Self::DnsResolution => EntityKind::DnsResolution,
        }
    }

    /// The one property of its answer, in the connector's odd spelling.
    pub const fn property(self) -> &'static str {
        match self {
            Self::Ip => "IPs",
            Self::Host => "Hosts",
            Self::Account => "Accounts",
            Self::Url => "URLs",
            Self::FileHash => "Filehashes",
            Self::DnsResolution => "Dnsresolutions",
        }
    }
}

/// How much nested content may be written out again in an answer, in bytes: a list whose references multiply would
/// grow without bound.
const INLINED_MAX: usize = 16 << 20;

/// How deep a list is searched for the targets of references.
const DEPTH_MAX: usize = 32;

/// The answer of a getter: `{"IPs": […]}`, `{"Accounts": […]}`, … The input is a list in the ARM form or the V3 form, or a
/// text that holds one; from anything else there is nothing to pick.
pub fn entities_get(getter: EntityGetter, input: &Value) -> Value {
    let input = unpacked(input);
    let items = input.as_array().unwrap_or_default();
    let mut by_id = BTreeMap::new();
    for item in items {
        collect_ids(item, DEPTH_MAX, &mut by_id);
    }
    let mut budget = INLINED_MAX;
    let picked = items.iter().filter_map(|item| {
        let item = resolve(item, &by_id);
        let object = item.as_object()?;
        match type_of(object)? {
            (kind, _) if kind != getter.kind() => None,
            (kind, true) => Some(from_arm(object, &kind)),
            (kind, false) => Some(from_v3(object, &kind, &by_id, &mut budget)),
        }
    });
    Value::object([(getter.property(), Value::array(picked))])
}

/// The object that a `{"$ref": …}` leads to, else the value itself.
fn resolve<'v>(item: &'v Value, by_id: &BTreeMap<&str, &'v Value>) -> &'v Value {
    let target = item.get("$ref").and_then(Value::as_str).and_then(|id| by_id.get(id));
    target.copied().unwrap_or(item)
}

/// From the ARM form: V3 names, and what stood in `additionalData` beside them, there and here.
fn from_arm(entity: &Object, kind: &EntityKind) -> Value {
    let row = kind.row();
    let mut found = Object::new();
    let properties = entity.get_ignore_case("properties").and_then(Value::as_object);
    for (name, value) in properties.into_iter().flatten() {
        let known = v3_name(row, name);
        let renamed = known != *name;
        found.insert(if renamed { known } else { pascal(name) }, value.clone());
    }
    let more = properties.and_then(|properties| properties.get_ignore_case("additionalData"));
    for (name, value) in more.and_then(Value::as_object).into_iter().flatten() {
        if found.get_ignore_case(name).is_none() {
            found.insert(name.clone(), value.clone());
        }
    }
    found.insert(Text::new_static("Type"), kind.v3());
    Value::from(found)
}

/// From the V3 form: names spelt as the table spells them, references to nested entities written out.
fn from_v3(entity: &Object, kind: &EntityKind, by_id: &BTreeMap<&str, &Value>, budget: &mut usize) -> Value {
    let row = kind.row();
    let mut found = Object::with_capacity(entity.len());
    for (name, value) in entity {
        let names = row.map(|row| row.properties.iter().chain(row.nested)).into_iter().flatten();
        let known = names.map(|(_, v3)| *v3).find(|v3| v3.eq_ignore_ascii_case(name));
        let name = known.map_or_else(|| name.clone(), Text::new_static);
        let mut inline = |inner: &Value| {
            let target = resolve(inner, by_id);
            let weight = target.weight();
            if weight > *budget {
                return inner.clone();
            }
            *budget -= weight;
            target.clone()
        };
        let value = match value {
            Value::Array(items) => Value::array(items.iter().map(&mut inline)),
            single => inline(single),
        };
        found.insert(name, value);
    }
    found.remove_ignore_case("Type");
    found.insert(Text::new_static("Type"), kind.v3());
    Value::from(found)
}

/// A name with its first letter in upper case.
fn pascal(name: &str) -> Text {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) => Text::from(first.to_uppercase().chain(letters).collect::<String>()),
        None => Text::default(),
    }
}
