//! Cases of filters: what passes, and what is refused with which words.

use super::{Filter, INCIDENT_FIELDS, RUN_FIELDS};
use proptest::prelude::*;
use riposte_value::{Value, value};

fn incident() -> Value {
    value!({
        "id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/Microsoft.SecurityInsights/incidents/2046feea-040d-4a46-9e2b-91c2941bfa70",
        "name": "2046feea-040d-4a46-9e2b-91c2941bfa70",
        "properties": {
            "title": "O'Brien's laptop", "severity": "High", "status": "New", "incidentNumber": 7,
            "owner": {"email": "ann@contoso.com", "assignedTo": null},
            "createdTimeUtc": "2024-03-05T10:00:00.5Z",
            "labels": [{"labelName": "VIP", "labelType": "User"}, {"labelName": "tor", "labelType": "AutoAssigned"}],
            "additionalData": {"alertsCount": 0, "tactics": ["Persistence", "Exfiltration"]}
        }
    })
}

#[test]
fn what_passes() {
    let cases = [
        ("properties/severity eq 'High'", true),
        ("properties/severity eq 'high'", true),
        ("Properties/Severity EQ 'High'", true),
        ("'High' eq properties/severity", true),
        ("properties/severity ne 'High'", false),
        ("properties/severity eq 'High' and properties/status ne 'Closed'", true),
        (
            "properties/severity eq 'Low' or properties/status eq 'New' and properties/incidentNumber gt 6",
            true,
        ),
        (
            "(properties/severity eq 'Low' or properties/status eq 'New') and properties/incidentNumber gt 7",
            false,
        ),
        ("not properties/severity eq 'Low'", true),
        ("not (properties/severity eq 'High' or properties/severity eq 'Low')", false),
        ("not not (properties/severity eq 'High')", true),
        ("properties/title eq 'O''Brien''s laptop'", true),
        ("properties/title eq 'o''brien''s laptop'", true),
        ("tolower(properties/title) eq 'o''brien''s laptop'", true),
        ("contains(properties/title, 'laptop')", true),
        ("contains(properties/title, 'LAPTOP')", true),
        ("contains(toupper(properties/title), 'LAPTOP')", true),
        ("startswith(properties/title,'O') and endswith(properties/title,'top')", true),
        ("contains(properties/title, 'laptop') eq false", false),
        ("properties/labels/any(label: label/labelName eq 'vip')", true),
        ("properties/labels/any(l:l/labelName eq 'vip' and l/labelType ne 'User')", false),
        ("properties/labels/any(l : contains(l/labelName,'IP') or (l/labelName eq 'x'))", true),
        ("properties/labels/all(l: l/labelType eq 'User')", false),
        ("not properties/labels/any(l: l/labelName eq 'x') and properties/status eq 'New'", true),
        ("properties/labels/any()", true),
        ("properties/additionalData/tactics/any(t: t eq 'exfiltration')", true),
        ("properties/additionalData/alertProductNames/any()", false),
        ("properties/relatedAnalyticRuleIds/any(id: endswith(id, 'x'))", false),
        ("contains(properties/owner/email, 'CONTOSO')", true),
        ("contains(properties/description, 'x')", false),
        ("properties/incidentNumber eq 7", true),
        ("properties/incidentNumber eq '7'", true),
        ("properties/incidentNumber lt 7.5", true),
        ("properties/incidentNumber ge -1e3", true),
        ("properties/incidentNumber le 6", false),
        ("properties/additionalData/alertsCount eq 0", true),
        ("properties/createdTimeUtc gt 2024-03-05T10:00:00Z", true),
        ("properties/createdTimeUtc gt 2024-03-05T12:00:00+01:00", false),
        ("properties/createdTimeUtc ge 2024-03-05", true),
        ("properties/createdTimeUtc lt '2024-03-06'", true),
        ("properties/createdTimeUtc le datetime'2024-03-05T10:00:01'", true),
        ("properties/createdTimeUtc eq 2024-03-05T10:00:00.500Z", true),
        ("properties/owner/assignedTo eq null", true),
        ("properties/classification eq null", true),
        ("properties/classification ne 'Undetermined'", true),
        ("properties/classification gt 'A'", false),
        ("properties/classification ge null", false),
        ("properties/severity ne null", true),
        ("properties/severity in ('low', 'HIGH')", true),
        ("properties/status in ('Active','Closed') or properties/incidentNumber in (6, 7)", true),
        ("not (properties/status in ('Active'))", true),
        ("properties/owner eq null", false),
        ("properties/owner ne null", true),
        ("properties/classification in (null)", true),
        ("(properties/status eq 'New') eq true", true),
        ("(properties/status eq 'New' and contains(properties/title, 'x')) ne false", false),
        ("properties/labels/any(l: l/labelName eq 'vip') eq false", false),
        ("endswith(properties/title, 'TOP')", true),
        ("tolower(properties/title) eq 'O''Brien''s laptop'", false),
        ("contains(tolower(properties/owner/assignedTo), 'x')", false),
        ("name eq 2046FEEA-040d-4a46-9e2b-91c2941bfa70", true),
        ("true", true),
        ("false or properties/status eq 'New'", true),
        ("  properties/status   eq   'New'  ", true),
    ];
    for (text, expected) in cases {
        let filter = Filter::parse(text, INCIDENT_FIELDS).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(filter.passes(&incident()), expected, "{text}");
    }
}

