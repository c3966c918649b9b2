//! What holds at the end of a simulation.

use crate::history;
use crate::live::{Simulation, id_of};
use riposte_value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What the runs of each slot came to, where nothing but the playbook decides it: statuses, outputs, and what was asked
/// of the vendor.
pub type Told = BTreeMap<usize, String>;

/// A run as the engine shows it, with everything that was ever recorded of it.
pub struct Run {
    pub name: String,
    pub slot: String,
    pub attempt: Option<String>,
    pub document: Value,
    pub records: Vec<Value>,
}

impl Run {
    pub fn status(&self) -> &str {
        self.document.str_at(&["properties", "status"]).unwrap()
    }
}

const ENDS: [&str; 4] = ["Succeeded", "Failed", "Cancelled", "TimedOut"];

/// The runs that have not ended, for who looks for what is stuck.
pub async fn open(simulation: &Simulation) -> String {
    simulation.world.set_faulty(false);
    let mut told = String::new();
    for playbook in &simulation.scene.playbooks {
        for run in runs(simulation, &id_of(&playbook.name)).await {
            if !ENDS.contains(&run.status()) {
                let (name, status) = (&run.name, run.status());
                writeln!(told, "{name} of {} is {status}: {}", playbook.name, run.document).unwrap();
            }
        }
    }
    format!("{:?} {}{told}", simulation.engine.counts(), simulation.world.state().owed.len())
}

async fn runs(simulation: &Simulation, playbook: &str) -> Vec<Run> {
    let shown = simulation.engine.list_runs(playbook, None, 1_000, None).await.unwrap().items;
    let mut runs = Vec::new();
    for run in shown {
        let name = run.str_at(&["name"]).unwrap().to_owned();
        let document = simulation.engine.run_anywhere(&name).await.unwrap();
        let trigger = document.at(&["properties", "trigger", "outputs", "body"]).cloned().unwrap_or_default();
        let slot = trigger.str_at(&["slot"]).or_else(|| trigger.str_at(&["object", "properties", "title"]));
        let slot = slot.unwrap().to_owned();
        let id = name.clone();
        let commits = simulation.store.read(move |tx| tx.run_records(&id)).await.unwrap();
        let mut records = Vec::new();
        for commit in &commits {
            let commit: Value = riposte_value::json::parse(commit).unwrap();
            records.extend(commit.as_array().unwrap().iter().cloned());
        }
        let attempt = trigger.get("attempt").map(ToString::to_string);
        runs.push(Run { name, slot, attempt, document, records });
    }
    runs
}

/// What came about, so that a simulation in which nothing does is seen.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub runs: usize,
    pub not_succeeded: usize,
    pub actions: usize,
    pub commits: u64,
    pub power_losses: u32,
    pub calls: usize,
    pub repeated_calls: usize,
    pub callbacks: usize,
    pub comments: usize,
    pub compared: usize,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.not_succeeded += other.not_succeeded;
        self.actions += other.actions;
        self.commits += other.commits;
        self.power_losses += other.power_losses;
        self.calls += other.calls;
        self.repeated_calls += other.repeated_calls;
        self.callbacks += other.callbacks;
        self.comments += other.comments;
        self.compared += other.compared;
    }
}

pub async fn check(simulation: &Simulation) -> (Told, Tally) {
    calls_keep_their_keys(simulation);
    let mut told = Told::new();
    let mut by_name = BTreeMap::new();
    for (number, playbook) in simulation.scene.playbooks.iter().enumerate() {
        let runs = runs(simulation, &id_of(&playbook.name)).await;
        acknowledged_runs_are_there(simulation, number, &runs);
        for run in &runs {
            assert!(ENDS.contains(&run.status()), "{} is {} and nobody drives it", run.name, run.status());
            history::is_consistent(&playbook.actions, run);
            let slot: usize = run.slot.strip_prefix("slot").unwrap().parse().unwrap();
            let wanted = &simulation.scene.slots[slot];
            if playbook.is_racy || wanted.cancel_after.is_some() || !simulation.world.is_calm {
                continue;
            }
            let text = format!("{}\n{}", history::canonical(run), asked(simulation, &run.name));
            let before = told.insert(slot, text.clone());
            assert!(
                before.is_none_or(|before| before == text),
                "two runs of {} came to different ends",
                run.slot
            );
        }
        by_name.extend(runs.into_iter().map(|run| (run.name.clone(), run)));
    }
    callbacks_are_heard(simulation, &by_name);
    let comments = comments_are_there_once(simulation, &by_name).await;
    let state = simulation.world.state();
    let tally = Tally {
        runs: by_name.len(),
        not_succeeded: by_name.values().filter(|run| run.status() != "Succeeded").count(),
        actions: by_name.values().map(|run| history::actions(run).len()).sum(),
        commits: state.commits,
        power_losses: state.power_losses,
        calls: state.calls.len(),
        repeated_calls: state.calls.values().filter(|asked| asked.len() > 1).count(),
        callbacks: state.acknowledged.len(),
        comments,
        compared: told.len(),
    };
    drop(state);
    (told, tally)
}

