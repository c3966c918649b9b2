//! The test bed: an engine, its owner, a workspace, and a vendor.

use futures_util::future::{BoxFuture, FutureExt as _};
use riposte_connector::{IncomingResponse, OutgoingRequest, Secret, service_call::Service};
use riposte_egress::{CallOptions, Egress, EgressError};
use riposte_engine::{
    Caller, Clock, Config, Engine, Identity, ImportFile, ImportRequest, LogQuery, NodeConfig, PlaybookWait,
    Services, SystemClock, Workspace,
};
use riposte_testing::Postgres;
use riposte_value::{Object, Value, json, value};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
pub const GROUP: &str = "soc";

type Answer = Box<dyn Fn(&OutgoingRequest) -> (u16, Value) + Send + Sync>;

/// A vendor that answers by a function and remembers what it was asked.
pub struct Vendor {
    answer: Answer,
    pub asked: Mutex<Vec<OutgoingRequest>>,
    /// Whether it never answers.
    is_stuck: bool,
}

impl Egress for Vendor {
    fn send(
        &self,
        request: OutgoingRequest,
        _options: CallOptions,
    ) -> BoxFuture<'_, Result<IncomingResponse, EgressError>> {
        let (status, body) = if request.url.starts_with("https://login.example/") {
            (200, value!({ "access_token": "identity-token", "expires_in": "3600" }))
        } else {
            (self.answer)(&request)
        };
        self.asked.lock().unwrap().push(request);
        let is_stuck = self.is_stuck;
        async move {
            if is_stuck {
                std::future::pending::<()>().await;
            }
            Ok(IncomingResponse {
                status,
                headers: vec![("Content-Type".into(), "application/json".into())],
                body: json::to_string(&body).into_bytes(),
            })
        }
        .boxed()
    }
}

/// A bed.
pub struct Bed {
    pub engine: Engine,
    pub caller: Caller,
    pub ws: Workspace,
    pub vendor: Arc<Vendor>,
    /// Kept up as long as the bed.
    _database: Option<Arc<Postgres>>,
}

/// Where a bed's data is: in memory, in a folder, or in a database of PostgreSQL.
#[derive(Clone, Default)]
pub struct Place {
    pub data: Option<PathBuf>,
    pub store: Option<String>,
    pub node: NodeConfig,
    pub inline_step_max: Duration,
    /// How long rules wait for playbooks; until they complete, if unsaid.
    pub wait: Option<PlaybookWait>,
    /// How long runs may take, at a vendor that never answers.
    pub stuck_run_duration_max: Option<Duration>,
    /// The clock; the system's, if unsaid.
    pub clock: Option<Arc<Hands>>,
    database: Option<Arc<Postgres>>,
}

/// A folder; none is in memory.
impl From<Option<PathBuf>> for Place {
    fn from(data: Option<PathBuf>) -> Self {
        Self { data, ..Self::default() }
    }
}

/// The key of beds over a database.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

impl Place {
    /// A database of its own; none, told, where PostgreSQL is not installed.
    pub fn postgres() -> Option<Self> {
        let server = Postgres::shared()?;
        let store = Some(server.database());
        Some(Self { store, database: Some(server), ..Self::default() })
    }

    /// In memory, or in a database where `RIPOSTE_TEST_STORE=postgres` asks for it.
    pub fn anywhere() -> Self {
        let memory = Self { inline_step_max: Duration::from_millis(5), ..Self::default() };
        if std::env::var("RIPOSTE_TEST_STORE").is_ok_and(|store| store == "postgres") {
            let database = Self::postgres().expect("RIPOSTE_TEST_STORE=postgres needs PostgreSQL");
            return Self { inline_step_max: memory.inline_step_max, ..database };
        }
        memory
    }

    /// A folder, or a database in its stead: the same place for as long as the test asks for it.
    pub fn lasting(folder: &Path) -> Self {
        // Such beds take the way of long steps, whose outcomes pass through the inbox.
        let place = Self { inline_step_max: Duration::ZERO, ..Self::anywhere() };
        if place.store.is_some() { place } else { Self { data: Some(folder.to_owned()), ..place } }
    }

