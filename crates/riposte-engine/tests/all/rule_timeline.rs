//! The incident's timeline where everything happens in one instant: a fixed order, and pages that do not move.

use crate::bed::{Bed, Hands, Place, modify, on, rule};
use riposte_value::{Value, value};

/// A bed whose clock stands still.
async fn still() -> Bed {
    let place = Place::anywhere().with_clock(Hands::at(1_780_000_000));
    Bed::over(place, |_| (200, value!({}))).await
}

fn label(name: &str) -> Value {
    value!([modify(1, value!({"labels": [{"labelName": name}]}))])
}

/// The whole timeline in pages of so many: kind and the rule, or nothing.
async fn told(bed: &Bed, incident: &str, top: usize) -> Vec<String> {
    let (mut told, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = bed.engine.timeline(&bed.ws, incident, after.as_deref(), top).await.unwrap();
        assert!(page.items.len() <= top);
        told.extend(page.items.iter().map(line));
        after = page.next;
        if after.is_none() {
            return told;
        }
        assert_eq!(page.items.len(), top);
    }
}

fn line(entry: &Value) -> String {
    let kind = entry.str_at(&["kind"]).unwrap();
    let summary = entry.str_at(&["summary"]).unwrap();
    let rule = summary.strip_prefix("rule ").and_then(|rest| rest.split(' ').next());
    rule.map_or_else(|| kind.to_owned(), |rule| format!("{kind} {rule}"))
}

#[tokio::test]
async fn what_happens_in_one_instant_stands_in_the_order_in_which_rules_were_evaluated() {
    let bed = still().await;
    for (name, order, severity) in
        [("A", 1, "High"), ("B", 2, "Low"), ("C", 3, "High"), ("D", 4, "Low"), ("E", 5, "High")]
    {
        let properties = rule(name, order, &[("IncidentSeverity", "Equals", severity)], label(name));
        bed.rule(name, properties).await;
    }
    // Runs for each label, but never twice in a chain.
    bed.rule("u", on(rule("U", 2, &[], label("u")), "Incidents", "Updated")).await;
    let never = [("IncidentTitle", "Equals", "never")];
    bed.rule("t", on(rule("T", 1, &never, label("t")), "Incidents", "Updated")).await;
    bed.rule("v", on(rule("V", 3, &never, label("v")), "Incidents", "Updated")).await;
    let incident = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let all = told(&bed, &incident, 1000).await;
    let created = [
        "incidentCreated",
        "ruleNotMatched A",
        "ruleMatched B",
        "labelAdded",
        "ruleNotMatched C",
        "ruleMatched D",
        "labelAdded",
        "ruleNotMatched E",
    ];
    assert_eq!(all[..created.len()], created);
    let updated = ["ruleNotMatched T", "ruleMatched U", "labelAdded", "ruleNotMatched V"];
    assert_eq!(all[created.len()..][..updated.len()], updated);
    // What was prevented is told once for each event, when all its rules are seen to.
    let prevented = all.iter().position(|line| line == "loopPrevented U").unwrap();
    assert_eq!(all[prevented - 2..=prevented], ["ruleNotMatched T", "ruleNotMatched V", "loopPrevented U"]);
    for top in [1, 2, 3, 7, 100] {
        assert_eq!(told(&bed, &incident, top).await, all, "{top}");
    }
}

#[tokio::test]
async fn what_comes_meanwhile_moves_no_page() {
    let bed = still().await;
    for number in 0..40 {
        let name = format!("R{number:02}");
        let never = [("IncidentTitle", "Equals", "never")];
        bed.rule(&name, rule(&name, number + 1, &never, label("x"))).await;
        bed.rule(
            &format!("u{name}"),
            on(rule(&name, number + 1, &never, label("x")), "Incidents", "Updated"),
        )
        .await;
    }
    let incident = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let before = told(&bed, &incident, 1000).await;
    assert_eq!(before.len(), 41, "{before:?}");
    let (mut found, mut after) = (Vec::new(), None::<String>);
    for page in 0.. {
        let shown = bed.engine.timeline(&bed.ws, &incident, after.as_deref(), 9).await.unwrap();
        found.extend(shown.items.iter().map(line));
        if page < 3 {
            let severity = ["High", "Low", "Medium"][page];
            let mut written = bed.incident(&incident).await;
            let properties = written.as_object_mut().unwrap().get_mut("properties").unwrap();
            properties.as_object_mut().unwrap().insert("severity", severity);
            bed.engine.put_incident(&bed.ws, &incident, &written, &bed.caller).await.unwrap();
            bed.settle().await;
        }
        after = shown.next;
        if after.is_none() {
            break;
        }
    }
    let now = told(&bed, &incident, 1000).await;
    assert_eq!(now.len(), 41 + 3 * 41);
    assert_eq!(found, now, "each once, in order");
    for token in ["7", "x", "1.2.3", "1.2.3.4.5", ""] {
        let refused = bed.engine.timeline(&bed.ws, &incident, Some(token), 9).await.unwrap_err();
        assert_eq!(refused.kind, riposte_engine::ErrorKind::BadRequest, "{token}");
    }
}
