//! The access check: tables, and properties over generated patterns and scopes.

use proptest::prelude::*;
use riposte_access::{
    Assignment, BUILT_IN_ROLES, Decision, Principal, RoleDefinition, SERVICE_ACCOUNT, action_matches,
    built_in_role, check, covers,
};

const RG: &str = "/subscriptions/s/resourceGroups/soc";
const WORKSPACE: &str =
    "/subscriptions/s/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/w";

fn allowed(role: &str, action: &str) -> bool {
    let assignments = [Assignment::new("ana", role, RG).unwrap()];
    check(&Principal::user("ana"), action, WORKSPACE, &assignments, &[]).is_allowed()
}

#[test]
fn roles_allow_and_deny() {
    let insights = "Microsoft.SecurityInsights";
    for (role, action, expected) in [
        ("Owner", "Microsoft.Authorization/roleAssignments/write", true),
        ("Contributor", "Microsoft.Authorization/roleAssignments/write", false),
        ("Contributor", "Microsoft.Logic/workflows/write", true),
        ("Reader", "Microsoft.Logic/workflows/read", true),
        ("Reader", "Microsoft.Logic/workflows/write", false),
        ("Microsoft Sentinel Reader", "Microsoft.SecurityInsights/incidents/read", true),
        ("Microsoft Sentinel Reader", "Microsoft.SecurityInsights/incidents/comments/read", true),
        ("Microsoft Sentinel Reader", "Microsoft.SecurityInsights/incidents/write", false),
        ("Microsoft Sentinel Reader", "Microsoft.SecurityInsights/ConfidentialWatchlists/read", false),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/incidents/write", true),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/incidents/comments/write", true),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/incidents/delete", false),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/incidents/comments/delete", false),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/automationRules/write", true),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/automationRules/delete", true),
        ("Microsoft Sentinel Responder", "Microsoft.SecurityInsights/alertRules/write", false),
        ("Microsoft Sentinel Responder", "Microsoft.Logic/workflows/triggers/listCallbackUrl/action", false),
        ("Microsoft Sentinel Contributor", "Microsoft.SecurityInsights/incidents/delete", true),
        ("Microsoft Sentinel Contributor", "Microsoft.Logic/workflows/write", false),
        (
            "Microsoft Sentinel Playbook Operator",
            "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
            true,
        ),
        ("Microsoft Sentinel Playbook Operator", "Microsoft.Logic/workflows/write", false),
        (
            "Microsoft Sentinel Automation Contributor",
            "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
            true,
        ),
        ("Microsoft Sentinel Automation Contributor", "Microsoft.Logic/workflows/read", false),
        ("Logic App Contributor", "Microsoft.Web/connections/write", true),
        ("Logic App Contributor", "Microsoft.SecurityInsights/incidents/read", false),
        ("Logic App Operator", "Microsoft.Logic/workflows/enable/action", true),
        ("Logic App Operator", "Microsoft.Logic/workflows/write", false),
    ] {
        assert_eq!(allowed(role, action), expected, "{role}: {action}");
        assert_eq!(
            allowed(&role.to_lowercase(), &action.to_uppercase()),
            expected,
            "{role}: {action} in other case"
        );
    }
    assert!(!allowed("Reader", &format!("{insights}/incidents/runPlaybook/action")));
}

#[test]
fn denied_without_assignment() {
    let ana = Principal::user("ana");
    assert_eq!(check(&ana, "x/read", RG, &[], &[]), Decision::Denied);
    let others = [Assignment::new("bob", "Owner", "/").unwrap()];
    assert_eq!(check(&ana, "x/read", RG, &others, &[]), Decision::Denied);
}

#[test]
fn scopes_cover_what_lies_beneath() {
    for (scope, other, expected) in [
        ("/", WORKSPACE, true),
        ("", WORKSPACE, true),
        ("/subscriptions/s", WORKSPACE, true),
        ("/subscriptions/S/RESOURCEGROUPS/Soc/", WORKSPACE, true),
        (WORKSPACE, RG, false),
        (WORKSPACE, WORKSPACE, true),
        ("/subscriptions/s/resourceGroups/so", WORKSPACE, false),
        ("/subscriptions/s/resourceGroups/soc2", WORKSPACE, false),
        ("/subscriptions/t", WORKSPACE, false),
    ] {
        assert_eq!(covers(scope, other), expected, "{scope} covers {other}");
    }
}

