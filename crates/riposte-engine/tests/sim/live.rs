//! The lives of one installation: each is a runtime with a paused clock, an engine over the disk, and those who use it.
//! A life ends when the power goes; then everything in memory is dropped and the next begins.

use crate::check;
use crate::generate::{self, Playbook, SLOTS_MAX};
use crate::world::World;
use riposte_engine::{
    Callback, CallbackRequest, Caller, Config, Engine, ErrorKind, ImportFile, ImportRequest, Invocation,
    PlaybookWait, Workspace,
};
use riposte_store::{Disk, Store};
use riposte_testing::Random;
use riposte_value::{Object, Value, value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const TOKEN: &str = "a token for simulations only";
const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/soc";
pub const CONNECTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/soc/providers/Microsoft.Web/connections/sentinel";
pub const HOST: &str = "@parameters('$connections')['azuresentinel']['connectionId']";
/// The engine's own end of a run; no random playbook takes so long.
const RUN_MAX: Duration = Duration::from_hours(20 * 24);
/// A simulation that is not at rest by then is stuck.
const STUCK_AFTER: Duration = Duration::from_hours(30 * 24);

/// Something that is asked of the engine.
pub struct Slot {
    pub playbook: usize,
    /// When it is asked for, after the beginning.
    pub at: Duration,
    /// When it is cancelled, after it was acknowledged.
    pub cancel_after: Option<Duration>,
}

/// What the users of the installation remember.
#[derive(Default)]
pub struct Memory {
    /// Of each slot how often it was asked for.
    pub attempts: BTreeMap<usize, u32>,
    /// Slots that were acknowledged, with the attempt, and the run that was named.
    pub acknowledged: BTreeMap<usize, (u32, Option<String>)>,
    /// Runs whose cancelling was acknowledged, or that had ended before.
    pub cancelled: Vec<String>,
}

/// What is set up before anything goes wrong.
pub struct Scene {
    pub playbooks: Vec<Playbook>,
    pub slots: Vec<Slot>,
    pub caller: Caller,
    pub ws: Workspace,
    pub addresses: Vec<Option<Invocation>>,
}

/// How a simulation is made.
#[derive(Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub is_faulty: bool,
}

/// Everything of a simulation, for its checks.
pub struct Simulation {
    pub world: Arc<World>,
    pub store: Store,
    pub engine: Engine,
    pub scene: Arc<Scene>,
    pub memory: Arc<Mutex<Memory>>,
}

pub fn id_of(name: &str) -> String {
    format!("{GROUP}/providers/Microsoft.Logic/workflows/{name}")
}

fn config(seed: u64) -> Config {
    let wait = [PlaybookWait::Completion, PlaybookWait::Sentinel, PlaybookWait::None];
    Config {
        secret_key: Some(KEY.to_owned()),
        playbook_wait: wait[usize::try_from(seed % 3).unwrap()],
        inline_step_max: if seed.is_multiple_of(2) { Duration::ZERO } else { Duration::from_hours(1) },
        park_after: Duration::from_secs(if seed.is_multiple_of(5) { 0 } else { 5 }),
        run_duration_max: RUN_MAX,
        ..Config::default()
    }
}

/// What holds the memory of a life, under a clock that moves when there is nothing else to do.
pub fn machine() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// Lives until everything has come to its end, and checks it; answers what the runs of each slot came to.
pub fn simulate(plan: Plan) -> (check::Told, check::Tally) {
    let mut random = Random::new(plan.seed);
    let is_calm = plan.seed.is_multiple_of(2) || plan.seed.is_multiple_of(3);
    let crashes = if plan.is_faulty { 1 + u32::try_from(random.below(12)).unwrap() } else { 0 };
    let world = World::new(plan.seed, is_calm, crashes);
    let disk = Disk::new().unwrap();
    let memory = Arc::new(Mutex::new(Memory::default()));
    let mut scene = None;
    loop {
        let runtime = machine();
        let told = runtime.block_on(async {
            world.begin_life();
            tokio::select! {
                biased;
                () = world.power_lost.notified() => None,
                told = live(plan, &world, &disk, &mut scene, &memory) => told,
            }
        });
        {
            let _entered = runtime.enter();
            world.end_life();
        }
        drop(runtime);
        if let Some(told) = told {
            return told;
        }
    }
}

