//! The distinct texts of a facet, one after the other in one piece of memory, so that looking for a text in all of them
//! is one search.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use memchr::memmem;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};

/// Stands between two texts. None holds it: the store keeps no such text.
const BETWEEN: char = '\0';

/// How a text is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// In any case, or in what `tolower` makes of the facet.
    Lower,
    /// In what `toupper` makes of the facet.
    Upper,
}

/// Distinct texts by number, from 0.
#[derive(Default)]
pub(super) struct Dictionary {
    texts: Texts,
    numbers: HashTable<u32>,
    hasher: FixedState,
    /// The same texts folded, as far as they were asked for.
    folded: Mutex<Texts>,
}

/// Texts in one piece of memory.
#[derive(Default)]
struct Texts {
    all: String,
    /// Where each begins.
    starts: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: impl Iterator<Item = char>) -> Option<()> {
        self.starts.push(u32::try_from(self.all.len()).ok()?);
        self.all.extend(text);
        self.all.push(BETWEEN);
        Some(())
    }

    fn get(&self, number: u32) -> Option<&str> {
        let at = usize::try_from(number).ok()?;
        let start = place(*self.starts.get(at)?);
        let end = self.starts.get(at + 1).map_or(self.all.len(), |next| place(*next));
        self.all.get(start..end.checked_sub(BETWEEN.len_utf8())?)
    }

    /// Marks those that hold a text.
    fn mark(&self, text: &str, marks: &mut [bool]) {
        let mut number = 0;
        for found in memmem::find_iter(self.all.as_bytes(), text.as_bytes()) {
            number +=
                self.starts.get(number..).unwrap_or_default().partition_point(|start| place(*start) <= found);
            if let Some(mark) = number.checked_sub(1).and_then(|at| marks.get_mut(at)) {
                *mark = true;
            }
        }
    }

    fn bytes(&self) -> usize {
        self.all.capacity() + self.starts.capacity() * size_of::<u32>()
    }
}

impl Dictionary {
    /// The number of a text, which is taken up if it is new; none if there is no room.
    pub(super) fn number(&mut self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        let texts = &self.texts;
        if let Some(known) = self.numbers.find(hash, |number| texts.get(*number) == Some(text)) {
            return Some(*known);
        }
        let number = u32::try_from(self.texts.starts.len()).ok()?;
        self.texts.push(text.chars())?;
        let (texts, hasher) = (&self.texts, &self.hasher);
        let again = |number: &u32| hasher.hash_one(texts.get(*number).unwrap_or_default());
        self.numbers.insert_unique(hash, number, again);
        Some(number)
    }

    /// The text of a number.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.texts.get(number)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.texts.starts.len()
    }

    /// How much memory they take.
    pub(super) fn bytes(&self) -> usize {
        let folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner).bytes();
        self.texts.bytes() + folded + self.numbers.capacity() * 2 * size_of::<u32>()
    }

    /// Of each, whether it could hold a text; some of which this is said may not.
    pub(super) fn holding(&self, text: &str, fold: Fold) -> Vec<bool> {
        let mut marks = vec![false; self.len()];
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(next) = u32::try_from(folded.starts.len()).ok().and_then(|next| self.texts.get(next)) {
            if folded.push(folded_chars(next)).is_none() {
                return vec![true; self.len()];
            }
        }
        let sought: String = folded_chars(text).collect();
        folded.mark(&sought, &mut marks);
        drop(folded);
        // Upper case makes other letters of some than lower case knows: ß and SS.
        if fold == Fold::Upper && !self.texts.all.is_ascii() {
            for (number, mark) in (0_u32..).zip(&mut marks) {
                *mark |= self.text(number).is_some_and(|text| !text.is_ascii());
            }
        }
        marks
    }
}

/// Lower case letter by letter. What lower case holds a text, holds it here too: the one letter whose lower case depends
/// on where it stands, Σ, is always the same.
fn folded_chars(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|letter| if letter == 'ς' { 'σ' } else { letter })
}

fn place(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Dictionary, Fold};
    use proptest::prelude::*;

    type Change = fn(&str) -> String;

    #[test]
    fn texts_keep_their_numbers() {
        let mut dictionary = Dictionary::default();
        let numbers = ["a", "", "ü%_'", "a", "", "A"].map(|text| dictionary.number(text).unwrap());
        assert_eq!(numbers, [0, 1, 2, 0, 1, 3]);
        assert_eq!(
            (0..5).map(|n| dictionary.text(n)).collect::<Vec<_>>(),
            [Some("a"), Some(""), Some("ü%_'"), Some("A"), None]
        );
    }

    proptest! {
        #[test]
        fn what_holds_a_text_is_found(
            texts in prop::collection::vec("[aAbB%'ßſKÜüΣσςİı ]{0,6}", 1..20),
            sought in "[aAbB%'sSkKÜüΣσςİı ]{1,3}",
        ) {
            let mut dictionary = Dictionary::default();
            let numbers: Vec<usize> =
                texts.iter().map(|text| dictionary.number(text).unwrap() as usize).collect();
            let change: [(Fold, Change); 2] =
                [(Fold::Lower, str::to_lowercase), (Fold::Upper, str::to_uppercase)];
            for (fold, change) in change {
                let could = dictionary.holding(&sought, fold);
                for (text, number) in texts.iter().zip(&numbers) {
                    prop_assert!(could[*number] || !change(text).contains(&sought), "{text:?} {sought:?} {fold:?}");
                    let both = text.to_lowercase().contains(&sought.to_lowercase());
                    prop_assert!(fold != Fold::Lower || could[*number] || !both, "{text:?} {sought:?}");
                }
            }
        }
    }
}