    /// Ends the connections on which nodes are told of changes; for a second they do not know of any.
    pub fn deafen(&self) {
        let server = self.database.as_ref().unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
        server.execute("postgres", sql);
    }

    /// With a clock that is set by hand.
    pub fn with_clock(self, clock: Arc<Hands>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// Whose rules wait so for playbooks.
    pub fn with_wait(self, wait: PlaybookWait) -> Self {
        Self { wait: Some(wait), ..self }
    }

    /// Another node over the same database.
    pub fn with_node(&self, name: &str, lease: Duration) -> Self {
        Self { node: NodeConfig { name: name.into(), lease, renewal: lease / 5 }, ..self.clone() }
    }
}

impl Bed {
    pub async fn new() -> Self {
        Self::with(|_| (200, value!({}))).await
    }

    pub async fn with(answer: impl Fn(&OutgoingRequest) -> (u16, Value) + Send + Sync + 'static) -> Self {
        Self::over(Place::anywhere(), answer).await
    }

    /// A bed whose vendor never answers, where runs may take so long.
    pub async fn stuck(run_duration_max: Duration) -> Self {
        let place = Place { stuck_run_duration_max: Some(run_duration_max), ..Place::anywhere() };
        Self::over(place, |_| (200, value!({}))).await
    }

    /// A bed over a place, as a restart would find it.
    pub async fn over(
        place: impl Into<Place>,
        answer: impl Fn(&OutgoingRequest) -> (u16, Value) + Send + Sync + 'static,
    ) -> Self {
        let place = place.into();
        let vendor = Arc::new(Vendor {
            answer: Box::new(answer),
            asked: Mutex::new(Vec::new()),
            is_stuck: place.stuck_run_duration_max.is_some(),
        });
        let identity = Identity {
            token_url: "https://login.example/t/oauth2/token".into(),
            client_id: "playbooks".into(),
            client_secret: "identity-secret".into(),
        };
        let config = Config {
            data: place.data,
            secret_key: place.store.as_ref().map(|_| KEY.to_owned()),
            store: place.store,
            node: place.node,
            playbook_wait: place.wait.unwrap_or(PlaybookWait::Completion),
            identity: Some(identity),
            services: services(),
            inline_step_max: place.inline_step_max,
            // Short enough for tests to see runs parked.
            park_after: Duration::from_millis(200),
            run_duration_max: place.stuck_run_duration_max.unwrap_or(Config::default().run_duration_max),
            ..Config::default()
        };
        let clock = place.clock.map_or(Arc::new(SystemClock) as Arc<dyn Clock>, |hands| hands);
        let engine = Engine::open_with(config, Arc::clone(&vendor) as Arc<dyn Egress>, clock).await.unwrap();
        engine.ensure_owner_token(Some("a token for tests only".into())).await.unwrap();
        let caller = engine.authenticate("a token for tests only").await.unwrap().unwrap();
        let ws = engine.workspace_or_create(SUBSCRIPTION, GROUP, "w1", &caller).await.unwrap();
        Self { engine, caller, ws, vendor, _database: place.database }
    }

    /// A bed whose rules wait so for playbooks.
    pub async fn waiting(wait: PlaybookWait) -> Self {
        Self::over(Place { wait: Some(wait), ..Place::anywhere() }, |_| (200, value!({}))).await
    }

    /// Imports templates with the automation role granted; answers the resources.
    pub async fn import(&self, files: &[(&str, &str)], parameters: Value) -> Vec<Value> {
        let request = ImportRequest {
            files: files
                .iter()
                .map(|(name, text)| ImportFile { name: (*name).into(), text: (*text).into() })
                .collect(),
            subscription: Some(SUBSCRIPTION.into()),
            resource_group: Some(GROUP.into()),
            workspace: Some("w1".into()),
            parameters: parameters.as_object().cloned().unwrap_or_else(Object::new),
            grant_automation: true,
            ..ImportRequest::default()
        };
        let answer = self.engine.import(request, &self.caller).await.unwrap();
        answer.get("resources").and_then(Value::as_array).unwrap().to_vec()
    }