#[test]
fn what_is_refused() {
    let cases = [
        ("", "the filter ends where a value should stand", 1),
        ("properties/unknown eq 1", "unknown field `properties/unknown`", 1),
        ("properties/severity eq 'High' and severity eq 'x'", "unknown field `severity`", 35),
        ("properties/severity", "a value alone is no condition", 1),
        ("properties/severity eq", "the filter ends where a value should stand", 23),
        ("properties/severity is 'High'", "unexpected `is`", 21),
        ("properties/severity eq 'High' properties/status eq 'New'", "unexpected `properties/status`", 31),
        ("properties/severity eq 'High", "a text without its closing quote", 24),
        ("(properties/severity eq 'High'", "the filter ends too early", 31),
        ("properties/severity eq 'High')", "unexpected `)`", 30),
        ("contains(properties/title)", "unexpected `)`", 26),
        ("contains", "unknown field `contains`", 1),
        ("contains(properties/incidentNumber, '1')", "`properties/incidentNumber` is a number", 10),
        (
            "startswith(properties/createdTimeUtc, '2024')",
            "`properties/createdTimeUtc` is a point in time",
            12,
        ),
        ("contains(properties/title, 5)", "a value is no text", 28),
        ("tolower(properties/incidentNumber) eq '1'", "`properties/incidentNumber` is a number", 9),
        ("properties/severity eq 5", "`properties/severity` is a text", 1),
        ("properties/title eq true", "`properties/title` is a text", 1),
        ("properties/title gt 2024-01-01", "`properties/title` is a text", 1),
        ("tolower(properties/title) eq 5", "a text is compared with what is none", 1),
        ("properties/incidentNumber eq 2024-01-01", "`properties/incidentNumber` is a number", 1),
        ("properties/createdTimeUtc gt 5", "`properties/createdTimeUtc` is a point in time", 1),
        ("properties/owner eq 'ann'", "an object compares with `eq null` or `ne null` only", 1),
        ("properties/owner gt null", "an object compares with `eq null` or `ne null` only", 1),
        ("properties/severity in 'High'", "unexpected `High`", 24),
        ("properties/severity in ()", "unexpected `)`", 25),
        ("properties/severity in ('High'", "the filter ends too early", 31),
        ("properties/severity in (5)", "`properties/severity` is a text", 1),
        (
            "(properties/status eq 'New') eq 5",
            "a condition compares with `eq` or `ne` to `true` or `false` only",
            33,
        ),
        ("indexof(properties/title, 'x') gt 5", "unknown function `indexof`", 1),
        ("length(properties/title) gt 5", "unknown function `length`", 1),
        ("properties/title/any(l: l eq 'x')", "`properties/title` is no list", 1),
        ("properties/labels eq 'x'", "`properties/labels` is a list", 1),
        ("properties/labels/any(l: l/other eq 'x')", "unknown field `it/other`", 26),
        ("properties/labels/any(labelName eq 'x')", "unexpected `eq`", 33),
        ("properties/createdTimeUtc gt 'yesterday'", "`yesterday` is no point in time", 1),
        ("properties/incidentNumber eq 'seven'", "`properties/incidentNumber` is a number", 1),
        ("properties/incidentNumber eq 7seven", "`7seven` is no number", 30),
        ("properties/title eq \"x\"", "unexpected `\\\"`", 21),
        ("properties/title eq 'x' && true", "unexpected `&`", 25),
    ];
    for (text, message, at) in cases {
        let error = Filter::parse(text, INCIDENT_FIELDS).expect_err(text);
        assert_eq!((error.message.as_str(), error.at), (message, at), "{text}");
    }
}

#[test]
fn an_unknown_field_names_the_nearest() {
    let error = Filter::parse("properties/severty eq 'High'", INCIDENT_FIELDS).unwrap_err();
    let refusal = error.into_refusal("InvalidFilter", "$filter");
    assert_eq!(refusal.status, 400);
    assert_eq!(refusal.message, "`$filter`: unknown field `properties/severty` at character 1");
    assert!(refusal.envelope().to_string().contains("did you mean `properties/severity`?"));
}

#[test]
fn nesting_is_bounded() {
    for text in ["(".repeat(100_000), "not ".repeat(100_000), format!("{}name", "tolower(".repeat(100_000))] {
        assert_eq!(
            Filter::parse(&text, INCIDENT_FIELDS).unwrap_err().message,
            "nested deeper than 32 levels"
        );
    }
    let wide = vec!["name eq 'x'"; 2_000].join(" or ");
    assert!(!Filter::parse(&wide, INCIDENT_FIELDS).unwrap().passes(&incident()));
}

#[test]
fn a_plain_equality_can_be_handed_on() {
    let only = |text| Filter::parse(text, RUN_FIELDS).unwrap().only_equals("status").map(str::to_owned);
    assert_eq!(only("status eq 'Failed'"), Some("Failed".to_owned()));
    assert_eq!(only("properties/status eq 'Failed'"), Some("Failed".to_owned()));
    assert_eq!(only("status ne 'Failed'"), None);
    assert_eq!(only("status eq 'Failed' and startTime gt 2024-01-01"), None);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[ ()',a-z/0-9:.é-]{0,60}") {
        if let Ok(filter) = Filter::parse(&text, INCIDENT_FIELDS) {
            filter.passes(&incident());
        }
    }

    #[test]
    fn any_title_can_be_asked_for(title in ".{0,40}") {
        let text = format!("properties/title eq '{}'", title.replace('\'', "''"));
        let resource = value!({"properties": {"title": title}});
        prop_assert!(Filter::parse(&text, INCIDENT_FIELDS).unwrap().passes(&resource));
    }
}
