//! Writes: PUT bodies, rule actions and connector bodies, as tables.

use crate::made::{ana, at, incident, missing, same_errors, workspace};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::{
    IncidentPatch, apply, from_arm_put, from_connector_update, from_modify_properties,
    modify_properties_to_arm,
};
use riposte_testing::Cases;
use riposte_value::Value;
use serde::Deserialize;

/// An incident, a write, and what comes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    /// Properties of the incident before, beside title, severity and status.
    #[serde(default)]
    incident: Option<Value>,
    /// The body of a PUT.
    #[serde(default)]
    put: Option<Value>,
    /// The configuration of `ModifyProperties`.
    #[serde(default)]
    rule: Option<Value>,
    /// The body of the connector's update.
    #[serde(default)]
    connector: Option<Value>,
    /// Properties that the ARM resource then has; null for one that it does not have.
    #[serde(default)]
    expect: Option<Value>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default, rename = "updatedFields")]
    updated_fields: Option<Vec<String>>,
    /// `path: message` of every diagnostic of a write that is refused.
    #[serde(default)]
    errors: Vec<String>,
    /// `path: message` of every diagnostic of a write that is taken.
    #[serde(default)]
    warnings: Vec<String>,
}

fn read(case: &Case) -> Result<(IncidentPatch, Vec<Diagnostic>), Vec<Diagnostic>> {
    match (&case.put, &case.rule, &case.connector) {
        (Some(body), None, None) => from_arm_put(body).map(|put| (put.patch, put.warnings)),
        (None, Some(configuration), None) => {
            let mut told = Vec::new();
            let patch = from_modify_properties(configuration, "$", &mut told);
            if has_errors(&told) { Err(told) } else { Ok((patch, told)) }
        }
        (None, None, Some(body)) => from_connector_update(body).map(|write| (write.patch, Vec::new())),
        _ => panic!("a case has exactly one of `put`, `rule` and `connector`"),
    }
}

#[test]
fn writes_do_what_the_tables_say() {
    Cases::<Case>::load("conformance/incident/patch").check(|case| {
        let mut subject = incident(case.incident.as_ref().unwrap_or(&riposte_value::value!({})));
        let before = subject.clone();
        let (patch, warnings) = match read(case) {
            Ok(read) => read,
            Err(told) => return same_errors(&case.errors, &told),
        };
        same_errors(&case.warnings, &warnings)?;
        if case.rule.is_some() {
            let mut told = Vec::new();
            let again = from_modify_properties(&modify_properties_to_arm(&patch), "$", &mut told);
            if again != patch || !told.is_empty() {
                return Err(format!("does not come back: {patch:?} {again:?} {told:?}"));
            }
        }
        let time = at("2026-03-01T09:00:00Z");
        let change = match apply(&mut subject, &patch, &ana(), time) {
            Ok(change) => change,
            Err(told) => {
                assert_eq!(subject, before, "a write that is refused changes nothing");
                return same_errors(&case.errors, &told);
            }
        };
        if !case.errors.is_empty() {
            return Err(format!("was taken: {}", change.summary()));
        }
        let mut wrong = Vec::new();
        let arm = subject.to_arm(&workspace());
        if let Some(expect) = &case.expect {
            wrong.extend(missing(expect, arm.get("properties").unwrap(), "$"));
        }
        if let Some(summary) = case.summary.as_ref().filter(|summary| **summary != change.summary()) {
            wrong.push(format!("summary: wanted `{summary}`, got `{}`", change.summary()));
        }
        if let Some(fields) =
            case.updated_fields.as_ref().filter(|fields| **fields != change.updated_fields())
        {
            wrong.push(format!("updatedFields: wanted {fields:?}, got {:?}", change.updated_fields()));
        }
        if change.is_empty() != (subject == before) {
            wrong.push("an empty change goes with an untouched incident, and only it".to_owned());
        }
        if !change.is_empty() && subject.etag == before.etag {
            wrong.push("a change has a new etag".to_owned());
        }
        let again = apply(&mut subject, &patch, &ana(), time).unwrap();
        if !again.is_empty() {
            wrong.push(format!("a second time it changes: {}", again.summary()));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
}

#[test]
fn etags_come_with_and_without_quotation_marks() {
    let subject = incident(&riposte_value::value!({}));
    for (given, fits) in [
        (subject.etag.to_string(), true),
        (format!("\"{}\"", subject.etag), true),
        (format!("W/\"{}\"", subject.etag), true),
        ("\"abc\"".to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(subject.etag_is(&given), fits, "{given}");
    }
    assert_eq!(
        subject.conflict_message(),
        "Newer version of resource '6f0c1a52-0000-4000-8000-000000000001' exists. Data was not saved"
    );
}
