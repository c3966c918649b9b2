//! Changes of a playbook that keep the rest of it: a part of the resource is replaced, or it gets another id.

use super::connections::Announced;
use super::resource::read_version;
use super::{PlaybookDocument, PreparedPlaybook, document_of, envelope};
use crate::access::Caller;
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use crate::{Engine, Written};
use riposte_diagnostic::Diagnostic;
use riposte_store::ResourceKey;
use riposte_value::{Object, Value};

/// The parts of the resource that may be given anew.
const PARTS: [&str; 3] = ["location", "tags", "identity"];
/// The parts of its properties, as they are given.
const PROPERTIES: [&str; 2] = ["state", "definition"];

impl Engine {
    /// Replaces those parts of a playbook that the body gives; of its parameters, those that it names. Answers the
    /// playbook as it is then.
    pub async fn patch_playbook(
        &self,
        id: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let (key, body, by, of) = (ResourceKey::new(id), body.clone(), caller.clone(), id.to_owned());
        let diagnostics = self
            .shared
            .transact(move |t| {
                envelope::read(&body)?;
                let (document, mut whole) = t.whole_playbook(&key, &of)?;
                leave_secrets(&mut whole, &body);
                merge(&mut whole, &body);
                let prepared = PreparedPlaybook::new(t.shared, &document.id, &whole, &Announced::new(), &by)?;
                // One that could not run before may be changed where its fault is not touched.
                if body.get_ignore_case("properties").is_some_and(|given| !given.is_null()) {
                    prepared.check_template()?;
                }
                let diagnostics = prepared.diagnostics.clone();
                t.save_playbook(&prepared, &by)?;
                Ok(diagnostics)
            })
            .await?;
        Ok((Written { created: false, resource: self.playbook(id).await? }, diagnostics))
    }

    /// Gives a playbook another id. Its runs stay under the old one, and go on; addresses of its triggers are new.
    pub async fn move_playbook(&self, id: &str, target: &str, caller: &Caller) -> Result<()> {
        if !is_workflow_id(target) {
            let why = "`id` must be the id of a workflow: \
                       /subscriptions/…/resourceGroups/…/providers/Microsoft.Logic/workflows/…";
            return Err(Error::bad_request(why));
        }
        self.shared.authorize(caller, "Microsoft.Logic/workflows/write", target)?;
        let (from, of, by) = (ResourceKey::new(id), id.to_owned(), caller.clone());
        let (to, target) = (ResourceKey::new(target), target.to_owned());
        self.shared
            .transact(move |t| {
                let (_, whole) = t.whole_playbook(&from, &of)?;
                if t.tx.playbook(&to)?.is_some() {
                    let why = format!("The workflow '{target}' exists already.");
                    return Err(Error::new(ErrorKind::Conflict, "WorkflowAlreadyExists", why));
                }
                let prepared = PreparedPlaybook::new(t.shared, &target, &whole, &Announced::new(), &by)?;
                t.leave_id(&from, &of, &whole)?;
                t.arm_triggers(&from, None)?;
                t.tx.forget_triggers(&from)?;
                let shown = t.shown_playbook(&from)?;
                t.tx.delete_playbook(&from)?;
                t.audit_playbook(&from, &by, shown.as_ref())?;
                t.save_playbook(&prepared, &by)?;
                Ok(())
            })
            .await
    }
}

/// Where the definition is another one, the values of secure parameters have to be given anew: else who may write the
/// playbook could let it show them.
fn leave_secrets(whole: &mut Value, body: &Value) {
    let given = body.get_ignore_case("properties").and_then(|given| given.get_ignore_case("definition"));
    let Some(properties) = whole.as_object_mut().and_then(|whole| whole.get_mut("properties")) else {
        return;
    };
    let held = properties.get_ignore_case("definition").cloned().unwrap_or_default();
    if given.is_none_or(|given| *given == held) {
        return;
    }
    let is_secure = |name: &str| {
        let declared = held.get_ignore_case("parameters").and_then(|declared| declared.get_ignore_case(name));
        let kind = declared.and_then(|declared| declared.get_ignore_case("type")).and_then(Value::as_str);
        kind.is_some_and(|kind| kind.to_lowercase().starts_with("secure"))
    };
    let values = properties.as_object_mut().and_then(|properties| properties.get_mut("parameters"));
    if let Some(values) = values.and_then(Value::as_object_mut) {
        let secret: Vec<_> = values.keys().filter(|name| is_secure(name)).cloned().collect();
        for name in secret {
            values.remove(&name);
        }
    }
}

