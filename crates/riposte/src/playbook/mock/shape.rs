//! What a value should look like, as far as its uses tell.

use riposte_value::{Object, Text, Value, json};
use std::collections::BTreeMap;

/// How deep a shape goes.
const DEPTH_MAX: usize = 32;
/// What is known of a value from how it is used.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    fields: BTreeMap<Text, Shape>,
    /// What the items are like, of a list.
    pub item: Option<Box<Shape>>,
    /// Whether it is a number.
    pub number: bool,
    /// The text that it has to be like.
    pub text: Option<&'static str>,
    /// A value that makes a comparison true.
    pub compared_with: Option<Value>,
    /// Whether it is an object, of whatever properties.
    pub object: bool,
    /// The schema by which a `ParseJson` reads it.
    pub schema: Option<Value>,
    /// What the text here is the JSON of.
    json: Option<Box<Shape>>,
}

impl Shape {
    /// A value of this shape.
    pub fn sample(&self, name: &str) -> Value {
        if let Some(schema) = &self.schema {
            return self.complete(super::schema::sample(schema), name);
        }
        if let Some(inner) = &self.json {
            let known = **inner != Self::default();
            let inner = if known { inner.sample(name) } else { Value::from(Object::new()) };
            return Value::from(json::to_string(&inner));
        }
        if let Some(item) = &self.item {
            return Value::array([item.sample(name)]);
        }
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(name, shape)| (name.clone(), shape.sample(name)));
            return Value::from(fields.collect::<Object>());
        }
        match &self.compared_with {
            Some(value) => value.clone(),
            None if self.object => Value::from(Object::new()),
            None if self.number => Value::Int(1),
            None if self.text.is_some() => Value::from(self.text),
            None => super::schema::sample_text(name),
        }
    }

    /// Adds to a value what the shape has and the value lacks.
    pub fn complete(&self, value: Value, name: &str) -> Value {
        // What a trigger declares may be wrong; what a ParseJson goes on with is not.
        let schema = self.schema.as_ref().map(super::schema::sample);
        if schema.is_some_and(|sample| sample.kind() != value.kind()) {
            return self.sample(name);
        }
        match (value, &self.item) {
            (Value::Object(object), None) => {
                let mut object = (*object).clone();
                for (name, shape) in &self.fields {
                    let held = object
                        .get_key_value_ignore_case(name)
                        .map(|(key, value)| (key.clone(), value.clone()));
                    match held {
                        Some((key, value)) => object.insert(key, shape.complete(value, name)),
                        None => object.insert(name.clone(), shape.sample(name)),
                    };
                }
                Value::from(object)
            }
            (Value::Array(items), Some(item)) if items.is_empty() => Value::array([item.sample(name)]),
            (Value::Array(items), Some(item)) => {
                Value::array(items.iter().map(|one| item.complete(one.clone(), name)))
            }
            (value, _) => self.preferred(value, name),
        }
    }

    /// In place of a value that a schema alone gave, one of its kind that the uses ask for.
    fn preferred(&self, value: Value, name: &str) -> Value {
        let made_up = match &value {
            Value::String(text) => text == super::schema::ANY_TEXT,
            Value::Int(number) => *number == 1,
            Value::Bool(_) => true,
            _ => false,
        };
        if !made_up || self.schema.is_some() {
            return value;
        }
        // what is gone into is no text, whatever a schema without a type made of it
        let is_inner = self.item.is_some() || !self.fields.is_empty();
        let wanted = self.sample(name);
        let fits = wanted.kind() == value.kind() || (is_inner && value.as_str().is_some());
        if fits { wanted } else { value }
    }

    /// What is known of a property; nothing of one that nobody reads.
    pub fn part(&self, name: &str) -> Self {
        let held = self.fields.iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
        held.map(|(_, shape)| shape.clone()).unwrap_or_default()
    }

    /// A value for each property.
    pub fn parts(&self) -> Vec<(Text, Value)> {
        self.fields.iter().map(|(name, shape)| (name.clone(), shape.sample(name))).collect()
    }

    /// The shape of a part.
    pub fn at(&mut self, path: &[Step]) -> &mut Self {
        path.iter().take(DEPTH_MAX).fold(self, |shape, step| match step {
            Step::Field(name) => {
                let held = shape.fields.keys().find(|held| held.eq_ignore_ascii_case(name)).cloned();
                shape.fields.entry(held.unwrap_or_else(|| name.clone())).or_default()
            }
            Step::Item => shape.item.get_or_insert_default(),
            Step::Json => shape.json.get_or_insert_default(),
        })
    }
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A property.
    Field(Text),
    /// An item of a list.
    Item,
    /// Out of text that is JSON.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn what_a_schema_made_gives_way_to_what_the_uses_ask_for() {
        let mut shape = Shape::default();
        for (name, text) in [("seen", "2026-01-01T00:00:00Z"), ("kept", "never")] {
            shape.at(&[Step::Field(name.into())]).text = Some(text);
        }
        shape.at(&[Step::Field("actor".into()), Step::Field("name".into())]);
        shape.at(&[Step::Field("score".into())]).compared_with = Some(value!(7));
        shape.at(&[Step::Field("text".into())]).schema = Some(value!({ "type": "string" }));
        let made =
            value!({ "seen": "sample", "kept": "real", "actor": "sample", "score": 1, "text": "sample" });
        let wanted = value!({
            "seen": "2026-01-01T00:00:00Z", "kept": "real", "actor": { "name": "sample" }, "score": 7, "text": "sample"
        });
        assert_eq!(shape.complete(made, ""), wanted);
    }
}
