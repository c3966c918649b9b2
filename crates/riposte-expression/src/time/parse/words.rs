//! The words and marks that a date may be made of: those of the culture, of English, and of East Asia.

use super::super::pieces::{Piece, Pieces};
use super::states::After;
use crate::casing::lower;
use crate::culture::{Culture, INVARIANT};

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// From 1 on.
    Month(i64),
    /// From 0 for Sunday on.
    Weekday(i64),
    Half(Half),
    /// UTC, by its names `Z` and `GMT`.
    Zone,
    Era,
    /// What may stand anywhere and says nothing.
    Nothing,
}

/// Half of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

/// What a number counts, by the word after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// What stands after a number or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Plain(After),
    /// A hyphen: between parts of a date, or the sign of an offset.
    Hyphen,
    Half(Half),
    Unit(Unit),
    /// The `T` between date and time.
    Clock,
}

const UNITS: [(&str, Unit); 10] = [
    ("年", Unit::Year),
    ("년", Unit::Year),
    ("月", Unit::Month),
    ("월", Unit::Month),
    ("日", Unit::Day),
    ("일", Unit::Day),
    ("時", Unit::Hour),
    ("时", Unit::Hour),
    ("分", Unit::Minute),
    ("秒", Unit::Second),
];

const KOREAN_UNITS: [(&str, Unit); 3] = [("시", Unit::Hour), ("분", Unit::Minute), ("초", Unit::Second)];

/// How many bytes of a text a word takes up, if the text begins with it, whatever the case.
pub(in super::super) fn begins(text: &str, word: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in word.chars() {
        let given = rest.next()?;
        if given != wanted && lower(given) != lower(wanted) {
            return None;
        }
    }
    Some(text.len() - rest.as_str().len())
}

/// The longest of the words considered that a text begins with; of two as long, the first.
struct Search<'a, T> {
    text: &'a str,
    letter: bool,
    found: Option<(T, usize)>,
}

impl<'a, T> Search<'a, T> {
    fn new(text: &'a str) -> Self {
        Self { text, letter: text.starts_with(char::is_alphabetic), found: None }
    }

    fn consider(&mut self, word: &str, meaning: T) {
        let (Some(given), Some(wanted)) = (self.text.bytes().next(), word.bytes().next()) else {
            return;
        };
        // Most words are told apart by their first letters.
        if (given.is_ascii() || wanted.is_ascii()) && !given.eq_ignore_ascii_case(&wanted) {
            return;
        }
        let Some(length) = begins(self.text, word) else {
            return;
        };
        // A word may not go on after its end: `MarchWed` is neither.
        let goes_on = || self.text.get(length..).is_some_and(|rest| rest.starts_with(char::is_alphabetic));
        let longer = self.found.as_ref().is_none_or(|(_, before)| length > *before);
        if longer && !(self.letter && goes_on()) {
            self.found = Some((meaning, length));
        }
    }
}

/// The word that a text begins with, and its length in bytes.
pub(super) fn word(text: &str, culture: &Culture) -> Option<(Word, usize)> {
    let mut search = Search::new(text);
    search.consider(",", Word::Nothing);
    search.consider(".", Word::Nothing);
    for culture in [culture, &INVARIANT] {
        search.consider(culture.dates.am.trim(), Word::Half(Half::Morning));
        search.consider(culture.dates.pm.trim(), Word::Half(Half::Afternoon));
    }
    for format in formats(culture).into_iter().filter(|format| format.contains('\'')) {
        for word in quoted_words(format) {
            search.consider(word, Word::Nothing);
            search.consider(word.trim_end_matches('.'), Word::Nothing);
        }
    }
    for culture in [culture, &INVARIANT] {
        let dates = &culture.dates;
        let [(plain, genitive), (short, short_genitive)] = [false, true].map(|short| {
            let [genitive, plain] = dates.month_name_sets(short);
            (plain, genitive)
        });
        for names in [plain, short, genitive, short_genitive] {
            for (name, number) in names.iter().zip(1..) {
                search.consider(name, Word::Month(number));
            }
        }
        for names in [&dates.days, &dates.days_short] {
            for (name, number) in names.iter().zip(0..) {
                search.consider(name, Word::Weekday(number));
            }
        }
    }
    search.consider(culture.dates.era, Word::Era);
    for (name, meaning) in [("A.D.", Word::Era), ("AD", Word::Era), ("GMT", Word::Zone), ("Z", Word::Zone)] {
        search.consider(name, meaning);
    }
    search.found
}

/// The separator that a text begins with, and its length in bytes.
pub(super) fn separator(text: &str, culture: &Culture) -> Option<(Separator, usize)> {
    let dates = &culture.dates;
    let mut search = Search::new(text);
    search.consider(dates.time_separator.trim(), Separator::Plain(After::TimeSeparator));
    for dates in [dates, &INVARIANT.dates] {
        search.consider(dates.am.trim(), Separator::Half(Half::Morning));
        search.consider(dates.pm.trim(), Separator::Half(Half::Afternoon));
    }
    for (name, unit) in UNITS {
        search.consider(name, Separator::Unit(unit));
    }
    if dates.long_date.contains("년") {
        for (name, unit) in KOREAN_UNITS {
            search.consider(name, Separator::Unit(unit));
        }
    }
    let mark = dates.date_separator.trim();
    if mark != "." || !formats(culture).into_iter().any(ends_in_point) {
        search.consider(mark, Separator::Plain(After::DateSeparator));
    }
    search.consider("T", Separator::Clock);
    search.consider("/", Separator::Plain(After::DateSeparator));
    search.consider("-", Separator::Hyphen);
    search.consider(":", Separator::Plain(After::TimeSeparator));
    search.found
}

fn formats(culture: &Culture) -> [&str; 4] {
    let dates = &culture.dates;
    [dates.long_date, dates.short_date, dates.year_month, dates.month_day]
}

/// Whether a point ends a date in a format (`yyyy. MM. dd.`): .NET then takes points for nothing, and not for what
/// separates.
fn ends_in_point(format: &str) -> bool {
    let mut pieces = Pieces::new(format);
    let mut found = [false; 3];
    while let Ok(Some(piece)) = pieces.next() {
        match piece {
            Piece::Field(b'y', _) => found[0] = true,
            Piece::Field(b'M', _) => found[1] = true,
            Piece::Field(b'd', 1 | 2) => found[2] = true,
            Piece::Literal(text) if found == [true; 3] => match text.trim_start().chars().next() {
                Some('.') => return true,
                Some(_) => return false,
                None => {}
            },
            _ => {}
        }
    }
    false
}

/// The words that stand as they are in a format: `de` in `d 'de' MMMM`.
fn quoted_words(format: &str) -> impl Iterator<Item = &str> {
    let mut pieces = Pieces::new(format);
    std::iter::from_fn(move || {
        loop {
            match pieces.next() {
                Ok(Some(Piece::Literal(text))) => return Some(text),
                Ok(Some(Piece::Field(..))) => {}
                Ok(None) | Err(_) => return None,
            }
        }
    })
    .flat_map(str::split_whitespace)
    .map(|word| word.trim_start_matches(|c: char| !c.is_alphabetic()))
    .filter(|word| !word.is_empty() && !UNITS.iter().any(|(unit, _)| unit == word))
}