/// Puts what a body gives in place of what there is.
fn merge(whole: &mut Value, body: &Value) {
    let Some(object) = whole.as_object_mut() else { return };
    for name in PARTS {
        if let Some(given) = body.get_ignore_case(name) {
            object.insert(name, given.clone());
        }
    }
    let given = body.get_ignore_case("properties");
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for name in PROPERTIES {
        if let Some(given) = given.and_then(|given| given.get_ignore_case(name)) {
            properties.insert(name, given.clone());
        }
    }
    let parameters = given.and_then(|given| given.get_ignore_case("parameters")).and_then(Value::as_object);
    let held = properties.get_mut("parameters").and_then(Value::as_object_mut);
    if let (Some(parameters), Some(held)) = (parameters, held) {
        for (name, value) in parameters {
            held.remove_ignore_case(name);
            held.insert(name.clone(), value.clone());
        }
    }
}

fn is_workflow_id(id: &str) -> bool {
    let parts: Vec<&str> = id.split('/').collect();
    let ["", subscriptions, subscription, groups, group, providers, provider, kind, name] = parts.as_slice()
    else {
        return false;
    };
    let words = [
        (subscriptions, "subscriptions"),
        (groups, "resourceGroups"),
        (providers, "providers"),
        (provider, "Microsoft.Logic"),
        (kind, "workflows"),
    ];
    words.iter().all(|(part, word)| part.eq_ignore_ascii_case(word))
        && [subscription, group, name].iter().all(|part| !part.trim().is_empty())
}

impl Transaction<'_> {
    /// Sees to what waits for triggers under an id that is given up: runs that wait for their turn begin.
    fn leave_id(&mut self, key: &ResourceKey, id: &str, whole: &Value) -> Result<()> {
        let triggers = whole.at(&["properties", "definition"]).and_then(|d| d.get_ignore_case("triggers"));
        for (name, trigger) in triggers.and_then(Value::as_object).into_iter().flatten() {
            let kind = trigger.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
            if kind.eq_ignore_ascii_case("Batch") {
                let why = format!(
                    "The workflow '{id}' can not be moved: messages may wait in the batch of its trigger '{name}'."
                );
                return Err(Error::new(ErrorKind::Conflict, "WorkflowCanNotBeMoved", why));
            }
            self.begin_all_waiting(key, name)?;
        }
        Ok(())
    }

    /// A playbook as a body that saves the same again, secret parameters included: it must not leave the engine.
    fn whole_playbook(&self, key: &ResourceKey, id: &str) -> Result<(PlaybookDocument, Value)> {
        let row = self.tx.playbook(key)?.ok_or_else(|| Error::resource_not_found(id))?;
        let document = document_of(&row)?;
        let version = read_version(self.tx.playbook_definition(key, row.version)?)?;
        let parameters = self.shared.open_parameters(key, &version)?;
        let parameters: Object = parameters
            .iter()
            .map(|(name, value)| (name.clone(), Value::object([("value", value.clone())])))
            .collect();
        let properties = Value::object([
            ("state", Value::from(document.state.as_str())),
            ("definition", version.definition),
            ("parameters", Value::from(parameters)),
        ]);
        let whole = Value::object([
            ("location", Value::from(document.location.clone())),
            ("tags", document.tags.clone()),
            ("identity", document.identity.clone()),
            ("properties", properties),
        ]);
        Ok((document, whole))
    }
}

#[cfg(test)]
mod tests {
    use super::{is_workflow_id, merge};
    use riposte_value::value;

    #[test]
    fn only_what_is_given_is_replaced() {
        let mut whole = value!({
            "location": "here", "tags": { "a": "b" }, "identity": null,
            "properties": { "state": "Enabled", "definition": { "actions": {} }, "parameters": { "P": { "value": 1 }, "Q": { "value": 2 } } }
        });
        merge(&mut whole, &value!({}));
        merge(
            &mut whole,
            &value!({ "Tags": { "c": "d" }, "properties": { "State": "Disabled", "parameters": { "p": { "value": 3 } } } }),
        );
        assert_eq!(
            whole,
            value!({
                "location": "here", "tags": { "c": "d" }, "identity": null,
                "properties": { "state": "Disabled", "definition": { "actions": {} }, "parameters": { "Q": { "value": 2 }, "p": { "value": 3 } } }
            })
        );
    }

    #[test]
    fn ids_of_workflows() {
        for (id, good) in [
            ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/w", true),
            ("/SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.logic/WORKFLOWS/w", true),
            ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/", false),
            ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/connections/w", false),
            ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/w/runs/r", false),
            ("w", false),
        ] {
            assert_eq!(is_workflow_id(id), good, "{id}");
        }
    }
}
