//! The reference page of conditions is made from the tables of the crate. `RIPOSTE_WRITE=1 cargo nextest run -p
//! riposte-rules reference` makes it anew; every JSON object on it is read as what it shows.

#![expect(clippy::disallowed_methods, reason = "the test reads and writes the page; the crate does not")]

use crate::made::{extended_properties, properties};
use riposte_incident::Name;
use riposte_rules::{AutomationRule, Operator, Property};
use riposte_value::{Value, json};
use std::fmt::Write;

const PAGE: &str = "docs/reference/automation-rules.md";
const BEGIN: &str = "<!-- made from the code: begin -->\n";
const END: &str = "<!-- made from the code: end -->\n";

fn operators(property: Property) -> String {
    match property.operators_in_portal() {
        Some(operators) if operators.len() == Operator::ALL.len() => "all".to_owned(),
        Some(operators) => {
            operators.iter().map(|operator| format!("`{operator}`")).collect::<Vec<_>>().join(", ")
        }
        None => "–".to_owned(),
    }
}

fn contains(property: Property) -> &'static str {
    if property.is_set_of_names() { "a whole member" } else { "a part of the text" }
}

fn tables() -> String {
    let mut page = String::from(
        "\n| property | is | `Contains` asks for | in Azure's portal |\n| --- | --- | --- | --- |\n",
    );
    for property in Property::ALL.iter().filter(|property| !property.is_extended()) {
        let (about, contains, portal) = (property.about(), contains(*property), operators(*property));
        writeln!(page, "| `{property}` | {about} | {contains} | {portal} |").unwrap();
    }
    page.push_str(
        "\n### Properties of the extension\n\n| property | is | `Contains` asks for |\n| --- | --- | --- |\n",
    );
    for property in Property::ALL.iter().filter(|property| property.is_extended()) {
        writeln!(page, "| `{property}` | {} | {} |", property.about(), contains(*property)).unwrap();
    }
    page.push_str("\n### Operators\n\n| operator | in words |\n| --- | --- |\n");
    for operator in Operator::ALL {
        writeln!(page, "| `{operator}` | {} |", operator.phrase()).unwrap();
    }
    page.push('\n');
    page
}

#[test]
fn the_page_is_up_to_date() {
    let path = riposte_testing::repository_root().join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (made, after) = rest.split_once(END).unwrap();
    if std::env::var_os("RIPOSTE_WRITE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", tables())).unwrap();
        return;
    }
    assert_eq!(
        made,
        tables(),
        "make {PAGE} anew: RIPOSTE_WRITE=1 cargo nextest run -p riposte-rules reference"
    );
}

#[test]
fn every_property_says_where_it_comes_from() {
    for property in Property::ALL {
        assert_ne!(property.about(), "a property of entities", "{}", property.name());
    }
}

#[test]
fn what_the_pages_show_can_be_read() {
    let mut seen = 0;
    for page in [PAGE, "docs/how-to/write-and-try-rules.md"] {
        let text = std::fs::read_to_string(riposte_testing::repository_root().join(page)).unwrap();
        for block in text.split("```json\n").skip(1) {
            let block = block.split_once("```").unwrap().0;
            let value = json::parse(block).unwrap_or_else(|error| panic!("{page}: {error}: {block}"));
            let given = if value.get("conditionType").is_some() {
                extended_properties(&Value::array([value]))
            } else if value.get("riposte").is_some() && value.get("displayName").is_none() {
                let mut given = properties(&Value::array([]));
                given.as_object_mut().unwrap().insert("riposte", value.get("riposte").unwrap().clone());
                given
            } else {
                match value.get("properties").filter(|properties| properties.get("triggeringLogic").is_some())
                {
                    Some(properties) => properties.clone(),
                    None => continue,
                }
            };
            let (rule, told) = AutomationRule::from_arm("r", &given);
            assert!(rule.is_some(), "{page}: {block}: {told:#?}");
            seen += 1;
        }
    }
    assert!(seen >= 9, "only {seen} examples");
}
