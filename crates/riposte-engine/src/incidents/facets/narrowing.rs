//! What a filter says of incidents as far as their facets tell, and which of them it leaves.

use super::dictionary::{Dictionary, Fold};
use super::fragment::IncidentFacet;
use super::{Kept, Rows};
use crate::clock::from_nanoseconds;
use jiff::Timestamp;
use riposte_value::Value;

/// From so many distinct texts on, they are searched all at once before they are looked at one by one.
const MANY: usize = 1_000;

/// What a filter says of an incident, as a tree.
#[derive(Default)]
pub enum Narrowing {
    /// Only the whole resource can tell.
    #[default]
    Unknown,
    /// All of these hold.
    All(Vec<Narrowing>),
    /// One of these holds at least.
    Any(Vec<Narrowing>),
    /// This does not hold.
    Not(Box<Narrowing>),
    /// A part of the resource passes.
    Facet(FacetTest),
    /// A time passes; absent ones are none.
    Time(IncidentTime, Box<dyn Fn(Option<Timestamp>) -> bool + Send>),
    /// The number passes.
    Number(Box<dyn Fn(i64) -> bool + Send>),
}

/// A test of a part of the resource.
pub struct FacetTest {
    /// Which part.
    pub facet: IncidentFacet,
    /// Whether a resource passes that has this part alone.
    pub passes: Box<dyn Fn(&Value) -> bool + Send>,
    /// A text that stands somewhere in the part of all that pass, as it is.
    pub holds: Option<(String, Fold)>,
}

/// A time of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentTime {
    /// `createdTimeUtc`.
    Created,
    /// `lastModifiedTimeUtc`.
    LastModified,
    /// `firstActivityTimeUtc`.
    FirstActivity,
    /// `lastActivityTimeUtc`.
    LastActivity,
}

/// A narrowing over the facets that are kept.
pub(super) enum Plan<'p> {
    Unknown,
    All(Vec<Plan<'p>>),
    Any(Vec<Plan<'p>>),
    Not(Box<Plan<'p>>),
    Facet {
        rows: &'p [u32],
        kept: &'p Kept,
        test: &'p FacetTest,
        /// By number of the kept text, and one more for none.
        known: Vec<Option<bool>>,
    },
    Time(&'p [i64], &'p (dyn Fn(Option<Timestamp>) -> bool + Send)),
    Number(&'p (dyn Fn(i64) -> bool + Send)),
}

impl<'p> Plan<'p> {
    pub(super) fn new(narrowing: &'p Narrowing, rows: &'p Rows) -> Self {
        let each = |inner: &'p [Narrowing]| inner.iter().map(|one| Self::new(one, rows)).collect();
        match narrowing {
            Narrowing::Unknown => Self::Unknown,
            Narrowing::All(inner) => Self::All(each(inner)),
            Narrowing::Any(inner) => Self::Any(each(inner)),
            Narrowing::Not(inner) => Self::Not(Box::new(Self::new(inner, rows))),
            Narrowing::Time(time, test) => Self::Time(rows.times(*time), test),
            Narrowing::Number(test) => Self::Number(test),
            Narrowing::Facet(test) => {
                let kept = rows.kept(test.facet);
                let known = known_beforehand(test, &kept.dictionary);
                Self::Facet { rows: &kept.rows, kept, test, known }
            }
        }
    }

    /// Whether the incident at a place passes; none if its facets do not tell.
    pub(super) fn known(&mut self, at: usize) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::All(inner) => fold(inner, at, false),
            Self::Any(inner) => fold(inner, at, true),
            Self::Not(inner) => inner.known(at).map(|known| !known),
            Self::Time(times, test) => {
                let time = times.get(at).copied().filter(|time| *time != super::NO_TIME);
                // As it is shown: what is finer than 100 nanoseconds is cut off.
                Some(test(time.map(|time| from_nanoseconds(time - time.rem_euclid(100)))))
            }
            Self::Number(test) => Some(test(super::number_of(at))),
            Self::Facet { rows, kept, test, known } => {
                let number = rows.get(at).copied().unwrap_or(super::NONE);
                let place = if number == super::NONE { known.len() - 1 } else { super::place_of(number) };
                let known = known.get_mut(place)?;
                let found = known
                    .unwrap_or_else(|| (test.passes)(&test.facet.fragment(kept.dictionary.text(number))));
                *known = Some(found);
                *known
            }
        }
    }
}

/// Whether one of several decides: `ends` does.
fn fold(inner: &mut [Plan<'_>], at: usize, ends: bool) -> Option<bool> {
    let mut all = Some(!ends);
    for one in inner {
        match one.known(at) {
            Some(known) if known == ends => return Some(ends),
            Some(_) => {}
            None => all = None,
        }
    }
    all
}

/// Of each kept text and of none at the end, whether it passes, where that is known without looking at each.
fn known_beforehand(test: &FacetTest, dictionary: &Dictionary) -> Vec<Option<bool>> {
    let mut known: Vec<Option<bool>> = match &test.holds {
        Some((text, fold)) if dictionary.len() >= MANY => {
            let could = dictionary.holding(text, *fold);
            could.into_iter().map(|could| (!could).then_some(false)).collect()
        }
        _ => vec![None; dictionary.len()],
    };
    known.push(None);
    known
}
