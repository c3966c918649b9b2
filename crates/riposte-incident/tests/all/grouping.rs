//! Grouping: which alerts belong together, and which incident takes an alert.

use crate::made::workspace;
use proptest::prelude::*;
use riposte_incident::{
    Alert, AnalyticsRule, Candidate, GroupKey, GroupingConfiguration, Placement, Window, place, read_entities,
};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The alerts of one rule, in the order in which they come, and the incidents that they become.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    /// The `groupingConfiguration`; what is left out is said by [`configuration`].
    #[serde(default)]
    grouping: Value,
    steps: Vec<Step>,
    /// Of each incident, in the order of their making, its alerts.
    incidents: Vec<Vec<String>>,
    /// Which incidents have the details of a full one, and whose.
    #[serde(default)]
    overflow: BTreeMap<usize, usize>,
    /// Which are open in the end; all of them if it is not said.
    #[serde(default)]
    open: Option<Vec<usize>>,
}

/// One thing that happens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// An alert of this id comes …
    #[serde(default)]
    alert: Option<String>,
    /// … so many times, with a number behind the id …
    #[serde(default)]
    times: Option<usize>,
    /// … at this minute …
    #[serde(default)]
    at: i64,
    /// … with more columns of the table.
    #[serde(default)]
    more: Value,
    /// An incident is closed, by its number in the order of making.
    #[serde(default)]
    close: Option<usize>,
    /// An incident is gone.
    #[serde(default)]
    remove: Option<usize>,
}

