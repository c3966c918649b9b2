//! Names to numbers, without regard to case.

use riposte_value::Text;
use std::collections::BTreeMap;

/// Numbers by name. The spelling of the declaration is found without copying; other spellings are folded first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    exact: BTreeMap<Text, usize>,
    folded: BTreeMap<Text, usize>,
}

impl Names {
    /// Enters a name. Gives the number that a name that differs at most in case has already.
    pub fn insert(&mut self, name: &Text, number: usize) -> Option<usize> {
        if let Some(there) = self.find(name) {
            return Some(there);
        }
        self.exact.insert(name.clone(), number);
        self.folded.insert(fold(name), number);
        None
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        self.exact.get(name).or_else(|| self.folded.get(fold(name).as_str())).copied()
    }

    /// The names in the order of their numbers.
    pub fn all(&self) -> Vec<Text> {
        let mut names: Vec<(usize, &Text)> =
            self.exact.iter().map(|(name, number)| (*number, name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name.clone()).collect()
    }
}

fn fold(name: &str) -> Text {
    Text::from(name.to_lowercase())
}
