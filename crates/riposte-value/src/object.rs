//! Objects: properties in the order in which they came.

use crate::{Text, Value};
use indexmap::IndexMap;

/// The properties of a JSON object, in order. Names are told apart by case; look-ups may ignore it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object {
    properties: IndexMap<Text, Value, foldhash::fast::RandomState>,
}

impl Object {
    /// An object without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// An object without properties, with room for `capacity` of them.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            properties: IndexMap::with_capacity_and_hasher(capacity, foldhash::fast::RandomState::default()),
        }
    }

    /// How many properties it has.
    pub fn len(&self) -> usize {
        self.properties.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }

    /// The property of exactly this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }

    /// The property of exactly this name, for changing in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.properties.get_mut(name)
    }

    /// The property of this name: the exact spelling first, else the first that differs only in case.
    pub fn get_ignore_case(&self, name: &str) -> Option<&Value> {
        self.get_key_value_ignore_case(name).map(|(_, value)| value)
    }

    /// As [`Self::get_ignore_case`], with the name as the object spells it.
    pub fn get_key_value_ignore_case(&self, name: &str) -> Option<(&Text, &Value)> {
        self.properties
            .get_key_value(name)
            .or_else(|| self.properties.iter().find(|(key, _)| equals_ignore_case(key, name)))
    }

    /// Whether it has a property of exactly this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.properties.contains_key(name)
    }

    /// Sets a property; one that exists keeps its place. Returns what was there.
    pub fn insert(&mut self, name: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        self.properties.insert(name.into(), value.into())
    }

    /// Sets a property; one that exists moves to the end, as a repeated name in JSON text does.
    pub fn insert_last(&mut self, name: impl Into<Text>, value: impl Into<Value>) {
        let name = name.into();
        self.properties.shift_remove(name.as_str());
        self.properties.insert(name, value.into());
    }

    /// Removes the property of exactly this name and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.properties.shift_remove(name)
    }

    /// Removes the property that [`Self::get_ignore_case`] finds, and returns it with its name.
    pub fn remove_ignore_case(&mut self, name: &str) -> Option<(Text, Value)> {
        let key = self.get_key_value_ignore_case(name)?.0.clone();
        self.properties.shift_remove_entry(key.as_str())
    }

    /// The properties in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> + DoubleEndedIterator {
        self.properties.iter()
    }

    /// The properties in order, values for changing in place.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Text, &mut Value)> {
        self.properties.iter_mut()
    }

    /// The names in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator {
        self.properties.keys()
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.properties.values()
    }
}

fn equals_ignore_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii())
            && a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase)))
}

impl FromIterator<(Text, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(properties: I) -> Self {
        Self { properties: properties.into_iter().collect() }
    }
}

impl Extend<(Text, Value)> for Object {
    fn extend<I: IntoIterator<Item = (Text, Value)>>(&mut self, properties: I) {
        self.properties.extend(properties);
    }
}

impl IntoIterator for Object {
    type Item = (Text, Value);
    type IntoIter = indexmap::map::IntoIter<Text, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.properties.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Text, &'a Value);
    type IntoIter = indexmap::map::Iter<'a, Text, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.properties.iter()
    }
}