#[test]
fn groups_and_own_roles_count() {
    let ana = Principal { groups: vec!["SOC-Team".to_owned()], ..Principal::user("ana") };
    let group = [Assignment::new("soc-team", "Owner", "/").unwrap()];
    assert!(check(&ana, "a/b", RG, &group, &[]).is_allowed());

    let role = RoleDefinition {
        name: "11111111-0000-4000-8000-000000000001".to_owned(),
        role_name: "Tagger".to_owned(),
        actions: vec!["Microsoft.SecurityInsights/incidents/*".to_owned()],
        not_actions: vec!["*/delete".to_owned()],
    };
    let own = [Assignment {
        name: String::new(),
        principal_id: "ana".to_owned(),
        role: "/providers/Microsoft.Authorization/roleDefinitions/11111111-0000-4000-8000-000000000001"
            .to_owned(),
        scope: RG.to_owned(),
    }];
    let roles = [role];
    match check(&ana, "Microsoft.SecurityInsights/incidents/write", WORKSPACE, &own, &roles) {
        Decision::Allowed(grant) => assert_eq!(grant.role_name, "Tagger"),
        Decision::Denied => panic!("denied"),
    }
    assert!(
        !check(&ana, "Microsoft.SecurityInsights/incidents/delete", WORKSPACE, &own, &roles).is_allowed()
    );
    assert!(!check(&ana, "Microsoft.SecurityInsights/incidents/write", WORKSPACE, &own, &[]).is_allowed());
}

#[test]
fn what_one_role_takes_away_another_may_give() {
    let assignments = [
        Assignment::new("ana", "Microsoft Sentinel Responder", RG).unwrap(),
        Assignment::new("ana", "Microsoft Sentinel Contributor", WORKSPACE).unwrap(),
    ];
    let ana = Principal::user("ana");
    let delete = "Microsoft.SecurityInsights/incidents/delete";
    assert!(check(&ana, delete, WORKSPACE, &assignments, &[]).is_allowed());
    assert!(!check(&ana, delete, RG, &assignments, &[]).is_allowed());
}

#[test]
fn the_table_is_sound() {
    for role in BUILT_IN_ROLES {
        assert_eq!(role.id.len(), 36, "{}", role.role_name);
        assert_eq!(
            BUILT_IN_ROLES.iter().filter(|other| other.id == role.id).count(),
            1,
            "{}",
            role.role_name
        );
        for name in [role.id, role.role_name, &role.definition_id("s"), &role.definition_id("")] {
            assert_eq!(built_in_role(name), Some(role), "{name}");
        }
    }
    assert_eq!(Principal::service_account().id, SERVICE_ACCOUNT);
}

/// The plain definition of a pattern, exponential and obvious.
fn matches_plainly(pattern: &[u8], action: &[u8]) -> bool {
    match (pattern.split_first(), action.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=action.len()).any(|skip| matches_plainly(rest, &action[skip..])),
        (Some((a, pattern)), Some((b, action))) => a == b && matches_plainly(pattern, action),
        _ => false,
    }
}

proptest! {
    #[test]
    fn patterns_match_as_defined(pattern in "[ab*/]{0,8}", action in "[ab/]{0,10}") {
        prop_assert_eq!(action_matches(&pattern, &action), matches_plainly(pattern.as_bytes(), action.as_bytes()));
    }

    #[test]
    fn a_scope_covers_itself_and_its_children(scope in "(/[a-zA-Z0-9é]{1,4}){0,5}", child in "[a-z]{1,4}") {
        let beneath = format!("{scope}/{child}");
        prop_assert!(covers(&scope, &scope));
        prop_assert!(covers(&scope, &beneath));
        prop_assert!(covers(&scope.to_uppercase(), &beneath));
        prop_assert!(!covers(&beneath, &scope));
    }

    #[test]
    fn never_panics(action in ".*", scope in ".*", role in ".*") {
        let assignments = [Assignment { name: String::new(), principal_id: "p".into(), role, scope: "/".into() }];
        check(&Principal::user("p"), &action, &scope, &assignments, &[]);
    }
}
