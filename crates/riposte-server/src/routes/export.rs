//! Export: a workspace's rules and its resource group's playbooks and connections, as ARM templates.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use riposte_engine::{ExportKind, ExportRequest};

/// Who may read the workspace's rules; of playbooks and connections those are left out that the caller may not read.
const READ: &str = "Microsoft.SecurityInsights/automationRules/read";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(
        "/api/workspaces/{workspace}/export",
        READ,
        "Exports rules, playbooks and connections as ARM templates; `kind`, `name` (each several times), `resourceGroup` and `strict` narrow them.",
        |r| Box::pin(export(r)),
    )]
}

async fn export(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let query = &request.query;
    let all = |wanted: &'static str| {
        query
            .pairs()
            .filter(move |(name, value)| name.eq_ignore_ascii_case(wanted) && !value.trim().is_empty())
    };
    let kinds = all("kind").flat_map(|(_, names)| names.split(','));
    let export = ExportRequest {
        kinds: kinds.map(|name| kind(name.trim())).collect::<Result<_, _>>()?,
        names: all("name").map(|(_, name)| name.trim().to_owned()).collect(),
        resource_group: query.get_filled("resourceGroup").map(str::to_owned),
        strict: match query.get_filled("strict") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Refusal::bad_request("BadRequest", "`strict` must be true or false")),
        },
    };
    Ok(Answer::ok(request.engine.export(&workspace, &export, request.caller()?).await?))
}

fn kind(name: &str) -> Result<ExportKind, Refusal> {
    ExportKind::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name)).ok_or_else(|| {
        let shown: String = name.chars().take(60).collect();
        let names: Vec<&str> = ExportKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Refusal::bad_request("UnknownKind", format!("`{shown}` is no kind of resource that is exported"))
            .help(format!("the kinds are {}", names.join(", ")))
    })
}
