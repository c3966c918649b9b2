//! The shapes: ARM resources, trigger bodies, table rows, comments, tasks, relations.

use crate::made::{ana, at, incident, missing, rule, same_errors, workspace};
use riposte_incident::{
    Actor, ActorKind, Alert, Change, Comment, IncidentContext, IncidentPatch, MESSAGE_MAX, Related, Relation,
    Task, TaskWrite, apply, entity_trigger_body, incident_trigger_body, parse_time, read_entities,
    security_incident_row, time_text,
};
use riposte_value::{Value, json, value};

const ID: &str = "/subscriptions/00000000-0000-4000-8000-0000000005b5/resourceGroups/soc/providers/\
                  Microsoft.OperationalInsights/workspaces/main/providers/Microsoft.SecurityInsights/Incidents/\
                  6f0c1a52-0000-4000-8000-000000000001";

#[test]
fn the_arm_resource() {
    let incident = incident(&value!({"labels": [{"labelName": "vip"}], "description": "d"}));
    let arm = incident.to_arm(&workspace());
    let url = format!("https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident{ID}");
    let expected = value!({
        "id": ID,
        "name": "6f0c1a52-0000-4000-8000-000000000001",
        "etag": format!("\"{}\"", incident.etag),
        "type": "Microsoft.SecurityInsights/Incidents",
        "properties": {
            "title": "Sign-in from Tor",
            "description": "d",
            "severity": "Medium",
            "status": "New",
            "owner": {"objectId": null, "email": null, "assignedTo": null, "userPrincipalName": null},
            "labels": [{"labelName": "vip", "labelType": "User"}],
            "lastModifiedTimeUtc": "2026-03-01T08:00:00Z",
            "createdTimeUtc": "2026-03-01T08:00:00Z",
            "incidentNumber": 7,
            "additionalData": {
                "alertsCount": 0, "bookmarksCount": 0, "commentsCount": 0,
                "alertProductNames": [], "tactics": [], "techniques": []
            },
            "relatedAnalyticRuleIds": [],
            "incidentUrl": url,
            "providerName": "Azure Sentinel",
            "providerIncidentId": "7"
        }
    });
    assert_eq!(arm, expected);
    assert_eq!(incident.etag.len(), 36, "in the pattern of a GUID");
}

fn context<'a>(
    workspace: &'a riposte_incident::WorkspaceRef,
    incident: &'a riposte_incident::Incident,
    alerts: &'a [Alert],
    entities: &'a [riposte_incident::Entity],
    comments: &'a [Comment],
) -> IncidentContext<'a> {
    IncidentContext { workspace, incident, alerts, entities, comments, bookmarks: &[] }
}

#[test]
fn the_incident_trigger_when_created() {
    let workspace = workspace();
    let mut subject = incident(&value!({}));
    let alert = Alert::read(&value!({"SystemAlertId": "a1", "DisplayName": "n", "Entities": [
        {"Type": "ip", "Address": "1.2.3.4"}]}));
    let alerts = [alert.unwrap()];
    let entities = read_entities(&alerts[0].entities, &workspace.id);
    subject.add_alert(&alerts[0], &workspace, &ana(), at("2026-03-01T08:00:00Z"));
    let body = incident_trigger_body(context(&workspace, &subject, &alerts, &entities, &[]), "event-1", None);
    let expected = value!({
        "eventUniqueId": "event-1",
        "objectSchemaType": "Incident",
        "objectEventType": "Create",
        "workspaceInfo": {
            "SubscriptionId": "00000000-0000-4000-8000-0000000005b5",
            "ResourceGroupName": "soc",
            "WorkspaceName": "main"
        },
        "workspaceId": "00000000-0000-4000-8000-000000000a11",
        "object": {"id": ID, "type": "Microsoft.SecurityInsights/Incidents"}
    });
    assert_eq!(missing(&expected, &body, "$"), Vec::<String>::new());
    assert!(body.get("incidentUpdates").is_none());
    let properties = body.at(&["object", "properties"]).unwrap();
    assert_eq!(properties.at(&["additionalData", "alertsCount"]), Some(&Value::Int(1)));
    let alert = properties.get("alerts").unwrap().item(0).unwrap();
    assert_eq!(alert.str_at(&["kind"]), Some("SecurityAlert"));
    let entity = properties.get("relatedEntities").unwrap().item(0).unwrap();
    assert_eq!(entity.str_at(&["properties", "address"]), Some("1.2.3.4"));
    assert_eq!(json::to_string(properties.get("comments").unwrap()), "[]");
    assert_eq!(json::to_string(properties.get("bookmarks").unwrap()), "[]");
}

