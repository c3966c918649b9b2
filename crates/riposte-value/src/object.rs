//! Objects: properties in the order in which they came.
//!
//! A look-up in a small object compares names one by one, which is faster than hashing the name and needs no table to
//! be built; from [`SCANNED_MAX`] properties on a table says where each name stands.

use crate::{Text, Value};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The most properties that are looked through one by one. To compare a name with a few short ones takes less time than
/// to hash it, and most objects then need no table; paths through small objects became about twice as fast.
const SCANNED_MAX: usize = 8;

/// The properties of a JSON object, in order. Names are told apart by case; look-ups may ignore it.
#[derive(Debug, Clone, Default)]
pub struct Object {
    properties: Vec<(Text, Value)>,
    /// Shared with the copies, as long as they have the same names.
    index: Option<Arc<Index>>,
}

/// Where a name was found last. A path that is taken often meets objects that were made alike, so one comparison finds the
/// name. No more than a hint: whatever another thread wrote meanwhile, what stands there is compared.
#[derive(Debug, Default)]
pub struct LastPlace(AtomicUsize);

impl Clone for LastPlace {
    fn clone(&self) -> Self {
        Self(AtomicUsize::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Where each name stands.
#[derive(Debug, Clone, Default)]
struct Index {
    places: HashTable<usize>,
    hasher: RandomState,
}

impl Index {
    fn of(properties: &[(Text, Value)]) -> Self {
        let mut index = Self { places: HashTable::with_capacity(properties.len() * 2), ..Self::default() };
        (0..properties.len()).for_each(|place| index.add(place, properties));
        index
    }

    fn hash(&self, name: &str) -> u64 {
        self.hasher.hash_one(name)
    }

    #[inline]
    fn place(&self, name: &str, properties: &[(Text, Value)]) -> Option<usize> {
        self.places.find(self.hash(name), |place| name_at(properties, *place) == name).copied()
    }

    fn add(&mut self, place: usize, properties: &[(Text, Value)]) {
        let hasher = &self.hasher;
        let hash = |place: &usize| hasher.hash_one(name_at(properties, *place));
        self.places.insert_unique(hash(&place), place, hash);
    }

    /// Forgets a place; those behind it move up.
    fn remove(&mut self, removed: usize) {
        self.places.retain(|place| {
            let kept = *place != removed;
            if *place > removed {
                *place -= 1;
            }
            kept
        });
    }
}

fn name_at(properties: &[(Text, Value)], place: usize) -> &str {
    properties.get(place).map_or("", |(name, _)| name)
}

impl Object {
    /// An object without properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// An object without properties, with room for `capacity` of them.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { properties: Vec::with_capacity(capacity), index: None }
    }

    /// How many properties it has.
    #[inline]
    pub fn len(&self) -> usize {
        self.properties.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.properties.is_empty()
    }

    /// Where the property of exactly this name stands.
    #[inline]
    fn place(&self, name: &str) -> Option<usize> {
        match &self.index {
            None => self.properties.iter().position(|(key, _)| key.as_str() == name),
            Some(index) => index.place(name, &self.properties),
        }
    }

    /// Where the property of this name stands: the exact spelling first, else the first that differs only in case.
    #[inline]
    fn place_ignore_case(&self, name: &str) -> Option<usize> {
        self.place(name).or_else(|| self.properties.iter().position(|(key, _)| equals_ignore_case(key, name)))
    }

    fn push(&mut self, name: Text, value: Value) {
        self.properties.push((name, value));
        match &mut self.index {
            Some(index) => Arc::make_mut(index).add(self.properties.len() - 1, &self.properties),
            None if self.properties.len() > SCANNED_MAX => {
                self.index = Some(Arc::new(Index::of(&self.properties)));
            }
            None => {}
        }
    }

    fn remove_at(&mut self, place: usize) -> (Text, Value) {
        if let Some(index) = &mut self.index {
            Arc::make_mut(index).remove(place);
        }
        self.properties.remove(place)
    }

    /// The property of exactly this name.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).and_then(|place| self.value_at(place))
    }

    /// The property of exactly this name, for changing in place.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.place(name).and_then(|place| self.value_at_mut(place))
    }

