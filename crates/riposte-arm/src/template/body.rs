//! Evaluating what a resource holds.

use super::nested;
use super::plan::{Planned, State};
use crate::Resource;
use crate::derived;
use crate::expression::Evaluator;
use crate::fault::{Evaluated, Fault};
use crate::functions::text_of;
use riposte_diagnostic::join_path;
use riposte_value::{Object, Text, Value};
use std::rc::Rc;

/// A resource whose body is evaluated.
#[derive(Debug)]
pub struct Made {
    /// Itself, unless it is left out or only carries others.
    pub resource: Option<Resource>,
    /// The resources of the template that it carries.
    pub nested: Vec<Resource>,
    /// What `reference(…, 'Full')` gives.
    pub whole: Value,
}

/// Properties of a resource that say how to deploy it, not what it is.
const DIRECTIVES: [&str; 9] =
    ["type", "name", "condition", "copy", "dependsOn", "resources", "scope", "comments", "existing"];

/// Properties that have a field of their own.
const FIELDS: [&str; 8] = ["apiVersion", "location", "kind", "tags", "identity", "properties", "etag", "id"];

impl Planned {
    /// What `reference(…, 'Full')` gives.
    pub fn whole(&self, evaluator: &Evaluator<'_>) -> Evaluated<Value> {
        self.made(evaluator).map(|made| made.whole.clone())
    }

    /// The evaluated resource; evaluated when first asked for.
    pub fn made(&self, evaluator: &Evaluator<'_>) -> Evaluated<Rc<Made>> {
        match self.state.replace(State::Busy) {
            State::Done(made) => {
                self.state.replace(State::Done(Rc::clone(&made)));
                Ok(made)
            }
            State::Failed => {
                self.state.replace(State::Failed);
                Err(Fault::Reported)
            }
            State::Busy => {
                let name = &self.full_name;
                Err(Fault::new(
                    "CircularDependency",
                    format!("`reference()` to `{name}` leads back to itself"),
                ))
            }
            State::Raw => {
                let made = self.make(evaluator);
                let made = evaluator.reported(made, &self.path).map(Rc::new);
                self.state.replace(made.as_ref().map_or(State::Failed, |made| State::Done(Rc::clone(made))));
                made
            }
        }
    }

    fn make(&self, evaluator: &Evaluator<'_>) -> Evaluated<Made> {
        if !self.deployed {
            let whole = derived::complete(&self.id, &evaluator.deployment.tenant_id, Object::new());
            return Ok(Made { resource: None, nested: Vec::new(), whole });
        }
        if self.id.is("Microsoft.Resources/deployments") {
            return nested::deployment(evaluator, self);
        }
        let body = self.evaluated(evaluator)?;
        let nested = nested::carried(evaluator, self, &body)?;
        let whole = derived::complete(&self.id, &evaluator.deployment.tenant_id, body.clone());
        let resource = if nested.is_some() { None } else { Some(self.resource(evaluator, &body)?) };
        Ok(Made { resource, nested: nested.unwrap_or_default(), whole })
    }

    /// Every property but the directives, evaluated.
    pub(super) fn evaluated(&self, evaluator: &Evaluator<'_>) -> Evaluated<Object> {
        let is_directive =
            |name: &str| DIRECTIVES.iter().any(|directive| directive.eq_ignore_ascii_case(name));
        let kept: Object = self
            .raw
            .iter()
            .filter(|(name, _)| !is_directive(name))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        match evaluator.value(&self.scope, &Value::from(kept), &self.path)? {
            Value::Object(object) => Ok((*object).clone()),
            _ => Ok(Object::new()),
        }
    }

    fn resource(&self, evaluator: &Evaluator<'_>, body: &Object) -> Evaluated<Resource> {
        let text = |name: &str| body.get_ignore_case(name).filter(|value| !value.is_null()).map(text_of);
        let tags = match body.get_ignore_case("tags") {
            Some(Value::Object(tags)) => (**tags).clone(),
            _ => Object::new(),
        };
        let scope = match self.raw.get_key_value_ignore_case("scope") {
            Some((key, written)) => {
                Some(text_of(&evaluator.value(&self.scope, written, &join_path(&self.path, key))?))
            }
            None => None,
        };
        let is_field = |name: &str| FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name));
        Ok(Resource {
            id: self.id.clone(),
            resource_type: Text::from(self.id.resource_type()),
            name: Text::new(self.id.name()),
            api_version: text("apiVersion").unwrap_or_default(),
            location: text("location"),
            kind: text("kind"),
            tags,
            identity: body.get_ignore_case("identity").cloned().unwrap_or_default(),
            properties: body.get_ignore_case("properties").cloned().unwrap_or_default(),
            scope,
            depends_on: Vec::new(),
            etag: text("etag"),
            path: self.path.clone(),
            extras: body
                .iter()
                .filter(|(name, _)| !is_field(name))
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
        })
    }
}