/// A life; none if the engine does not come up.
async fn live(
    plan: Plan,
    world: &Arc<World>,
    disk: &Disk,
    scene: &mut Option<Arc<Scene>>,
    memory: &Arc<Mutex<Memory>>,
) -> Option<(check::Told, check::Tally)> {
    let store = Store::simulated(disk, Arc::clone(world) as _);
    let engine = start(&store, world, plan.seed).await?;
    let scene = match scene {
        Some(scene) => Arc::clone(scene),
        None => {
            let made = Arc::new(set_up(&engine, plan.seed).await);
            world.set_faulty(plan.is_faulty);
            Arc::clone(scene.insert(made))
        }
    };
    for slot in 0..scene.slots.len() {
        tokio::spawn(ask(engine.clone(), Arc::clone(&scene), Arc::clone(memory), slot));
    }
    tokio::spawn(call_back(engine.clone(), Arc::clone(world)));
    let simulation =
        Simulation { world: Arc::clone(world), store, engine, scene, memory: Arc::clone(memory) };
    come_to_rest(&simulation).await;
    world.set_faulty(false);
    Some(check::check(&simulation).await)
}

/// An engine over a store; none if it does not come up.
pub async fn start(store: &Store, world: &Arc<World>, seed: u64) -> Option<Engine> {
    Engine::open_over(store.clone(), config(seed), Arc::clone(world) as _, Arc::clone(world) as _).await.ok()
}

async fn come_to_rest(simulation: &Simulation) {
    let mut quiet = 0;
    let began = tokio::time::Instant::now();
    while quiet < 3 {
        tokio::time::sleep(Duration::from_mins(1)).await;
        let is_done = {
            let memory = simulation.memory.lock().unwrap();
            let slots = &simulation.scene.slots;
            slots.iter().enumerate().all(|(slot, wanted)| {
                memory.acknowledged.get(&slot).is_some_and(|(_, run)| {
                    let is_cancelled = run.as_ref().is_none_or(|run| memory.cancelled.contains(run));
                    wanted.cancel_after.is_none() || is_cancelled
                })
            })
        };
        let at_rest = is_done
            && simulation.world.state().owed.is_empty()
            && simulation.engine.settle(Duration::ZERO).await;
        quiet = if at_rest { quiet + 1 } else { 0 };
        let is_stuck = began.elapsed() > STUCK_AFTER;
        assert!(!is_stuck, "stuck: {}", check::open(simulation).await);
    }
}

/// The owner, in an installation with a workspace and a connection to it.
pub async fn owner(engine: &Engine) -> (Caller, Workspace) {
    engine.ensure_owner_token(Some(TOKEN.into())).await.unwrap();
    let caller = engine.authenticate(TOKEN).await.unwrap().unwrap();
    let ws = engine
        .workspace_or_create("00000000-0000-0000-0000-000000000001", "soc", "w1", &caller)
        .await
        .unwrap();
    let template = value!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [{
            "type": "Microsoft.Web/connections", "apiVersion": "2016-06-01", "name": "sentinel", "location": "local",
            "properties": { "displayName": "sentinel", "parameterValueType": "Alternative", "api": {
                "id": "/subscriptions/x/providers/Microsoft.Web/locations/local/managedApis/azuresentinel"
            } }
        }]
    });
    let request = ImportRequest {
        files: vec![ImportFile { name: "connection.json".into(), text: template.to_string() }],
        subscription: Some("00000000-0000-0000-0000-000000000001".into()),
        resource_group: Some("soc".into()),
        workspace: Some("w1".into()),
        grant_automation: true,
        ..ImportRequest::default()
    };
    engine.import(request, &caller).await.unwrap();
    (caller, ws)
}