    /// The value of the property at a place in the order.
    #[inline]
    pub fn value_at(&self, place: usize) -> Option<&Value> {
        self.properties.get(place).map(|(_, value)| value)
    }

    /// The value of the property at a place in the order, for changing in place.
    pub fn value_at_mut(&mut self, place: usize) -> Option<&mut Value> {
        self.properties.get_mut(place).map(|(_, value)| value)
    }

    /// The property of this name: the exact spelling first, else the first that differs only in case.
    #[inline]
    pub fn get_ignore_case(&self, name: &str) -> Option<&Value> {
        self.place_ignore_case(name).and_then(|place| self.value_at(place))
    }

    /// As [`Self::get_ignore_case`], beginning where the name was found last.
    #[inline]
    pub fn get_ignore_case_at_last(&self, name: &str, last: &LastPlace) -> Option<&Value> {
        let place = last.0.load(Ordering::Relaxed);
        match self.properties.get(place) {
            Some((key, value)) if key.as_str() == name => Some(value),
            _ => {
                let found = self.place_ignore_case(name)?;
                if found != place {
                    last.0.store(found, Ordering::Relaxed);
                }
                self.value_at(found)
            }
        }
    }

    /// As [`Self::get_ignore_case`], with the name as the object spells it.
    pub fn get_key_value_ignore_case(&self, name: &str) -> Option<(&Text, &Value)> {
        self.properties.get(self.place_ignore_case(name)?).map(pair)
    }

    /// Whether it has a property of exactly this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Sets a property; one that exists keeps its place. Returns what was there.
    pub fn insert(&mut self, name: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        let (name, value) = (name.into(), value.into());
        match self.get_mut(&name) {
            Some(there) => Some(std::mem::replace(there, value)),
            None => {
                self.push(name, value);
                None
            }
        }
    }

    /// Sets a property; one that exists moves to the end, as a repeated name in JSON text does.
    pub fn insert_last(&mut self, name: impl Into<Text>, value: impl Into<Value>) {
        let name = name.into();
        self.remove(&name);
        self.push(name, value.into());
    }

    /// Removes the property of exactly this name and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.place(name).map(|place| self.remove_at(place).1)
    }

    /// Removes the property that [`Self::get_ignore_case`] finds, and returns it with its name.
    pub fn remove_ignore_case(&mut self, name: &str) -> Option<(Text, Value)> {
        self.place_ignore_case(name).map(|place| self.remove_at(place))
    }

    /// The properties in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Value)> + DoubleEndedIterator {
        self.properties.iter().map(pair)
    }

    /// The properties in order, values for changing in place.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&Text, &mut Value)> {
        self.properties.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// The names in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Text> + DoubleEndedIterator {
        self.properties.iter().map(|(name, _)| name)
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator {
        self.properties.iter().map(|(_, value)| value)
    }
}

fn pair((name, value): &(Text, Value)) -> (&Text, &Value) {
    (name, value)
}

fn equals_ignore_case(a: &str, b: &str) -> bool {
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    // Most names differ in their first character, which settles it where both are ASCII.
    let may_be_equal = match (a.as_bytes().first(), b.as_bytes().first()) {
        (Some(x), Some(y)) => !(x.is_ascii() && y.is_ascii()) || x.eq_ignore_ascii_case(y),
        _ => false,
    };
    let ascii = a.is_ascii() && b.is_ascii();
    may_be_equal
        && !ascii
        && a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

/// Equal properties, in whatever order.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl FromIterator<(Text, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(properties: I) -> Self {
        let mut object = Self::new();
        object.extend(properties);
        object
    }
}

impl Extend<(Text, Value)> for Object {
    fn extend<I: IntoIterator<Item = (Text, Value)>>(&mut self, properties: I) {
        let properties = properties.into_iter();
        self.properties.reserve(properties.size_hint().0);
        for (name, value) in properties {
            self.insert(name, value);
        }
    }
}

impl IntoIterator for Object {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.properties.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a Text, &'a Value);
    type IntoIter =
        std::iter::Map<std::slice::Iter<'a, (Text, Value)>, fn(&'a (Text, Value)) -> (&'a Text, &'a Value)>;
    fn into_iter(self) -> Self::IntoIter {
        self.properties.iter().map(pair)
    }
}
