//! Properties over generated values: writes are idempotent, reading never panics, stored forms come back.

use crate::made::{ana, at, incident, workspace};
use proptest::prelude::*;
use proptest::sample::select;
use riposte_incident::{
    Alert, Classification, ClassificationReason, Comment, EntityGetter, Field, Incident, IncidentPatch,
    IncidentStatus, Label, LabelPatch, Owner, Relation, Severity, TaskWrite, apply, entities_get,
    entities_to_v3, fold, from_arm_put, from_connector_create, from_connector_update, from_modify_properties,
    read_entities, same,
};
use riposte_value::{Text, Value, value};

/// Any JSON of some depth, with names that the readers look for.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        "[a-zA-Z$]{0,6}",
        select(vec![
            "properties",
            "title",
            "severity",
            "status",
            "labels",
            "labelName",
            "owner",
            "objectId",
            "classification",
            "ClassificationAndReason",
            "tagsToAdd",
            "TagsToAdd",
            "Tag",
            "ownerAction",
            "Type",
            "kind",
            "$id",
            "$ref",
            "Address",
            "Host",
            "FileHashes",
            "additionalData",
            "SystemAlertId",
            "Entities",
            "ExtendedProperties",
            "Custom Details",
            "Analytic Rule Ids",
            "Tactics",
            "AlertSeverity",
            "StartTime",
            "name",
            "incidentArmId",
            "message",
            "relatedResourceId",
            "hostEntityId",
            "etag",
        ])
        .prop_map(str::to_owned),
    ];
    let text = prop_oneof![
        ".{0,12}",
        select(vec![
            "High",
            "New",
            "Closed",
            "ip",
            "host",
            "account",
            "file",
            "1",
            "2",
            "[1]",
            "{\"a\":[]}",
            "[{\"Type\":\"ip\"}]",
            "TruePositive - SuspiciousActivity",
            "Assign",
            "2026-01-01T00:00:00Z",
            "/a/b/",
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..8).prop_map(Value::object),
        ]
    })
}

fn any_field<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Field<T>> {
    prop_oneof![2 => Just(Field::Leave), 2 => value.prop_map(Field::Set), 1 => Just(Field::Clear)].boxed()
}

fn any_text() -> impl Strategy<Value = Text> {
    "[a-cA-C ]{0,3}".prop_map(Text::from)
}

fn any_labels() -> impl Strategy<Value = LabelPatch> {
    let texts = || proptest::collection::vec(any_text(), 0..4);
    prop_oneof![
        Just(LabelPatch::Leave),
        texts().prop_map(|names| LabelPatch::Replace(names.into_iter().map(Label::user).collect())),
        (texts(), texts()).prop_map(|(add, remove)| LabelPatch::Edit { add, remove }),
    ]
}

fn any_patch() -> impl Strategy<Value = IncidentPatch> {
    (
        any_field(any_text()),
        any_field(any_text()),
        any_field(select(Severity::ALL)),
        any_field(select(IncidentStatus::ALL)),
        any_field(select(Classification::ALL)),
        any_field(select(ClassificationReason::ALL)),
        any_field(any_text()),
        any_field((any_text(), any_text()).prop_map(|(upn, mail)| Owner {
            upn: Some(upn),
            email: Some(mail),
            ..Owner::default()
        })),
        any_labels(),
    )
        .prop_map(
            |(title, description, severity, status, classification, reason, comment, owner, labels)| {
                IncidentPatch {
                    title,
                    description,
                    severity,
                    status,
                    classification,
                    classification_reason: reason,
                    classification_comment: comment,
                    owner,
                    labels,
                    ..IncidentPatch::default()
                }
            },
        )
}