async fn set_up(engine: &Engine, seed: u64) -> Scene {
    let mut random = Random::new(seed ^ 0x5ce7e);
    let (caller, ws) = owner(engine).await;
    let mut playbooks = Vec::new();
    let mut addresses = Vec::new();
    for number in 0..3 {
        let playbook = generate::playbook(&mut random, number, number != 1);
        let id = id_of(&playbook.name);
        let (_, told) = engine.put_playbook(&id, &playbook.body, &caller).await.unwrap();
        assert!(!told.iter().any(riposte_diagnostic::Diagnostic::is_error), "{told:?} {}", playbook.actions);
        addresses.push(if playbook.on_incident { None } else { Some(address(engine, &id).await) });
        playbooks.push(playbook);
    }
    let mut slots = Vec::new();
    for _ in 0..2 + random.below(SLOTS_MAX - 1) {
        slots.push(Slot {
            playbook: usize::try_from(random.below(3)).unwrap(),
            at: Duration::from_millis(random.below(20_000)),
            cancel_after: random.chance(1, 6).then(|| {
                let most = if random.chance(1, 2) { 60_000 } else { 20 };
                Duration::from_millis(random.below(most))
            }),
        });
    }
    for (number, playbook) in playbooks.iter().enumerate().filter(|(_, playbook)| playbook.on_incident) {
        let mine = slots.iter().enumerate().filter(|(_, slot)| slot.playbook == number);
        let titles: Vec<Value> = mine.map(|(slot, _)| Value::from(format!("slot{slot}"))).collect();
        if !titles.is_empty() {
            let rule = rule(number, &titles, &id_of(&playbook.name));
            engine.put_automation_rule(&ws, &playbook.name, &rule, &caller).await.unwrap();
        }
    }
    Scene { playbooks, slots, caller, ws, addresses }
}

fn rule(order: usize, titles: &[Value], playbook: &str) -> Value {
    let order = i64::try_from(order + 1).unwrap();
    value!({ "properties": {
        "displayName": playbook, "order": order,
        "triggeringLogic": {
            "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created",
            "conditions": [{ "conditionType": "Property", "conditionProperties": {
                "propertyName": "IncidentTitle", "operator": "Equals", "propertyValues": titles
            } }]
        },
        "actions": [{ "order": 1, "actionType": "RunPlaybook", "actionConfiguration": {
            "logicAppResourceId": playbook, "tenantId": "5e9d1e11-0000-4000-8000-5ec0a7000000"
        } }]
    } })
}

/// The address of a playbook's trigger.
pub async fn address(engine: &Engine, id: &str) -> Invocation {
    let shown = engine.trigger_callback_url(id, Some("T"), CallbackRequest::default()).await.unwrap();
    let query = |name: &str| shown.str_at(&["queries", name]).unwrap_or_default().to_owned();
    let base = shown.str_at(&["basePath"]).unwrap();
    Invocation {
        workflow: base.split("/workflows/").nth(1).unwrap().split('/').next().unwrap().to_owned(),
        trigger: "T".into(),
        permission: query("sp"),
        scheme: query("sv"),
        expiry: query("se"),
        signature: query("sig"),
        method: "POST".into(),
        headers: vec![("Content-Type".into(), "application/json".into())],
        ..Invocation::default()
    }
}