    /// Imports a playbook with an incident trigger and these actions; asserts that it can be run.
    pub async fn playbook(&self, name: &str, actions: Value) -> String {
        let template = playbook_template(name, actions);
        let resources = self.import(&[("playbook.json", &template.to_string())], value!({})).await;
        for resource in &resources {
            let result = resource.str_at(&["result"]).unwrap();
            assert!(matches!(result, "created" | "updated" | "unchanged"), "{resource}");
        }
        playbook_id(name)
    }

    /// Takes in an alert with entities; answers the name of its incident.
    pub async fn alert(&self, title: &str, severity: &str, entities: Value) -> String {
        self.try_alert(title, severity, entities).await.unwrap()
    }

    /// As [`Self::alert`], where the engine may refuse for a while.
    pub async fn try_alert(
        &self,
        title: &str,
        severity: &str,
        entities: Value,
    ) -> riposte_engine::Result<String> {
        let alert = value!({
            "SystemAlertId": uuid::Uuid::new_v4().to_string(), "DisplayName": title, "AlertSeverity": severity,
            "Entities": entities, "TimeGenerated": "2026-03-01T08:00:00Z",
        });
        let taken = self.engine.ingest_alerts(&self.ws, &alert, &self.caller).await?;
        assert_eq!(taken.accepted, 1, "{:?}", taken.items);
        let id = taken.items[0].str_at(&["incident", "id"]).unwrap();
        Ok(id.rsplit('/').next().unwrap().to_owned())
    }

    pub async fn settle(&self) {
        assert!(self.engine.settle(Duration::from_mins(1)).await, "the engine does not come to rest");
    }

    pub async fn incident(&self, name: &str) -> Value {
        self.engine.incident(&self.ws, name).await.unwrap()
    }

    pub async fn timeline_kinds(&self, name: &str) -> Vec<String> {
        let page = self.engine.timeline(&self.ws, name, None, 1000).await.unwrap();
        page.items.iter().map(|entry| entry.str_at(&["kind"]).unwrap().to_owned()).collect()
    }

    /// The only run that was started for an incident, with its actions.
    pub async fn run(&self, incident: &str) -> Value {
        let runs = self.engine.incident_runs(&self.ws, incident).await.unwrap();
        assert_eq!(runs.len(), 1, "{runs:?}");
        self.engine.run_anywhere(runs[0].str_at(&["name"]).unwrap()).await.unwrap()
    }

    /// As [`Self::playbook`], with the alert trigger.
    pub async fn alert_playbook(&self, name: &str, actions: Value) -> String {
        let template = alert_playbook_template(name, actions);
        self.import(&[("playbook.json", &template.to_string())], value!({})).await;
        playbook_id(name)
    }

    /// The rows of SentinelHealth, oldest first.
    pub async fn health(&self) -> Vec<Value> {
        let query = LogQuery { top: 1000, ..LogQuery::default() };
        let mut rows = self.engine.health(&self.ws, query).await.unwrap();
        rows.reverse();
        rows
    }

    /// The entries of a kind in an incident's timeline: their summaries.
    pub async fn told(&self, incident: &str, kind: &str) -> Vec<String> {
        let page = self.engine.timeline(&self.ws, incident, None, 1000).await.unwrap();
        let of_kind = page.items.iter().filter(|entry| entry.str_at(&["kind"]) == Some(kind));
        of_kind.map(|entry| entry.str_at(&["summary"]).unwrap().to_owned()).collect()
    }

    pub async fn rule(&self, name: &str, properties: Value) {
        self.engine
            .put_automation_rule(&self.ws, name, &value!({ "properties": properties }), &self.caller)
            .await
            .unwrap();
    }
}

/// A clock that is set by hand, in seconds since 1970; who waits for a time waits until it is set to that.
pub struct Hands(pub Arc<AtomicI64>);

impl Hands {
    pub fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self(Arc::new(AtomicI64::new(seconds))))
    }
}