/// A key stands for one request, however often it is sent.
fn calls_keep_their_keys(simulation: &Simulation) {
    for (key, asked) in &simulation.world.state().calls {
        assert!(
            asked.iter().all(|request| *request == asked[0]),
            "{key} stands for different requests: {asked:?}"
        );
    }
}

/// The commands that a run has sent out. Taking leave is nobody's duty.
fn asked(simulation: &Simulation, run: &str) -> String {
    let state = simulation.world.state();
    let of_run = state.calls.iter().filter_map(|(key, asked)| {
        let command = key.strip_prefix(run)?;
        (!command.ends_with(":unsubscribe")).then(|| format!("{command} {}\n", asked[0].url))
    });
    of_run.collect()
}

/// What was acknowledged has its run, once; what was not has one at the most for each time that it was asked for.
fn acknowledged_runs_are_there(simulation: &Simulation, playbook: usize, runs: &[Run]) {
    let memory = simulation.memory.lock().unwrap();
    let slots = simulation.scene.slots.iter().enumerate().filter(|(_, slot)| slot.playbook == playbook);
    for (slot, _) in slots {
        let (attempt, named) = &memory.acknowledged[&slot];
        let mine: Vec<&Run> = runs.iter().filter(|run| run.slot == format!("slot{slot}")).collect();
        if let Some(named) = named {
            assert!(mine.iter().any(|run| run.name == *named), "run {named} was acknowledged and is lost");
        }
        if simulation.scene.addresses[playbook].is_none() {
            assert_eq!(mine.len(), 1, "slot{slot}: one alert, one incident, one run");
            continue;
        }
        let acknowledged = mine.iter().filter(|run| run.attempt == Some(attempt.to_string())).count();
        assert_eq!(acknowledged, 1, "slot{slot} was acknowledged");
        let attempts: BTreeSet<_> = mine.iter().map(|run| &run.attempt).collect();
        assert_eq!(attempts.len(), mine.len(), "slot{slot}: one request began two runs");
    }
}

/// A callback that was acknowledged is what its action came to, unless the run was stopped.
fn callbacks_are_heard(simulation: &Simulation, runs: &BTreeMap<String, Run>) {
    let state = simulation.world.state();
    let addresses: BTreeSet<&String> = state.acknowledged.iter().map(|(address, _)| address).collect();
    assert_eq!(
        addresses.len(),
        state.acknowledged.len(),
        "an address took two callbacks: {:?}",
        state.acknowledged
    );
    for (address, token) in &state.acknowledged {
        let name = address.strip_prefix("/callbacks/").unwrap().split('/').next().unwrap();
        let run = &runs[name];
        let is_heard = run.document.to_string().contains(&format!("\"{token}\""));
        assert!(
            is_heard || history::was_stopped(run),
            "{token} was acknowledged and is lost: {}",
            run.document
        );
    }
}

/// Each operation on an incident that history tells of was done, once; nothing else was.
async fn comments_are_there_once(simulation: &Simulation, runs: &BTreeMap<String, Run>) -> usize {
    let mut told: Vec<String> = Vec::new();
    for run in runs.values() {
        for action in history::actions(run) {
            let is_done = action.str_at(&["status"]) == Some("Succeeded");
            if let Some(message) = action.str_at(&["inputs", "body", "message"]).filter(|_| is_done) {
                told.push(message.to_owned());
            }
        }
    }
    let mut found = Vec::new();
    let query = riposte_engine::ListQuery {
        filter: None,
        bounds: riposte_engine::IncidentBounds::default(),
        narrowing: riposte_engine::Narrowing::Unknown,
        order_by: None,
        top: 1_000,
        skip_token: None,
    };
    let mut titles = BTreeSet::new();
    for incident in simulation.engine.list_incidents(&simulation.scene.ws, query).await.unwrap().items {
        let title = incident.str_at(&["properties", "title"]).unwrap();
        assert!(titles.insert(title.to_owned()), "two incidents of {title}");
        let name = incident.str_at(&["name"]).unwrap();
        for comment in simulation.engine.comments(&simulation.scene.ws, name).await.unwrap() {
            found.push(comment.str_at(&["properties", "message"]).unwrap().to_owned());
        }
        let page = simulation.engine.timeline(&simulation.scene.ws, name, None, 1_000).await.unwrap();
        let kinds: Vec<&str> = page.items.iter().map(|entry| entry.str_at(&["kind"]).unwrap()).collect();
        for kind in ["incidentCreated", "ruleMatched", "playbookTriggered", "playbookFinished"] {
            assert_eq!(kinds.iter().filter(|k| **k == kind).count(), 1, "{kind} of {title}: {kinds:?}");
        }
    }
    told.sort();
    found.sort();
    assert_eq!(found, told, "comments that are there, and those that history tells of");
    found.len()
}
