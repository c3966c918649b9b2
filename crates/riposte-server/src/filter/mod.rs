//! `$filter`: a Boolean expression in `OData`'s language over the fields of a resource.
//!
//! Understood are `eq ne gt ge lt le`, `and or not`, parentheses, `contains`, `startswith`, `endswith`, `tolower`,
//! `toupper`, and text, number, date, `true`, `false` and `null` literals. Names and values of closed sets (`severity`,
//! `status`, ids, addresses) compare without regard to case, free text with it. A field that the resource does not have
//! is refused rather than never true.
//!
//! ```text
//! properties/severity eq 'High' and not (properties/status eq 'Closed' or contains(tolower(properties/title), 'test'))
//! ```

mod error;
mod evaluate;
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