/// Asks for a slot until it is acknowledged, and cancels it if that is wanted.
async fn ask(engine: Engine, scene: Arc<Scene>, memory: Arc<Mutex<Memory>>, slot: usize) {
    let wanted = &scene.slots[slot];
    tokio::time::sleep(wanted.at).await;
    while !memory.lock().unwrap().acknowledged.contains_key(&slot) {
        let attempt = {
            let mut memory = memory.lock().unwrap();
            let count = memory.attempts.entry(slot).or_default();
            *count += 1;
            *count
        };
        match submit(&engine, &scene, slot, attempt).await {
            Ok(run) => drop(memory.lock().unwrap().acknowledged.insert(slot, (attempt, run))),
            Err(error) => {
                let may_work = matches!(
                    error.kind,
                    ErrorKind::Unavailable | ErrorKind::TooManyRequests | ErrorKind::Internal
                );
                assert!(may_work, "{error}");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
        }
    }
    let run = memory.lock().unwrap().acknowledged.get(&slot).and_then(|(_, run)| run.clone());
    let (Some(after), Some(run)) = (wanted.cancel_after, run) else { return };
    tokio::time::sleep(after).await;
    let id = id_of(&scene.playbooks[wanted.playbook].name);
    while !memory.lock().unwrap().cancelled.contains(&run) {
        match engine.cancel_run(&id, &run, &scene.caller).await {
            Ok(()) => memory.lock().unwrap().cancelled.push(run.clone()),
            Err(error) if error.kind == ErrorKind::Conflict => {
                memory.lock().unwrap().cancelled.push(run.clone());
            }
            Err(_) => tokio::time::sleep(Duration::from_secs(2)).await,
        }
    }
}

/// The run, where the answer names it.
async fn submit(
    engine: &Engine,
    scene: &Scene,
    slot: usize,
    attempt: u32,
) -> riposte_engine::Result<Option<String>> {
    if let Some(address) = &scene.addresses[scene.slots[slot].playbook] {
        let body = format!(r#"{{"slot":"slot{slot}","attempt":{attempt}}}"#).into_bytes();
        let answer = engine.invoke(Invocation { body, ..address.clone() }).await?;
        let named = answer.headers.iter().find(|(name, _)| name == "x-ms-workflow-run-id");
        return Ok(named.map(|(_, run)| run.clone()));
    }
    let alert = value!({
        "SystemAlertId": format!("alert-{slot}"), "DisplayName": format!("slot{slot}"), "AlertSeverity": "Low",
        "Entities": [], "TimeGenerated": "2026-03-01T08:00:00Z"
    });
    let taken = engine.ingest_alerts(&scene.ws, &alert, &scene.caller).await?;
    assert_eq!(taken.accepted, 1, "{:?}", taken.items);
    Ok(None)
}

/// The vendor calls back when it has said that it would, again and again until it is answered.
async fn call_back(engine: Engine, world: Arc<World>) {
    loop {
        let now = world.time();
        let due = world.state().owed.iter().find(|owed| owed.due <= now).cloned();
        let Some(owed) = due else {
            tokio::time::sleep(Duration::from_millis(500)).await;
            continue;
        };
        match engine.callback(callback(&owed.address, &owed.token)).await {
            Ok(()) => world.state().acknowledged.push((owed.address.clone(), owed.token.clone())),
            Err(error)
                if matches!(error.kind, ErrorKind::Gone | ErrorKind::Forbidden | ErrorKind::NotFound) => {}
            Err(_) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        }
        world.state().owed.retain(|other| other.token != owed.token || other.address != owed.address);
    }
}

pub fn callback(address: &str, token: &str) -> Callback {
    let (path, query) = address.split_once('?').unwrap();
    let (run, command) = path.strip_prefix("/callbacks/").unwrap().split_once('/').unwrap();
    let part = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
    Callback {
        run: run.to_owned(),
        command: command.replace("%23", "#").replace("%40", "@").replace("%7E", "~"),
        expires: part("se="),
        version: part("sv="),
        signature: part("sig="),
        headers: vec![("Content-Type".into(), "application/json".into())],
        queries: Object::new(),
        body: format!(r#"{{"token":"{token}"}}"#).into_bytes(),
    }
}
