//! Entities: reading and rendering in all spellings, and the connector's getters, as tables.

use crate::made::{missing, workspace};
use riposte_incident::{
    Entity, EntityGetter, EntityKind, entities_get, entities_to_v3, merge_entities, read_entities,
};
use riposte_testing::Cases;
use riposte_value::{Value, json, value};
use serde::Deserialize;

/// A list of entities and what it is read as.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    /// The list, or a text that holds one.
    list: Value,
    /// What of the ARM resources must be there, one for each entity, in order.
    arm: Vec<Value>,
}

#[test]
fn lists_are_read_as_the_tables_say() {
    let workspace = workspace();
    Cases::<Case>::load("conformance/incident/entities").check(|case| {
        let entities = read_entities(&case.list, &workspace.id);
        let arm: Vec<Value> = entities.iter().map(|entity| entity.to_arm(&workspace)).collect();
        if arm.len() != case.arm.len() {
            return Err(format!("{} entities: {}", arm.len(), Value::array(arm)));
        }
        let wrong: Vec<String> = case
            .arm
            .iter()
            .zip(&arm)
            .enumerate()
            .flat_map(|(at, (expect, got))| missing(expect, got, &format!("$[{at}]")))
            .collect();
        for (entity, arm) in entities.iter().zip(&arm) {
            assert_eq!(arm.str_at(&["name"]), Some(entity.id.as_str()));
            assert!(arm.str_at(&["id"]).unwrap().ends_with(&format!("/Entities/{}", entity.id)));
        }
        let from_arm = read_entities(&Value::from(arm), &workspace.id);
        let from_v3 = read_entities(&entities_to_v3(&entities), &workspace.id);
        if sorted(&from_arm) != sorted(&entities) {
            return Err(format!("does not come back from ARM: {from_arm:#?} from {entities:#?}"));
        }
        // the V3 form has no place for a name that somebody else gave
        let properties = |list: &[Entity]| -> Vec<String> {
            let mut all: Vec<String> =
                sorted(list).into_iter().map(|(_, properties, _)| properties).collect();
            all.sort();
            all
        };
        if properties(&from_v3) != properties(&entities) {
            return Err(format!("does not come back from V3: {from_v3:#?} from {entities:#?}"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
}

/// Entities in an order of their own, properties too: a list may name an entity before the one that holds it.
fn sorted(entities: &[Entity]) -> Vec<(String, String, String)> {
    let mut sorted: Vec<_> = entities
        .iter()
        .map(|entity| {
            let mut properties: Vec<String> =
                entity.properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
            properties.sort();
            let mut links: Vec<String> =
                entity.links.iter().map(|link| format!("{}={:?}", link.property, link.targets)).collect();
            links.sort();
            (entity.id.to_string(), properties.join(","), links.join(","))
        })
        .collect();
    sorted.sort();
    sorted
}

/// A getter, its input and its answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetterCase {
    #[serde(rename = "name")]
    _name: String,
    getter: EntityGetter,
    input: Value,
    expect: Value,
}

#[test]
fn getters_answer_as_the_tables_say() {
    Cases::<GetterCase>::load("conformance/incident/getters").check(|case| {
        let got = entities_get(case.getter, &case.input);
        if got == case.expect { Ok(()) } else { Err(format!("wanted {}, got {got}", case.expect)) }
    });
}

#[test]
fn kinds_have_one_name_in_many_spellings() {
    for (name, kind) in [
        ("Account", EntityKind::Account),
        ("IP", EntityKind::Ip),
        ("ip", EntityKind::Ip),
        ("UrlEntity", EntityKind::Url),
        ("DNS", EntityKind::DnsResolution),
        ("DnsResolution", EntityKind::DnsResolution),
        ("mail-message", EntityKind::MailMessage),
        ("MailMessage", EntityKind::MailMessage),
        ("azure-resource", EntityKind::AzureResource),
        ("iotdevice", EntityKind::IoTDevice),
        ("SubmissionMail", EntityKind::SubmissionMail),
        ("host-logon-session", EntityKind::Other("host-logon-session".into())),
    ] {
        let read = EntityKind::parse(name);
        assert_eq!(read, kind, "{name}");
        assert_eq!(EntityKind::parse(read.as_str()), kind, "{name}");
        assert_eq!(EntityKind::parse(read.v3()), kind, "{name}");
    }
}

#[test]
fn the_same_entity_has_the_same_id_in_one_workspace_only() {
    let one = |list: Value, workspace: &str| read_entities(&list, workspace).remove(0).id;
    let workspace = "00000000-0000-4000-8000-000000000a11";
    let id = one(value!([{"Type": "ip", "Address": "1.2.3.4"}]), workspace);
    assert_eq!(
        id,
        one(value!([{"$id": "9", "Type": "IP", "address": "1.2.3.4", "Location": {"x": 1}}]), workspace)
    );
    assert_ne!(id, one(value!([{"Type": "ip", "Address": "1.2.3.5"}]), workspace));
    assert_ne!(
        id,
        one(value!([{"Type": "ip", "Address": "1.2.3.4"}]), "00000000-0000-4000-8000-000000000a12")
    );
    assert_ne!(id, one(value!([{"Type": "url", "Url": "1.2.3.4"}]), workspace));
}

#[test]
fn entities_of_several_alerts_are_one_list() {
    let read = |list: Value| read_entities(&list, "w");
    let mut all = read(value!([{"Type": "host", "HostName": "h1"}, {"Type": "ip", "Address": "1.2.3.4"}]));
    let more = read(value!([
        {"Type": "host", "HostName": "H1", "OSFamily": "Windows"},
        {"Type": "host", "HostName": "h2"}
    ]));
    merge_entities(&mut all, more);
    let names: Vec<_> = all.iter().map(|entity| entity.friendly_name().to_string()).collect();
    assert_eq!(names, ["h1", "1.2.3.4", "h2"]);
    assert_eq!(all[0].text("osfamily").as_deref(), Some("Windows"));
}

#[test]
fn lists_that_lead_in_circles_end() {
    let circle = value!([
        {"$id": "1", "Type": "process", "ProcessId": "1", "ParentProcess": {"$ref": "2"}},
        {"$id": "2", "Type": "process", "ProcessId": "2", "ParentProcess": {"$ref": "1"}},
        {"$id": "3", "$ref": "3"},
        {"$ref": "4"}
    ]);
    assert_eq!(read_entities(&circle, "w").len(), 2);
    // every item of the list leads to all the others: the answer stays of bounded size
    let items = (0..400).map(|at| {
        let inner = (0..400).map(|other| value!({"$ref": other.to_string()}));
        Value::object([
            ("$id", at.to_string().into()),
            ("Type", "ip".into()),
            ("Address", "1".repeat(2000).into()),
            ("Others", Value::array(inner)),
        ])
    });
    let got = entities_get(EntityGetter::Ip, &Value::array(items));
    assert!(json::to_string(&got).len() < 64 << 20);
}

#[test]
fn a_name_is_an_id_where_it_can_be_one() {
    let named = |name: &str| {
        let list = value!([{"name": name, "kind": "Ip", "properties": {"address": "1.2.3.4"}}]);
        read_entities(&list, "w").remove(0).id
    };
    let computed = named("");
    let (longest, long) = ("x".repeat(256), "x".repeat(257));
    for name in ["a\0b", "a\nb", "\u{85}", long.as_str()] {
        assert_eq!(named(name), computed, "{name:?}");
    }
    for name in ["a b", "Ä", longest.as_str()] {
        assert_eq!(named(name).as_str(), name);
    }
}