proptest! {
    #[test]
    fn a_write_is_idempotent(first in any_patch(), second in any_patch()) {
        let mut subject = incident(&value!({}));
        let time = at("2026-03-01T09:00:00Z");
        for patch in [&first, &second] {
            let before = subject.clone();
            match apply(&mut subject, patch, &ana(), time) {
                Err(told) => {
                    prop_assert!(!told.is_empty());
                    prop_assert_eq!(&subject, &before);
                }
                Ok(change) => {
                    prop_assert_eq!(change.is_empty(), subject == before);
                    prop_assert_eq!(change.is_empty(), change.summary().is_empty());
                    prop_assert!(apply(&mut subject, patch, &ana(), time).unwrap().is_empty());
                }
            }
            prop_assert!(!subject.title.trim().is_empty());
            let closed = subject.status == IncidentStatus::Closed;
            prop_assert_eq!(closed, subject.closed.is_some());
            prop_assert!(!closed || subject.classification.is_some());
            for (at, label) in subject.labels.iter().enumerate() {
                prop_assert!(!subject.labels[..at].iter().any(|other| same(&other.name, &label.name)));
            }
        }
        let stored: Incident = serde_json::from_str(&serde_json::to_string(&subject).unwrap()).unwrap();
        prop_assert_eq!(stored, subject);
    }

    #[test]
    fn an_arm_resource_put_back_changes_nothing(patch in any_patch()) {
        let mut subject = incident(&value!({}));
        let time = at("2026-03-01T09:00:00Z");
        let _ = apply(&mut subject, &patch, &ana(), time);
        let put = from_arm_put(&subject.to_arm(&workspace())).unwrap();
        prop_assert!(subject.etag_is(put.etag.as_deref().unwrap()));
        let change = apply(&mut subject, &put.patch, &ana(), time).unwrap();
        prop_assert!(change.is_empty(), "{}", change.summary());
    }

    #[test]
    fn reading_anything_never_panics(json in any_json()) {
        let mut told = Vec::new();
        let _ = from_arm_put(&json);
        let _ = from_connector_update(&json);
        let _ = from_connector_create(&json);
        from_modify_properties(&json, "$", &mut told);
        let _ = Alert::read(&json);
        let _ = Comment::message_from_arm(&json);
        let _ = TaskWrite::from_arm(&json);
        let _ = Relation::from_arm(&json);
        for getter in EntityGetter::ALL {
            let got = entities_get(*getter, &json);
            prop_assert!(got.get(getter.property()).unwrap().as_array().is_some());
        }
    }

    #[test]
    fn whatever_is_read_as_entities_comes_back(list in proptest::collection::vec(any_json(), 0..6)) {
        let entities = read_entities(&Value::from(list), "w");
        let again = read_entities(&entities_to_v3(&entities), "w");
        prop_assert!(again.len() <= entities.len());
        let stored: Vec<riposte_incident::Entity> =
            serde_json::from_str(&serde_json::to_string(&entities).unwrap()).unwrap();
        prop_assert_eq!(stored.len(), entities.len());
        for entity in &entities {
            entity.to_arm(&workspace());
            entity.to_connector();
        }
    }

    #[test]
    fn an_alert_comes_back_from_its_shapes(json in any_json(), id in "[a-z0-9]{1,6}") {
        let mut json = json;
        if let Some(object) = json.as_object_mut() {
            object.insert("SystemAlertId", id);
            object.remove("properties");
            if let Ok(alert) = Alert::read(&json) {
                let stored: Alert = serde_json::from_str(&serde_json::to_string(&alert).unwrap()).unwrap();
                prop_assert_eq!(&stored.system_alert_id, &alert.system_alert_id);
                prop_assert!(Alert::read(&alert.to_arm(&workspace())).is_ok());
                prop_assert!(Alert::read(&alert.to_row(&workspace())).is_ok());
                alert.trigger_body(&workspace());
                alert.custom_details();
            }
        }
    }

    #[test]
    fn folding_is_stable_and_decides_sameness(a in "\\PC{0,8}", b in "\\PC{0,8}") {
        prop_assert_eq!(fold(&fold(&a)), fold(&a));
        prop_assert_eq!(same(&a, &b), fold(&a) == fold(&b));
        prop_assert!(same(&a, &a.to_ascii_uppercase()));
    }
}
