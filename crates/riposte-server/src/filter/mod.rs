//! `$filter`: a Boolean expression in `OData`'s language over the fields of a resource.
//!
//! Understood are `eq ne gt ge lt le`, `in (…)`, `and or not`, parentheses, `contains`, `startswith`, `endswith`,
//! `tolower`, `toupper`, and text, number, date, `true`, `false` and `null` literals. Texts compare without regard to
//! case; what `tolower` and `toupper` make of one is compared as it is. A field that the resource does not have, and a
//! comparison of what cannot be equal, are refused rather than never true.
//!
//! ```text
//! properties/severity eq 'High' and not (properties/status eq 'Closed' or contains(tolower(properties/title), 'test'))
//! ```

mod error;
mod evaluate;
mod facets;
mod fields;
mod narrow;
mod parse;
mod scan;

pub(crate) use fields::{
    COMMENT_FIELDS, Field, INCIDENT_FIELDS, RELATION_FIELDS, RESOURCE_FIELDS, ROLE_ASSIGNMENT_FIELDS,
    ROLE_DEFINITION_FIELDS, RUN_FIELDS, WORKFLOW_FIELDS, field,
};
pub(crate) use parse::Filter;

#[cfg(test)]
mod tests;
