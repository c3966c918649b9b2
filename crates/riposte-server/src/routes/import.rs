//! Import: ARM templates in, what became of each resource out.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Scope};
use riposte_engine::{ImportFile, ImportRequest};
use riposte_value::{Object, Value};

/// What deploying a template needs in Azure, at the resource group or the workspace that it goes to. The engine asks for
/// that, and for the own action of each resource at its id, since a template says itself where it deploys to.
const DEPLOY: &str = "Microsoft.Resources/deployments/write";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/import", DEPLOY, "Imports ARM templates, or plans to.", |r| Box::pin(import(r)))
            .large()
            .at(Scope::Somewhere),
    ]
}

/// 200 also when some resources failed: the answer says of each.
async fn import(request: Request) -> Result<Answer, Refusal> {
    let import = read(&request.object()?)?;
    Ok(Answer::ok(request.engine.import(import, request.caller()?).await?))
}

fn read(body: &Value) -> Result<ImportRequest, Refusal> {
    let files = body.get("files").and_then(Value::as_array).ok_or_else(|| wrong("files", "a list"))?;
    Ok(ImportRequest {
        files: files.iter().map(file).collect::<Result<_, _>>()?,
        subscription: text(body, "subscription")?,
        resource_group: text(body, "resourceGroup")?,
        workspace: text(body, "workspace")?,
        parameters: match body.get("parameters") {
            None | Some(Value::Null) => Object::new(),
            Some(Value::Object(parameters)) => Object::clone(parameters),
            Some(_) => return Err(wrong("parameters", "an object")),
        },
        plan: flag(body, "plan")?,
        prune: flag(body, "prune")?,
        grant_automation: flag(body, "grantAutomation")?,
    })
}

fn file(value: &Value) -> Result<ImportFile, Refusal> {
    match (value.str_at(&["name"]), value.str_at(&["text"])) {
        (Some(name), Some(text)) => Ok(ImportFile { name: name.to_owned(), text: text.to_owned() }),
        _ => Err(wrong("files[]", "an object with the texts `name` and `text`")),
    }
}

fn text(body: &Value, name: &'static str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(wrong(name, "a text")),
    }
}

fn flag(body: &Value, name: &'static str) -> Result<bool, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(wrong(name, "true or false")),
    }
}

fn wrong(name: &str, expected: &str) -> Refusal {
    Refusal::bad_request("BadRequest", format!("`{name}` must be {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn every_field_is_read() {
        let body = value!({
            "files": [{"name": "a.json", "text": "{}"}], "subscription": " s ", "resourceGroup": "g", "workspace": "",
            "parameters": {"p": 1}, "plan": true, "prune": false, "grantAutomation": true
        });
        let import = read(&body).unwrap();
        assert_eq!((import.files[0].name.as_str(), import.files[0].text.as_str()), ("a.json", "{}"));
        assert_eq!(import.subscription.as_deref(), Some("s"));
        assert_eq!(import.resource_group.as_deref(), Some("g"));
        assert_eq!(import.workspace, None);
        assert_eq!(import.parameters.get("p"), Some(&Value::Int(1)));
        assert_eq!((import.plan, import.prune, import.grant_automation), (true, false, true));
    }

    #[test]
    fn wrong_fields_are_named() {
        let cases = [
            (value!({}), "`files` must be a list"),
            (value!({"files": ["a"]}), "`files[]` must be an object with the texts `name` and `text`"),
            (value!({"files": [], "workspace": ["w"]}), "`workspace` must be a text"),
            (value!({"files": [], "plan": "yes"}), "`plan` must be true or false"),
            (value!({"files": [], "parameters": []}), "`parameters` must be an object"),
        ];
        for (body, message) in cases {
            assert_eq!(read(&body).err().unwrap().message, message, "{body}");
        }
    }
}