/// A grouping configuration with defaults: all alerts, five hours, closed incidents stay closed.
fn configuration(more: &Value) -> GroupingConfiguration {
    let mut grouping = value!({"enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H",
        "matchingMethod": "AnyAlert"});
    if let (Some(all), Some(more)) = (grouping.as_object_mut(), more.as_object()) {
        all.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let rule = value!({"kind": "NRT", "properties": {
        "displayName": "r", "enabled": true, "severity": "Low", "query": "T", "suppressionEnabled": false,
        "suppressionDuration": "PT5H", "incidentConfiguration": {"createIncident": true, "groupingConfiguration": grouping}
    }});
    let (rule, told) = AnalyticsRule::from_arm("r", &rule);
    rule.unwrap_or_else(|| panic!("{told:?}")).incident_configuration().grouping.unwrap()
}

fn alert(id: &str, minute: i64, more: &Value) -> Alert {
    let mut row = value!({"SystemAlertId": id, "DisplayName": "n"});
    if let (Some(row), Some(more)) = (row.as_object_mut(), more.as_object()) {
        row.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    Alert { time_generated: Some(minutes(minute)), ..Alert::read(&row).unwrap() }
}

fn minutes(minute: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_767_225_600 + minute * 60).unwrap()
}

/// A group as its keeper has it.
struct Group {
    key: GroupKey,
    window: Window,
    incident: usize,
}

/// Keeps groups as plainly as can be.
#[derive(Default)]
struct Keeper {
    groups: Vec<Group>,
    incidents: Vec<Incident>,
    /// The incidents that have the details of a full one.
    overflow: BTreeMap<usize, usize>,
    removed: BTreeSet<usize>,
}

#[derive(Default)]
struct Incident {
    alerts: Vec<String>,
    is_closed: bool,
}

impl Keeper {
    /// Takes an alert in, unless it is known; into which incident it went.
    fn take(&mut self, grouping: &GroupingConfiguration, alert: &Alert) -> Option<usize> {
        let known = self.incidents.iter().flat_map(|i| &i.alerts).any(|id| alert.is_same(id));
        if known {
            return None;
        }
        let at = alert.time_generated.unwrap();
        let key = GroupKey::of(grouping, alert, &read_entities(&alert.entities, &workspace().id));
        let places: Vec<usize> = (0..self.groups.len())
            .filter(|g| self.groups[*g].key == key && !self.removed.contains(&self.groups[*g].incident))
            .collect();
        let candidates: Vec<Candidate> = places
            .iter()
            .map(|g| {
                let group = &self.groups[*g];
                let incident = &self.incidents[group.incident];
                Candidate {
                    window: group.window,
                    alerts: incident.alerts.len(),
                    is_closed: incident.is_closed,
                }
            })
            .collect();
        let group = match place(grouping, at, &candidates) {
            Placement::Join(c) => places[c],
            Placement::Reopen(c) => {
                assert!(candidates[c].is_closed);
                self.incidents[self.groups[places[c]].incident].is_closed = false;
                places[c]
            }
            Placement::New { instead_of } => self.begin(key, at, instead_of.map(|c| places[c])),
            Placement::Overflow(c) => {
                let full = self.groups[places[c]].incident;
                self.overflow.insert(self.incidents.len(), full);
                self.begin(key, at, Some(places[c]))
            }
        };
        let group = &mut self.groups[group];
        group.window = group.window.with(at);
        self.incidents[group.incident].alerts.push(alert.system_alert_id.to_string());
        Some(group.incident)
    }

    fn begin(&mut self, key: GroupKey, at: jiff::Timestamp, instead_of: Option<usize>) -> usize {
        let group = Group { key, window: Window::of(at), incident: self.incidents.len() };
        self.incidents.push(Incident::default());
        match instead_of {
            Some(place) => {
                self.groups[place] = group;
                place
            }
            None => {
                self.groups.push(group);
                self.groups.len() - 1
            }
        }
    }
}

#[test]
fn alerts_are_put_together_as_the_tables_say() {
    Cases::<Case>::load("conformance/grouping").check(|case| {
        let grouping = configuration(&case.grouping);
        let mut keeper = Keeper::default();
        for step in &case.steps {
            if let Some(number) = step.close {
                keeper.incidents[number].is_closed = true;
            }
            if let Some(number) = step.remove {
                keeper.removed.insert(number);
            }
            let Some(id) = &step.alert else { continue };
            match step.times {
                None => drop(keeper.take(&grouping, &alert(id, step.at, &step.more))),
                Some(times) => {
                    for n in 0..times {
                        keeper.take(&grouping, &alert(&format!("{id}{n}"), step.at, &step.more));
                    }
                }
            }
        }
        let mut wrong = Vec::new();
        let got: Vec<Vec<String>> = keeper.incidents.iter().map(|i| shortened(&i.alerts)).collect();
        if got != case.incidents {
            wrong.push(format!("incidents: wanted {:?}, got {got:?}", case.incidents));
        }
        if keeper.overflow != case.overflow {
            wrong.push(format!("overflow: wanted {:?}, got {:?}", case.overflow, keeper.overflow));
        }
        let open: Vec<usize> =
            (0..keeper.incidents.len()).filter(|number| !keeper.incidents[*number].is_closed).collect();
        let expected = case.open.clone().unwrap_or_else(|| (0..keeper.incidents.len()).collect());
        if open != expected {
            wrong.push(format!("open: wanted {expected:?}, got {open:?}"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
}

/// More than ten alerts by their number, as `first..last (count)`.
fn shortened(alerts: &[String]) -> Vec<String> {
    match alerts {
        [first, .., last] if alerts.len() > 10 => vec![format!("{first}..{last} ({})", alerts.len())],
        alerts => alerts.to_vec(),
    }
}

/// An alert that comes, in numbers: id, minute, address, title.
type Coming = (u8, i64, u8, u8);

fn coming() -> impl Strategy<Value = Vec<Coming>> {
    proptest::collection::vec((0..60_u8, 0..2_000_i64, 0..3_u8, 0..2_u8), 1..120)
}

fn grouping() -> impl Strategy<Value = GroupingConfiguration> {
    let methods = proptest::sample::select(vec!["AllEntities", "AnyAlert", "Selected"]);
    (methods, any::<bool>(), 5..900_i64, 1..6_i64).prop_map(|(method, reopen, minutes, max)| {
        configuration(&value!({
            "matchingMethod": method, "reopenClosedIncident": reopen, "lookbackDuration": format!("PT{minutes}M"),
            "groupByEntities": ["IP"], "groupByAlertDetails": ["DisplayName"], "maxAlertsPerIncident": max
        }))
    })
}

fn read((id, minute, address, title): Coming) -> Alert {
    let address = format!("203.0.113.{address}");
    let more = value!({"DisplayName": format!("t{title}"), "Entities": [{"Type": "ip", "Address": address}]});
    alert(&format!("a{id}"), minute, &more)
}

proptest! {
    /// Whatever comes in whatever order, and whatever is closed meanwhile: each alert is in one incident, whose alerts
    /// have their key in common, lie within the look-back of the first, and are no more than the rule allows.
    #[test]
    fn grouping_never_loses_or_doubles_an_alert(
        grouping in grouping(),
        alerts in coming(),
        closing in proptest::collection::vec(any::<bool>(), 120),
    ) {
        let mut keeper = Keeper::default();
        let mut sent: BTreeMap<String, Alert> = BTreeMap::new();
        for (coming, close) in alerts.iter().zip(closing) {
            let alert = read(*coming);
            let placed = keeper.take(&grouping, &alert);
            prop_assert_eq!(placed.is_none(), sent.contains_key(alert.system_alert_id.as_str()));
            sent.entry(alert.system_alert_id.to_string()).or_insert(alert);
            if let Some(number) = placed {
                prop_assert!(!keeper.incidents[number].is_closed, "an incident that takes an alert is open");
                keeper.incidents[number].is_closed = close;
            }
        }
        let held: Vec<&String> = keeper.incidents.iter().flat_map(|i| &i.alerts).collect();
        prop_assert_eq!(held.len(), sent.len(), "none doubled");
        prop_assert_eq!(held.iter().copied().collect::<BTreeSet<_>>(), sent.keys().collect::<BTreeSet<_>>(), "none lost");
        for incident in &keeper.incidents {
            let of = |id: &String| &sent[id];
            let keys: BTreeSet<GroupKey> = incident.alerts.iter().map(of)
                .map(|a| GroupKey::of(&grouping, a, &read_entities(&a.entities, &workspace().id))).collect();
            prop_assert_eq!(keys.len(), 1, "alerts of one key");
            let times = || incident.alerts.iter().filter_map(|id| of(id).time_generated);
            let span = times().max().unwrap().duration_since(times().min().unwrap());
            prop_assert!(span <= grouping.lookback.duration(), "all within the look-back of the first");
            prop_assert!(incident.alerts.len() <= grouping.alerts_max());
        }
    }

    /// Without anything closed, alerts of one key and time fill one incident after the other.
    #[test]
    fn only_the_last_incident_has_room(count in 1..60_usize, max in 1..9_usize) {
        let grouping = configuration(&value!({"maxAlertsPerIncident": (i64::try_from(max).unwrap())}));
        let mut keeper = Keeper::default();
        for n in 0..count {
            keeper.take(&grouping, &alert(&format!("a{n}"), 0, &Value::Null));
        }
        prop_assert_eq!(keeper.incidents.len(), count.div_ceil(max));
        let full = keeper.incidents.iter().filter(|i| i.alerts.len() == max).count();
        prop_assert!(full >= keeper.incidents.len() - 1);
        prop_assert_eq!(keeper.overflow.len(), keeper.incidents.len() - 1);
    }
}