#[test]
fn the_incident_trigger_when_updated() {
    let workspace = workspace();
    let time = at("2026-03-01T09:00:00Z");
    let mut subject = incident(&value!({}));
    let patch = IncidentPatch {
        severity: riposte_incident::Field::Set(riposte_incident::Severity::High),
        ..IncidentPatch::default().adding_labels(["vip".into()])
    };
    let mut change = apply(&mut subject, &patch, &rule(), time).unwrap();
    let comments = [Comment::new("c1", "hello", &ana(), time), Comment::new("c2", "later", &ana(), time)];
    change.merge(subject.comment_added(&comments[0]));
    let body = incident_trigger_body(
        context(&workspace, &subject, &[], &[], &comments),
        "event-2",
        Some((&change, &rule())),
    );
    assert_eq!(body.str_at(&["objectEventType"]), Some("Update"));
    let updates = body.get("incidentUpdates").unwrap();
    let expected = value!({
        "updatedFields": ["Severity", "Comments", "Labels"],
        "updatedBy": {"name": "Escalate"},
        "alerts": [],
        "labels": [{"labelName": "vip", "labelType": "User"}],
        "tactics": []
    });
    assert_eq!(missing(&expected, updates, "$"), Vec::<String>::new());
    let told = updates.get("comments").unwrap().as_array().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].str_at(&["properties", "message"]), Some("hello"));
    assert_eq!(body.at(&["object", "properties", "comments"]).unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn the_entity_trigger_has_both_families_of_names() {
    let workspace = workspace();
    let subject = incident(&value!({}));
    let list = value!([{"Type": "account", "Name": "LisaV", "UPNSuffix": "w.ms", "MdatpDeviceId": "d"}]);
    let entity = read_entities(&list, &workspace.id).remove(0);
    let body = entity_trigger_body(&entity, Some(&subject), &workspace);
    assert_eq!(body.str_at(&["IncidentArmID"]), Some(ID));
    assert_eq!(body.str_at(&["Entity", "kind"]), Some("Account"));
    let properties = body.at(&["Entity", "properties"]).unwrap();
    for name in ["Name", "accountName"] {
        assert_eq!(properties.str_at(&[name]), Some("LisaV"), "{name}");
    }
    assert_eq!(properties.str_at(&["UPNSuffix"]), Some("w.ms"));
    assert!(properties.get("upnSuffix").is_none(), "differs in case alone");
    assert_eq!(properties.str_at(&["additionalData", "MdatpDeviceId"]), Some("d"));
    let hunted = entity_trigger_body(&entity, None, &workspace);
    assert_eq!(hunted.get("IncidentArmID"), Some(&Value::Null));
}

#[test]
fn the_table_row() {
    let workspace = workspace();
    let time = at("2026-03-01T09:00:00Z");
    let mut subject = incident(&value!({}));
    let created = security_incident_row(&subject, &[], &[], &workspace, subject.created);
    assert_eq!(created.str_at(&["ModifiedBy"]), Some("ana@contoso.com"));
    assert_eq!(created.get("FirstModifiedTime"), Some(&Value::Null));
    let patch = IncidentPatch {
        status: riposte_incident::Field::Set(riposte_incident::IncidentStatus::Closed),
        ..IncidentPatch::default()
    };
    apply(&mut subject, &patch, &rule(), time).unwrap();
    let comments = [Comment::new("c1", "hello", &ana(), time)];
    let tasks = [Task::new("t1", TaskWrite::new("Call", None), &ana(), time)];
    let row = security_incident_row(&subject, &comments, &tasks, &workspace, time);
    let expected = value!({
        "TenantId": "00000000-0000-4000-8000-000000000a11",
        "TimeGenerated": "2026-03-01T09:00:00Z",
        "IncidentName": "6f0c1a52-0000-4000-8000-000000000001",
        "IncidentNumber": 7,
        "Status": "Closed",
        "Classification": "Undetermined",
        "ClosedTime": "2026-03-01T09:00:00Z",
        "FirstModifiedTime": "2026-03-01T09:00:00Z",
        "ModifiedBy": "Automation rule - Escalate",
        "SourceSystem": "Azure",
        "Type": "SecurityIncident"
    });
    assert_eq!(missing(&expected, &row, "$"), Vec::<String>::new());
    assert_eq!(row.get("Comments").unwrap().item(0).unwrap().str_at(&["message"]), Some("hello"));
    assert_eq!(row.get("Tasks").unwrap().item(0).unwrap().str_at(&["status"]), Some("New"));
}

#[test]
fn comments() {
    let message = Comment::message_from_arm(&value!({"properties": {"message": "hello <b>x</b>"}}));
    assert_eq!(message.unwrap(), "hello <b>x</b>");
    let at_most = "ü".repeat(MESSAGE_MAX);
    assert!(Comment::message_from_arm(&value!({"properties": {"message": at_most}})).is_ok());
    let longer = "ü".repeat(MESSAGE_MAX + 1);
    for (body, error) in [
        (
            value!({"properties": {"message": longer}}),
            "$.properties.message: the comment has 30001 characters; at most 30000 are allowed",
        ),
        (value!({"properties": {}}), "$.properties: `message` is missing"),
        (value!({"properties": {"message": ""}}), "$.properties.message: `message` is empty"),
        (
            value!({"properties": {"message": {}}}),
            "$.properties.message: `message` must be a text, not an object",
        ),
        (value!([]), "$: the body must be an object, not an array"),
    ] {
        same_errors(&[error.to_owned()], &Comment::message_from_arm(&body).unwrap_err()).unwrap();
    }
    let (id, message) = Comment::from_connector(&value!({"incidentArmId": ID, "message": "m"})).unwrap();
    assert_eq!((id.as_str(), message.as_str()), (ID, "m"));
    assert!(Comment::from_connector(&value!({"message": "m"})).is_err());
    let comment = Comment::new("c1", "m", &ana(), at("2026-03-01T09:00:00Z"));
    let arm = comment.to_arm(&workspace(), "6f0c1a52-0000-4000-8000-000000000001");
    assert_eq!(arm.str_at(&["id"]), Some(format!("{ID}/Comments/c1").as_str()));
    let author = json::to_string(arm.at(&["properties", "author"]).unwrap());
    assert_eq!(
        author,
        r#"{"objectId":"0b1e1e5a-0000-4000-8000-00000000a17a","email":"ana@contoso.com","name":"Ana","userPrincipalName":"ana@contoso.com"}"#
    );
    let mut subject = incident(&value!({}));
    let change = subject.comment_added(&comment);
    assert_eq!((change.summary().as_str(), subject.comments_count), ("comment added", 1));
    assert!(change.triggers_update_rules());
    assert!(!subject.comment_edited("c1", &ana(), comment.created).triggers_update_rules());
    assert!(!subject.comment_removed("c1", &ana(), comment.created).is_empty());
    assert_eq!(subject.comments_count, 0);
}

#[test]
fn tasks() {
    let write =
        TaskWrite::from_arm(&value!({"etag": "\"x\"", "properties": {"title": "t", "status": "new"}}))
            .unwrap();
    assert_eq!(write.etag.as_deref(), Some("x"));
    let time = at("2026-03-01T09:00:00Z");
    let mut task = Task::new("t1", write.clone(), &ana(), time);
    assert!(!task.write(write, &ana(), time));
    let etag = task.etag.clone();
    let done = TaskWrite::from_arm(&value!({"properties": {"title": "t", "status": "Completed"}})).unwrap();
    assert!(task.write(done, &rule(), time));
    assert_ne!(task.etag, etag);
    let arm = task.to_arm(&workspace(), "i");
    assert_eq!(arm.str_at(&["properties", "status"]), Some("Completed"));
    assert_eq!(arm.str_at(&["properties", "lastModifiedBy", "name"]), Some("Escalate"));
    let told = TaskWrite::from_arm(&value!({"properties": {"status": "Later"}})).unwrap_err();
    same_errors(
        &[
            "$.properties: `title` is missing".into(),
            "$.properties.status: `Later` is no value of `status`".into(),
        ],
        &told,
    )
    .unwrap();
    let (id, write) =
        TaskWrite::from_connector(&value!({"incidentArmId": ID, "taskTitle": "T", "taskDescription": "d"}))
            .unwrap();
    assert_eq!((id.as_str(), write.title.as_str(), write.description.as_deref()), (ID, "T", Some("d")));
    let mut subject = incident(&value!({}));
    assert!(!subject.task_added(&task).triggers_update_rules());
    assert_eq!(subject.tasks_count, 1);
}

#[test]
fn relations() {
    let time = at("2026-03-01T09:00:00Z");
    let (id, etag) =
        Relation::from_arm(&value!({"properties": {"relatedResourceId": "/x/entities/a1"}})).unwrap();
    assert_eq!(etag, None);
    let relation = Relation::new("r1", &id, time);
    assert_eq!(relation.related(), Related::Alert("a1".into()));
    let arm = relation.to_arm(&workspace(), "i");
    let expected = value!({
        "relatedResourceId": "/x/entities/a1",
        "relatedResourceName": "a1",
        "relatedResourceType": "Microsoft.SecurityInsights/entities",
        "relatedResourceKind": "SecurityAlert"
    });
    assert_eq!(arm.get("properties"), Some(&expected));
    assert_eq!(Relation::new("r", "/x/Bookmarks/b/", time).related(), Related::Bookmark("b".into()));
    assert_eq!(Relation::new("r", "/x/things/b", time).related(), Related::Other);
    assert!(Relation::from_arm(&value!({"properties": {}})).is_err());
}

#[test]
fn times() {
    for (text, expected) in [
        ("2023-12-04T15:11:54.3729192Z", "2023-12-04T15:11:54.3729192Z"),
        ("2023-12-04T15:11:54.372919299Z", "2023-12-04T15:11:54.3729192Z"),
        ("2023-12-04T15:11:54.500Z", "2023-12-04T15:11:54.5Z"),
        ("2023-12-04T15:11:54", "2023-12-04T15:11:54Z"),
        ("2023-12-04", "2023-12-04T00:00:00Z"),
        (" 2023-12-04T15:11:54+02:00 ", "2023-12-04T13:11:54Z"),
    ] {
        assert_eq!(parse_time(text).map(time_text).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(parse_time("soon"), None);
}

#[test]
fn changes_of_one_write_are_one_change() {
    let field = |property: &str, old: &str, new: &str| serde_json::json!({"fields": [{"property": property, "old": old, "new": new}]});
    let change = |json: serde_json::Value| serde_json::from_value::<Change>(json).unwrap();
    let mut all = change(field("Severity", "Low", "Medium"));
    all.merge(change(field("Severity", "Medium", "High")));
    all.merge(change(field("Status", "New", "Active")));
    assert_eq!(all.summary(), "severity Low → High; status New → Active");
    all.merge(change(field("Severity", "High", "Low")));
    assert_eq!(all.summary(), "status New → Active", "there and back is no change");
    all.merge(change(serde_json::json!({"labelsAdded": ["a", "b"]})));
    all.merge(change(serde_json::json!({"labelsRemoved": ["A", "c"]})));
    assert_eq!(
        (all.labels_added.as_slice(), all.labels_removed.as_slice()),
        (&["b".into()][..], &["c".into()][..])
    );
}

#[test]
fn actors_are_told() {
    for (actor, text) in [
        (Actor::new(ActorKind::AutomationRule, "R"), "Automation rule - R"),
        (Actor::new(ActorKind::Playbook, "P"), "Playbook - P"),
        (Actor::new(ActorKind::AlertGrouping, "x"), "Alert grouping"),
        (ana(), "ana@contoso.com"),
        (Actor::new(ActorKind::Application, "App"), "App"),
    ] {
        assert_eq!(actor.modified_by(), text);
    }
}
