//! Internal properties of a body: `x-ms-visibility: internal` with a `default` is sent without the playbook saying so.

use riposte_value::{Object, Text, Value};

/// How deep schemas and their references are followed.
const DEPTH_MAX: usize = 8;

/// How many properties are looked at for one operation: definitions with wide, deep schemas repeat a lot.
const PROPERTIES_MAX: usize = 2_000;

/// The defaults of one object in a body.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct InternalDefaults {
    values: Vec<(Text, Value)>,
    nested: Vec<(Text, InternalDefaults)>,
}

impl InternalDefaults {
    /// Collects the defaults of a schema; `None` where there are none.
    pub(super) fn read(schema: &Value, swagger: &Value) -> Option<Self> {
        let mut left = PROPERTIES_MAX;
        Some(Self::read_nested(schema, swagger, 0, &mut left)).filter(|defaults| !defaults.is_empty())
    }

    fn read_nested(schema: &Value, swagger: &Value, depth: usize, left: &mut usize) -> Self {
        let mut defaults = Self::default();
        let Some(schema) = resolve(schema, swagger) else { return defaults };
        if depth >= DEPTH_MAX {
            return defaults;
        }
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if *left == 0 {
                break;
            }
            *left -= 1;
            if let Some(value) = internal_default(property) {
                defaults.values.push((name.clone(), value));
                continue;
            }
            let nested = Self::read_nested(property, swagger, depth + 1, left);
            if !nested.is_empty() {
                defaults.nested.push((name.clone(), nested));
            }
        }
        defaults
    }

    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.nested.is_empty()
    }

    /// Puts the defaults in where the body says nothing. A missing object stays missing, save the body itself.
    pub(super) fn fill(&self, body: &mut Value) {
        if body.is_null() && !self.values.is_empty() {
            *body = Value::from(Object::new());
        }
        let Some(object) = body.as_object_mut() else { return };
        for (name, value) in &self.values {
            if !object.contains_key(name) {
                object.insert(name.clone(), value.clone());
            }
        }
        for (name, nested) in &self.nested {
            if let Some(inner) = object.get_mut(name).filter(|inner| !inner.is_null()) {
                nested.fill(inner);
            }
        }
    }
}

/// The default of an internal parameter or property.
pub(super) fn internal_default(declaration: &Value) -> Option<Value> {
    let internal = declaration.get("x-ms-visibility").and_then(Value::as_str)?;
    internal.eq_ignore_ascii_case("internal").then(|| declaration.get("default").cloned()).flatten()
}

/// A schema or parameter, `$ref` within the document followed.
pub(super) fn resolve<'a>(declaration: &'a Value, swagger: &'a Value) -> Option<&'a Value> {
    let mut found = declaration;
    for _ in 0..DEPTH_MAX {
        let Some(reference) = found.get("$ref").and_then(Value::as_str) else { return Some(found) };
        let path = reference.strip_prefix("#/")?;
        found = path.split('/').try_fold(swagger, |value, name| {
            let name = name.replace("~1", "/").replace("~0", "~");
            value.get(&crate::query::decode_component(&name))
        })?;
    }
    None
}