impl Clock for Hands {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }

    fn random(&self) -> u64 {
        // Runs are told apart by it, where time stands still.
        RANDOM.fetch_add(1, Ordering::Relaxed)
    }

    fn until(&self, at: jiff::Timestamp) -> BoxFuture<'static, ()> {
        let seconds = Arc::clone(&self.0);
        async move {
            while jiff::Timestamp::from_second(seconds.load(Ordering::Relaxed)).unwrap() < at {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        .boxed()
    }
}

static RANDOM: AtomicU64 = AtomicU64::new(7);

fn services() -> Services {
    let service = |url: &str| Service { url: url.into(), key: Some(Secret::new("the-key")) };
    Services::default()
        .with_function_app("enrich", service("https://enrich.example"))
        .with_managed_api("svc/intel", service("https://intel.example/"))
}

pub fn playbook_id(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Logic/workflows/{name}")
}

/// A connection and a playbook, as plain ARM.
pub fn playbook_template(name: &str, actions: Value) -> Value {
    let connection = format!("azuresentinel-{name}");
    let api = "/subscriptions/x/providers/Microsoft.Web/locations/local/managedApis/azuresentinel";
    let host = "@parameters('$connections')['azuresentinel']['connectionId']";
    value!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [
            {
                "type": "Microsoft.Web/connections", "apiVersion": "2016-06-01", "name": connection,
                "location": "local",
                "properties": { "displayName": connection, "parameterValueType": "Alternative", "api": { "id": api } }
            },
            {
                "type": "Microsoft.Logic/workflows", "apiVersion": "2017-07-01", "name": name, "location": "local",
                "properties": {
                    "state": "Enabled",
                    "definition": {
                        "contentVersion": "1.0.0.0",
                        "parameters": { "$connections": { "defaultValue": {}, "type": "Object" } },
                        "triggers": { "Incident": {
                            "type": "ApiConnectionWebhook",
                            "inputs": {
                                "body": { "callback_url": "@{listCallbackUrl()}" },
                                "host": { "connection": { "name": host } }, "path": "/incident-creation"
                            }
                        } },
                        "actions": actions
                    },
                    "parameters": { "$connections": { "value": { "azuresentinel": {
                        "connectionId": format!("[resourceId('Microsoft.Web/connections', '{connection}')]"),
                        "connectionName": connection, "id": api
                    } } } }
                }
            }
        ]
    })
}

/// The same with the alert trigger.
pub fn alert_playbook_template(name: &str, actions: Value) -> Value {
    let text = playbook_template(name, actions).to_string().replace("/incident-creation", "/subscribe");
    json::parse(&text).unwrap()
}

/// The same rule for another trigger.
pub fn on(mut rule: Value, triggers_on: &str, triggers_when: &str) -> Value {
    let logic = rule.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap().as_object_mut().unwrap();
    logic.insert("triggersOn", triggers_on);
    logic.insert("triggersWhen", triggers_when);
    rule
}

/// An action of the Sentinel connector.
pub fn sentinel(method: &str, path: &str, body: Value, run_after: Value) -> Value {
    value!({
        "type": "ApiConnection", "runAfter": run_after,
        "inputs": {
            "host": { "connection": { "name": "@parameters('$connections')['azuresentinel']['connectionId']" } },
            "method": method, "path": path, "body": body
        }
    })
}

/// A rule on created incidents with Property conditions.
pub fn rule(name: &str, order: i64, conditions: &[(&str, &str, &str)], actions: Value) -> Value {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(property, operator, wanted)| {
            value!({
                "conditionType": "Property",
                "conditionProperties": {
                    "propertyName": property, "operator": operator, "propertyValues": [wanted]
                }
            })
        })
        .collect();
    value!({
        "displayName": name, "order": order,
        "triggeringLogic": {
            "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": conditions
        },
        "actions": actions
    })
}

pub fn modify(order: i64, configuration: Value) -> Value {
    value!({ "order": order, "actionType": "ModifyProperties", "actionConfiguration": configuration })
}

pub fn run_playbook(order: i64, id: &str) -> Value {
    value!({
        "order": order, "actionType": "RunPlaybook",
        "actionConfiguration": { "logicAppResourceId": id, "tenantId": "5e9d1e11-0000-4000-8000-5ec0a7000000" }
    })
}
