//! Entities of a query's columns.
//!
//! Each mapping makes an entity of each row; the same one is made once. A mapping of one column whose cell is a list
//! makes one of each item. `FullName` is taken apart: `ana@contoso.com` into name and UPN suffix, `CONTOSO\ana` into NT
//! domain and name, `web1.contoso.com` into host name and DNS domain. An account of which nothing is known but a name
//! that every machine has (`SYSTEM`, `root`) is dropped, as documented.

use super::{ENTITIES_MAX, ENTITIES_SIZE_MAX, RunOutput, cell};
use crate::alert::{scalar_text, unpacked};
use crate::analytics::{EntityMapping, EntityMappingType, QueryRule};
use crate::entity::{entities_to_v3, read_entities};
use crate::text::same;
use riposte_value::{Object, Text, Value, json};

/// Names of accounts that say nothing.
const GENERIC_ACCOUNTS: &[&str] = &[
    "ADMIN",
    "ADMINISTRATOR",
    "SYSTEM",
    "ROOT",
    "ANONYMOUS",
    "AUTHENTICATED USER",
    "NETWORK",
    "NULL",
    "LOCAL SYSTEM",
    "LOCALSYSTEM",
    "NETWORK SERVICE",
];

/// Tells of the columns of the mappings that no row of the results has.
pub(super) fn missing_columns(query: &QueryRule, rows: &[Object], output: &mut RunOutput) {
    for field in query.entity_mappings.iter().flat_map(|mapping| &mapping.fields) {
        if !rows.iter().any(|row| row.get_ignore_case(&field.column).is_some()) {
            output.issue(format!("column `{}` is not among the results", field.column));
        }
    }
}

/// The V3 list of the entities of some rows.
pub(super) fn of_rows(query: &QueryRule, rows: &[Object], workspace: &str, output: &mut RunOutput) -> Value {
    let mut made = Vec::new();
    for mapping in &query.entity_mappings {
        for row in rows {
            of_row(mapping, row, &mut made, output);
        }
    }
    for column in &query.entity_columns {
        for row in rows {
            match cell(row, column).map(unpacked) {
                Some(Value::Array(items)) => made.extend(items.iter().cloned()),
                Some(entity @ Value::Object(_)) => made.push(entity),
                _ => {
                    output.entities_dropped += 1;
                    output.issue(format!("column `{column}` holds no entities"));
                }
            }
        }
    }
    let entities = read_entities(&Value::array(made), workspace);
    let list = entities_to_v3(&entities);
    output.entities += entities.len();
    if entities.len() > ENTITIES_MAX {
        output.limit(format!("an alert has {} entities; Azure keeps {ENTITIES_MAX}", entities.len()));
    } else if json::to_string(&list).len() > ENTITIES_SIZE_MAX {
        output.limit(format!(
            "an alert's entities take more than {ENTITIES_SIZE_MAX} bytes; Azure cuts them off"
        ));
    }
    list
}

/// The entities that a mapping makes of a row.
fn of_row(mapping: &EntityMapping, row: &Object, made: &mut Vec<Value>, output: &mut RunOutput) {
    if let [field] = mapping.fields.as_slice()
        && let Some(Value::Array(items)) = cell(row, &field.column)
    {
        for item in items.iter() {
            let one = Object::from_iter([(field.column.clone(), item.clone())]);
            push(mapping, &one, made, output);
        }
        return;
    }
    push(mapping, row, made, output);
}

fn push(mapping: &EntityMapping, row: &Object, made: &mut Vec<Value>, output: &mut RunOutput) {
    match entity(mapping, row, output) {
        Some(entity) => made.push(entity),
        None => output.entities_dropped += 1,
    }
}

fn entity(mapping: &EntityMapping, row: &Object, output: &mut RunOutput) -> Option<Value> {
    let kind = mapping.entity_type.kind();
    let known = kind.identifiers();
    let mut entity = Object::with_capacity(mapping.fields.len() + 1);
    let mut full_name = None;
    for field in &mapping.fields {
        let Some(text) = cell(row, &field.column).and_then(scalar_text) else {
            continue;
        };
        let identifier = known.iter().find(|name| same(name, &field.identifier));
        match identifier {
            Some(&"FullName") => full_name = Some(text),
            Some(name) => drop(entity.insert(Text::new_static(name), text.trim())),
            None => drop(entity.insert(field.identifier.clone(), text.trim())),
        }
    }
    if let Some(full) = full_name {
        for (name, part) in taken_apart(mapping.entity_type, full.trim()) {
            if entity.get(name).is_none() {
                entity.insert(Text::new_static(name), part);
            }
        }
    }
    if entity.is_empty() {
        return None;
    }
    if is_generic_account(mapping.entity_type, &entity) {
        output.issue("accounts of which only a name is known that every machine has are left out".to_owned());
        return None;
    }
    entity.insert(Text::new_static("Type"), kind.v3());
    Some(Value::from(entity))
}

/// The parts of a full name, by V3 names.
fn taken_apart(kind: EntityMappingType, full: &str) -> Vec<(&'static str, &str)> {
    let parts = |first, (a, b): (&'static str, &'static str), separator| {
        let (left, right): (&str, &str) =
            if first { full.split_once(separator)? } else { full.rsplit_once(separator)? };
        (!left.is_empty() && !right.is_empty()).then(|| vec![(a, left), (b, right)])
    };
    match kind {
        EntityMappingType::Account => parts(true, ("NTDomain", "Name"), '\\')
            .or_else(|| parts(false, ("Name", "UPNSuffix"), '@'))
            .unwrap_or_else(|| vec![("Name", full)]),
        EntityMappingType::Host if full.parse::<std::net::IpAddr>().is_ok() => vec![("HostName", full)],
        EntityMappingType::Host => parts(true, ("NTDomain", "HostName"), '\\')
            .or_else(|| parts(true, ("HostName", "DnsDomain"), '.'))
            .unwrap_or_else(|| vec![("HostName", full)]),
        _ => vec![("FullName", full)],
    }
}

fn is_generic_account(kind: EntityMappingType, entity: &Object) -> bool {
    let is_generic = |name: &str| GENERIC_ACCOUNTS.iter().any(|generic| same(generic, name));
    kind == EntityMappingType::Account
        && entity.len() == 1
        && entity.get("Name").and_then(Value::as_str).is_some_and(is_generic)
}
