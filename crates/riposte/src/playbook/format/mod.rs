//! The format of test and mock files as a table: what a file is checked against, and what its reference page and its
//! JSON schema are made from.

mod check;
mod forms;
mod reference;

pub use check::check;
pub use forms::{MOCKS, SUITE, TEST};
pub use reference::{reference, schema};

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Anything.
    Any,
    /// Anything, with matchers in it.
    Matched,
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number between two others.
    Number(i64, i64),
    /// An instant: `2026-01-01T00:00:00Z`.
    Time,
    /// Seconds, or a duration: `PT5S`.
    Delay,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object with named fields.
    Object(&'static Form),
    /// An object with names of the writer's choice.
    Map(&'static Kind),
    /// A list.
    List(&'static Kind),
    /// The first of these that takes a value of this type.
    Either(&'static [Kind]),
}

/// An object with named fields.
#[derive(Debug)]
pub struct Form {
    /// What it is called in messages and on the reference page.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it means.
    pub about: &'static str,
    /// Whether it has to be there.
    pub required: bool,
}
