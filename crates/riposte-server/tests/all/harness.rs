//! A server on a free port with an engine in memory, and callers by role.

use crate::client::Client;
use riposte_engine::{Config, Engine, Principal, PrincipalKind};
use riposte_server::{Options, serve};
use riposte_value::value;
use std::net::SocketAddr;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
pub const OWNER_TOKEN: &str = "an-owner-token-for-tests";
/// Microsoft Sentinel Reader.
pub const SENTINEL_READER: &str = "8d289c81-5878-46d4-8554-54e1e3d8b5cb";
/// Microsoft Sentinel Responder.
pub const SENTINEL_RESPONDER: &str = "3e150937-b8fe-4cfb-8069-0eaf05ecd056";

/// A running server.
pub struct Server {
    pub engine: Engine,
    pub address: SocketAddr,
    pub url: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), riposte_server::Error>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(Options::new(([127, 0, 0, 1], 0).into())).await
    }

    pub async fn start_with(options: Options) -> Self {
        Self::start_over(Config::default(), options).await
    }

    /// A server over an engine that is set up in another way.
    pub async fn start_over(config: Config, options: Options) -> Self {
        let engine = Engine::open(config).await.unwrap();
        engine.ensure_owner_token(Some(OWNER_TOKEN.to_owned())).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let (ready, url) = oneshot::channel();
        let served = engine.clone();
        let task = tokio::spawn(async move {
            let shutdown = async { drop(stopped.await) };
            serve(served, options, |url| ready.send(url).unwrap(), shutdown).await
        });
        let url = url.await.expect("the server starts");
        let address = url.rsplit("//").next().unwrap().parse().unwrap();
        Self { engine, address, url, stop, task }
    }

    /// Stops it and waits until it has.
    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }

    fn client(&self, token: Option<String>) -> Client {
        Client { address: self.address, token }
    }

    /// Who may do everything.
    pub fn owner(&self) -> Client {
        self.client(Some(OWNER_TOKEN.to_owned()))
    }

    /// Who has no token.
    pub fn anonymous(&self) -> Client {
        self.client(None)
    }

    /// Who has a token and no role.
    pub async fn nobody(&self) -> Client {
        self.principal("00000000-0000-0000-0000-00000000dead").await
    }

    /// Who holds a built-in role at a scope.
    pub async fn with_role(&self, role: &str, scope: &str) -> Client {
        let principal = "00000000-0000-0000-0000-00000000beef";
        let client = self.principal(principal).await;
        let body = value!({"properties": {
            "principalId": principal,
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        }});
        let path = format!(
            "{scope}/providers/Microsoft.Authorization/roleAssignments/{role}?api-version=2022-04-01"
        );
        let reply = self.owner().put(&path, &body).await;
        assert!(matches!(reply.status, 200 | 201), "{reply:?}");
        client
    }

    /// Lets the service account start the playbooks of the resource group `rg1`.
    pub async fn grant_automation(&self) {
        let role = "f4c81013-99ee-4d62-a7ee-b3f1f648599a";
        let body = value!({"properties": {
            "principalId": "5e9d1e11-0000-4000-8000-5ec0a7000001",
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        }});
        let scope = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1");
        let path =
            format!("{scope}/providers/Microsoft.Authorization/roleAssignments/r1?api-version=2022-04-01");
        self.owner().put(&path, &body).await.expect(201);
    }

    async fn principal(&self, id: &str) -> Client {
        let principal =
            Principal { id: id.to_owned(), name: "somebody".to_owned(), kind: PrincipalKind::User };
        self.client(Some(self.engine.issue_token(&principal).await.unwrap()))
    }
}

/// A path under the resource group `rg1`, with an api-version.
pub fn group(rest: &str) -> String {
    with_version(&format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1{rest}"), "2024-09-01")
}

/// The ARM id of the workspace `ws1`.
pub fn workspace_id() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.OperationalInsights/workspaces/ws1"
    )
}

/// A Sentinel path in the workspace `ws1`, with an api-version.
pub fn sentinel(rest: &str) -> String {
    with_version(&format!("{}/providers/Microsoft.SecurityInsights{rest}", workspace_id()), "2024-09-01")
}

/// The ARM id of a playbook.
pub fn playbook_id(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.Logic/workflows/{name}")
}

/// A path of a playbook, with an api-version.
pub fn playbook(name: &str, rest: &str) -> String {
    with_version(&format!("{}{rest}", playbook_id(name)), "2019-05-01")
}

fn with_version(path: &str, version: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}api-version={version}")
}
